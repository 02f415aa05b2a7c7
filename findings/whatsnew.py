"""News for readers: entries that were published or withdrawn, and changes of meaning. A correction is none."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from curation.entries import Status
from curation.models import Version
from curation.routes import path
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.versions import versions_url
from sources.models import Source

KINDS = [Review, Theme, Finding, PracticeImplication, KeyMessage, Source]
LISTS = {Review: "reviews", Theme: "themes", Finding: "findings", PracticeImplication: "practice", Source: "sources"}
DAYS_A_PAGE = 40
NAMED = 3  # of one kind on one day; more are counted
WHAT = {"new": "New", "changed": "Wording changed", "withdrawn": "Withdrawn"}


@dataclass(frozen=True)
class Event:
    """What happened on a day to an entry, or to `count` entries of a kind."""

    day: date
    what: str
    model: type
    entry: object = None
    count: int = 1
    note: str = ""

    @property
    def word(self):
        return WHAT[self.what]

    @property
    def title(self):
        meta = self.model._meta
        return str(self.entry) if self.entry else f"{self.count:,} {meta.verbose_name_plural}"

    @property
    def kind(self):
        return capfirst(self.model._meta.verbose_name)

    @property
    def url(self):
        if self.entry is None:
            return path(LISTS[self.model]) if self.model in LISTS else path("home")
        return self.entry.get_absolute_url()

    @property
    def versions_url(self):
        return versions_url(self.entry) if self.what == "changed" and self.entry else ""


def _rows(model, what):
    """(QuerySet of what happened to entries of a kind, the name of the column with the day)."""
    if what == "new":
        return model.objects.published(), "published_on"
    if what == "withdrawn":
        return model.objects.filter(status=Status.WITHDRAWN), "withdrawn_on"
    public = model.objects.published().order_by().values("number")
    return Version.objects.filter(letter=model.LETTER, version__gt=1, number__in=public), "issued_on"


def events(kinds_of_events=tuple(WHAT), before=None):
    """The events of the latest days on which there were any, newest first, and the day before which the next page
    begins, None if there is none. A constant number of queries."""
    counts = {}
    for model in KINDS:
        for what in kinds_of_events:
            rows, day = _rows(model, what)
            if before:
                rows = rows.filter(**{f"{day}__lt": before})
            found = rows.order_by(f"-{day}").values_list(day).annotate(n=Count("pk"))[: DAYS_A_PAGE + 1]
            counts[model, what] = dict(found)
    days = sorted({day for found in counts.values() for day in found}, reverse=True)
    shown = days[:DAYS_A_PAGE]
    happened = [event for key, found in counts.items() for event in _events(*key, found, set(shown))]
    order = {model: place for place, model in enumerate(KINDS)}
    happened.sort(key=lambda event: (-event.day.toordinal(), list(WHAT).index(event.what), order[event.model]))
    return happened, shown[-1] if days[DAYS_A_PAGE:] else None


def _events(model, what, counts, days):
    counts = {day: count for day, count in counts.items() if day in days}
    yield from (Event(day, what, model, count=count) for day, count in counts.items() if count > NAMED)
    rows, day = _rows(model, what)
    rows = rows.filter(**{f"{day}__in": [day for day, count in counts.items() if count <= NAMED]}).order_by("number")
    if what == "changed":
        versions = list(rows)
        entries = {entry.number: entry for entry in _with_address(model, {version.number for version in versions})}
        for version in versions:
            yield Event(version.issued_on, what, model, entries[version.number], note=version.note)
    else:
        for entry in _with_address(model, rows.values("number")):
            note = entry.withdrawal_reason if what == "withdrawn" else ""
            yield Event(getattr(entry, day), what, model, entry, note=note)


def _with_address(model, numbers):
    entries = model.objects.filter(number__in=numbers).order_by("number")
    return entries.select_related("review") if model is KeyMessage else entries


@require_safe
def whats_new(request):
    notices = []
    kind = request.GET.get("kind", "")
    if kind and kind not in WHAT:
        notices.append(f"There is no kind of news “{kind[:40]}”, so everything is shown.")
        kind = ""
    asked = request.GET.get("before", "")
    try:
        before = date.fromisoformat(asked) if asked else None
    except ValueError:
        notices.append(f"“{asked[:40]}” is no date such as 2026-11-29, so this is the newest.")
        before = None
    found, following = events([kind] if kind else tuple(WHAT), before)
    drawn_from = [event.entry for event in found if hasattr(event.entry, "review_id")]
    months = groupby(found, key=lambda event: event.day.replace(day=1))
    context = {
        "months": [(month, list(some)) for month, some in months],
        "reviews": Review.objects.of(drawn_from).with_provenance(),
        "kinds": WHAT.items(),
        "kind": kind,
        "following": following,
        "is_first": before is None,
        "notices": notices,
    }
    return render(request, "findings/whats_new.html", context)
