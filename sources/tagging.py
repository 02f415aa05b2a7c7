"""What makes two tags one: the name without regard to case, spaces around it, or how its accents are stored."""

import unicodedata

from taggit.managers import _TaggableManager
from taggit.models import Tag

ASKED_BY_NAME = 100  # for more, all the names there are get read: a file may have more words than a query can take


def tidy(name):
    """A tag's name as it is kept."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def key(name):
    """The same for all names of one tag."""
    return unicodedata.normalize("NFC", tidy(name).casefold())


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


class Tags(_TaggableManager):
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
