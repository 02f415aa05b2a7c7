"""After a change, what is kept goes on where everything that it was made from is as it was, and nowhere else."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from findings.models import Finding, Theme
from joinedup.pagecache import reads, stamp
from joinedup.pagecache.middleware import page_cache
from joinedup.search.models import MissedSearch
from tests.factories import cite, make_finding, make_source, make_term, make_theme

pytestmark = pytest.mark.django_db


def how(response):
    return response.wsgi_request.page_cache


@pytest.mark.usefixtures("page_cache")
class TestPages:
    @pytest.fixture
    def finding(self):
        finding = make_finding(heading="As it was", body="There was trust [1].")
        finding.tags.add("trust")
        cite(finding, make_source(title="The work"))
        return finding

    @pytest.fixture(autouse=True)
    def elsewhere(self, settings, finding):
        """A finding that no other page tells of."""
        settings.STAMP_SECONDS = 0
        return make_finding(theme=Theme.objects.create(slug="far", name="Far", summary="Off.", status="draft"))

    def pages(self, finding):
        page, code = finding.get_absolute_url(), finding.code
        work = finding.citations.get().source.get_absolute_url()
        return [
            page,
            work,
            finding.theme.get_absolute_url(),
            f"{page}versions/",
            f"/{code}.ris",
            f"/api/v1/findings/{code}",
        ]

    def test_a_change_elsewhere_confirms_what_is_kept_under_its_tag(self, client, finding, elsewhere):
        for address in [*self.pages(finding), f"/{finding.code}", "/help/"]:
            first = client.get(address)
            assert how(first) == "miss", address
            Finding.objects.filter(pk=elsewhere.pk).update(body="It became longer.")
            again = client.get(address)
            assert (how(again), again.content, again.get("ETag")) == ("confirmed", first.content, first.get("ETag"))
            assert how(client.get(address)) == "hit", address
            assert client.head(address).content == b""
            if "ETag" in first:
                assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304

    def test_what_was_sent_before_a_change_elsewhere_is_not_sent_again(self, client, finding, elsewhere):
        page = finding.get_absolute_url()
        tag = client.get(page)["ETag"]
        Finding.objects.filter(pk=elsewhere.pk).update(body="It became longer.")
        told = client.get(page, headers={"If-None-Match": tag})
        assert (told.status_code, told["ETag"]) == (304, tag)

    def test_who_made_a_page_does_not_show_in_its_tag(self, client, finding, elsewhere):
        for address in self.pages(finding):
            tag = client.get(address)["ETag"]
            Finding.objects.filter(pk=elsewhere.pk).update(body=f"It became longer than {address}.")
            told = Client().get(address, headers={"If-None-Match": tag})  # of a worker that has kept nothing
            assert (told.status_code, told["ETag"]) == (304, tag), address

    def test_a_change_of_anything_that_a_page_tells_makes_it_anew(self, client, finding):
        page, source = finding.get_absolute_url(), finding.citations.get().source
        for change in [
            lambda: Finding.objects.filter(pk=finding.pk).update(bottom_line="Another line."),
            lambda: source.contributors.create(family="Hudson", given="B.", order=9),
            lambda: finding.tags.add("power"),
            lambda: make_term("trust"),
            lambda: finding.citations.update(note="Read again."),
            lambda: Theme.objects.filter(pk=finding.theme_id).update(name="Another theme"),
        ]:
            before = client.get(page)
            change()
            after = client.get(page)
            assert how(after) == "miss"
            assert after.content != before.content
            assert after["ETag"] != before["ETag"]
            assert Client().get(page).content == after.content, "with nothing kept"

    def test_a_row_more_or_less_makes_a_list_anew(self, client, finding):
        theme = finding.theme.get_absolute_url()
        client.get(theme)
        other = make_finding(theme=finding.theme, heading="Another one")
        assert "Another one" in client.get(theme).content.decode()
        other.delete()
        assert "Another one" not in client.get(theme).content.decode()

    def test_another_day_makes_everything_anew(self, client, finding, monkeypatch):
        page = finding.get_absolute_url()
        client.get(page)
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        monkeypatch.setattr(timezone, "localdate", lambda *args: tomorrow)
        assert how(client.get(page)) == "miss"

    def test_what_changes_again_while_it_is_confirmed_is_made_anew(self, client, finding, elsewhere):
        page, done = finding.get_absolute_url(), []
        client.get(page)
        Finding.objects.filter(pk=elsewhere.pk).update(body="It became longer.")

        def meanwhile(execute, sql, *rest):
            result = execute(sql, *rest)
            if "findings_citation" in sql and not done:  # what comes before it has been read
                done.append(Finding.objects.filter(pk=finding.pk).update(heading="Overtaken"))
            return result

        with connection.execute_wrapper(meanwhile):
            answer = client.get(page)
        assert done
        assert (how(answer), "Overtaken" in answer.content.decode()) == ("miss", True)

    def test_a_search_that_is_counted_is_never_confirmed(self, client, finding):
        for _ in range(2):
            assert how(client.get("/search/?q=nowhere")) == "miss"
            Finding.objects.update(body="It became longer.")
        assert MissedSearch.objects.get().times == 2


class TestQuestions:
    def packed(self, *statements):
        with reads.noted() as found, connection.cursor() as cursor:
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
        return reads.packed(found)

    def test_are_told_apart_by_their_rows(self):
        ask = "SELECT heading FROM findings_finding WHERE number = %s"
        finding = make_finding()
        questions = self.packed((ask, [finding.number]))
        before = reads.digest(questions)
        assert reads.digest(questions) == before != b""
        Finding.objects.update(heading="Another")
        changed = reads.digest(questions)
        assert changed not in (before, b"")
        finding.delete()
        assert reads.digest(questions) not in (before, changed, b"")

    @pytest.mark.parametrize(
        "statement",
        [
            ("UPDATE findings_finding SET heading = %s", ["x"]),
            ("SELECT %s", [memoryview(b"x")]),
            ("WITH one AS (SELECT 1) SELECT * FROM one", None),
        ],
    )
    def test_that_are_more_than_plain_questions_are_not_asked_again(self, statement):
        assert self.packed(("SELECT 1", None)) != b""
        assert self.packed(("SELECT 1", None), statement) == b""

    def test_that_are_joined_are_asked_again(self):
        first, second = (model.objects.order_by().values_list("pk") for model in [Finding, Theme])
        with reads.noted() as found:
            list(first.union(second, all=True))
        assert reads.packed(found) != b""

    def test_that_are_many_are_not_asked_again(self):
        assert self.packed(*[("SELECT 1", None)] * reads.MOST) != b""
        assert self.packed(*[("SELECT 1", None)] * (reads.MOST + 1)) == b""

    def test_that_failed_or_were_meant_for_another_database_are_not_asked_again(self, monkeypatch):
        def failing(execute, *rest):
            raise DatabaseError

        away, cursor = connection.execute_wrapper(failing), connection.cursor()
        with reads.noted() as found, away, pytest.raises(DatabaseError):
            cursor.execute("SELECT 1")
        assert reads.packed(found) == b""
        questions = [reads.Question("default", "SELECT 1", None, [(1,)])]
        assert reads.packed(questions) != b""
        monkeypatch.setattr(reads, "reading_from", lambda: "replica")
        assert reads.packed(questions) == b""

    def test_that_cannot_be_asked_now_confirm_nothing(self):
        questions = self.packed(("SELECT 1", None))

        def away(*args):
            raise DatabaseError

        with connection.execute_wrapper(away):
            assert reads.digest(questions) == b""
        assert reads.digest(b"") == b""

    def test_of_a_request_are_not_those_of_another_thread_or_time(self):
        with reads.noted() as outer:
            self.packed(("SELECT 1", None))
        assert outer == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert outer == []


def test_an_answer_whose_database_is_away_is_not_taken_for_confirmed(monkeypatch):
    """No digest is no digest like another."""
    stamps = ["one"]
    monkeypatch.setattr(stamp, "current", lambda alias: stamps[-1])
    monkeypatch.setattr(stamp, "latest", lambda alias: stamps[-1])
    monkeypatch.setattr(reads, "digest", lambda questions: b"")
    built = []
    middle = page_cache(lambda request: built.append(request) or HttpResponse(str(len(built))))
    answers = []
    for known in ["one", "one", "two"]:
        stamps.append(known)
        answers.append(middle(RequestFactory().get("/x")).content)
    assert answers == [b"1", b"1", b"2"]


class TestRows:
    """What is noted has its rows held, and whoever asked gets them all the same."""

    @pytest.fixture
    def numbers(self):
        theme = make_theme()
        return sorted(make_finding(theme=theme).number for _ in range(5))

    ASK = "SELECT number FROM findings_finding ORDER BY number"

    @pytest.mark.parametrize("most", [1, 3, 5, 6, 1000])
    @pytest.mark.parametrize(
        "fetch",
        [
            lambda cursor: cursor.fetchall(),
            list,
            lambda cursor: list(iter(cursor.fetchone, None)),
            lambda cursor: [row for some in iter(lambda: cursor.fetchmany(2), []) for row in some],
            lambda cursor: [cursor.fetchone(), *cursor.fetchmany(2), *cursor.fetchall()],
        ],
    )
    def test_come_as_they_were_asked_for(self, numbers, monkeypatch, most, fetch):
        monkeypatch.setattr(reads, "ROWS", most)
        with reads.noted() as found, connection.cursor() as cursor:
            cursor.execute(self.ASK)
            assert [number for (number,) in fetch(cursor)] == numbers
            assert cursor.fetchone() is None
            cursor.execute("SELECT 1")
            assert cursor.fetchall() == [(1,)]
        assert [one.rows is None for one in found] == [most <= 5, most <= 1]

    @pytest.mark.parametrize("most", [3, 1000])
    def test_make_the_digest_that_asking_again_would(self, numbers, monkeypatch, most):
        monkeypatch.setattr(reads, "ROWS", most)
        with reads.noted() as found:
            list(Finding.objects.select_related("theme"))
            Finding.objects.filter(number=numbers[0]).exists()
            Theme.objects.first()
        questions = reads.packed(found)
        assert reads.digest_of(found, questions) == reads.digest(questions) != b""

    def test_that_are_equal_make_one_digest_be_a_value_one_object_or_two(self):
        word, day = "a word " * 2, datetime.date(2026, 11, 28)
        same = "".join([word[:3], word[3:]]), datetime.date(2026, 11, 28)
        rows = [[(word, day, 1, None), (word, day, 2, 1.5)]]
        once = reads._hashed(rows)
        assert word is not same[0]
        assert reads._hashed([[(word, day, 1, None), (*same, 2, 1.5)]]) == once
        for other in [[(word, day, 1, None), (word, day, 2, 1)], [(word, day, 1, None)], []]:
            assert reads._hashed([other]) not in (once, b"")
        assert reads._hashed([*rows, []]) != once

    def test_with_what_has_no_plain_value_make_none(self):
        assert reads._hashed([[(memoryview(b"x"),)]]) == b""

    def test_are_held_of_what_was_asked_then(self, numbers):
        with reads.noted() as found:
            list(Finding.objects.all())
        questions = reads.packed(found)
        then = reads.digest_of(found, questions)
        Finding.objects.update(heading="Another")
        assert reads.digest_of(found, questions) == then != reads.digest(questions)

    def test_that_come_by_and_by_are_left_to_do_so(self, numbers):
        with reads.noted() as found:
            assert [finding.number for finding in Finding.objects.order_by("number").iterator(chunk_size=2)] == numbers
        assert len(found) == 1


class TestWhileNothingChanges:
    @pytest.fixture
    def ask(self):
        return reads.while_nothing_changes(lambda: list(Theme.objects.values_list("name", flat=True)))

    def asked(self, ask):
        """What it gives, and how often it put its own question for it."""
        put = []

        def counting(execute, sql, *rest):
            put.append("findings_theme" in sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(counting):
            return ask(), sum(put)

    def test_it_is_asked_once_and_again_after_any_change(self, ask):
        make_theme(name="One")
        assert self.asked(ask) == (["One"], 1)
        assert self.asked(ask) == (["One"], 0)
        Theme.objects.update(name="Two")
        assert self.asked(ask) == (["Two"], 1)
        make_source()
        assert self.asked(ask) == (["Two"], 1)
        assert self.asked(ask) == (["Two"], 0)

    def test_what_was_taken_back_is_forgotten(self, ask):
        make_theme(name="One")
        ask()
        with pytest.raises(LookupError), transaction.atomic():
            Theme.objects.update(name="Two")
            assert ask() == ["Two"]
            raise LookupError
        assert ask() == ["One"]

    def test_without_a_stamp_nothing_is_held(self, ask, monkeypatch):
        make_theme(name="One")
        monkeypatch.setattr(stamp, "latest", lambda alias: "")
        assert [self.asked(ask) for _ in range(2)] == [(["One"], 1)] * 2

    def test_its_questions_are_noted_whether_they_were_put_or_not(self, ask):
        make_theme(name="One")
        noted = []
        for _ in range(2):
            with reads.noted() as found:
                ask()
            noted.append(found)
        assert noted[0] == noted[1]
        assert [question.rows for question in noted[1]] == [[("One",)]]

    @pytest.mark.usefixtures("page_cache")
    def test_a_kept_search_follows_the_glossary(self, client, settings):
        settings.STAMP_SECONDS = 0
        found = make_finding(heading="A shared office")
        make_finding(heading="Hot desks")
        assert found.heading not in client.get("/search/?q=hot").content.decode()
        make_term("Hot desks", also_called=["hot", "shared office"])
        assert found.heading in client.get("/search/?q=hot").content.decode()
