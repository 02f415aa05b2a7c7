"""What the pages of a theme and of a finding read, put into SQL once a process: these are asked for most."""

from collections import Counter, defaultdict
from typing import NamedTuple

from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.expressions import Star
from django.db.models.functions import Abs
from taggit.models import Tag

from findings import provenance
from findings.choices import Stance
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, TaggedFinding, Theme
from sources.entries import Status
from sources.prepared import Prepared, hold
from sources.reading import hold_contributors
from sources.versions import newest_of

STANCES = list(Stance)
FINDINGS_A_SIDE = 4  # the page is to be read in five minutes
LOOKED_AT = 50  # of the findings of a theme, for what rests on them
POINTS_OF_THEME = 8
OTHER_THEMES = 12
RELATED = 4
ELSEWHERE = 6  # findings of other themes, on the page of a theme
COMMON = 100  # findings; a tag that more of them have does not relate any

_published = Finding.objects.published
_points = PracticeImplication.objects.published


def _around(entries, number):
    """Of `entries`, the one with the next lower number and the one with the next higher."""
    before = entries.filter(number__lt=number).order_by("-number").values("number")[:1]
    after = entries.filter(number__gt=number).order_by("number").values("number")[:1]
    return entries.filter(Q(number=Subquery(before)) | Q(number=Subquery(after))).order_by("number")


def _sharing(finding):
    """A row for each thing that a published finding shares with `finding`: (its key, theme, number)."""
    found = []
    for through, mine, other in [
        (PracticeImplication.findings.through, "finding", "practiceimplication"),
        (KeyMessage.findings.through, "finding", "keymessage"),
        (TaggedFinding, "content_object", "tag"),
    ]:
        shared = through.objects.filter(**{mine: finding}).values(other)
        if through is TaggedFinding:
            every = TaggedFinding.objects.filter(tag__in=shared)
            shared = every.values("tag").annotate(n=Count("*")).filter(n__lte=COMMON).values("tag")
        others = through.objects.filter(**{f"{other}__in": shared, f"{mine}__status": Status.PUBLISHED})
        found.append(others.values_list(mine, f"{mine}__theme", f"{mine}__number"))
    return found[0].union(*found[1:], all=True)


def _first_of_each_stance(findings):
    """As many of `findings` as a side shows, for each stance in one question, with no more of them than cards take."""
    sides = [findings.filter(stance=stance).values("pk")[:FINDINGS_A_SIDE] for stance in STANCES]
    first, *others = [Finding.objects.filter(pk__in=side).order_by().values("pk") for side in sides]
    shown = _published().filter(pk__in=first.union(*others, all=True))
    return shown.only("number", "slug", "status", "stance", "heading", "bottom_line", "review")


def _number_of(stance):
    """How many published findings of a theme are of that stance: an index is counted, without sorting into groups."""
    findings = _published().filter(theme=OuterRef("pk"), stance=stance).order_by()
    return Subquery(findings.values_list(Func(Star(), function="COUNT", output_field=IntegerField())))


_theme = Prepared(
    lambda slug: Theme.objects.filter(slug=slug).annotate(
        newest=newest_of(Theme), **{f"{stance}_total": _number_of(stance) for stance in STANCES}
    )
)
_other_themes = Prepared(
    lambda number: (
        Theme.objects.published()
        .exclude(number=number)
        .order_by(Abs(F("number") - number), "number")
        .values_list("number", "slug", "name")[:OTHER_THEMES]
    )
)
_cards = Prepared(lambda theme: _first_of_each_stance(_published().filter(theme=theme)))
_resting_on_theme = Prepared(
    lambda theme: _points().resting_on(_published().filter(theme=theme)[:LOOKED_AT])[:POINTS_OF_THEME]
)
_finding = Prepared(
    lambda slug: Finding.objects.filter(slug=slug).select_related("theme", "review").annotate(newest=newest_of(Finding))
)
_named = Prepared(lambda findings: Citation.objects.named().filter(finding__in=findings))
_shown = Prepared(lambda findings: Citation.objects.shown().filter(finding__in=findings))
_tags = Prepared(lambda finding: Tag.objects.filter(findings_taggedfinding_items__content_object=finding))
_resting_on = Prepared(lambda finding: _points().filter(findings=finding))
_messages = Prepared(lambda finding: KeyMessage.objects.of_published_reviews().filter(findings=finding))
_shared = Prepared(_sharing)
_related = Prepared(lambda findings: _published().filter(pk__in=findings).defer("body"))
_around_finding = Prepared(
    lambda theme, number: _around(_published().filter(theme=theme).only("number", "slug", "heading"), number)
)
_around_point = Prepared(
    lambda element, number: _around(
        _points().filter(element=element).only("number", "slug", "element", "heading"), number
    )
)


def theme_at(slug):
    """The theme at this address, with the number of its newest version and those of its findings, or None."""
    return _theme.first(slug)


class Side(NamedTuple):
    """The published findings of a theme that are of one stance: the first of them, and how many there are."""

    stance: Stance
    findings: list
    total: int


def sides_of(theme):
    """A Side for each stance of a `theme` that `theme_at` found, its findings as cards show them."""
    findings = _cards(theme.pk)
    _hold_citations(_named, findings)
    return [
        Side(stance, [one for one in findings if one.stance == stance], getattr(theme, f"{stance}_total"))
        for stance in STANCES
    ]


class Elsewhere(NamedTuple):
    """A finding of another theme on the same matter, and what both share, in words."""

    finding: Finding
    shared: list


def also_about(theme):
    """Published findings of other themes that share a key message, a practice point or a tag with those of `theme`, as
    Elsewhere, those that share most first: five queries."""
    own = list(_published().filter(theme=theme).values_list("pk", flat=True)[:LOOKED_AT])
    shared = defaultdict(list)
    for through, finding, other, words in [
        (KeyMessage.findings.through, "finding", "keymessage", "Same key message: {}"),
        (PracticeImplication.findings.through, "finding", "practiceimplication", "Same practice point: {}"),
        (TaggedFinding, "content_object", "tag", "Shared tag: {}"),
    ]:
        common = through.objects.filter(**{f"{finding}__in": own}).values(other)
        others = through.objects.filter(**{f"{other}__in": common, f"{finding}__status": Status.PUBLISHED})
        name = "name" if other == "tag" else "heading"
        rows = others.exclude(**{f"{finding}__theme": theme}).values_list(finding, f"{other}__{name}").distinct()
        for pk, label in rows[: COMMON * ELSEWHERE]:
            shared[pk].append(words.format(label))
    nearest = sorted(shared, key=lambda pk: (-len(shared[pk]), pk))[:ELSEWHERE]
    found = _published().filter(pk__in=nearest).for_cards()
    return [Elsewhere(one, shared[one.pk]) for one in sorted(found, key=lambda one: nearest.index(one.pk))]


def messages_of(theme):
    """The published key messages that we read with most of its findings, at most two."""
    links = KeyMessage.findings.through.objects.filter(finding__theme=theme, finding__status=Status.PUBLISHED)
    counted = links.filter(keymessage=OuterRef("pk")).values("keymessage").annotate(n=Count("*")).values("n")
    read_with = KeyMessage.objects.of_published_reviews().filter(pk__in=links.values("keymessage"))
    return read_with.annotate(shared=Subquery(counted)).order_by("-shared", "number")[:1]


def points_of(theme):
    """The practice points that rest on most of its findings, or of the first of very many."""
    return _resting_on_theme(theme.pk)


def other_themes(theme):
    """Slug and name of the published themes around `theme`, by number; all others, if they are few."""
    return [(slug, name) for _, slug, name in sorted(_other_themes(theme.number))]


def reviews_of(findings):
    """The reviews that `findings` are from, with their provenance, each given to its findings."""
    reviews = {review.pk: review for review in Review.objects.filter(pk__in={one.review_id for one in findings})}
    provenance.load(reviews.values())
    for one in findings:
        one.review = reviews[one.review_id]
    return list(reviews.values())


def reviews_behind(theme, findings):
    """The reviews behind `theme`, each given to those of `findings` that are from it."""
    reviews = {review.pk: review for review in provenance.behind(theme)}
    for one in findings:
        if one.review_id in reviews:
            one.review = reviews[one.review_id]
    return list(reviews.values())


def finding_at(slug):
    """The finding at this address with all that its record and its page take of it, the number of its newest version
    as `newest`, or None."""
    finding = _finding.first(slug)
    if finding:
        hold(finding, "tags", _tags(finding.pk))
        provenance.load([finding.review])
        _hold_citations(_shown, [finding])
    return finding


def points_resting_on(finding):
    return _resting_on(finding.pk)


def messages_resting_on(finding):
    return _messages(finding.pk)


def related_to(finding):
    """Published findings that share practice points, key messages or tags with `finding`, most shared first."""
    shared = Counter(_shared(finding.pk))
    nearest = sorted(
        (-count, theme != finding.theme_id, number, pk)
        for (pk, theme, number), count in shared.items()
        if pk != finding.pk
    )
    order = [pk for *_, pk in nearest[:RELATED]]
    return sorted(_related(order), key=lambda other: order.index(other.pk))


def neighbours(entry):
    """The published findings before and after a finding in its theme, or the points before and after a practice point
    under its element; None where there is none."""
    is_finding = isinstance(entry, Finding)
    found = _around_finding(entry.theme_id, entry.number) if is_finding else _around_point(entry.element, entry.number)
    lower = next((other for other in found if other.number < entry.number), None)
    return lower, next((other for other in found if other.number > entry.number), None)


def _hold_citations(prepared, findings):
    """Give `findings` their citations, and the works cited their contributors."""
    citations, of_finding = prepared([finding.pk for finding in findings]), defaultdict(list)
    hold_contributors([citation.source for citation in citations])
    for citation in citations:
        of_finding[citation.finding_id].append(citation)
    for finding in findings:
        hold(finding, "citations", of_finding[finding.pk])
