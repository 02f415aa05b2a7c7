"""What was made of a text, and deleting it: nothing of the review’s words is left, and every entry stays."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef

from curation.log import LogEntry
from curation.text import listed
from findings.extraction.models import KeptRemark, Passage, Use


@dataclass
class Made:
    """`entries` with the number of passages of each, in the order of the text; and how many passages are about the
    review, or set aside."""

    entries: dict = field(default_factory=dict)
    about: int = 0
    aside: int = 0


def made_of(passages):
    made = Made()
    for passage in passages:
        if passage.use == Use.ASIDE:
            made.aside += 1
        elif passage.use == Use.ABOUT:
            made.about += 1
        elif passage.entry:
            made.entries[passage.entry] = made.entries.get(passage.entry, 0) + 1
    return made


def passages_of(text):
    passages = Passage.objects.filter(sentence__text=text).prefetch_related("entry")
    return passages.order_by("sentence__number", "sentence__part", "start", "pk")


@transaction.atomic
def delete_for_good(text, by):
    """Delete a text, on record with its review. Entries keep their place in the review, and what second readers said of
    them."""
    codes = [getattr(entry, "code", str(entry)) for entry in made_of(passages_of(text)).entries]
    note = f"The passages of {listed(codes)} went with it." if codes else "Nothing was made of it."
    LogEntry.objects.create(entry=text.review, name=LogEntry.Name.DELETE_TEXT, by=by, note=note)
    delete(text)


def delete(text, but_for=()):
    """Delete a text with its passages, and the remarks that were kept of entries that then have no passage: remarks
    repeat words of it. `but_for` are passages that another text will have."""
    going = list(passages_of(text))
    staying = {(passage.content_type_id, passage.object_id) for passage in but_for}
    text.delete()
    for kind in {passage.content_type_id for passage in going} - {None}:
        ids = {passage.object_id for passage in going if passage.content_type_id == kind}
        ids -= {pk for of_kind, pk in staying if of_kind == kind}
        others = Passage.objects.filter(content_type=kind, object_id=OuterRef("object_id"))
        KeptRemark.objects.filter(~Exists(others), content_type=kind, object_id__in=ids).delete()
