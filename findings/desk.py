"""What the librarians' desk shows first: the work that waits, each with the list of what it is about."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from curation.admin import YesFilter
from curation.entries import Status
from findings.cautions import resting_on_retracted
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources import duplicates
from sources.models import Reported, Source

CURATED = [Finding, PracticeImplication, KeyMessage, Theme, Review, Source, Term]


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
    title = "names no source"
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


@dataclass(frozen=True)
class Task:
    label: str
    count: int
    url: str


def tasks(user):
    """The work that waits and that `user` may see, as tasks with at least one entry."""
    today = timezone.localdate()
    public = {"status__exact": Status.PUBLISHED.value}
    waiting = []
    for model in CURATED:
        entries = model.objects.all()
        waiting += [
            ("in review", model, entries.filter(status=Status.IN_REVIEW), {"status__exact": Status.IN_REVIEW.value}),
            ("due for a check", model, entries.due_for_review(today), {"due": "yes"}),
        ]
    waiting += [
        ("naming no source", Finding, naming_no_source(Finding.objects.published()), {"no-source": "yes", **public}),
        (
            "resting on no finding",
            PracticeImplication,
            resting_on_nothing(PracticeImplication.objects.published()),
            {"rests-on-nothing": "yes", **public},
        ),
        *[
            (
                "resting on a retracted work",
                model,
                resting_on_retracted(model.objects.published()),
                {"retracted-work": "yes", **public},
            )
            for model in (Finding, PracticeImplication)
        ],
        ("with dead links", Source, Source.objects.with_dead_links(), {"dead-links": "yes"}),
        ("with links to look at", Source, Source.objects.with_links_to_look_at(), {"links-to-look-at": "yes"}),
        ("used once", Tag, used_once(Tag.objects.all()), {"used-once": "yes"}),
    ]
    shown = []
    for what, model, entries, query in waiting:
        if not user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            continue
        count = entries.count()
        if count:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            filters = "&".join(f"{name}={value}" for name, value in query.items())
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            shown.append(Task(f"{count} {name} {what}", count, f"{address}?{filters}"))
    if user.has_perm("sources.view_source") and (count := Reported.objects.open().count()):
        name = "report on a work we hold" if count == 1 else "reports on works we hold"
        shown.append(Task(f"{count} {name} to confirm or dismiss", count, reverse("admin:sources_source_reported")))
    if duplicates.may_look(user) and (groups := len(duplicates.groups())):
        name = "probable duplicate" if groups == 1 else "probable duplicates"
        shown.append(Task(f"{groups} {name} among sources", groups, reverse("admin:sources_source_duplicates")))
    return shown
