"""What the librarians' desk shows first: the work that waits, each with the list of what it is about.

A new task is an entry of `TASKS`; where its list is narrowed by a filter, that is a `YesFilter` beside it.
"""

from django.db.models import Count, Exists, F, Min, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from curation.entries import SOON, Status
from curation.holding import drafts_of, sent_back_to, waiting
from curation.listadmin import YesFilter
from curation.tasks import Card, Task, ago, by_whom, day, from_whom, named
from findings.cautions import resting_on_retracted, resting_on_unconfirmed
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources import duplicates
from sources.models import LinkCheck, Reported, Source

CURATED = (Finding, PracticeImplication, KeyMessage, Theme, Review, Source, Term)
WITH_YOU, TO_READERS, KEPT_TRUE, FOUND = "With you", "On the way to readers", "Keep it true", "Help people find it"
GROUPS = [WITH_YOU, TO_READERS, KEPT_TRUE, FOUND]
NOT_COMPARED = "Not compared since the site was started. Open it to compare."
PUBLIC = {"status__exact": Status.PUBLISHED.value}


def naming_no_source(findings):
    return findings.exclude(Exists(Citation.objects.shown_sources().filter(finding=OuterRef("pk"))))


def resting_on_nothing(points):
    links = PracticeImplication.findings.through.objects.filter(finding__status=Status.PUBLISHED)
    return points.exclude(Exists(links.filter(practiceimplication=OuterRef("pk"))))


def used_once(tags):
    used = (
        Count("findings_taggedfinding_items", distinct=True)
        + Count("findings_taggedimplication_items", distinct=True)
        + Count("sources_taggedsource_items", distinct=True)
    )
    return tags.annotate(used=used).filter(used=1)


class NamesNoSourceFilter(YesFilter):
    title = "names no study"
    parameter_name = "no-source"
    narrow = staticmethod(naming_no_source)


class RestsOnNothingFilter(YesFilter):
    title = "rests on no finding"
    parameter_name = "rests-on-nothing"
    narrow = staticmethod(resting_on_nothing)


class UsedOnceFilter(YesFilter):
    title = "used once"
    parameter_name = "used-once"
    narrow = staticmethod(used_once)


class RestsOnRetractedFilter(YesFilter):
    title = "rests on a retracted work"
    parameter_name = "retracted-work"
    narrow = staticmethod(resting_on_retracted)


class RestsOnUnconfirmedFilter(YesFilter):
    title = "rests on an unconfirmed work"
    parameter_name = "unconfirmed-work"
    narrow = staticmethod(resting_on_unconfirmed)


def with_dead_links(sources, user):
    failing = LinkCheck.objects.dead().filter(source=OuterRef("pk")).order_by("failing_since")
    return sources.with_dead_links().annotate(since=Subquery(failing.values("failing_since")[:1]))


def with_links_to_look_at(sources, user):
    looked_at = LinkCheck.objects.to_look_at().filter(source=OuterRef("pk")).order_by("checked_at")
    return sources.with_links_to_look_at().annotate(since=Subquery(looked_at.values("checked_at")[:1]))


def due_soon(entries, user):
    return entries.due_for_review(timezone.localdate() + SOON).annotate(since=F("review_due_on"))


def next_due(rows, count):
    """The first that are due and are not late yet."""
    coming = next((row for row in rows if row.since > timezone.localdate()), None)
    return [named(rows, count), *([f"Next: {coming.name}, {day(coming.since)}"] if coming else [])]


def late(rows):
    first = rows[0]
    if first.since >= timezone.localdate():
        return ""
    return f"Late: {first.name}, {day(first.since)}, {ago(first.since)}"


def only_named(rows, count):
    return [named(rows, count)]


def rests_on_the_review(rows, count):
    return [named(rows, count), "Nothing to do unless a study is known."]


def nothing_checked(rows, count):
    return [named(rows, count), "Nothing of the record of such a work was checked yet."]


class DuplicatesTask:
    """Groups of sources that are probably one work: each is compared with all others, not asked of the database."""

    name, group = "duplicates", KEPT_TRUE

    def card(self, user):
        if not duplicates.may_look(user):
            return None
        found, url = duplicates.known_groups(), reverse("admin:sources_source_duplicates")
        if found is None:
            return Card("Probable duplicates", None, url, [NOT_COMPARED])
        return Card("Probable duplicates", len(found), url, ["among the sources"] if found else [])


class ReportedTask:
    """Notices that a register reports of works we hold, for a person to confirm or dismiss."""

    name, group = "reported", KEPT_TRUE

    def card(self, user):
        if not user.has_perm("sources.view_source"):
            return None
        found = Reported.objects.open().order_by().aggregate(count=Count("pk"), first=Min("found_at"))
        lines = ["Retractions and corrections to confirm or dismiss"]
        if found["first"]:
            lines.append(f"Oldest: {day(found['first'])}, {ago(found['first'])}")
        url = reverse("admin:sources_source_reported")
        return Card("Reports on works we hold", found["count"], url, lines if found["count"] else [])


TASKS = [
    Task("sent-back", WITH_YOU, "Sent back to you", sent_back_to, CURATED, {"with": "sent-back"}, by_whom),
    Task("drafts", WITH_YOU, "Your drafts", drafts_of, CURATED, {"with": "drafts"}),
    Task("waiting", TO_READERS, "Waiting for an editor", waiting, CURATED, {"with": "editor"}, from_whom),
    Task("due", KEPT_TRUE, "Due for a check", due_soon, CURATED, {"due": "soon"}, next_due, late),
    Task(
        "dead-links",
        KEPT_TRUE,
        "Dead links",
        with_dead_links,
        (Source,),
        {"dead-links": "yes"},
    ),
    Task(
        "links-to-look-at",
        KEPT_TRUE,
        "Links to look at",
        with_links_to_look_at,
        (Source,),
        {"links-to-look-at": "yes"},
    ),
    Task(
        "open-remarks",
        KEPT_TRUE,
        "Remarks of imports",
        lambda sources, user: sources.with_open_remarks(),
        (Source,),
        {"open-remarks": "yes"},
        only_named,
    ),
    Task(
        "resting-on-retracted",
        KEPT_TRUE,
        "Resting on retracted works",
        lambda entries, user: resting_on_retracted(entries.published()),
        (Finding, PracticeImplication),
        {"retracted-work": "yes", **PUBLIC},
        only_named,
    ),
    Task(
        "resting-on-unconfirmed",
        KEPT_TRUE,
        "Resting on unconfirmed works",
        lambda entries, user: resting_on_unconfirmed(entries.published()),
        (Finding, PracticeImplication),
        {"unconfirmed-work": "yes", **PUBLIC},
        nothing_checked,
    ),
    ReportedTask(),
    DuplicatesTask(),
    Task(
        "resting-on-nothing",
        KEPT_TRUE,
        "Points without a finding",
        lambda points, user: resting_on_nothing(points.published()),
        (PracticeImplication,),
        {"rests-on-nothing": "yes", **PUBLIC},
        only_named,
    ),
    Task(
        "naming-no-study",
        FOUND,
        "Findings naming no study",
        lambda findings, user: naming_no_source(findings.published()),
        (Finding,),
        {"no-source": "yes", **PUBLIC},
        rests_on_the_review,
    ),
    Task(
        "used-once",
        FOUND,
        "Tags used once",
        lambda tags, user: used_once(tags),
        (Tag,),
        {"used-once": "yes"},
        only_named,
    ),
]
