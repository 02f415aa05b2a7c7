import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.search.expansion import ALSO_CALLED_WEIGHT, Thesaurus
from joinedup.search.query import LONGEST_QUERY, Alternative, name_key, parse, telling


def asked(text):
    return [[alternative.tokens for alternative in group.alternatives] for group in telling(parse(text).groups)]


def test_words_must_all_be_met():
    assert asked("joint training") == [[("joint",)], [("train",)]]


def test_quotation_marks_keep_words_together_even_if_they_never_close():
    for text in ['"joint training"', '"joint training']:
        [group] = parse(text).groups
        assert group.alternatives == (Alternative(("joint", "train"), is_phrase=True),)


def test_a_minus_excludes_a_word_or_a_phrase():
    query = parse('training -initial -"on the job"')
    assert asked("training -initial") == [[("train",)]]
    assert [alternative.tokens for alternative in query.excluded] == [("initi",), ("on", "the", "job")]


def test_or_allows_either_and_binds_its_neighbours_only():
    assert asked("police OR probation officers") == [[("polic",), ("probat",)], [("offic",)]]


def test_a_small_or_is_a_word_like_any_other():
    assert asked("police or probation") == [[("polic",)], [("probat",)]]


def test_a_question_keeps_the_words_that_carry_it():
    assert asked("How do we share information safely?") == [[("share",)], [("inform",)], [("safe",)]]


def test_nothing_but_stop_words_is_searched_as_it_is():
    assert asked("who is it") == [[("who",)], [("is",)], [("it",)]]


def test_a_compound_is_met_in_every_way_it_is_written():
    assert asked("multi agency") == asked("multi-agency") == asked("multiagency") == [[("multiag",)]] or asked(
        "multi agency"
    ) == asked("multi-agency") == asked("multiagency")


@pytest.mark.parametrize(
    "odd",
    ["", " ", "-", "--", "OR", "OR OR", "a OR", "OR a", '"', '""', '-""', "*", ":*", "NEAR(a b)", "a AND NOT b", "()",
     "[]",
     "{heading}: x", "'; DROP TABLE x; --", "\0", "a\0b", "💩", "שלום", "ｆｕｌｌ",
     "a" * 10_000, "a " * 5_000, '"' * 999, "%", "\\", "\u202e x",
     "^a", "a + b", "l'école", "c++", "½", "ﷺ", "-a", "−b", "- a", "a|b", "a | b"],
)  # fmt: skip
def test_nothing_that_can_be_typed_is_an_error(odd):
    query = parse(odd)
    assert len(query.text) <= LONGEST_QUERY
    for group in query.groups:
        for alternative in group.alternatives:
            assert alternative.tokens
            assert all(token.isalnum() for token in alternative.tokens)


@given(st.text(max_size=100))
def test_any_text_is_a_query_and_a_name(text):
    parse(text)
    assert "|" not in name_key(text)


THESAURUS = Thesaurus(
    {
        1: [("Co-location", True), ("colocated", True), ("shared office", False), ("hub", False)],
        2: [("Front line", True), ("frontline", True), ("coalface", False)],
        3: [("Professional rivalry", True), ("rivalries", True), ("them and us", False), ("silos", False)],
        4: [("Office", True), ("bureau", False)],
    }
)


def alternatives(query):
    return [{(a.tokens, a.is_phrase, a.weight) for a in group.alternatives} for group in query.groups]


def test_another_spelling_counts_like_the_word_itself():
    [group] = alternatives(THESAURUS.spelled_otherwise(parse("frontline")))
    assert group == {(("frontlin",), False, 1.0), (("front", "line"), True, 1.0)}


def test_other_names_are_left_out_until_they_are_asked_for():
    [group] = alternatives(THESAURUS.spelled_otherwise(parse("silos")))
    assert group == {(("silo",), False, 1.0)}


def test_other_names_widen_one_step_and_are_told():
    query = THESAURUS.also_called(parse("silos"))
    [group] = alternatives(query)
    assert (("profession", "rivalri"), True, ALSO_CALLED_WEIGHT) in group
    assert (("them", "and", "us"), True, ALSO_CALLED_WEIGHT) in group
    assert query.also_searched == ("Professional rivalry", "them and us")


def test_there_is_no_chain_from_term_to_term():
    [group] = alternatives(THESAURUS.also_called(parse("hub")))
    assert not any("bureau" in tokens for tokens, _, _ in group)


@pytest.mark.parametrize(("text", "term"), [("Coalface", 2), ("THEM AND US", 3), ("them and", None), ("", None)])
def test_a_term_goes_by_each_of_its_labels_in_either_case(text, term):
    assert THESAURUS.named(text) == term


def test_a_label_of_several_words_is_seen_in_a_longer_query():
    query = THESAURUS.also_called(parse("does a shared office help"))
    assert query.also_searched[:1] == ("Co-location",)
    assert [group.text for group in query.groups] == ["shared office", "help"]


def test_the_longest_label_wins():
    query = THESAURUS.also_called(parse("shared office"))
    assert "bureau" not in query.also_searched


def test_a_label_with_stop_words_is_seen():
    assert "Professional rivalry" in THESAURUS.also_called(parse("them and us attitudes")).also_searched


def test_a_quotation_is_never_rewritten():
    assert not THESAURUS.also_called(parse('"shared office space"')).also_searched
