"""The content version: every change makes a new one, in its own transaction, and nobody waits for it."""

import re
import threading
import time
from contextlib import contextmanager

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from curation.models import LogEntry, Revision, Version
from findings.models import EarlierTag, Finding
from joinedup.caching import content_version, triggers
from joinedup.caching.models import ContentVersion
from joinedup.operations import health
from joinedup.operations.signals import restored
from joinedup.search.models import MissedSearch
from sources.models import LinkCheck, Reported, Source
from tests.factories import (
    LONG_AGO,
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    withdrawn,
)

pytestmark = pytest.mark.databases

# What is read besides: the log that the search index follows, Django's names of models, and, after an
# answer was made, what is counted of searches.
NOT_WATCHED = {"curation_change", "django_content_type", "json_each", "unnest", "search_missedsearch"}


def now():
    return content_version.latest()


@contextmanager
def undone():
    """What is done inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def everything(db):
    """A row in every table of the content."""
    review, source = make_review(), make_source(newer_edition=make_source())
    review.review_sources.create(source=source, role="background", number=2)
    finding = make_finding(review=review, heading="Sharing information")
    finding.slug = "another"
    finding.save()
    cite(finding, source)
    point = make_implication([finding])
    message = make_key_message([finding])
    message.implications.add(point)
    review.contributors.create(role="compiler", family="Flood")
    for entry in [finding, point, source]:
        entry.tags.add("trust")
    tag = Tag.objects.get()
    EarlierTag.objects.create(slug="confidence", tag=tag)
    TaggedItem.objects.create(tag=tag, content_type=ContentType.objects.get_for_model(Source), object_id=source.pk)
    term = make_term("trust", also_called=["confidence"])
    term.notes.create(profession="Nursing", text="A note.")
    make_finding(review=review, **withdrawn())
    source.notices.create(kind="corrected", date="2020")
    Reported.objects.create(source=source, kind="concern")
    LinkCheck.objects.create(source=source, part="url", outcome="alive", checked_at=timezone.now())
    LogEntry.objects.create(entry=finding, name=LogEntry.Name.CORRECT)
    kind = ContentType.objects.get_for_model(Finding)
    Revision.objects.create(content_type=kind, object_id=finding.pk, state={})
    Version.objects.create(letter="F", number=finding.number, version=1, state={}, issued_on=LONG_AGO)


def test_every_write_to_every_table_makes_a_new_version_and_what_is_rolled_back_brings_the_old_one_back(everything):
    with connection.cursor() as cursor:
        for table in triggers.tables():
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f'SELECT "{key}" FROM "{table}" LIMIT 1')
            row = cursor.fetchone()
            assert row, f"{table} is empty: nothing would be tried"
            versions = [now()]
            with undone():
                for statement in [
                    f'CREATE TEMPORARY TABLE kept AS SELECT * FROM "{table}" WHERE "{key}" = %s',
                    f'UPDATE "{table}" SET "{key}" = "{key}" WHERE "{key}" = %s',
                    f'DELETE FROM "{table}" WHERE "{key}" = %s',
                ]:
                    cursor.execute(statement, row)
                    versions.append(now())
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM kept')
                versions.append(now())
            before, kept, *written = versions
            assert kept == before
            assert len({before, *written}) == 4, f"{table}: {versions}"
            assert now() == before, f"{table}: what was rolled back left its version"


@pytest.mark.django_db
def test_a_version_is_made_whatever_a_statement_does_about_conflicts():
    before = now()
    Tag.objects.bulk_create([Tag(name="a", slug="a")], ignore_conflicts=True)
    ignoring = now()
    replacing = {"update_conflicts": True, "unique_fields": ["slug"], "update_fields": ["name"]}
    Tag.objects.bulk_create([Tag(name="A", slug="a")], **replacing)
    assert len({before, ignoring, now()}) == 3


@pytest.mark.django_db
def test_a_part_that_is_rolled_back_takes_back_no_version_of_the_rest():
    before = now()
    with transaction.atomic():
        with undone():
            make_source()
        assert now() == before
        make_source()
        whole = now()
        with undone():
            make_source()
        assert now() == whole != before


@pytest.mark.django_db
def test_what_no_page_reads_makes_no_version():
    before = now()
    MissedSearch.objects.create(text="trust", day=LONG_AGO)
    assert now() == before


def test_every_table_that_public_pages_read_makes_versions(everything, client):
    finding, source = Finding.objects.published().first(), Source.objects.published().first()
    code = finding.code
    page, items = finding.get_absolute_url(), f"items={code}"
    addresses = f"""
        / /about/ /reviews/ /themes/ /findings/ /findings/?sort=newest /practice/ /practice/joint-enterprise/ /sources/
        /map/ /glossary/ /tags/trust/ /tags/confidence/ /{code} /{code}v1 /{code}.ris?with=sources /{code}/qr.svg
        /{code}/linkset.json {page} {page}versions/ {page}versions/1/ {page}embed/ /oembed?url=http://testserver{page}
        {source.get_absolute_url()} {finding.theme.get_absolute_url()} {finding.review.get_absolute_url()}
        {finding.implications.first().get_absolute_url()} /findings/finding-0/ /sources/another/ /unapi?id={code}
        /search/?q=sharing /search/?q=trust&kind=finding /search/?q=shraing /feeds/search.atom?q=sharing /opensearch.xml
        /feeds/findings.atom /sitemap.xml /oai?verb=Identify /oai?verb=ListRecords&metadataPrefix=mods
        /reading-list/?{items} /reading-list/handout/?{items} /reading-list.csv?{items} /reading-list.docx?{items}
        /check/?items=F1 /practice/team-check/?a=1-y /api/v1/search?q=trust /api/v1/suggest?q=tr /api/v1/tags
        /api/v1/findings?updated_since=2020-01-01T00:00:00Z /api/v1/findings/{code} /api/v1/sources /api/v1/reviews
        /api/v1/themes /api/v1/implications /api/v1/key-messages
    """
    with CaptureQueriesContext(connection) as asked:
        for address in addresses.split():
            assert client.get(address).status_code < 500, address
    read = set()
    for query in asked:
        read.update(re.findall(r'\b(?:FROM|JOIN) "?([a-z_]+)\b', query["sql"], re.IGNORECASE))
    assert {"findings_finding", "curation_logentry", "curation_earlierslug", "findings_stamp"} <= read
    assert read - set(triggers.tables()) - NOT_WATCHED - {triggers.VERSIONS} == set()


@pytest.mark.django_db
def test_a_table_that_lost_its_triggers_is_a_fault_until_the_next_migrate(client):
    health.forget()
    assert client.get("/readyz").json()["warnings"] == []
    health.forget()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE sources_source DISABLE TRIGGER content_version")
        else:
            cursor.execute("DROP TRIGGER content_version_update_sources_source")
    answer = client.get("/readyz")
    [fault] = answer.json()["warnings"]
    assert answer.status_code == 200
    assert "sources_source" in fault and "manage.py migrate" in fault
    with pytest.raises(SystemCheckError, match="sources_source"):
        call_command("check", databases=["default"], fail_level="WARNING")
    before = now()
    restored.send(sender=None, using="default")  # what is restored is looked after as what is migrated
    health.forget()
    assert client.get("/readyz").json()["warnings"] == []
    assert now() != before, "what changed meanwhile is not known"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_do_not_wait_for_each_other_and_both_make_a_version():
    """A long import, and a librarian who saves meanwhile."""
    tag = Tag.objects.create(name="a", slug="a")
    seen = [now()]
    with transaction.atomic():
        Tag.objects.create(name="b", slug="b")

        def save():
            with connections["default"].cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            Tag.objects.filter(pk=tag.pk).update(name="A")
            connections["default"].close()

        other = threading.Thread(target=save)
        other.start()
        other.join()
        assert Tag.objects.filter(name="A").exists(), "it had to wait"
    seen.append(now())
    assert ContentVersion.objects.count() == 2
    tag.delete()
    assert ContentVersion.objects.count() == 1, "the next one clears up"
    assert len({*seen, now()}) == 3


class TestMemory:
    @pytest.fixture(autouse=True)
    def remembered(self, db, settings):
        content_version.forget()
        settings.CONTENT_VERSION_SECONDS = 1000

    def test_it_is_read_once_in_a_while(self, monkeypatch, django_assert_num_queries):
        with django_assert_num_queries(1):
            before = content_version.current()
            assert content_version.current() == before
        Tag.objects.create(name="a", slug="a")
        assert content_version.current() == before
        later = time.monotonic() + 1001
        monkeypatch.setattr(content_version.time, "monotonic", lambda: later)
        assert content_version.current() not in ("", before)

    def test_it_is_read_again_when_this_process_may_have_written(self):
        before = content_version.current()
        Tag.objects.create(name="a", slug="a")
        content_version.forget()
        assert content_version.current() not in ("", before)

    def test_while_one_thread_reads_it_others_go_on_with_what_is_known(self, settings):
        before = content_version.current()
        settings.CONTENT_VERSION_SECONDS = 0
        Tag.objects.create(name="a", slug="a")
        with content_version._reading:
            assert content_version.current() == before
        assert content_version.current() != before

    def test_without_the_database_the_last_one_goes_on_for_an_hour(self, settings, monkeypatch):
        settings.CONTENT_VERSION_SECONDS = 0
        known = content_version.current()

        def away(*args):
            raise OperationalError("The server went away.")

        with connection.execute_wrapper(away):
            assert content_version.current() == known
            assert content_version.latest() is None, "nothing is kept that was read while it was away"
            later = time.monotonic() + content_version.TRUSTED_WITHOUT_DATABASE
            monkeypatch.setattr(content_version.time, "monotonic", lambda: later)
            assert content_version.current() == ""
        assert content_version.current() == known

    def test_where_there_is_none_nothing_is_known(self):
        ContentVersion.objects.all().delete()
        assert content_version.current() == ""
