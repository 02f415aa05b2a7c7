"""Lines of lists of references, in three styles: what is told apart, and what is said to be in doubt."""

import pytest

from findings.extraction.references import find, parse


def fields(line):
    record = parse(line).record
    people = [(name.role, name.family or name.literal, name.given) for name in record.contributors]
    shown = ["csl_type", "title", "issued", "container_title", "volume", "issue", "pages", "place", "publisher", "doi"]
    return people, {name: getattr(record, name) for name in shown if getattr(record, name)}


ARTICLE = {
    "csl_type": "article-journal",
    "title": "Sharing a spade: quarrels on allotments",
    "issued": "2001",
    "container_title": "Journal of Garden Studies",
    "volume": "12",
    "issue": "3",
    "pages": "45–67",
}
TWO = [("author", "Marsh", "A."), ("author", "Green", "B. C.")]


@pytest.mark.parametrize(
    "line",
    [
        "Marsh, A. and Green, B.C. (2001) ‘Sharing a spade: quarrels on allotments’, Journal of Garden Studies, "
        "12(3), pp. 45–67.",
        "Marsh A and Green BC (2001) 'Sharing a spade: quarrels on allotments' Journal of Garden Studies 12 (3) 45-67",
        "7 Marsh, A., & Green, B. C. (2001). Sharing a spade: quarrels on allotments. Journal of Garden Studies, "
        "12(3), 45–67.",
        "Marsh A, Green BC. Sharing a spade: quarrels on allotments. Journal of Garden Studies. 2001;12(3):45-67.",
        "Marsh, A., Green, B.C., 2001. Sharing a spade: quarrels on allotments. Journal of Garden Studies 12(3): "
        "45-67.",
    ],
)
def test_an_article_is_the_same_in_each_style(line):
    people, found = fields(line)
    assert (people, {**found, "pages": found.get("pages", "").replace("-", "–")}) == (TWO, ARTICLE)
    assert parse(line).doubts == []


def test_books_chapters_and_pages_of_the_web_are_told_apart():
    assert fields("Brook, T. (2006) Hedges and Ditches, 2nd edn. Oxford: Meadow Books.") == (
        [("author", "Brook", "T.")],
        {
            "csl_type": "book",
            "title": "Hedges and Ditches",
            "issued": "2006",
            "place": "Oxford",
            "publisher": "Meadow Books",
        },
    )
    people, chapter = fields(
        "Field, J. (1999) ‘Keys and gates’, in Moor, K. and Hill, S. (eds) Common Ground. Leeds: Spade Press, "
        "pp. 12–30."
    )
    assert people == [("author", "Field", "J."), ("editor", "Moor", "K."), ("editor", "Hill", "S.")]
    assert chapter | {"csl_type": "chapter", "container_title": "Common Ground", "pages": "12–30"} == chapter
    assert fields("Ministry of Gardens (2004) Standards. London: The Ministry.")[0] == [
        ("author", "Ministry of Gardens", "")
    ]
    assert (
        parse("Hill, S. (n.d.) On sheds. Available at: https://sheds.example/on").record.url
        == "https://sheds.example/on"
    )


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("A note that is no reference", "no year was found"),
        ("Brook, T. et al. (2006) Hedges. Oxford: Meadow.", "not all authors are named"),
        ("Hill, S. (n.d.) On sheds. Leeds: Spade Press.", "undated"),
        ("Marsh, A. (2001) Sheds. A talk given in the rain", "what “A talk given in the rain” is"),
    ],
)
def test_what_cannot_be_told_apart_is_named_and_nothing_is_lost(line, doubt):
    reference = parse(line)
    assert any(doubt in told for told in reference.doubts)
    assert reference.line == line and reference.record.title


def test_apostrophes_do_not_end_a_title():
    title = "The gardeners' heel: who isn't Achilles'?"
    assert parse(f"Hill S (2002) '{title}' Journal of Sheds 16:1").record.title.startswith(
        "The gardeners' heel: who isn't"
    )


def test_the_list_is_found_by_its_heading_or_else_in_notes_that_name_works():
    noted = ("Findings", [("paragraph", "Sharing (2001) helps."), ("note", "2 Marsh A (2001) Sheds. Leeds: Spade.")])
    listed = ("References", [("heading", "References"), ("item", "Hill, S. (2002) Gates."), ("item", "Leeds: Spade.")])
    assert find([noted]) == ["2 Marsh A (2001) Sheds. Leeds: Spade."]
    assert find([noted, listed]) == ["Hill, S. (2002) Gates. Leeds: Spade."]


def test_an_address_at_the_foot_of_the_list_is_not_taken_for_the_end_of_the_last_reference():
    lines = ["Hill, S. (2002) Gates.", "Leeds: Spade.", "Association of Plots", "Mill Lane", "post@plots.example"]
    assert find([("References", [("paragraph", line) for line in lines])]) == ["Hill, S. (2002) Gates. Leeds: Spade."]
    broken = ["Marsh, A. (2001) Hedges and", "ditches of the north. Leeds: Spade."]
    assert find([("References", [("item", line) for line in broken])]) == [" ".join(broken)]
