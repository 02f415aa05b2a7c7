"""What services answer, read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliography import catalogues
from sources.bibliography.notices import Notice

NOTICE = {
    "DOI": "10.1/N",
    "type": "retraction",
    "source": "retraction-watch",
    "updated": {"date-parts": [[2021, 3, 4]]},
}


def updates(*works):
    return catalogues.updates(works)


def test_a_work_says_what_updates_it_and_a_notice_what_it_updates():
    told = {"10.1000/a": {Notice("retracted", "2021-03-04", doi="10.1000/n"): "retraction watch"}}
    update = {**NOTICE, "DOI": "10.1000/N"}
    assert updates({"DOI": "10.1000/A", "updated-by": [update]}) == told
    assert updates({"DOI": "10.1000/n", "update-to": [{**NOTICE, "DOI": "10.1000/a"}]}) == told


def test_a_notice_that_two_report_is_told_once():
    two = [{**NOTICE, "DOI": "10.1000/n"}, {**NOTICE, "DOI": "10.1000/N", "source": "publisher"}]
    [told] = updates({"DOI": "10.1000/a", "updated-by": two}).values()
    assert list(told.values()) == ["retraction watch"]


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("retraction", "retracted"), ("withdrawal", "retracted"), ("removal", "retracted"),
        ("partial_retraction", "retracted"), ("Retraction", "retracted"), ("erratum", "corrected"),
        ("corrigendum", "corrected"), ("correction", "corrected"), ("expression_of_concern", "concern"),
        ("expression-of-concern", "concern"),
    ],
)  # fmt: skip
def test_types_of_update_are_ours(kind, ours):
    [told] = updates({"DOI": "10.1000/a", "updated-by": [{"DOI": "10.1000/n", "type": kind}]}).values()
    assert [notice.kind for notice in told] == [ours]


@pytest.mark.parametrize("kind", ["new_version", "new_edition", "addendum", "clarification", "", None, 5])
def test_what_takes_nothing_back_is_no_notice(kind):
    assert updates({"DOI": "10.1000/a", "updated-by": [{"DOI": "10.1000/n", "type": kind}]}) == {}


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        ([[2006, 1, 31]], "2006-01-31"),
        ([[2006, 1]], "2006-01"),
        ([[2006]], "2006"),
        ([[None]], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_date_of_a_notice_is_as_much_as_is_known(parts, date):
    update = {"DOI": "10.1000/n", "type": "retraction", "updated": {"date-parts": parts}}
    [told] = updates({"DOI": "10.1000/a", "updated-by": [update]}).values()
    assert [notice.date for notice in told] == [date]


def test_a_notice_that_is_in_the_work_itself_has_no_doi_of_its_own():
    [told] = updates({"DOI": "10.1000/a", "updated-by": [{**NOTICE, "DOI": "10.1000/a"}]}).values()
    assert [notice.doi for notice in told] == [""]


def test_a_book_keeps_what_its_catalogue_says():
    book = {"title": "T", "publishers": [{"name": "One"}, {"name": "Two"}], "publish_date": "c1998", "subjects": []}
    [record] = catalogues.books(json.dumps({"ISBN:9780521663632": book})).values()
    assert (record.issued, record.publisher) == ("1998", "One")
    assert [remark.message for remark in record.remarks] == ["The catalogue also names Two."]


def test_a_date_that_is_none_is_told():
    [record] = catalogues.books(json.dumps({"ISBN:1": {"title": "T", "publish_date": "n.d."}})).values()
    assert [remark.field for remark in record.remarks] == ["issued"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "title authors name DOI type updated date-parts update-to updated-by message items result 1 articleids "
                "idtype value publishers publish_date ISBN:1".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(ANY_JSON)
def test_no_answer_whatever_is_too_much(answer):
    text = json.dumps(answer)
    for read in (catalogues.books, catalogues.articles, lambda text: catalogues.updates(catalogues.works(text))):
        try:
            read(text)
        except ValueError as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize("text", ["", "<html>", "[" * 100_000, "[]", "5"])
def test_what_is_no_answer_is_told(text):
    for read in (catalogues.books, catalogues.articles, catalogues.works):
        with pytest.raises(ValueError, match=r"The answer"):
            read(text)
