"""Looking works up: the real client against servers of this test, which answer as the real ones document it."""

import datetime
import time

import pytest

from sources import lookup, services
from sources.bibliography.pasted import recognise
from sources.fetching import Until
from sources.lookup import State, look_up
from tests.sources.catalogues import HERE

pytestmark = pytest.mark.usefixtures("catalogues")


def found(text, seconds=10):
    return look_up(recognise(text).identifiers, seconds)


def told(text, seconds=10):
    [result] = found(text, seconds)
    return result.state, " ".join(result.words)


class TestFound:
    def test_a_doi_is_read_as_its_agency_gives_it(self):
        [result] = found("https://doi.org/10.5555/Trust.")
        record = result.record
        assert (result.state, record.title, record.doi) == (State.FOUND, "Trust between services", "10.5555/trust")
        assert (record.csl_type, record.issued, record.pages) == ("article-journal", "2003-05", "7-17")
        assert [name.family for name in record.contributors] == ["Example", "Other"]

    def test_a_pmid_is_read_as_pubmed_gives_it(self):
        [result] = found("PMID: 23750856")
        assert (result.record.title, result.record.doi) == ("Working across the line: a made-up study", "10.5555/line")

    def test_a_pmcid_leads_to_the_article_or_else_to_its_doi(self):
        by_pmid, by_doi = found("PMC3283037 and PMC77")
        assert by_pmid.record.title == "Working across the line: a made-up study"
        assert by_doi.record.title == "Trust between services"
        assert str(by_doi.identifier) == "PMCID PMC77"

    def test_an_isbn_is_read_as_the_catalogue_gives_it(self):
        [result] = found("ISBN 0-521-42374-0")
        record = result.record
        assert record.title == "Learning by the way: a made-up book"
        assert (record.isbn, record.issued, record.place) == ("9780521423748", "1991-03", "Cambridge")
        assert [(name.family, name.given) for name in record.contributors] == [
            ("Example", "Jean"),
            ("Other", "Etienne"),
        ]
        assert any("Jean Example" in word for word in result.words)

    def test_results_stand_in_the_order_of_the_text(self, catalogues):
        results = found("ISBN 9780521663632, PMID 23750856, 10.5555/trust, PMID 99, 10.5555/report")
        assert [result.identifier.kind for result in results] == ["ISBN", "PMID", "DOI", "PMID", "DOI"]
        assert [result.state for result in results] == [*[State.FOUND] * 3, State.UNKNOWN, State.FOUND]

    def test_books_and_articles_are_asked_for_together(self, catalogues):
        found("ISBN 9780521663632, ISBN 9780521423748, PMID 23750856, PMID 99")
        assert len(catalogues.asked) == 2

    def test_what_was_found_is_not_asked_for_again(self, catalogues):
        first = found("10.5555/trust")
        asked = len(catalogues.asked)
        assert found("10.5555/trust") == first
        assert len(catalogues.asked) == asked

    def test_services_are_told_who_asks(self, catalogues, settings, monkeypatch):
        settings.CONTACT_EMAIL = "desk@example.org"
        settings.SITE_URL = "https://site.example.org"
        services.fetcher().user_agent = services.agent()
        found("PMID 23750856")
        path, headers = catalogues.asked[-1]
        assert "email=desk%40example.org" in path
        assert "tool=joined-up" in path
        assert headers["User-Agent"].endswith("(https://site.example.org; mailto:desk@example.org)")


class TestNotFound:
    @pytest.mark.parametrize("text", ["10.5555/nothing", "PMID 99", "PMC99", "ISBN 9780306406157", "10.5555/410"])
    def test_what_nobody_knows_is_told(self, text):
        state, words = told(text)
        assert state == State.UNKNOWN
        assert "knows n" in words

    @pytest.mark.parametrize("status", [204, 406])
    def test_so_is_what_has_no_record(self, status):
        assert told(f"10.5555/{status}") == (
            State.UNKNOWN,
            "The registry of DOIs knows it, and has no record of it that can be read here.",
        )

    def test_a_letter_for_a_figure_is_pointed_out(self):
        assert told("10.5555/135618202201041l")[1].endswith("It ends in a letter l. Is a figure meant?")


class TestUnanswered:
    @pytest.mark.parametrize(
        ("doi", "words"),
        [
            ("10.5555/500", "a fault of its own (500)"),
            ("10.5555/403", "a fault of its own (403)"),
            ("10.5555/html", "what is no record"),
            ("10.5555/cut", "gave no answer"),
            ("10.5555/long", "More came than can be an answer."),
            ("10.5555/circle", "sends us on and on"),
            ("10.5555/inside", "inside a network"),
        ],
    )
    def test_an_answer_that_cannot_be_read_says_what_is_the_matter(self, doi, words):
        state, told_words = told(doi)
        assert state == State.UNANSWERED
        assert words in told_words

    def test_what_is_slow_is_given_up_in_time(self, monkeypatch):
        monkeypatch.setattr(services, "SECONDS", 0.3)
        began = time.monotonic()
        assert told("10.5555/slow") == (
            State.UNANSWERED,
            "The registry of DOIs gave no answer. No answer came in time. Try again later.",
        )
        assert time.monotonic() - began < 2

    def test_what_there_is_no_time_for_is_told_and_the_rest_kept(self):
        assert told("10.5555/trust")[0] == State.FOUND
        kept, late = found("10.5555/trust, 10.5555/report", seconds=0)
        assert (kept.state, late.state) == (State.FOUND, State.UNANSWERED)
        assert "no time left" in late.words[0]

    @pytest.mark.parametrize("mood", ["429-30", "503-30"])
    def test_who_asks_us_to_slow_down_is_left_alone(self, catalogues, mood):
        catalogues.mood = mood
        assert "asks us to slow down. Try again after" in told("PMID 23750856")[1]
        catalogues.mood, asked = "", len(catalogues.asked)
        assert told("PMID 23750856")[0] == State.UNANSWERED
        assert len(catalogues.asked) == asked

    def test_nobody_is_asked_when_offline(self, settings):
        settings.LOOKUP_DOI_URL = f"http://{HERE}:1/doi"
        services.fetcher().ports.add(1)
        state, words = told("10.5555/trust")
        assert (state, "does not take connections" in words) == (State.UNANSWERED, True)

    def test_a_service_that_is_turned_off_says_so(self, settings, catalogues):
        settings.LOOKUP_ISBN_URL = ""
        assert told("ISBN 9780521663632") == (
            State.UNANSWERED,
            "The look-up is turned off here (LOOKUP_ISBN_URL).",
        )
        assert catalogues.asked == []

    def test_a_service_inside_a_network_is_not_asked(self, settings):
        settings.LOOKUP_DOI_URL = "http://127.0.0.1/doi"
        assert "inside a network" in told("10.5555/trust")[1]

    def test_books_in_an_answer_of_another_kind_are_told(self, settings, catalogues):
        catalogues.mood = "html"
        state, words = told("ISBN 9780521663632")
        assert (state, "what is no record" in words) == (State.UNANSWERED, True)


class TestWaiting:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("30", 30), ("0", 1), ("-5", 1), ("99999999", 3600), ("", 60), (None, 60), ("soon", 60)],
    )
    def test_a_retry_after_is_bounded(self, header, seconds):
        assert services.seconds_to_wait(header) == seconds

    def test_it_may_be_a_date(self):
        moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=100)
        assert 90 <= services.seconds_to_wait(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 100

    def test_a_host_is_asked_one_thing_at_a_time(self, catalogues):
        fetcher = services.fetcher()
        fetcher.pause = 0.2
        began = time.monotonic()
        for _ in range(2):
            fetcher.get(services.CATALOGUE.url + "/api/books?bibkeys=ISBN:1", Until(5))
        assert time.monotonic() - began >= 0.2


def test_identifiers_of_one_kind_share_a_service():
    assert {service.setting for service in lookup.SERVICES.values()} == {
        "LOOKUP_DOI_URL",
        "LOOKUP_PUBMED_URL",
        "LOOKUP_ISBN_URL",
    }
