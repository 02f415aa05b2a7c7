"""The content's stamp: every change gives a new one, in its own transaction, and nobody waits for it."""

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

from findings.models import EarlierTag, Finding
from joinedup import health
from joinedup.pagecache import stamp, triggers
from joinedup.pagecache.models import ContentStamp
from joinedup.safekeeping import restored
from joinedup.search.models import MissedSearch
from sources.models import Act, LinkCheck, Revision, Source, Version
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

# What is read besides: the log that the search index follows, Django's names of models, and, after an
# answer was made, what is counted of searches.
NOT_WATCHED = {"sources_change", "django_content_type", "json_each", "unnest", "search_missedsearch"}


def now():
    return stamp.latest("default")


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
    LinkCheck.objects.create(source=source, part="url", outcome="alive", checked_at=timezone.now())
    Act.objects.create(entry=finding, name=Act.Name.CORRECT)
    kind = ContentType.objects.get_for_model(Finding)
    Revision.objects.create(content_type=kind, object_id=finding.pk, state={})
    Version.objects.create(letter="F", number=finding.number, version=1, state={}, issued_on=LONG_AGO)


def test_every_write_to_every_table_gives_a_new_stamp_and_what_is_rolled_back_gives_the_old_one_back(everything):
    with connection.cursor() as cursor:
        for table in triggers.tables():
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f'SELECT "{key}" FROM "{table}" LIMIT 1')
            row = cursor.fetchone()
            assert row, f"{table} is empty: nothing would be tried"
            stamps = [now()]
            with undone():
                for statement in [
                    f'CREATE TEMPORARY TABLE kept AS SELECT * FROM "{table}" WHERE "{key}" = %s',
                    f'UPDATE "{table}" SET "{key}" = "{key}" WHERE "{key}" = %s',
                    f'DELETE FROM "{table}" WHERE "{key}" = %s',
                ]:
                    cursor.execute(statement, row)
                    stamps.append(now())
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM kept')
                stamps.append(now())
            before, kept, *written = stamps
            assert kept == before
            assert len({before, *written}) == 4, f"{table}: {stamps}"
            assert now() == before, f"{table}: what was rolled back left its stamp"


@pytest.mark.django_db
def test_a_stamp_is_given_whatever_a_statement_does_about_conflicts():
    before = now()
    Tag.objects.bulk_create([Tag(name="a", slug="a")], ignore_conflicts=True)
    ignoring = now()
    replacing = {"update_conflicts": True, "unique_fields": ["slug"], "update_fields": ["name"]}
    Tag.objects.bulk_create([Tag(name="A", slug="a")], **replacing)
    assert len({before, ignoring, now()}) == 3


@pytest.mark.django_db
def test_a_part_that_is_rolled_back_takes_back_no_stamp_of_the_rest():
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
def test_what_no_page_reads_gives_no_stamp():
    before = now()
    MissedSearch.objects.create(text="trust", day=LONG_AGO)
    assert now() == before


def test_every_table_that_public_pages_read_gives_stamps(everything, client):
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
    assert {"findings_finding", "sources_act", "sources_earlierslug", "findings_stamp"} <= read
    assert read - set(triggers.tables()) - NOT_WATCHED - {triggers.STAMPS} == set()


@pytest.mark.django_db
def test_a_table_that_lost_its_triggers_is_a_fault_until_the_next_migrate(client):
    health.forget()
    assert client.get("/readyz").json()["warnings"] == []
    health.forget()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE sources_source DISABLE TRIGGER content_stamp")
        else:
            cursor.execute("DROP TRIGGER content_stamp_update_sources_source")
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
def test_two_who_write_at_once_do_not_wait_for_each_other_and_both_give_a_stamp():
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
    assert ContentStamp.objects.count() == 2
    tag.delete()
    assert ContentStamp.objects.count() == 1, "the next one clears up"
    assert len({*seen, now()}) == 3


class TestMemory:
    @pytest.fixture(autouse=True)
    def remembered(self, db, settings):
        stamp.forget()
        settings.STAMP_SECONDS = 1000

    def test_it_is_read_once_in_a_while_and_again_when_this_process_wrote(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            before = stamp.current("default")
            assert stamp.current("default") == before
        Tag.objects.create(name="a", slug="a")
        after = stamp.current("default")
        Tag.objects.update(name="b")
        assert len({before, after, stamp.current("default")}) == 3

    def test_what_others_wrote_is_known_when_its_time_is_over(self, monkeypatch):
        before = stamp.current("default")
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(stamp, "forget", lambda: None)
            Tag.objects.create(name="a", slug="a")
        assert stamp.current("default") == before
        later = time.monotonic() + 1001
        monkeypatch.setattr(stamp.time, "monotonic", lambda: later)
        assert stamp.current("default") not in ("", before)

    def test_it_goes_with_the_day(self, monkeypatch):
        before = stamp.current("default")
        monkeypatch.setattr(stamp.timezone, "localdate", lambda: LONG_AGO)
        stamp.forget()
        assert stamp.current("default") not in ("", before)

    def test_without_the_database_the_last_one_goes_on_for_an_hour(self, settings, monkeypatch):
        settings.STAMP_SECONDS = 0
        known = stamp.current("default")

        def away(*args):
            raise OperationalError("The server went away.")

        with connection.execute_wrapper(away):
            assert stamp.current("default") == known
            assert stamp.latest("default") == "", "nothing is kept that was read while it was away"
            later = time.monotonic() + stamp.TRUSTED_WITHOUT_DATABASE
            monkeypatch.setattr(stamp.time, "monotonic", lambda: later)
            assert stamp.current("default") == ""
        assert stamp.current("default") == known

    def test_where_there_is_none_nothing_is_known(self):
        ContentStamp.objects.all().delete()
        assert stamp.current("default") == ""
