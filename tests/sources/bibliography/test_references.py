"""What citeproc-js makes of each case is in the golden file; where ours differs, that is there too, with the reason."""

import json
import re
from dataclasses import replace
from datetime import date
from html import escape, unescape
from pathlib import Path

import pytest

from sources.bibliography import references
from sources.bibliography.formats import csl_json
from sources.bibliography.record import CSL_TYPES, Name, Record
from sources.bibliography.references import STYLES, as_text, citation, reference, reference_list

FOLDER = Path(__file__).parent
GOLDEN = json.loads((FOLDER / "golden" / "references.json").read_text())
SIGNPOSTS = json.loads((FOLDER.parents[2] / "fixtures" / "signposts.json").read_text())
TYPES = {case["csl"]["type"] for case in GOLDEN["cases"]}


def as_html(runs):
    """As citeproc-js writes it: with no sign for quotation marks."""
    return "".join(f"<i>{escape(text, False)}</i>" if italic else escape(text, False) for text, italic in runs)


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def record(case):
    """What CSL-JSON brings, and what only a page of this site has."""
    [found] = csl_json.parse(json.dumps([case["csl"]])).records
    return replace(found, **case.get("also", {}))


def expected(case, style, default):
    return case.get("ours", {}).get(style, {}).get("reference", default)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", named(GOLDEN["cases"]))
def test_a_reference_is_as_citeproc_has_it_unless_we_say_why(case, style):
    runs = reference(record(case), style, "1" if style == "vancouver" else "")
    assert as_html(runs) == expected(case, style, case[style])
    assert as_text(runs) == unescape(re.sub("</?i>", "", as_html(runs)))


@pytest.mark.parametrize("style", ["harvard", "apa"])
@pytest.mark.parametrize("case", named(GOLDEN["cases"]))
def test_a_citation_in_running_text_is_as_citeproc_has_it_unless_we_say_why(case, style):
    assert as_html(citation(record(case), style)) == expected(case, f"cited in {style}", case["cited"][style])


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", named(GOLDEN["lists"]))
def test_a_list_is_as_citeproc_has_it_unless_we_say_why(case, style):
    works = csl_json.parse(json.dumps(case["items"])).records
    assert [as_html(one.runs) for one in reference_list(works, style)] == expected(case, style, case[style])


@pytest.mark.parametrize("case", named(GOLDEN["cases"] + GOLDEN["lists"]))
def test_where_we_differ_the_golden_file_says_why(case):
    theirs = {**case, **{f"cited in {style}": text for style, text in case.get("cited", {}).items()}}
    for name, ours in case.get("ours", {}).items():
        assert ours["why"]
        assert ours["reference"] != theirs[name]


def test_the_golden_file_has_every_type_and_every_source_of_the_fixture():
    assert set(CSL_TYPES) == TYPES
    titles = {case["csl"]["title"] for case in GOLDEN["cases"]}
    sources = [row["fields"] for row in SIGNPOSTS if row["model"] == "sources.source"]
    assert len(sources) == 14
    assert {source["title"] for source in sources} <= titles


def test_a_page_of_the_site_names_the_site_once_its_version_and_what_it_is_based_on():
    entry = Record(
        "webpage",
        "Trust grows",
        [Name(literal="Joined-up")],
        "2026-11-23",
        container_title="Joined-up",
        publisher="Joined-up",
        entry_code="F1",
        version="2",
        based_on="A Review, A. Author, 2024",
        url="https://joined-up.example/F1v2",
        accessed_on=date(2026, 11, 29),
    )
    assert {style: as_text(reference(entry, style)) for style in STYLES} == {
        "harvard": (
            "Joined-up (2026) ‘Trust grows’ (F1, version 2), based on A Review, A. Author, 2024. "
            "Available at: https://joined-up.example/F1v2 (Accessed: 29 November 2026)."
        ),
        "apa": (
            "Joined-up. (2026, November 23). Trust grows (F1, Version 2). Based on A Review, A. Author, 2024. "
            "https://joined-up.example/F1v2"
        ),
        "vancouver": (
            "Joined-up [Internet]. Joined-up; 2026 [cited 2026 Nov 29]. Trust grows (F1, version 2). "
            "Based on A Review, A. Author, 2024. Available from: https://joined-up.example/F1v2"
        ),
    }


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("Second", "2nd edn"),
        ("second edition", "2nd edn"),
        ("Twelfth", "12th edn"),
        ("Twentieth edn", "20th edn"),
        ("3", "3rd edn"),
        ("2.", "2nd edn"),
        ("2nd ed., revised", "2nd rev. edn"),
        ("Third revised edition", "3rd rev. edn"),
        ("Rev.", "Rev."),
        ("Student edition", "Student edition"),
    ],
)
def test_an_edition_in_words_is_a_number(edition, expected):
    work = Record("book", "Small steps", [Name(family="Dyer")], "2012", edition=edition, publisher="A Press")
    assert as_text(reference(work, "harvard")) == f"Dyer (2012) Small steps. {expected.rstrip('.')}. A Press."


@pytest.mark.parametrize(
    ("family", "apa", "vancouver", "harvard"),
    [
        ("King Jr.", "King, M., Jr.", "King M Jr.", "King Jr., M."),
        ("King Jr", "King, M., Jr.", "King M Jr.", "King Jr, M."),
        ("King III", "King, M., III.", "King M 3rd.", "King III, M."),
        ("Silva Junior", "Silva Junior, M.", "Silva Junior M.", "Silva Junior, M."),
    ],
)
def test_a_suffix_stands_where_the_style_has_it(family, apa, vancouver, harvard):
    work = Record("book", "Small steps", [Name(family=family, given="Martin")], "2012")
    shown = {style: as_text(reference(work, style)) for style in STYLES}
    assert shown["apa"].startswith(f"{apa} (2012)")
    assert shown["vancouver"].startswith(vancouver)
    assert shown["harvard"].startswith(f"{harvard} (2012)")


@pytest.mark.parametrize(
    ("pages", "harvard", "apa", "vancouver"),
    [
        ("e57410", "8, e57410.", "8, Article e57410.", ";8:e57410."),
        ("103885", "8, 103885.", "8, Article 103885.", ";8:103885."),
        ("CD001234", "8, CD001234.", "8, Article CD001234.", ";8:CD001234."),
        ("17", "8, p. 17.", "8, 17.", ";8:17."),
        ("S12", "8, p. S12.", "8, S12.", ";8:S12."),
        ("e12-e19", "8, pp. e12–e19.", "8, e12–e19.", ";8:e12-e19."),
    ],
)
def test_the_number_of_an_article_is_no_page(pages, harvard, apa, vancouver):
    work = Record("article-journal", "Small steps", container_title="J", volume="8", pages=pages, issued="2013")
    ends = {"harvard": harvard, "apa": apa, "vancouver": vancouver}
    for style in STYLES:
        assert as_text(reference(work, style)).endswith(ends[style])


@pytest.mark.parametrize("kind", CSL_TYPES)
@pytest.mark.parametrize("style", STYLES)
def test_no_title_that_ends_with_a_full_stop_gives_two(kind, style):
    work = Record(
        kind, "Team work.", container_title="A Journal.", publisher="A Press Ltd.", pages="1-2", issued="2004"
    )
    assert not re.search(r"\.[’”]?[.,]", as_text(reference(work, style)))


@pytest.mark.parametrize(
    ("title", "italics", "in_article", "of_book"),
    [
        ("After Gillick", "Gillick", "After <i>Gillick</i>", "<i>After </i>Gillick"),
        ("Gillick", "Gillick", "<i>Gillick</i>", "Gillick"),
        ("In loco parentis now", "In loco parentis", "<i>In loco parentis</i> now", "In loco parentis<i> now</i>"),
        ("Arts, and art", "art", "Arts, and <i>art</i>", "<i>Arts, and </i>art"),
        ("No art, or art", "art", "No <i>art</i>, or <i>art</i>", "<i>No </i>art<i>, or </i>art"),
        ("Interprofessional", "professional", "Inter<i>professional</i>", "<i>Inter</i>professional"),
        ("Team work and trust", "Team work; work and", "<i>Team work and</i> trust", "Team work and<i> trust</i>"),
        ("Teams", "nothing of this; ;", "Teams", "<i>Teams</i>"),
        ("Learning From Every Child Matters", "Every Child Matters", "Learning from <i>every child matters</i>",
         "<i>Learning from </i>every child matters"),
    ],
)  # fmt: skip
def test_what_is_in_italics_in_a_title_stands_out_in_a_reference(title, italics, in_article, of_book):
    work = Record("article-journal", title, title_italics=italics, container_title="J", issued="2004")
    assert as_html(reference(work, "harvard")).startswith(f"<i>J</i> (2004) ‘{in_article}’.")
    assert as_html(reference(work, "apa")).startswith(f"{in_article}. (2004). <i>J</i>.")
    assert as_html(reference(work, "vancouver", "1")).startswith(f"1. {in_article}. J. 2004.")
    book = replace(work, csl_type="book", container_title="", publisher="A Press")
    assert as_html(reference(book, "harvard")).startswith(f"{of_book} (2004). A Press.")
    assert as_html(reference(book, "apa")).startswith(f"{of_book}. (2004).")
    assert as_html(reference(book, "vancouver", "1")).startswith(f"1. {in_article}. A Press; 2004.")


@pytest.mark.parametrize("title", ["What of Gillick?", "“Who knows of Gillick?”"])
@pytest.mark.parametrize("style", STYLES)
def test_a_mark_in_italics_ends_a_title(title, style):
    work = Record("book", title, title_italics="Gillick?”; Gillick?", publisher="A Press")
    assert "." not in as_text(reference(work, style)).partition("illick")[2][:4]


def test_signs_that_mark_italics_inside_cannot_be_had_from_outside():
    odd = f"A{references.ITALIC}B{references.ROMAN}C"
    with pytest.raises(UnicodeEncodeError):  # as whoever would keep it in a database
        odd.encode()
    for style in STYLES:
        assert references.ITALIC not in as_text(reference(Record("book", odd, publisher=odd), style))
        told = as_text(reference(Record("article-journal", odd, container_title=odd), style))
        assert references.ROMAN not in told


@pytest.mark.parametrize("kind", CSL_TYPES)
def test_a_work_of_which_only_the_title_is_known_has_a_reference(kind):
    for style in STYLES:
        assert "Alone" in as_text(reference(Record(kind, "Alone"), style))
        assert "Alone" in as_text([*citation(Record(kind, "Alone"), style, "Alone")])


def test_a_number_is_what_vancouver_cites():
    assert citation(Record(), "vancouver", "3") == [("(3)", False)]


def test_a_letter_follows_the_year_in_running_text_too():
    work = Record("book", "Apples", [Name(family="Frost", given="Nick")], "2005")
    assert as_text(citation(work, "harvard", "a")) == "(Frost, 2005a)"
    assert as_text(citation(Record("book", "A", work.contributors), "apa", "b")) == "(Frost, n.d.-b)"


def test_there_are_letters_for_more_works_than_the_alphabet_has():
    works = [Record("book", f"{n:02}", [Name(family="Frost")], "2005") for n in range(30)]
    marks = [one.mark for one in reference_list(works, "harvard")]
    assert marks[:2] == ["a", "b"]
    assert marks[25:28] == ["z", "aa", "ab"]


def test_years_in_brackets():
    work = Record(issued="2005-03", issued_is_approximate=True)
    assert references.year_in_brackets(work) == "[2005]"
    assert references.year_in_brackets(Record(issued="2005")) == "(2005)"
    assert references.year_in_brackets(Record()) == "(no date)"
