"""The evidence map: how many published findings stand where a theme meets a column, and which way they point."""

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from taggit.models import Tag

from curation.entries import Status
from curation.listexport import csv_lines
from findings.choices import Stance, WengerElement
from findings.filters import tagged
from findings.models import Citation, Finding, PracticeImplication, Review, TaggedFinding, Theme
from sources.models import StudyDesign

GLYPHS_SHOWN, GLYPHS_OF_MANY = 12, len(Stance)  # in a square; where there are many themes
MANY_THEMES = 24
OPENED = 20  # findings of a square that is opened in place
TAGS_OFFERED = 100
NONE_NAMED = "none"


class MapFilters:
    """What of the findings is on the map: those of a review, those that name a kind of study or none, those with a tag.

    `params` is a QueryDict. What is not known is left out and told in `notices`.
    """

    def __init__(self, params):
        self.notices = []
        self.chosen = {}
        self.reviews = {review.slug: review for review in Review.objects.with_findings()}
        self.options = {
            "review": [(slug, str(review)) for slug, review in self.reviews.items()],
            "study": self._studies(),
            "tag": self._tags(),
        }
        for name, options in self.options.items():
            value = params.get(name, "").replace("\0", "�")
            if value and value not in dict(options) and not (name == "tag" and Tag.objects.filter(slug=value).exists()):
                self.notices.append(f"The map cannot be filtered by “{value[:40]}”, so that was left out.")
            elif value:
                self.chosen[name] = value

    @property
    def themes(self):
        """Those of the review, or all: a theme that holds nothing else that is chosen is a gap, and stays."""
        themes = Theme.objects.published()
        return themes.of_review(self.reviews[self.chosen["review"]]) if "review" in self.chosen else themes

    def _studies(self):
        cited = Citation.objects.shown_sources().of_published_findings()
        found = set(cited.order_by().values_list("source__study_design", flat=True).distinct())
        return [*((value, label) for value, label in StudyDesign.choices if value in found), (NONE_NAMED, "None named")]

    def _tags(self):
        counted = TaggedFinding.objects.filter(content_object__status=Status.PUBLISHED).order_by()
        counted = counted.values_list("tag__slug", "tag__name").annotate(n=Count("*")).order_by("-n", "tag__name")
        return sorted(((slug, name) for slug, name, _ in counted[:TAGS_OFFERED]), key=lambda pair: pair[1].casefold())

    @property
    def findings(self):
        found = Finding.objects.published()
        if review := self.chosen.get("review"):
            found = found.filter(review__slug=review)
        if tag := self.chosen.get("tag"):
            found = found.filter(tagged([tag]))
        if study := self.chosen.get("study"):
            named = Citation.objects.shown_sources().filter(finding=OuterRef("pk"))
            if study == NONE_NAMED:
                return found.filter(~Exists(named))
            found = found.filter(Exists(named.filter(source__study_design=study)))
        return found


@dataclass
class Cell:
    theme: Theme
    column: object
    by_stance: Counter
    most: int = GLYPHS_SHOWN
    findings: list = field(default_factory=list)  # where it is opened in place

    @property
    def count(self):
        return sum(self.by_stance.values())

    @property
    def name(self):
        """What stands for it in an address."""
        return f"{self.theme.code}.{self.column.value}"

    @property
    def heading(self):
        return self.column.words.heading if isinstance(self.column, Stance) else self.column.gloss

    @property
    def glyphs(self):
        """A stance for each finding, up to `most`; where there are more, each that there is stands there."""
        first = [stance for stance in Stance if self.by_stance[stance]]
        others = [stance for stance in first for _ in range(self.by_stance[stance] - 1)]
        return sorted((first + others)[: self.most], key=list(Stance).index)

    @property
    def in_words(self):
        return ", ".join(stance.counted(count) for stance in Stance if (count := self.by_stance[stance]))


@dataclass
class Row:
    theme: Theme
    cells: list
    opened: Cell | None = None


@dataclass
class EvidenceMap:
    columns: list
    rows: list
    left_out: int

    @property
    def totals(self):
        return [sum(row.cells[place].count for row in self.rows) for place in range(len(self.columns))]


def evidence_map(by, filters, opened=""):
    """The map with columns by ``"stance"``, or by ``"practice"``: the elements of the points linked to a finding.

    `opened` is the name of a cell whose findings are to stand below its row.
    """
    columns = list(Stance if by == "stance" else WengerElement)
    counted, left_out = _by_stance(filters) if by == "stance" else _by_practice(filters)
    rows, themes = [], list(filters.themes)
    most = GLYPHS_SHOWN if len(themes) <= MANY_THEMES else GLYPHS_OF_MANY
    for theme in themes:
        cells = [
            Cell(theme, column, Counter({stance: counted[theme.pk, column, stance] for stance in Stance}), most)
            for column in columns
        ]
        row = Row(theme, cells, next((cell for cell in cells if cell.name == opened and cell.count), None))
        if row.opened:
            row.opened.findings = list(_within(row.opened, filters)[:OPENED])
        rows.append(row)
    return EvidenceMap(columns, rows, left_out)


def _by_stance(filters):
    rows = filters.findings.order_by().values_list("theme", "stance").annotate(n=Count("*"))
    return Counter({(theme, stance, stance): n for theme, stance, n in rows}), 0


def _by_practice(filters):
    links = PracticeImplication.findings.through.objects.filter(
        practiceimplication__status=Status.PUBLISHED, finding__in=filters.findings.order_by().values("pk")
    )
    columns = "finding__theme", "practiceimplication__element", "finding__stance"
    rows = links.order_by().values_list(*columns).annotate(n=Count("finding", distinct=True))
    linked = links.order_by().values("finding").distinct().count()
    counted = Counter({(theme, element, stance): n for theme, element, stance, n in rows})
    return counted, filters.findings.count() - linked


def _within(cell, filters):
    found = filters.findings.filter(theme=cell.theme).order_by("number")
    if isinstance(cell.column, Stance):
        return found.filter(stance=cell.column)
    points = PracticeImplication.objects.published().filter(element=cell.column)
    links = PracticeImplication.findings.through.objects.filter(practiceimplication__in=points)
    return found.filter(pk__in=links.values("finding"))


def list_url(cell, filters):
    """The address of the findings of a cell in the list of findings, which has no filter by kind of study."""
    facet = "stance" if isinstance(cell.column, Stance) else "element"
    pairs = {"theme": cell.theme.slug, facet: cell.column.value}
    pairs |= {name: filters.chosen[name] for name in ("review", "tag") if name in filters.chosen}
    return f"{reverse('findings')}?{urlencode(pairs)}"


def as_csv(shown):
    """The bytes of a file with a row for each theme, and columns as the map has them."""
    headings = [cell.heading for cell in shown.rows[0].cells] if shown.rows else []
    rows = [[row.theme.code, row.theme.name, *(cell.count for cell in row.cells)] for row in shown.rows]
    return b"".join(csv_lines([["Code", "Theme", *headings], *rows, ["", "All themes", *shown.totals]]))
