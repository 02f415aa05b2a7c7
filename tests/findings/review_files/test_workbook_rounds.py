"""A workbook is mended in one round: all that is wrong with it is said at once, by cell."""

import pytest

from curation.imports import importing
from curation.imports.filetypes import ImportRefused
from findings.models import Finding, Review
from findings.review_files.filetype import REVIEW_FILE
from tests.signposts import load_signposts
from tests.sources.bibliography.formats.test_table import workbook

pytestmark = pytest.mark.django_db
HEAD = ["Code", "Review", "Theme", "What helps or hinders", "Heading", "Bottom line", "Body", "Tags", "Citations"]
FINE = [None, "SIGNPOSTS", "T1", "Helps", "Teams that meet", "They meet.", "At length.", "a, b", "S5"]


@pytest.fixture(autouse=True)
def review():
    load_signposts()


def uploaded(*rows, name="book.xlsx", **options):
    return importing.upload(REVIEW_FILE, workbook([HEAD, *rows]), name, **options)


def but(**values):
    """A fine row, but for some cells."""
    return [values.get(heading.split()[0].lower(), cell) for heading, cell in zip(HEAD, FINE, strict=True)]


def test_all_that_is_wrong_is_said_in_one_round_by_cell():
    with pytest.raises(ImportRefused) as refused:
        uploaded(
            but(what="Nonsense"),
            but(review="R99", heading=None),
            but(theme="No such theme", heading="h" * 400),
            but(citations="S999; S5"),
            but(citations="S998", theme="T998", review="Nowhere"),
        )
    told = refused.value.messages
    begun = [message.split(":")[0].split(" (")[0] for message in told]
    cells = ["D2", "E4", "B3", "B6", "C4", "C6", "I5", "I6"]
    assert sorted(begun) == sorted(["Sheet 1, row 3", *(f"Sheet 1, cell {cell}" for cell in cells)])
    assert len([message for message in told if "Say the code or the heading" in message]) == 1


@pytest.mark.parametrize("name", ["SIGNPOSTS", "signposts", "R1"])
def test_a_review_is_accepted_by_the_name_that_pages_show(name):
    batch = uploaded(but(review=name))
    importing.apply(batch)
    assert Finding.objects.get(heading=FINE[4]).review == Review.objects.get(number=1)


@pytest.mark.parametrize("label", ["F90000", "F500"])
def test_a_label_never_becomes_a_code(label):
    importing.apply(uploaded(but(code=label)))
    first = Finding.objects.get(heading=FINE[4])
    assert first.code != label
    importing.apply(uploaded(but(heading="Another one")))
    assert Finding.objects.get(heading="Another one").number == first.number + 1


def test_a_label_is_the_code_if_somebody_asks_for_it():
    importing.apply(uploaded(but(code="F500"), keeps_status=True))
    assert Finding.objects.get(heading=FINE[4]).code == "F500"


def test_commas_and_semicolons_divide_tags_as_in_the_form():
    batch = uploaded(FINE, but(heading="B", tags="a; b, c"))
    assert [row.record["tags"] for row in batch.rows.order_by("position")] == [["a", "b"], ["a", "b", "c"]]
