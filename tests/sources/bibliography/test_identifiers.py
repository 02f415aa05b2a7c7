import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliography.identifiers import doi_url, normalise_doi, normalise_isbn, normalise_issn


@pytest.mark.parametrize(
    "typed",
    [
        "10.1080/13561820220104122",
        " doi:10.1080/13561820220104122 ",
        "https://doi.org/10.1080/13561820220104122",
        "http://dx.doi.org/10.1080/13561820220104122.",
    ],
)
def test_a_doi_is_read_in_every_form_people_paste(typed):
    assert normalise_doi(typed) == "10.1080/13561820220104122"


def test_a_doi_is_kept_in_lower_case_and_escaped_in_its_address():
    assert normalise_doi("10.1017/CBO9780511803932") == "10.1017/cbo9780511803932"
    assert doi_url("10.1002/(sici)1099<1::aid>3.0") == "https://doi.org/10.1002/(sici)1099%3C1::aid%3E3.0"


def test_an_isbn_becomes_thirteen_digits():
    assert normalise_isbn("0-521-66363-6") == "9780521663632"
    assert normalise_isbn("ISBN-13: 978-0-521-66363-2") == "9780521663632"
    assert normalise_isbn("0 8044 2957 X") == "9780804429573"


def test_an_issn_is_written_with_its_hyphen():
    assert normalise_issn("eISSN 14699567") == "1469-9567"
    assert normalise_issn("2434-561x") == "2434-561X"


@pytest.mark.parametrize(
    ("normalise", "typed", "message"),
    [
        (normalise_doi, "ten point ten", "not a DOI"),
        (normalise_doi, "https://example.org/page", "not a DOI"),
        (normalise_isbn, "9780521663633", "wrong digit"),
        (normalise_isbn, "0521663637", "wrong digit"),
        (normalise_isbn, "12345", "not an ISBN"),
        (normalise_issn, "1469-9568", "wrong digit"),
        (normalise_issn, "1469", "not an ISSN"),
    ],
)
def test_a_wrong_identifier_is_refused_in_words(normalise, typed, message):
    with pytest.raises(ValueError, match=message):
        normalise(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_normal_form_or_a_message(typed):
    for normalise in [normalise_doi, normalise_isbn, normalise_issn]:
        try:
            once = normalise(typed)
        except ValueError as error:
            assert "“" in str(error) or "DOI" in str(error)
        else:
            assert normalise(once) == once
