"""What a review file holds: entries of these kinds, as a dict of lists, one for each kind."""

from curation.imports.kinds import KINDS, Kind, Part, register
from findings.models import (
    Citation,
    Finding,
    KeyMessage,
    PracticeImplication,
    Review,
    ReviewContributor,
    ReviewSource,
    Term,
    TermLabel,
    TermNote,
    Theme,
)
from sources.imports import SOURCES
from sources.matching import Held

__all__ = ["FORMAT", "HEAD", "IN_A_FILE", "KINDS", "PASSAGES", "SCHEMA", "VERSION"]

FORMAT, VERSION = "joined-up-review", 1
SCHEMA = f"/schemas/review-{VERSION}.json"
HEAD = {"$schema": SCHEMA, "format": FORMAT, "version": VERSION}
PASSAGES = "passages"  # of the text of the review: in a file only if asked for, and never taken in


class Titled(Kind):
    """Its entries are compared by code, address and title."""

    def matcher(self):
        return Held(self)


class HeldReviews(Held):
    def named(self, name):
        """A review is called by its series, too: “SIGNPOSTS” is what pages show."""
        pk = super().named(name)
        if pk is None and name:
            pks = Review.objects.filter(series__iexact=name).order_by().values_list("pk", flat=True)[:2]
            pk = pks[0] if len(pks) == 1 else None
        return pk


class Reviews(Titled):
    def matcher(self):
        return HeldReviews(self)


class Terms(Titled):
    def earlier_addresses(self):
        return {slug: 0 for slugs in Term.objects.values_list("earlier_anchors", flat=True) for slug in slugs}

    def claims(self, values):
        """A name belongs to one term, in whatever case."""
        yield "labels", values["preferred_label"]
        yield from (("labels", row["label"]) for row in values["labels"])

    def claimed(self):
        for pk, slug, name in Term.objects.values_list("pk", "slug", "preferred_label"):
            yield pk, slug, "labels", name
        for pk, slug, name in TermLabel.objects.values_list("term", "term__slug", "label"):
            yield pk, slug, "labels", name


register(
    Reviews(
        "reviews",
        Review,
        "title",
        (Part("contributors", ReviewContributor, "review"), Part("sources", ReviewSource, "review", ("source",))),
    ),
    Titled("themes", Theme, "name", is_shared=True),
    Titled(
        "findings",
        Finding,
        "heading",
        (Part("citations", Citation, "finding", ("source", "locator")),),
        belongs_to="review",
    ),
    Titled("implications", PracticeImplication, "heading", belongs_to="review", address_with="element"),
    Titled("key_messages", KeyMessage, "heading", belongs_to="review", address_with="review"),
    Terms(
        "terms",
        Term,
        "preferred_label",
        (Part("labels", TermLabel, "term", ("label",)), Part("notes", TermNote, "term", ("profession",))),
        is_shared=True,
    ),
)
IN_A_FILE = ["reviews", "themes", SOURCES.name, "findings", "implications", "key_messages", "terms"]
