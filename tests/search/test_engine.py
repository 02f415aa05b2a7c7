"""The contract of search. The whole suite runs on SQLite and on PostgreSQL: both must answer like this."""

import datetime
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from joinedup.search import engine
from joinedup.search.backends import backend
from joinedup.search.backends.base import TooSlow
from joinedup.search.engine import search, words_that_find
from joinedup.search.models import IndexEntry
from joinedup.search.query import parse
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_source,
    make_term,
    make_theme,
)


def codes(found):
    rows = {row.pk: row.code or row.kind for row in IndexEntry.objects.all()}
    return [rows[pk] for pk in found.ids]


def find(text="", filters=None, **options):
    return codes(search(text, filters, **options))


@pytest.fixture
def few(monkeypatch):
    """Widen only a search that finds nothing, so that a test sees one step at a time."""
    monkeypatch.setattr(engine, "ENOUGH", 1)
    monkeypatch.setattr(engine, "FEW", 1)


pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("few")
class TestWords:
    def test_all_words_must_be_there(self):
        both = make_finding(body="Confidentiality and trust.")
        make_finding(body="Confidentiality alone.")
        assert find("trust confidentiality") == [both.code]

    def test_case_accents_endings_and_hyphens_do_not_matter(self):
        finding = make_finding(heading="Multi-agency cafés")
        for text in ["MULTIAGENCY", "multi agency", "multi-agencies", "café", "CAFE"]:
            assert find(text) == [finding.code], text

    def test_a_phrase_must_stand_together(self):
        make_finding(body="Training that is joint.")
        finding = make_finding(body="Joint training.")
        assert find('"joint training"') == [finding.code]

    def test_a_phrase_does_not_run_on_from_one_field_into_the_next(self):
        make_finding(bottom_line="It is joint", body="Training is given.")
        assert find('"joint training"', as_typed=True) == []

    def test_a_minus_leaves_out(self):
        make_finding(body="Initial training.")
        finding = make_finding(body="Later training.")
        assert find("training -initial") == [finding.code]
        assert find('training -"initial training"') == [finding.code]

    def test_or_finds_either(self):
        a, b = make_finding(body="The police."), make_finding(body="Probation.")
        make_finding(body="Teachers.")
        assert set(find("police OR probation")) == {a.code, b.code}

    def test_nothing_typed_and_no_filter_finds_nothing(self):
        make_finding()
        assert find("") == []


class TestOddInput:
    @pytest.mark.parametrize(
        "odd",
        ["\0", "a\0b",
         '"*', ":*", "NEAR(a, b)", "NOT", "(", "'", "''", "\\", "tokens:x", "-", "💩", "שלום", "x" * 10_000,
         "word " * 3_000, "&", "!", "|", "<->", "a & !b", "%s", "%(x)s", "0hrival", "½", "\u202e", "ǅ", "İ", "ß",
         "–", "𝕒𝕓"],
    )  # fmt: skip
    def test_it_is_no_error_and_finds_only_what_has_it(self, odd):
        make_finding(body="Nothing of the kind.")
        assert find(odd) in ([], ["F1"])


class AnyInput(TestCase):
    @example("0ᦰ0")
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=60))
    def test_no_text_is_an_error(self, text):
        search(text)


@pytest.mark.parametrize("word", ["0ᦰ0", "ᦰᦰ", "नमस्ते", "สวัสดี", "ⴰⵣⵓⵍ", "𞤀𞤣𞤤𞤢𞤥", "מַיִם", "𐓏𐓘𐓻𐓘"])
def test_a_word_of_any_script_is_one_word(word):
    finding = make_finding(heading=f"On {word} and more")
    assert codes(search(word)) == [finding.code]


class TestOtherNames:
    def test_other_names_are_searched_when_the_word_itself_finds_nothing(self):
        finding = make_finding(heading="Professional rivalry")
        make_term("Professional rivalry", also_called=["silos"], status="draft", published_on=None)
        assert find("silos") == []
        make_term("Rivalry between professions", also_called=["turf war"])
        make_term("Rivalry", also_called=["silo"])
        found = search("silos")
        assert finding.code in codes(found)
        assert found.query.also_searched == ("Rivalry",)


@pytest.mark.usefixtures("few")
class TestWidening:
    def test_the_reader_can_have_only_the_word_typed(self):
        make_finding(heading="Rivalry")
        make_term("Rivalry", also_called=["silo"])
        assert finding_codes(find("silos", as_typed=True)) == []

    def test_another_spelling_is_never_left_out(self):
        finding = make_finding(heading="The front line")
        make_term("Front line", spellings=["frontline"])
        assert find("frontline", as_typed=True)[0] == finding.code

    def test_words_are_left_out_when_all_together_find_nothing(self):
        finding = make_finding(body="Share information.")
        found = search("share information safely")
        assert codes(found) == [finding.code]
        assert found.is_partial

    def test_an_unknown_word_is_put_right_and_told(self):
        finding = make_finding(body="Confidentiality.")
        found = search("confidentialty")
        assert codes(found) == [finding.code]
        assert (found.query.text, found.typed) == ("confidentiality", "confidentialty")
        assert search("confidentialty", as_typed=True).ids == []

    def test_a_known_word_is_left_alone(self):
        make_finding(body="Trust the team.")
        make_finding(body="A teem of words.")
        assert not search("teem").typed

    def test_a_word_that_only_a_draft_has_corrects_nothing(self):
        make_finding(body="Confidentiality.", status="draft", published_on=None)
        assert not search("confidentialty").typed

    def test_a_word_only_in_what_was_withdrawn_corrects_nothing(self):
        finding = make_finding(body="Confidentiality.")
        finding.delete()
        assert not search("confidentialty").typed


def finding_codes(found):
    return [code for code in found if code.startswith("F")]


class TestRanking:
    def test_heading_before_bottom_line_before_body(self):
        body = make_finding(body="On supervision.")
        line = make_finding(bottom_line="On supervision.")
        heading = make_finding(heading="On supervision")
        assert find("supervision") == [heading.code, line.code, body.code]

    def test_a_code_comes_first(self):
        finding = make_finding(number=23)
        make_finding(number=1, body="See f23, F23 and again F23.", heading="Zebras, F23 and F23")
        assert find("f23")[0] == finding.code

    def test_author_and_year_find_the_source_first_and_what_cites_it(self):
        source = make_source(authors=[("Hudson", "Bob")], issued="2002", doi="10.1080/13561820220104122")
        finding = make_finding()
        cite(finding, source)
        make_source(authors=[("Hudson", "Ann")], issued="2010", title="The river Hudson in 2002")
        for text in ["Hudson 2002", "hudson (2002)", "10.1080/13561820220104122"]:
            assert find(text)[:1] == [source.code], text
            assert finding.code in find(text)

    def test_a_finding_that_answers_stands_above_a_page_that_mentions(self):
        theme = make_theme(name="Team matters", summary="About supervision.")
        term = make_term("Supervision")
        finding = make_finding(theme=make_theme(), heading="Supervision helps")
        assert find("supervision") == [finding.code, theme.code, "term"]
        assert term.is_public

    def test_the_typed_word_comes_before_its_other_names(self):
        other = make_finding(heading="A shared office")
        typed = make_finding(heading="Co-location")
        make_term("Co-location", also_called=["shared office"])
        assert finding_codes(find("co-location")) == [typed.code, other.code]
        assert finding_codes(find("shared office")) == [other.code, typed.code]

    def test_newest_first(self):
        old = make_finding(body="Trust.")
        new = make_finding(body="Trust.", published_on=datetime.date(2024, 1, 1))
        assert find("trust", newest=True) == [new.code, old.code]
        assert "on" not in search("trust").facets

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps dates beside the tokens")
    def test_rows_of_an_earlier_release_are_put_in_order_too(self):
        old = make_finding(body="Trust.")
        new = make_finding(body="Trust.", published_on=datetime.date(2024, 1, 1))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE search_tokens SET facets = split_part(facets, ' on=', 1)")
        make_finding(body="Trust.", published_on=datetime.date(2023, 1, 1))
        assert find("trust", newest=True)[::2] == [new.code, old.code]
        assert backend().is_outdated()
        call_command("rebuild_search_index", verbosity=0)
        assert not backend().is_outdated()
        assert find("trust", newest=True)[::2] == [new.code, old.code]


class TestFilters:
    def test_values_of_one_facet_widen_and_facets_narrow(self):
        one, two = make_theme(), make_theme()
        a = make_finding(theme=one, stance="barrier", body="Trust.")
        b = make_finding(theme=two, stance="barrier", body="Trust.")
        make_finding(theme=two, stance="mixed", body="Trust.")
        assert set(find("trust", {"theme": [one.code, two.code], "stance": ["barrier"]})) == {a.code, b.code}
        assert find("trust", {"theme": [one.code]}) == [a.code]

    def test_filters_alone_list_what_fits(self):
        finding = make_finding()
        make_implication([finding])
        assert find("", {"kind": ["finding"]}) == [finding.code]

    def test_facets_count_what_each_value_would_find(self):
        one, two = make_theme(name="First"), make_theme(name="Second")
        make_finding(theme=one, stance="barrier", body="Trust.")
        make_finding(theme=two, stance="mixed", body="Trust.")
        facets = search("trust", {"theme": [one.code]}).facets
        assert facets["stance"] == {"barrier": 1}
        assert facets["theme"] == {one.code: 1, two.code: 1}

    def test_every_facet_finds_its_entries(self):
        source, finding = make_source(), make_finding(body="Trust.")
        finding.tags.add("status and hierarchy")
        cite(finding, source)
        make_implication([finding], element="joint-enterprise")
        for filters in [
            {"tag": ["status-and-hierarchy"]},
            {"source": [source.code]},
            {"element": ["joint-enterprise"]},
            {"review": [finding.review.code]},
            {"kind": ["finding"]},
        ]:
            assert finding.code in find("", filters), filters


class TestCap:
    def test_counts_are_exact_up_to_the_cap_and_a_lower_bound_above(self, monkeypatch):
        monkeypatch.setattr(engine, "CAP", 5)
        monkeypatch.setattr(engine, "RANKED", 3)
        for _n in range(5):
            make_finding(body="Trust.")
        found = search("trust")
        assert (found.count, found.is_exact) == (5, True)
        assert found.facets["kind"] == {"finding": 5}
        make_finding(body="Trust.")
        found = search("trust")
        assert (found.count, found.is_exact) == (5, False)

    def test_above_the_cap_an_entry_with_the_word_in_its_heading_is_not_lost(self, monkeypatch):
        monkeypatch.setattr(engine, "CAP", 5)
        monkeypatch.setattr(engine, "RANKED", 3)
        first = make_finding(heading="Trust")
        for _n in range(10):
            make_finding(body="Trust.")
        assert find("trust")[0] == first.code

    def test_a_search_that_takes_too_long_is_given_up(self):
        for _n in range(3):
            make_finding()
        slow = {
            "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
            "postgresql": "SELECT pg_sleep(5)",
        }
        with pytest.raises(TooSlow), backend().time_limit(0.05), connection.cursor() as cursor:
            cursor.execute(slow[connection.vendor])
        assert find("something")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="the limit is a setting only on PostgreSQL")
    def test_the_limit_is_lifted_afterwards(self):
        search("something")
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone()[0] == "0"


def test_every_kind_is_found():
    finding = make_finding(body="Zebras.")
    entries = [
        finding,
        make_implication([finding], body="Zebras."),
        make_key_message([finding], body="Zebras."),
        make_theme(summary="Zebras."),
        make_source(title="Zebras"),
        make_term("Zebras"),
    ]
    assert len(find("zebra")) == len(entries)


class TestWordsThatFind:
    def test_each_is_counted_as_a_search_for_it_alone_counts_it(self):
        make_finding(heading="Zebras", body="Co-location.")
        make_finding(heading="Colocation")
        query = parse("zebras co-location giraffes -zebras")
        assert words_that_find(query) == [("zebras", 1), ("co-location", 2)]
        assert [search(word, as_typed=True).count for word, _ in words_that_find(query)] == [1, 2]

    def test_a_single_word_is_not_repeated(self):
        make_finding(heading="Zebras")
        assert words_that_find(parse("zebras")) == []

    def test_without_time_there_are_none(self, monkeypatch):
        make_finding(heading="Zebras")
        monkeypatch.setattr(engine._Search, "count_alone", mock.Mock(side_effect=TooSlow))
        assert words_that_find(parse("zebras giraffes")) == []
