import pytest

from joinedup.search.spelling import best_correction, distance, slips


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
def test_a_slip_and_the_word_meant_share_a_text_with_a_letter_left_out(typed, meant):
    assert slips(typed) & slips(meant)
    assert best_correction(typed, [(meant, 1)]) == meant


def test_distance_counts_an_exchange_of_neighbours_once():
    assert distance("trainign", "training") == 1
    assert distance("abc", "abc") == 0
    assert distance("", "abc") == 3


def test_the_nearest_word_wins_then_the_commonest():
    assert best_correction("teem", [("team", 3), ("teems", 1), ("seem", 90)]) == "team"


def test_a_short_word_is_not_bent_twice():
    assert best_correction("abcd", [("bacdx", 5)]) is None
