"""Which words and links of a handout are entries of ours, and what it says of their version and date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.handout_check.reading import MOST_MENTIONS, Link, Paragraph, codes_in, mentions_in, paragraphs_of

HERE = "https://joined-up.example"


def read(text, site=HERE):
    return mentions_in(paragraphs_of(text), site)


def named(text, site=HERE):
    """What is named for sure, as it is named."""
    return [mention.names for mention in read(text, site) if mention.is_sure]


def perhaps(text):
    return [mention.code for mention in read(text) if not mention.is_sure]


@pytest.mark.parametrize(
    "text",
    [
        "https://joined-up.example/F23",
        "http://www.joined-up.example:8000/f23/",
        "joined-up.example/F23",
        "Look at <https://joined-up.example/F23>, please.",
        "[here](https://joined-up.example/F23)",
        "(https://joined-up.example/F23).",
        "/F23",
        "“/F23”.",
        "https://joined-up.example/F23\u200b",
        "https://joined-up.example/f23/).",
        "\ufeffF23\u200b",
        "https://joined-up.example/F23.ris",
        "https://joined-up.example/F23/qr.png",
        "https://an.earlier.host/F23",
        "finding F23",
        "Findings: F23",
        "F23",
    ],
)
def test_a_code_or_its_link_names_an_entry(text):
    assert named(text) == ["F23"]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("https://joined-up.example/findings/trust-grows/", ("F", "trust-grows")),
        ("joined-up.example/findings/trust-grows", ("F", "trust-grows")),
        ("/findings/trust-grows/versions/", ("F", "trust-grows")),
        ("/findings/trust-grows/embed/", ("F", "trust-grows")),
        ("/practice/joint-enterprise/meet/", ("P", "joint-enterprise/meet")),
        ("/themes/trust/?page=2#top", ("T", "trust")),
        ("/sources/hudson-2002/", ("S", "hudson-2002")),
        ("/reviews/signposts/", ("R", "signposts")),
        ("/reviews/signposts/#K2", "K2"),
        ("/reviews/signposts/K2/versions/1/", "K2"),
    ],
)
def test_the_address_of_a_page_names_it(text, page):
    assert named(text) == [page]


def test_an_address_under_a_prefix_of_ours_is_ours():
    assert named("https://h.example/kb/F23 https://h.example/kb/themes/trust/", "https://h.example/kb") == [
        "F23",
        ("T", "trust"),
    ]


def test_a_reading_list_names_what_is_in_it():
    assert named("https://joined-up.example/reading-list/?items=F3%2Cf23,P9.") == ["F3", "F23", "P9"]
    assert named("/reading-list.docx?body=1&items=F3,F23") == ["F3", "F23"]


@pytest.mark.parametrize(
    "text",
    [
        "the F1 racing season",
        "children with T1 diabetes",
        "type T1",
        "your P45 and P60",
        "a S47 enquiry or S17 assessment",
        "see p12 and s47",
        "press F5",
        "Sheffield S10 2TN",
        "F2 doctors, R year",
        "https://bbc.co.uk/sport/F1",
        "someone@F3.org",
        "£F3 F3.5 5F3 F3rd F0 F03",
        "slide_F3.png F3.docx",
        "/practice/team-check/",
        "https://other.example/news/F3/more",
    ],
)
def test_what_only_looks_like_a_code_is_passed_over(text):
    assert read(text) == []


def test_a_lone_code_in_running_text_may_be_one():
    assert perhaps("As F23 says, trust grows") == ["F23"]
    assert named("As F23 says") == []


def test_a_word_before_a_list_of_codes_holds_for_all_of_it():
    assert named("see findings F3, F4 and F5; then F6 goes") == ["F3", "F4", "F5"]
    assert named("practice point P45") == ["P45"]


def test_a_line_of_codes_alone_means_codes():
    assert named("Slide text\nF3, f23; P9") == ["F3", "F23", "P9"]
    assert named("Slide text\nP9") == []


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("F3v2", 2),
        ("F3 v2", 2),
        ("/F3v2", 2),
        ("/findings/trust/versions/2/", 2),
        ("F3, version 2", 2),
        ("F3 (Version 2)", 2),
        ("version 2 of F3", 2),
        ("A Body (2020) Trust grows, Joined-up. Version 2. Available at: https://joined-up.example/F3", 2),
        ("A Body. (2020, January 2). Trust grows (Version 2). Joined-up. https://joined-up.example/F3", 2),
        ("F3", None),
    ],
)
def test_a_version_close_by_is_what_it_was(text, version):
    assert [mention.version for mention in read(text)] == [version]


def test_each_version_is_that_of_the_entry_next_to_it():
    assert [(m.code, m.version) for m in read("F3 (version 2); F4 and F5, version 1")] == [
        ("F3", 2),
        ("F4", None),
        ("F5", 1),
    ]


@pytest.mark.parametrize(
    "said",
    ["12 March 2025", "12th Mar 2025", "March 12, 2025", "2025-03-12", "12/03/2025", "12.3.2025", "2025 Mar 12"],
)
def test_a_date_close_by_is_when_it_was(said):
    assert [mention.day for mention in read(f"See F3 ({said}).")] == [date(2025, 3, 12)]


def test_one_date_is_that_of_all_that_a_paragraph_lists():
    assert {mention.day for mention in read("Handed out on 12 March 2025: F3, F4, F5")} == {date(2025, 3, 12)}
    assert [m.day for m in read("F3, 12 March 2025; F4, 3 May 2024")] == [date(2025, 3, 12), date(2024, 5, 3)]


def test_a_day_that_never_was_is_none():
    assert [mention.day for mention in read("F3, 31 February 2025")] == [None]


def test_a_link_behind_words_counts_once():
    text = "See joined-up.example/F3 or here"
    links = (Link(4, 24, f"{HERE}/F3"), Link(28, 32, f"{HERE}/F4"))
    found = mentions_in([Paragraph(text, links=links)], HERE)
    assert [(m.code, m.behind) for m in found] == [("F3", False), ("F4", True)]


def test_the_codes_of_an_address_are_codes():
    assert [(m.code, m.version) for m in codes_in("F3v1,f23 P45,nonsense")] == [("F3", 1), ("F23", None), ("P45", None)]


def test_no_more_mentions_than_are_allowed():
    assert len(read("F3, " * 2000)) == MOST_MENTIONS
    assert len(read("/F3\n" * 2000)) == MOST_MENTIONS


@given(st.text() | st.text("FSTPRKfv0123456789 ,.:/-()#?=&%ersion\nhtp@[]é", max_size=300))
def test_any_text_can_be_read(text):
    for mention in read(text):
        assert 0 <= mention.start < mention.end <= len(paragraphs_of(text)[mention.paragraph].text)


@pytest.mark.parametrize(
    "piece", ["/F3 ", "F3", "F", "a.", "https://", "F3,", " ", "version 1 ", "1 May 2020 ", "finding "]
)
def test_long_text_is_read_in_time_that_grows_with_it(piece):
    mentions_in([Paragraph(piece * (1_000_000 // len(piece)))], HERE)
