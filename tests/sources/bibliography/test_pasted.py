"""Identifiers in a text that somebody pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliography.pasted import KINDS, recognise


def told(text):
    return [str(one) for one in recognise(text).identifiers]


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("Hudson, https://doi.org/10.1080/13561820220104122", "10.1080/13561820220104122"),
        ("doi:10.1000/ABC.", "10.1000/abc"),
        ("(see 10.1000/abc(2003)12).", "10.1000/abc(2003)12"),
        ("[10.1000/abc]", "10.1000/abc"),
        ("“10.1000/abc”, he wrote", "10.1000/abc"),
        ("http://dx.doi.org/10.1000%2Fxyz", "10.1000/xyz"),
        ('<a href="https://doi.org/10.1234/abc">it</a>', "10.1234/abc"),
        (
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
    ],
)
def test_a_doi_is_found_without_the_sentence_around_it(text, doi):
    assert told(text) == [f"DOI {doi}"]


@pytest.mark.parametrize(
    "text",
    [
        "PMID: 23750856",
        "pmid 23750856.",
        "https://pubmed.ncbi.nlm.nih.gov/23750856/",
        "http://www.ncbi.nlm.nih.gov/pubmed/23750856",
        "23750856",
        "1. 23750856",
        "• 23750856;",
    ],
)
def test_a_pmid_is_found_by_its_word_its_address_or_alone_on_a_line(text):
    assert told(text) == ["PMID 23750856"]


@pytest.mark.parametrize("text", ["PMC3283037", "pmc 3283037", "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC3283037/"])
def test_a_pmcid_is_found(text):
    assert told(text) == ["PMCID PMC3283037"]


@pytest.mark.parametrize(
    "text",
    [
        "Wenger 1998, ISBN 978-0-521-66363-2",
        "ISBN-13: 978 0 521 66363 2, 318 pages",
        "ISBN 0-521-66363-6 1998",
        "ISBN (pbk.) 9780521663632",
        "9780521663632",
        "978‐0‐521‐66363‐2",
    ],
)
def test_an_isbn_is_found_in_any_of_its_forms(text):
    assert told(text) == ["ISBN 9780521663632"]


@pytest.mark.parametrize(
    "text", ["2003", "Tel. 0521 423741", "pp. 1234-5678", "1998-2003", "Hudson B (2002) A work", "10.5", "v1.10.2345/"]
)
def test_other_numbers_are_none(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ISBN 0-521-42374-1", "wrong digit"),
        ("ISBN 978052142374", "13 digits"),
        ("doi:10.1234/...", "is not a DOI"),
    ],
)
def test_what_should_be_one_and_is_not_is_told(text, fault):
    recognised = recognise(text)
    assert recognised.identifiers == []
    assert fault in recognised.faults[0]


def test_each_is_given_once_in_the_order_of_the_text_with_the_lines_that_hold_none():
    recognised = recognise("PMID 1 and 10.1000/a\n\nsome  words\ndoi:10.1000/A\n")
    assert [str(one) for one in recognised.identifiers] == ["PMID 1", "DOI 10.1000/a"]
    assert recognised.rest == ["some words"]


@given(st.one_of(st.text(), st.text(alphabet="10./ -XISBNPMCDOId%2F()<>\n ", max_size=200)))
def test_no_text_whatever_is_too_much_for_it(text):
    assert {one.kind for one in recognise(text).identifiers} <= set(KINDS)
