"""The difference of two wordings is exact, reads as phrases, and is safe to print."""

from hypothesis import given
from hypothesis import strategies as st

from curation.worddiff import Change, difference, marked_difference

WORDS = st.lists(st.sampled_from(["trust", "time", "team’s", " ", "\n\n", ",", "<b>"]), max_size=30).map("".join)


@given(WORDS, WORDS)
def test_both_wordings_can_be_read_out_of_their_difference(before, after):
    pieces = difference(before, after)
    assert "".join(text for change, text in pieces if change is not Change.INSERTED) == before
    assert "".join(text for change, text in pieces if change is not Change.REMOVED) == after


def test_whole_words_change_and_changed_neighbours_read_as_one_phrase():
    assert difference("It takes two years.", "It takes a while.") == [
        (Change.SAME, "It takes "),
        (Change.REMOVED, "two years"),
        (Change.INSERTED, "a while"),
        (Change.SAME, "."),
    ]


def test_equal_wordings_have_nothing_marked():
    assert difference("Same.", "Same.") == [(Change.SAME, "Same.")]
    assert difference("", "") == []


def test_what_was_written_is_escaped():
    assert "<script>" not in marked_difference("<script>", "<script>alert()</script>")


def test_a_very_long_wording_is_compared_by_its_paragraphs():
    before = "one two three four five\n" * 2000
    pieces = difference(before, before + "and six\n")
    assert pieces == [(Change.SAME, before), (Change.INSERTED, "and six\n")]
