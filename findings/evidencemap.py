"""The evidence map: how many published findings stand where a theme meets a column, and which way they point."""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from curation.entries import Status
from findings.choices import Stance, WengerElement
from findings.models import Finding, PracticeImplication, Theme

GLYPHS_SHOWN = 12


@dataclass
class Cell:
    column: object
    by_stance: Counter
    url: str

    @property
    def count(self):
        return sum(self.by_stance.values())

    @property
    def glyphs(self):
        """A stance for each finding, up to `GLYPHS_SHOWN`; where there are more, each that there is stands there."""
        first = [stance for stance in Stance if self.by_stance[stance]]
        others = [stance for stance in first for _ in range(self.by_stance[stance] - 1)]
        return sorted((first + others)[:GLYPHS_SHOWN], key=list(Stance).index)

    @property
    def in_words(self):
        return ", ".join(stance.counted(count) for stance in Stance if (count := self.by_stance[stance]))


@dataclass
class Row:
    theme: Theme
    cells: list


@dataclass
class EvidenceMap:
    columns: list
    rows: list
    left_out: int


def evidence_map(by):
    """The map with columns by ``"stance"``, or by ``"practice"``: the elements of the points linked to a finding."""
    themes = list(Theme.objects.published())
    counted = Counter()
    if by == "stance":
        columns, total = list(Stance), 0
        rows = Finding.objects.published().values_list("theme", "stance").annotate(n=Count("*"))
        for theme, stance, n in rows:
            counted[theme, stance, stance] = n
    else:
        columns = list(WengerElement)
        links = PracticeImplication.findings.through.objects.filter(
            practiceimplication__status=Status.PUBLISHED, finding__status=Status.PUBLISHED
        )
        rows = links.values_list("finding__theme", "practiceimplication__element", "finding__stance").annotate(
            n=Count("finding", distinct=True)
        )
        for theme, element, stance, n in rows:
            counted[theme, element, stance] = n
        total = Finding.objects.published().count() - links.values("finding").distinct().count()
    findings, facet = reverse("findings"), "stance" if by == "stance" else "element"
    return EvidenceMap(
        columns=columns,
        rows=[
            Row(
                theme,
                [
                    Cell(
                        column,
                        Counter({stance: counted[theme.pk, column, stance] for stance in Stance}),
                        f"{findings}?{urlencode({'theme': theme.slug, facet: column.value})}",
                    )
                    for column in columns
                ],
            )
            for theme in themes
        ],
        left_out=total,
    )
