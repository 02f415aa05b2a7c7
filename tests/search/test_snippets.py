from hypothesis import given
from hypothesis import strategies as st

from joinedup.search.expansion import Thesaurus
from joinedup.search.query import parse
from joinedup.search.snippets import LONGEST, Marker


def marked(query, text):
    return Marker(parse(query)).marked(text)


def test_other_endings_and_whole_compounds_are_marked():
    assert marked("rivalry", "Rivalries.") == "<mark>Rivalries</mark>."
    assert marked("colocation", "A co-location base") == "A <mark>co-location</mark> base"


def test_a_phrase_is_marked_where_it_stands_together_only():
    assert marked('"joint training"', "Joint training; training that is joint") == (
        "<mark>Joint training</mark>; training that is joint"
    )


def test_words_of_another_name_are_marked_together_and_not_apart():
    others = {1: [("co-location", True), ("sharing a building", False)]}
    query = Thesaurus(others).also_called(parse("co-location"))
    assert Marker(query).marked("Sharing a building is sharing a risk.") == (
        "<mark>Sharing a building</mark> is sharing a risk."
    )


def test_text_is_escaped_around_and_inside_the_marks():
    assert marked("b", "<b> & b") == "&lt;<mark>b</mark>&gt; &amp; <mark>b</mark>"


def test_the_snippet_is_cut_around_the_first_hit_and_drops_reference_marks():
    text = "Nothing here. " * 40 + "Then trust came.[1] " + "And went. " * 40
    snippet = Marker(parse("trust")).snippet(["No hit in this one.", text])
    assert "<mark>trust</mark> came." in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert len(snippet) < LONGEST + 60


def test_without_a_hit_the_beginning_is_shown():
    assert Marker(parse("trust")).snippet(["", "One <two>."]) == "One &lt;two&gt;."


@given(st.text(max_size=80), st.text(max_size=300))
def test_any_text_is_marked_safely(query, text):
    html = Marker(parse(query)).snippet([text])
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
