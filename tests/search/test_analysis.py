import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.search.analysis import LONGEST, fold, stem, tokens, words

ENDINGS = ["ational", "iveness", "fulness", "ments", "isation", "ibly", "ously", "ing", "edly", "s"]


@pytest.mark.parametrize(
    "ways",
    [
        ["co-location", "colocation", "co location", "Co‑Location"],
        ["multi-agency", "multiagency", "multi agency", "Multi–Agency"],
        ["inter-professional", "interprofessional", "inter professional"],
        ["post-qualifying", "postqualifying", "post qualifying"],
        ["organisation", "organization", "organisations", "ORGANIZATIONS"],
        ["behaviour", "behavior", "behaviours"],
        ["programme", "program", "programmes"],
        ["counselling", "counseling"],
        ["practise", "practice"],
        ["child's", "child’s", "child"],
        ["café", "cafe"],
        ["rivalry", "rivalries"],
    ],
)
def test_ways_of_writing_one_word_share_a_token(ways):
    first = set(tokens(ways[0]))
    for way in ways[1:]:
        assert first & set(tokens(way)), way


@pytest.mark.parametrize(("one", "other"), [("four", "for"), ("hour", "or"), ("communication", "co-operation")])
def test_different_words_stay_apart(one, other):
    assert not set(tokens(one)) & set(tokens(other))


def test_a_hyphenated_word_is_found_by_its_parts_and_as_one_word():
    assert set(tokens("front-line")) == {"front", "line", "frontlin"}
    assert set(tokens("frontline")) == {"frontlin"}


def test_a_phrase_stands_in_the_text_of_a_field_however_its_compound_was_written():
    for text in ["multi-agency services", "multiagency services", "multi agency services"]:
        canonical = " ".join(token for word in words(text) for token in word.canonical)
        assert canonical.replace("multiagenc", "multiag") == "multiag servic"


def test_threads_do_not_mix_up_their_words():
    def in_turn(start):
        return [stem.__wrapped__(word) for word in [*written[start:], *written[:start]]]

    written = [
        f"{beginning}{ending}" for beginning in ["relat", "nation", "organis", "hop", "care"] for ending in ENDINGS
    ]
    alone = in_turn(0)
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for start, found in enumerate(pool.map(in_turn, range(40))):
                assert found == [*alone[start:], *alone[:start]]
    finally:
        sys.setswitchinterval(switching)


def test_places_point_into_the_text():
    text = "A co-located team, and (multi agency) work."
    assert [text[word.start : word.end] for word in words(text)] == [
        "A",
        "co-located",
        "team",
        "and",
        "multi agency",
        "work",
    ]


@given(st.text(max_size=200))
def test_any_text_becomes_tokens_of_letters_and_digits(text):
    for token in tokens(text):
        assert token
        assert token.isalnum()
        assert len(token) <= LONGEST + 20
    assert fold(fold(text)) == fold(text)
