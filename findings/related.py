"""Findings on the same matter: those that share key messages, practice points or tags."""

from collections import Counter, defaultdict
from typing import NamedTuple

from django.db.models import Count

from curation.entries import Status
from findings.models import Finding, KeyMessage, PracticeImplication, TaggedFinding

RELATED = 4
ELSEWHERE = 6  # findings of other themes
COMMON = 100  # findings; a tag that more of them have does not relate any

# What links findings: a table, its columns for the finding and for what is shared, the title of that, words for it.
LINKS = [
    (KeyMessage.findings.through, "finding", "keymessage", "heading", "Same key message: {}"),
    (PracticeImplication.findings.through, "finding", "practiceimplication", "heading", "Same practice point: {}"),
    (TaggedFinding, "content_object", "tag", "name", "Shared tag: {}"),
]


def related_to(finding):
    """Published findings that share practice points, key messages or tags with `finding`, most shared first."""
    first, *others = [_sharing(finding, *link) for link in LINKS]
    shared = Counter(first.union(*others, all=True))
    nearest = sorted(
        (-count, theme != finding.theme_id, number, pk)
        for (pk, theme, number), count in shared.items()
        if pk != finding.pk
    )
    order = [pk for *_, pk in nearest[:RELATED]]
    return _in_order(Finding.objects.published(), order)


def _sharing(finding, through, column, other, *_):
    """A row for each thing that a published finding shares with `finding`: (its key, theme, number)."""
    shared = through.objects.filter(**{column: finding}).values(other)
    if through is TaggedFinding:
        counted = TaggedFinding.objects.filter(tag__in=shared).values("tag").annotate(n=Count("*"))
        shared = counted.filter(n__lte=COMMON).values("tag")
    others = through.objects.filter(**{f"{other}__in": shared, f"{column}__status": Status.PUBLISHED})
    return others.values_list(column, f"{column}__theme", f"{column}__number")


class Elsewhere(NamedTuple):
    """A finding of another theme on the same matter, and what both share, in words."""

    finding: Finding
    shared: list


def related_elsewhere(theme, findings):
    """Published findings of other themes that share a key message, a practice point or a tag with `findings`, those of
    `theme`, as Elsewhere, those that share most first."""
    shared = defaultdict(list)
    for through, column, other, name, words in LINKS:
        common = through.objects.filter(**{f"{column}__in": findings.values("pk")}).values(other)
        others = through.objects.filter(**{f"{other}__in": common, f"{column}__status": Status.PUBLISHED})
        rows = others.exclude(**{f"{column}__theme": theme}).values_list(column, f"{other}__{name}").distinct()
        for pk, label in rows[: COMMON * ELSEWHERE]:
            shared[pk].append(words.format(label))
    nearest = sorted(shared, key=lambda pk: (-len(shared[pk]), pk))[:ELSEWHERE]
    return [Elsewhere(one, shared[one.pk]) for one in _in_order(Finding.objects.published().for_cards(), nearest)]


def _in_order(findings, keys):
    return sorted(findings.filter(pk__in=keys), key=lambda finding: keys.index(finding.pk))
