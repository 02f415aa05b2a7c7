"""What makes two tags one: the name without regard to case, spaces around it, or how its accents are stored. And how
tags are written, wherever people write them: divided by commas or semicolons, never by blanks. A name that has such a
sign in it stands in quotation marks, which are doubled within."""

import itertools
import re
import unicodedata

from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.text import slugify
from taggit.managers import TaggableManager
from taggit.models import Tag

from curation.text import is_visible, printable, without_accents

ASKED_BY_NAME = 100  # for more, all the names there are get read: a file may have more words than a query can take
LONGEST = 100  # characters of a name, and of an address
HELP = "Divided by commas or semicolons: trust, joint training. A name with one of them in it goes in quotation marks."

QUOTED = r'"(?P<quoted>(?:[^"]|"")*)"(?=\s*(?:[,;\n]|\Z))'
ITEM = re.compile(rf"\s*(?:{QUOTED}|(?P<bare>[^,;\n]*))\s*(?:[,;\n]|\Z)")
DIVIDING = re.compile('[,;"\n]')
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ADDRESS = re.compile(r"[-\w]{1,100}", re.ASCII)


def tidy(name):
    """A tag's name as it is kept: without signs by which two names would differ to no eye; "" if none can be seen."""
    name = " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", printable(name))).split())
    return name if is_visible(name) else ""


def key(name):
    """The same for all names of one tag."""
    return unicodedata.normalize("NFC", tidy(name).casefold())


def names_in(text):
    """The names of the tags that are written in `text`, each once, as they stand there."""
    found = {}
    for match in ITEM.finditer(text):
        quoted = match["quoted"]
        name = tidy(match["bare"] if quoted is None else quoted.replace('""', '"'))
        if name:
            found.setdefault(key(name), name)
    return list(found.values())


def written(names, between=", "):
    """The inverse of `names_in`."""
    return between.join('"{}"'.format(name.replace('"', '""')) if DIVIDING.search(name) else name for name in names)


def from_string(text):
    """What taggit asks for in a form."""
    return sorted(names_in(text or ""))


def to_string(tags):
    return written(sorted(tag.name for tag in tags))


def folded(text):
    """`text` for looking up: without regard to case and accents."""
    return without_accents(tidy(text).casefold())


def suggested(text, most=10):
    """The names of tags that begin with `text`, then those with a word that does, then those that hold it."""
    wanted = folded(text)
    found = []
    for name in Tag.objects.order_by("name").values_list("name", flat=True) if wanted else ():
        place = folded(name).find(wanted)
        if place >= 0:
            starts_a_word = not folded(name)[place - 1 : place].isalnum()
            found.append((place > 0, not starts_a_word, len(found), name))
    return [name for *_, name in sorted(found)[:most]]


def called(names, but=None):
    """The tags that go by `names`, except the tag `but`: {key: tag}. Databases do not agree on the case of letters, so
    that it is not left to them."""
    wanted = {key(name) for name in names}
    tags = Tag.objects.exclude(pk=but.pk) if but and but.pk else Tag.objects.all()
    found = {}
    if len(wanted) <= ASKED_BY_NAME:
        found = {key(tag.name): tag for tag in tags.filter(name__in=[tidy(name) for name in names])}
    if wanted - found.keys():
        every = tags.order_by("-pk").values_list("pk", "name")
        first = {key(name): pk for pk, name in every if key(name) in wanted}
        found = {key(tag.name): tag for tag in tags.filter(pk__in=first.values())} | found
    return found


def address_for(tag, taken):
    """The last part of the address of a tag that has none: its name as far as that has Latin letters or digits, else
    tag-1, tag-2 … `taken` are the addresses of others."""
    base = (slugify(tag.slug) or slugify(tag.name))[: LONGEST - 10]
    if base and base not in taken:
        return base
    return next(made for n in itertools.count(1) if (made := f"{base or 'tag'}-{n}") not in taken)


@receiver(pre_save, sender=Tag)
def give_an_address(sender, instance, **kwargs):
    """taggit leaves a tag without one whose name has no Latin letter, and makes some longer than they may be."""
    if not ADDRESS.fullmatch(instance.slug):
        instance.slug = address_for(instance, set(Tag.objects.exclude(pk=instance.pk).values_list("slug", flat=True)))


class Tags(TaggableManager().manager):  # the class of taggit's managers, which has a private name
    """The tags of an entry, by which all that is typed or loaded becomes a tag."""

    def add(self, *tags, **kwargs):
        return super().add(*_known(tags), **kwargs)

    def set(self, tags, **kwargs):
        return super().set(_known(tags), **kwargs)


def _known(tags):
    """Names become the tags that go by them, or, tidied and each once, stay for new ones."""
    tags = list(tags)
    names = {key(tag): tidy(tag) for tag in reversed(tags) if isinstance(tag, str) and tidy(tag)}
    return [*(tag for tag in tags if not isinstance(tag, str)), *(names | called(names.values())).values()]
