"""Atom feeds (RFC 4287): which findings are new, changed their meaning or were withdrawn. A correction is no news.

Each version of a finding is an item of its own, with the address of that version as its id, and so is a withdrawal. A
page ends at a place in time and not after a number of items, so that what comes meanwhile moves nothing to another page
(RFC 5005).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.db.models import F, Q, Value
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from curation import history
from curation.entries import Status
from curation.models import Version
from curation.redirects import Moved, answers_for_entries, find
from curation.routes import site_url
from curation.xml import answer
from findings import provenance
from findings.metadata import rights
from findings.models import Finding, Theme
from findings.records import with_records
from findings.versions import Edition, editions_of

ATOM = "application/atom+xml"
A_PAGE = 50
# In the place of a number of a version, and above them all.
WITHDRAWN = 10_000
PLACE = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{1,9})-(\d{1,5})", re.ASCII)


@dataclass
class News:
    """One thing that happened to an entry on a day: `step` is the version that it began, or `WITHDRAWN`."""

    entry: object
    day: date
    step: int
    editions: list

    @property
    def is_withdrawal(self):
        return self.step == WITHDRAWN

    @cached_property
    def edition(self) -> Edition:
        return next((edition for edition in self.editions if edition.number == self.step), self.editions[0])

    @property
    def title(self):
        if self.is_withdrawal:
            return f"Withdrawn: {self.entry}"
        return f"Meaning changed: {self.edition.title}" if self.step > 1 else self.edition.title

    @property
    def word(self):
        return "withdrawn" if self.is_withdrawal else "changed" if self.step > 1 else "new"

    @property
    def id(self):
        """The part of an address that is this item's own for ever."""
        return f"{self.entry.short_url}#withdrawn-{self.day}" if self.is_withdrawal else self.edition.short_url

    @property
    def url(self):
        return self.entry.get_absolute_url() if self.edition.is_newest else self.edition.url

    @cached_property
    def changes(self):
        """(label, difference as HTML) of what this version changed."""
        earlier = next((edition for edition in self.editions if edition.number == self.step - 1), None)
        return self.edition.changes_since(earlier) if earlier else []

    @property
    def author(self):
        return settings.SITE_NAME

    @property
    def theme(self):
        return self.entry.theme.name if isinstance(self.entry, Finding) else ""

    @property
    def provenance(self):
        """Whose words it is, from when, in a line for each review."""
        return [provenance.line(review) for review in provenance.behind(self.entry)]

    @property
    def rights(self):
        return " ".join(rights(self.entry))

    @property
    def replacement(self):
        other = self.entry.replaced_by if self.is_withdrawal else None
        return other if other and other.is_public else None


def news(places):
    """News from (entry, day, step), in their order: a constant number of queries for each kind of entry."""
    entries = {entry.code: entry for entry, _, _ in places}
    provenance.load_behind(entries.values())
    known = editions_of(entries.values())
    for kind in {type(entry) for entry in entries.values()}:
        some = {entry.pk: entry for entry in entries.values() if isinstance(entry, kind)}
        for pk, state in history.states(kind, some).items():
            known[some[pk].code][0].state = state  # the newest is the entry itself
    return [News(entry, day, step, known[entry.code]) for entry, day, step in places]


def news_of_findings(findings, before=None):
    """The latest `A_PAGE` news of a QuerySet of findings that lie `before` a place (day, number, step), and the place
    where the next page begins, None if there is none."""
    public, withdrawn = findings.published(), findings.filter(status=Status.WITHDRAWN)
    later = Version.objects.filter(letter=Finding.LETTER, version__gt=1, number__in=public.order_by().values("number"))
    places = []
    for rows, day, step in [
        (public, "published_on", Value(1)),
        (later, "issued_on", F("version")),
        (withdrawn, "withdrawn_on", Value(WITHDRAWN)),
    ]:
        rows = rows.annotate(step=step)
        if before:
            on, number, at = before
            earlier = Q(number__lt=number) | Q(number=number, step__lt=at)
            rows = rows.filter(Q(**{f"{day}__lt": on}) | Q(earlier, **{day: on}))
        rows = rows.order_by(f"-{day}", "-number", "-step").values_list(day, "number", "step")
        places += rows[: A_PAGE + 1]
    places.sort(reverse=True)
    shown = places[:A_PAGE]
    numbers = {number for _, number, _ in shown}
    loaded = with_records(Finding.objects.filter(number__in=numbers)).select_related("theme", "replaced_by")
    held = {finding.number: finding for finding in loaded}
    found = news([(held[number], day, step) for day, number, step in shown if number in held])
    return found, shown[-1] if places[A_PAGE:] else None


@require_safe
def findings_feed(request):
    return _feed(
        request, Finding.objects.all(), reverse("findings-feed"), "New and changed findings", reverse("findings")
    )


@require_safe
@answers_for_entries
def collection_feed(request, slug, model):
    """The findings of a theme or of a review; an earlier address leads to the feed at the present one."""
    try:
        entry = find(request, model.objects.all(), slug, slug=slug)
    except Moved as moved:
        return HttpResponsePermanentRedirect(feed_url(moved.entry))
    return _feed(
        request, entry.findings.all(), feed_url(entry), f"New and changed findings: {entry}", entry.get_absolute_url()
    )


def feed_url(entry):
    """The address of the feed of a theme or a review."""
    return reverse("theme-feed" if isinstance(entry, Theme) else "review-feed", args=[entry.slug])


def _feed(request, findings, address, title, page):
    asked, before = request.GET.get("before", ""), None
    if asked:
        before = _place(asked)
        if before is None:
            message = f"“{asked[:40]}” is no place in this feed: follow its links, or begin at {address}.\n"
            return HttpResponse(message, status=400, content_type="text/plain; charset=utf-8")
    items, following = news_of_findings(findings, before)
    after = f"{address}?before={'-'.join(map(str, following))}" if following else ""
    here = f"{address}?before={asked}" if asked else address
    return atom(request, title, items, page=page, address=address, here=here, following=after)


def _place(text):
    match = PLACE.fullmatch(text)
    try:
        return match and (date.fromisoformat(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def atom(request, title, items, *, page, address, here, following):
    """A feed of News: `page` is what people read instead, `address` its first page, `here` and `following` this one
    and the next, "" if there is none."""
    context = {
        "site": site_url(request),
        "title": title,
        "items": items,
        "updated": max((item.day for item in items), default=date(1970, 1, 1)),
        "page": page,
        "address": address,
        "here": here,
        "following": following,
    }
    named = {"Content-Disposition": f'inline; filename="{address.partition("?")[0].rpartition("/")[2]}"'}
    return answer(request, "feeds/feed.atom", context, ATOM, headers=named)
