from types import SimpleNamespace

import pytest

from joinedup.search import spelling
from joinedup.search.spelling import correct


def corrected(typed, *words, **entries):
    return correct(typed.casefold(), typed, SimpleNamespace(words={**dict.fromkeys(words, 1), **entries}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("confidentialty", "confidentiality"),
        ("proffesional", "professional"),
        ("secondement", "secondment"),
        ("leadrship", "leadership"),
        ("trainign", "training"),
        ("travking", "tracking"),
    ],
)
def test_a_slip_leads_to_the_word_meant(typed, meant):
    assert corrected(typed, meant, "trust", "meetings") == meant


def test_the_nearest_word_wins_then_the_one_with_the_same_first_letter_then_the_commonest():
    assert corrected("supprot", "support", "supports") == "support"
    assert corrected("xraining", training=1, braining=9) == "braining"
    assert corrected("cheldren", children=2, chelsren=1) == "children"


@pytest.mark.parametrize("right", ["sharing", "agent", "chairs", "stranger"])
def test_an_ordinary_word_is_never_corrected(right):
    assert right in spelling.ordinary_words()
    assert corrected(right, "shaping", "agency", "chains", "strangers") is None


@pytest.mark.parametrize("typed", ["MASH", "CAMHS", "EHCPS", "info", "teem", "f2345", "10.1000"])
def test_abbreviations_short_words_and_numbers_are_left_alone(typed):
    assert corrected(typed, "cash", "camps", "camhs1", "into", "team", "f2344", "ehcp") is None


def test_a_short_word_is_not_bent_twice():
    assert corrected("abcdfg", "bacdxg") is None
    assert corrected("kommunicatoin", "communication") == "communication"
