"""Searches that found little: few are kept, for a while, nothing of a person, and no reader waits for it."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.signals import request_finished
from django.db import OperationalError, connection, connections
from django.test import Client
from django.utils import timezone

from joinedup.search import missed
from joinedup.search.engine import Found
from joinedup.search.models import MissedSearch
from joinedup.search.query import parse
from tests.factories import cite, make_finding, make_source, make_term

pytestmark = pytest.mark.databases

PERSONAL = [
    "ann.smith@example.org",
    "mail ann @example",
    "https://social.example/ann",
    "www.example.org ann",
    "07700 900123",
    "+44 (0)7700-900.123",
    "call 0117 496 0018 today",
    "٠٧٧٠٠ ٩٠٠١٢٣",
    "０７７００９００１２３",
    "nhs 943 476 5919",
    "9434765919",
    "QQ 12 34 56 C",
    "qq123456c",
    "SW1A 1AA",
    "family in bs1 5tr",
    "m11ae",
    "AB12 CDE",
    "born 12/03/2010",
    "12.3.10",
    "2010-03-12",
    "12 March 2010",
    "3rd of may 2011",
    "march 12th, 2010",
    "case 2019/12345",
    "ZC23C00123",
    "upn A123456789012",
    "passport 123456789",
    "MORGA657054SM9IJ",
    "12-34-56 12345678",
    "4929 1234 5678 9012",
    "4\u200b9\u200b2\u200b9\u200b1",
    "child " + "x" * 188 + " 07700900123",  # what is kept would end within the number
]
HARMLESS = [
    "family courts",
    "hudson 2002",
    "2001-2005",
    "children act 1989 section 47",
    "f23 and p9",
    "f23v1",
    "march 2010",
    "two decisions 3 marriages",
    "top 10 barriers",
    "24/7 support",
    "under 5s",
    "co-location",
    "日本",
    "key stage 2",
    "covid19",
]


@pytest.fixture(autouse=True)
def nothing_waits():
    missed._waiting.clear()
    yield
    missed._waiting.clear()
    missed._written_at = float("-inf")


@pytest.mark.parametrize("text", PERSONAL)
def test_what_looks_like_a_persons_is_not_kept(text):
    assert missed.note(Found(parse(text)))
    assert not missed._waiting


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_are(text):
    missed.note(Found(parse(text)))
    assert [kept for kept, _ in missed._waiting] == [text]


@pytest.mark.parametrize("text", ["1" * 400, "a1" * 200, "1 " * 200, "-" * 400, "jan " * 100, "1-" * 200, "_" * 400])
def test_no_text_takes_long_to_look_at(text):
    for _ in range(100):
        missed.is_personal(text)


@pytest.fixture
def later(settings):
    """Counts wait, as they do on a real site."""
    settings.MISSED_SEARCHES_SECONDS = 10_000
    missed.write()


def note(*texts):
    for text in texts:
        missed.note(Found(parse(text)))


def letters(number):
    return "".join(chr(97 + int(digit)) for digit in str(number))


@pytest.mark.django_db
class TestBounds:
    def test_a_day_has_only_so_many_rows_and_what_is_known_is_counted_on(self, monkeypatch, client):
        monkeypatch.setattr(missed, "MOST_A_DAY", 20)
        for number in range(30):
            client.get("/search/", {"q": f"zebra {letters(number)}"})
        assert MissedSearch.objects.count() == 20
        client.get("/search/?q=zebra+a")
        assert MissedSearch.objects.get(text="zebra a").times == 2
        MissedSearch.objects.update(day=timezone.localdate() - timedelta(days=1))
        client.get("/search/?q=zebra+new")
        assert MissedSearch.objects.get(text="zebra new").times == 1

    def test_a_process_remembers_only_so_many(self, later, monkeypatch):
        monkeypatch.setattr(missed, "MOST_WAITING", 5)
        note(*[f"zebra {letters(number)}" for number in range(100)], "zebra a", "zebra a")
        assert len(missed._waiting) == 5
        missed.write()
        assert MissedSearch.objects.count() == 5
        assert MissedSearch.objects.get(text="zebra a").times == 3
        assert not missed._waiting

    def test_rows_go_after_ninety_days(self, client):
        today = timezone.localdate()
        for days in [0, 90, 91, 400]:
            MissedSearch.objects.create(text="zebra", day=today - timedelta(days=days), times=1)
        client.get("/search/?q=unicorn")
        assert {(today - row.day).days for row in MissedSearch.objects.filter(text="zebra")} == {0, 90}

    def test_the_nightly_command_deletes_what_is_old_or_was_kept_before_it_was_known_for_personal(self):
        today = timezone.localdate()
        MissedSearch.objects.create(text="zebra", day=today - timedelta(days=91))
        for text in ["unicorn", "07700 900123", "Ann@example.org"]:
            MissedSearch.objects.create(text=text, day=today)
        call_command("prune_missed_searches")
        assert [row.text for row in MissedSearch.objects.all()] == ["unicorn"]


@pytest.mark.django_db
class TestReaders:
    def test_the_answer_is_made_without_a_write_and_counted_afterwards(self, client):
        written = []

        def noting(execute, sql, *rest):
            written.append(sql.split()[0] in ("INSERT", "UPDATE", "DELETE"))
            return execute(sql, *rest)

        receivers, request_finished.receivers = request_finished.receivers, []
        try:
            with connection.execute_wrapper(noting):
                assert client.get("/search/?q=zebra").status_code == 200
        finally:
            request_finished.receivers = receivers
            request_finished.sender_receivers_cache.clear()
        assert written and not any(written)
        assert not MissedSearch.objects.exists()
        client.get("/healthz")  # the next request of anybody
        assert MissedSearch.objects.get().times == 1

    def test_many_searches_are_one_write(self, client, later):
        for _ in range(20):
            client.get("/search/?q=zebra")
        assert not MissedSearch.objects.exists()
        missed.write()
        assert MissedSearch.objects.get().times == 20

    def test_a_database_that_takes_no_writes_fails_no_page_and_loses_the_count(self, client, caplog):
        def refuse(execute, sql, *rest):
            if sql.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                raise OperationalError("attempt to write a readonly database")
            return execute(sql, *rest)

        with connection.execute_wrapper(refuse):
            assert client.get("/search/?q=zebra").status_code == 200
        assert "were not counted" in caplog.text
        assert "zebra" not in caplog.text
        client.get("/search/?q=unicorn")
        assert [row.text for row in MissedSearch.objects.all()] == ["unicorn"]

    def test_what_is_not_kept_is_answered_and_not_cached_all_the_same(self, client):
        answer = client.get("/search/", {"q": "07700 900123"})
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
        assert not MissedSearch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_write_at_once_keep_to_the_bound_together(monkeypatch):
    monkeypatch.setattr(missed, "MOST_A_DAY", 30)
    today = timezone.localdate()
    MissedSearch.objects.create(text="zebra", day=today)
    barrier, failed = threading.Barrier(4), []

    def work(worker):
        try:
            barrier.wait()
            for batch in range(5):
                missed._add({(f"{letters(worker)} {letters(batch)} {letters(n)}", today): (1, 0) for n in range(10)})
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[worker]) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, MissedSearch.objects.count()) == ([], 30)


@pytest.mark.django_db
def test_what_anybody_may_ask_for_writes_nothing_but_the_count_of_missed_searches(client):
    finding, term = make_finding(), make_term("trust")
    cite(finding, make_source())
    written = []

    def noting(execute, sql, *rest):
        if sql.split()[0] in ("INSERT", "UPDATE", "DELETE") and "search_missedsearch" not in sql:
            written.append(sql)
        return execute(sql, *rest)

    code, page = finding.code, finding.get_absolute_url()
    entries = [
        page,
        f"/{code}",
        f"/{code}.ris",
        f"/{code}/qr.svg",
        f"{page}versions/",
        finding.theme.get_absolute_url(),
    ]
    lists = ["/", "/findings/", "/sources/", "/practice/", "/map/", "/glossary/", "/nothing-here/", f"/{term.slug}"]
    others = ["/search/?q=zebra", "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/api/v1/findings", "/sitemap.xml"]
    files = [f"/reading-list.docx?items={code}", f"/check/?items={code}v1,F99", "/team-check/?answers=x", "/readyz"]
    with connection.execute_wrapper(noting):
        for address in [*entries, *lists, *others, *files, "/admin/login/"]:
            client.get(address)
        for address in ["/check/", "/team-check/", "/search/", "/admin/login/", "/admin/"]:
            Client().post(address, {"text": f"See {code}", "q": "zebra"})
    assert written == []
