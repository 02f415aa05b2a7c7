"""The collections of the API: which rows each has, how they are loaded, and by what they can be narrowed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from taggit.models import Tag

from curation.entries import Status, parse_code
from findings.filters import FACETS, FIXED
from findings.models import (
    Finding,
    KeyMessage,
    PracticeImplication,
    Review,
    TaggedFinding,
    TaggedImplication,
    Theme,
)
from findings.records import with_records
from joinedup.api import entries
from joinedup.api.parameters import Parameter, keeps_to, moment, one_of, slugs, whole_number
from joinedup.api.shapes import MOST, Shape
from sources.models import Source, TaggedSource

FURTHEST = 100_000
PUBLISHED = Q(status=Status.PUBLISHED)
PAGING = (
    whole_number("limit", "How many rows at most.", 20, 1, MOST),
    whole_number(
        "offset", "How many rows to leave out first. To read a whole collection, follow “next”.", 0, 0, FURTHEST
    ),
)
UPDATED_SINCE = moment(
    "updated_since",
    "Only what changed then or later, withdrawn entries too: a date, or a time with its offset from UTC.",
)


@dataclass(frozen=True)
class Resource:
    """A collection. `listed` and `loaded` give a QuerySet what its rows say in a list and whole; `filters` maps
    parameters to a condition on the values chosen; `instead` is what a tombstone names."""

    name: str
    noun: str
    model: type
    row: Shape
    whole: Shape
    listed: Callable = lambda rows: rows
    loaded: Callable = lambda rows: rows
    filters: dict = field(default_factory=dict)
    public: Q = PUBLISHED
    instead: tuple = ("replaced_by",)
    told: str = ""

    @property
    def has_codes(self):
        return self.model is not Tag

    @property
    def order(self):
        """The column that orders it, which stays the same for a row, and by which a cursor finds its place."""
        return "number" if self.has_codes else "slug"

    @property
    def key(self):
        """The schema of what names a row of it."""
        if self.has_codes:
            return {"type": "string", "pattern": f"^{self.model.LETTER}[1-9][0-9]{{0,8}}$"}
        return {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 100}

    def key_of(self, row):
        return row.code if self.has_codes else row.slug

    def position(self, key):
        """The value of `order` that `key` names. Raises ValueError if it is no key of this collection."""
        if not keeps_to(self.key, key):
            raise ValueError(f"“{key[:40]}” names nothing of this kind.")
        return parse_code(key)[1] if self.has_codes else key

    @property
    def parameters(self):
        def position(given):
            try:
                return self.position(given)
            except ValueError:
                raise ValueError(f"“cursor” is the {what} of the last row that you have.") from None

        what = "code" if self.has_codes else "slug"
        cursor = Parameter(
            "cursor", f"Begin after this row, named by its {what}. Not with “offset”.", self.key, position
        )
        return (
            *PAGING,
            cursor,
            *([UPDATED_SINCE] if self.has_codes else []),
            *(_filter(name) for name in self.filters),
        )

    def rows(self, since=None):
        """What the public may see, in the order of the collection; with `since`, tombstones too."""
        shown = self.public if since is None else self.public | Q(status=Status.WITHDRAWN)
        return self.model.objects.filter(shown).order_by(self.order)


def _filter(name):
    legend = FACETS[name][0]
    if name in FIXED:
        return one_of(name, f"{legend}. Repeat it for either.", list(FIXED[name]), repeatable=True)
    return slugs(name, f"{legend}: the last part of its page’s address. Repeat it for either.")


def _counting(link):
    """How many published entries have a tag, by the model that ties them."""
    rows = link.objects.filter(tag=OuterRef("pk"), content_object__status=Status.PUBLISHED).order_by()
    return Coalesce(Subquery(rows.values("tag").annotate(n=Count("pk")).values("n")), 0)


class Tags(Resource):
    def rows(self, since=None):
        counted = Tag.objects.annotate(
            finding_count=_counting(TaggedFinding),
            implication_count=_counting(TaggedImplication),
            source_count=_counting(TaggedSource),
        )
        return counted.exclude(finding_count=0, implication_count=0, source_count=0).order_by(self.order)


def _having(link, slugs):
    """Those with one of these tags, by the model that ties them."""
    return Q(Exists(link.objects.filter(content_object=OuterRef("pk"), tag__slug__in=slugs)))


RESOURCES = {
    resource.name: resource
    for resource in [
        Resource(
            "reviews",
            "review",
            Review,
            entries.REVIEW_IN_LIST,
            entries.REVIEW,
            listed=lambda rows: rows.with_provenance(),
            loaded=lambda rows: rows.with_provenance().with_sources(),
            told="Reviews of research: where the findings come from.",
        ),
        Resource(
            "themes",
            "theme",
            Theme,
            entries.THEME_IN_LIST,
            entries.THEME,
            told="Headings under which findings of all reviews stand.",
        ),
        Resource(
            "findings",
            "finding",
            Finding,
            entries.FINDING_IN_LIST,
            entries.FINDING,
            listed=lambda rows: with_records(rows.whole()),
            loaded=lambda rows: with_records(rows.whole()),
            filters={name: condition for name, (_, condition) in FACETS.items()},
            told="What reviews found, one statement at a time.",
        ),
        Resource(
            "implications",
            "practice point",
            PracticeImplication,
            entries.IMPLICATION_IN_LIST,
            entries.IMPLICATION,
            listed=with_records,
            loaded=with_records,
            filters={
                "element": lambda values: Q(element__in=values),
                "tag": lambda slugs: _having(TaggedImplication, slugs),
                "review": FACETS["review"][1],
            },
            told="Practice points: what findings mean for practice.",
        ),
        Resource(
            "key-messages",
            "key message",
            KeyMessage,
            entries.KEY_MESSAGE_IN_LIST,
            entries.KEY_MESSAGE,
            listed=with_records,
            loaded=with_records,
            filters={"review": FACETS["review"][1]},
            public=PUBLISHED & Q(review__status=Status.PUBLISHED),
            instead=("replaced_by__review",),
            told="The few headline points of a review.",
        ),
        Resource(
            "sources",
            "source",
            Source,
            entries.SOURCE_IN_LIST,
            entries.SOURCE,
            listed=lambda rows: rows.with_records(),
            loaded=lambda rows: rows.with_records().select_related("newer_edition"),
            filters={"tag": lambda slugs: _having(TaggedSource, slugs)},
            instead=("replaced_by", "merged_into"),
            told="The works that findings cite.",
        ),
        Tags(
            "tags",
            "tag",
            Tag,
            entries.TAG_IN_LIST,
            entries.TAG,
            told="Words that librarians give to findings, practice points and sources.",
        ),
    ]
}
