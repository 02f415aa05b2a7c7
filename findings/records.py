"""An entry as the record that reference managers know, and the works that it cites.

A source is what it is, and a review the publication that we read. The rest are pages of the site, in its words, which
name the review that they are based on.
"""

from dataclasses import replace

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from curation.routes import path
from curation.versions import newest_version, newest_versions
from findings import cautions, provenance
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme, with_provenance
from findings.versions import READ
from sources import records
from sources.bibliography.record import Name, Record
from sources.models import Source


def record_of(entry, site_url, version=None):
    """The Record of `entry` as harvesters are told of it, the same every day. `site_url` is where the site is.

    `version` is the number of its newest version, if that is known.
    """
    if isinstance(entry, Source):
        return records.record_of(entry)
    return _publication(entry, site_url) if isinstance(entry, Review) else _page(entry, site_url, version)


def record_to_cite(entry, site_url, version=None):
    """The Record of `entry` for a reader who cites it today: a page by the address of its version, which will go on to
    show these words, with the day of access and the review behind it."""
    record = record_of(entry, site_url, version)
    return record if isinstance(entry, Source | Review) else _read_today(record, entry, site_url)


def records_to_cite(entries, site_url):
    """The Record of each of `entries`, a list, for a reader who cites it today."""
    versions = newest_versions(entries)
    provenance.load_behind(entries)
    cautions.load(entries)
    return [record_to_cite(entry, site_url, versions.get(entry.code, 1)) for entry in entries]


def record_of_edition(edition, site_url):
    """The Record of one version of an entry for a reader; that of a review is our page about it."""
    entry = edition.entry
    if isinstance(entry, Source):
        return records.record_of(entry)
    record = _read_today(_page(entry, site_url, edition.number), entry, site_url)
    record = replace(record, issued=edition.issued_on.isoformat(), key=edition.code)
    return record if edition.is_newest else replace(record, title=edition.title, abstract=edition.lead)


def _page(entry, site_url, version):
    """The wording is ours, so its author is the site."""
    return Record(
        csl_type="webpage",
        title=str(entry),
        contributors=[Name(literal=settings.SITE_NAME)],
        issued=entry.worded_on.isoformat() if entry.worded_on else "",
        container_title=settings.SITE_NAME,
        publisher=settings.SITE_NAME,
        url=site_url + entry.short_url,
        abstract=getattr(entry, READ[type(entry)][1]),
        keywords=tuple(tag.name for tag in records.tags_of(entry)) if hasattr(entry, "tags") else (),
        note=f"{entry.kind.capitalize()} {entry.code}",
        entry_code=entry.code,
        version=str(version or newest_version(entry)),
        provenance=" ".join([*map(provenance.line, provenance.behind(entry)), provenance.rights()]),
        notice=cautions.words(entry),
        key=entry.code,
    )


def _publication(review, site_url):
    return Record(
        csl_type="report",
        title=review.title,
        contributors=records.named(review.contributors.all()),
        issued=review.year,
        issued_is_approximate=bool(review.year) and review.year_is_approximate,
        publisher=review.publisher,
        place=review.place,
        series=review.series,
        note=f"{settings.SITE_NAME} tells of it at {site_url}{review.short_url}",
        key=review.code,
    )


def _read_today(record, entry, site_url):
    return replace(
        record,
        url=site_url + (path("version_code", entry.code, record.version) if entry.published_on else entry.short_url),
        accessed_on=timezone.localdate(),
        based_on="; ".join(provenance.based_on(review) for review in provenance.behind(entry) if review.is_public),
    )


def with_records(entries):
    """`entries`, a QuerySet of one kind, with what `record_of` needs of each."""
    if entries.model is Source:
        return entries.with_records()
    if entries.model is Review:
        return entries.with_provenance()
    if hasattr(entries.model, "review"):
        entries = entries.select_related("review").prefetch_related(*with_provenance("review__"))
    return entries.prefetch_related("tags") if hasattr(entries.model, "tags") else entries


def records_of_file(entry, site_url, with_sources=False):
    """The Records that a file at the code of `entry` holds: its own; of a theme or a review the works it cites."""
    records = [record_to_cite(entry, site_url)] if _is_told_itself(entry) else []
    if with_sources or not records:
        records += [record_to_cite(source, "") for source in works_cited(entry).with_records()]
    return records


def records_of_files(entries, site_url):
    """The same for each of `entries`, a list, as two lists: without the works it cites and with them. It takes a query
    for each entry, and a few for all."""
    cited = [list(works_cited(entry).values_list("pk", flat=True)) for entry in entries]
    works = Source.objects.with_records().in_bulk({pk for some in cited for pk in some})
    of_works = {pk: record_to_cite(work, "") for pk, work in works.items()}
    for entry, record, some in zip(entries, records_to_cite(entries, site_url), cited, strict=True):
        own, others = [record], [of_works[pk] for pk in some]
        yield (own, own + others) if _is_told_itself(entry) else (others, others)


def _is_told_itself(entry):
    return not isinstance(entry, Theme | Review)


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
    return Source.objects.published().filter(pk__in=cited).order_by("number")
