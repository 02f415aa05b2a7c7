"""The contract of search. The whole suite runs on SQLite and on PostgreSQL: both must answer like this."""

import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from joinedup.search.engine import nearest_findings, search, words_that_find
from joinedup.search.query import parse
from joinedup.search.results import _shown, entries_of
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
    """The codes of what was found, in order; a term of the glossary has none and is a “term”."""
    return [getattr(entry, "code", kind) for kind, entry in entries_of(found.hits[:], _shown)]


def find(text="", filters=None, **options):
    return codes(search(text, filters, **options))


pytestmark = [pytest.mark.databases, pytest.mark.django_db]


class TestWords:
    def test_what_has_all_words_comes_first_and_what_has_few_of_them_is_left_out(self):
        for _n in range(9):
            make_finding(body="Meetings.")
        both = make_finding(body="Confidentiality and trust in meetings.")
        one = make_finding(body="Confidentiality alone.")
        found = search("trust confidentiality meetings")
        assert codes(found) == [both.code, one.code]
        assert (found.with_all, found.is_partial, found.matches_all, found.left_out) == (1, True, True, ())

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
    @settings(suppress_health_check=list(HealthCheck))
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
        assert search("confidentialty", as_typed=True).count == 0

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

    def test_what_is_said_of_a_word_stands_above_its_explanation(self):
        theme = make_theme(name="Team matters", summary="About supervision.")
        term = make_term("Supervision")
        finding = make_finding(theme=make_theme(), heading="Supervision helps")
        *first, last = find("supervision")
        assert (set(first), last) == ({finding.code, theme.code}, "term")
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


class TestOneWeighedQuery:
    def test_what_has_another_name_for_a_word_stands_below_what_has_the_word(self):
        other, typed = make_finding(heading="A shared office"), make_finding(heading="Co-location")
        apart = make_finding(body="They shared a view of the office.")
        make_term("Co-location", also_called=["shared office"])
        assert finding_codes(find("co-location")) == [typed.code, other.code, apart.code]

    def test_equal_entries_stand_in_the_order_of_their_codes_on_every_page(self):
        made = [make_finding(body="Trust.").code for _n in range(25)]
        found = search("trust")
        paged = [codes_of(found.hits[start : start + 7]) for start in range(0, 25, 7)]
        assert [code for page in paged for code in page] == made

    def test_what_covers_little_of_a_question_is_not_counted(self):
        for n in range(12):
            make_finding(body=f"Meetings number {n}.")
        answer = make_finding(body="Confidentiality makes information sharing in meetings hard.")
        found = search("why does confidentiality make information sharing in meetings hard")
        assert codes(found) == [answer.code]
        assert found.facets["kind"] == {"finding": 1}
        assert codes(search("why does confidentiality make sharing hard in meetings", newest=True)) == [answer.code]

    def test_when_nothing_matches_all_of_it_nothing_is_cut_and_it_is_said(self):
        one, other = make_finding(body="Courts."), make_finding(body="Delays.")
        found = search("courts xylophone delays trombone")
        assert not found.matches_all
        assert set(codes(found)) == {one.code, other.code}
        assert set(found.left_out) >= {"xylophone", "trombone"}
        assert search("courts").matches_all

    def test_the_nearest_findings_are_told_for_words_that_were_asked_for_together(self):
        near = make_finding(body="Courts, and after long delays a hearing.")
        found = search('"courts hearing"')
        assert found.count == 0
        assert nearest_findings(found.query) == [near.pk]

    def test_a_phrase_in_quotation_marks_is_not_left_out(self):
        make_finding(body="Training, which is joint, and police.")
        both = make_finding(body="Joint training.")
        assert find('"joint training" police') == [both.code]


def codes_of(keys):
    return [entry.code for _, entry in entries_of(keys, _shown)]


class TestBeginnings:
    def test_the_last_word_may_be_begun_only(self):
        finding = make_finding(body="Joint training.")
        assert find("joint trai") == [finding.code]
        assert find("joint trai", as_typed=True) == []

    def test_a_word_that_many_have_is_no_beginning(self):
        typed = [make_finding(body="They train.").code for _n in range(3)]
        make_finding(body="The trainee.")
        assert find("train") == typed

    def test_a_star_says_that_a_word_is_begun_wherever_it_stands(self):
        finding = make_finding(body="Collaborative inquiry.")
        for text in ["collab*", "collab* inquiry"]:
            assert find(text) == find(text, as_typed=True) == [finding.code], text

    def test_a_beginning_is_not_corrected(self):
        make_finding(body="Confidentiality.")
        assert not search("confidenti").typed


class TestWhatPeoplePaste:
    def test_accents_composed_or_decomposed(self):
        finding = make_finding(body="Mu\u0308ller of Münster.")
        for text in ["Müller", "Mu\u0308ller", "Muller", "münsters", "mu\u0308nsters", "munsters"]:
            assert find(text) == [finding.code], text

    def test_soft_hyphens_and_what_has_no_width(self):
        finding = make_finding(body="Prac\u00adti\u00adtion\u00aders in the com\u200bmuni\u2060ty.")
        for text in ["practitioners", "community", "com\u00admunity", "prac\u200dtitioners\ufeff"]:
            assert find(text) == [finding.code], text

    def test_apostrophes_curly_straight_or_none(self):
        finding = make_finding(body="The parents’ view, and a child's.")
        for text in ["parents’ view", "parents' view", "parents view", "childʼs view", "child’s", "childs"]:
            assert find(text)[:1] == [finding.code], text

    def test_an_isbn_in_any_form(self):
        source = make_source(title="Communities of practice", isbn="9780521663632")
        make_source(title="Another work", isbn="9780521430173")
        for text in ["9780521663632", "978-0-521-66363-2", "978 0 521 66363 2", "0-521-66363-6", "ISBN 0521663636"]:
            assert find(text) == [source.code], text

    def test_an_issn_finds_what_appeared_in_the_journal(self):
        one = make_source(title="One", issn="1356-1820", csl_type="article-journal")
        other = make_source(title="Other", eissn="1469-9567", csl_type="article-journal")
        assert find("ISSN 1356-1820") == find("13561820") == [one.code]
        assert find("1469-9567") == [other.code]

    def test_a_doi_with_or_without_its_address(self):
        source = make_source(title="One", doi="10.1080/13561820220104122")
        for prefix in ["", "doi:", "https://doi.org/", "http://dx.doi.org/", "doi.org/", "DOI: "]:
            assert find(f"{prefix}10.1080/13561820220104122")[0] == source.code, prefix

    def test_a_number_with_a_wrong_digit_is_searched_as_words(self):
        make_source(title="Communities of practice", isbn="9780521663632")
        assert find("0-521-66363-7", as_typed=True) == []
