"""An entry as the record that reference managers know, and the works that it cites."""

from dataclasses import replace

from django.conf import settings
from django.db.models import Q

from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.versions import READ
from sources import records
from sources.formats import Name, Record
from sources.models import Source
from sources.versions import newest_version


def record_of(entry, site_url, version=None):
    """The Record of `entry`: a source as what it is, anything else as a page of the site at `site_url`.

    `version` is the number of its newest version, if that is known. The wording is ours, so its author is the site.
    """
    if isinstance(entry, Source):
        return records.record_of(entry)
    worded_on = entry.wording_changed_on or entry.published_on
    return Record(
        csl_type="webpage",
        title=str(entry),
        contributors=[Name(literal=settings.SITE_NAME)],
        issued=worded_on.isoformat() if worded_on else "",
        container_title=settings.SITE_NAME,
        publisher=settings.SITE_NAME,
        url=site_url + entry.short_url,
        abstract=getattr(entry, READ[type(entry)][1]),
        keywords=tuple(tag.name for tag in records.tags_of(entry)) if hasattr(entry, "tags") else (),
        note=f"{entry.kind.capitalize()} {entry.code}",
        version=str(version or newest_version(entry)),
        key=entry.code,
    )


def record_of_edition(edition, site_url):
    """The Record of one version of an entry, at the address that always shows that version."""
    record = record_of(edition.entry, site_url, edition.number)
    if isinstance(edition.entry, Source):
        return record
    return replace(
        record,
        title=edition.title,
        abstract=edition.lead,
        issued=edition.issued_on.isoformat(),
        url=f"{site_url}{edition.short_url}",
        key=edition.code,
    )


def with_records(entries):
    """`entries`, a QuerySet of one kind, with what `record_of` needs of each."""
    if entries.model is Source:
        return entries.with_records()
    if hasattr(entries.model, "review"):
        entries = entries.select_related("review")
    return entries.prefetch_related("tags") if hasattr(entries.model, "tags") else entries


def works_cited(entry):
    """The published sources that `entry` cites, itself or through its published findings, by their codes."""
    findings = Finding.objects.published()
    through = {
        Source: lambda: Q(pk__in=[]),
        Finding: lambda: Q(citations__finding=entry),
        Theme: lambda: Q(citations__finding__in=findings.filter(theme=entry)),
        Review: lambda: Q(citations__finding__in=findings.filter(review=entry)) | Q(reviews=entry),
        PracticeImplication: lambda: Q(citations__finding__in=findings.filter(implications=entry)),
        KeyMessage: lambda: Q(citations__finding__in=findings.filter(key_messages=entry)),
    }
    cited = Source.objects.filter(through[type(entry)]()).values("pk")
    return Source.objects.published().filter(pk__in=cited).order_by("number").with_records()
