import json
from datetime import date
from pathlib import Path

import pytest

from sources.bibliography import formats
from sources.bibliography.formats import csl_json
from sources.bibliography.record import Name, Record

DATA = Path(__file__).parent / "data"


def read(name):
    return formats.parse((DATA / name).read_bytes(), name)


def said(parsed):
    return [(problem.line, problem.message) for problem in parsed.problems]


def test_zotero():
    parsed = read("zotero.json")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="Talking across the corridor",
            title_italics="corridor",
            contributors=[
                Name(family="Ashworth", given="Petra J."),
                Name(family="van den Berg", given="Koen"),
                Name(family="King Jr.", given="Martin"),
                Name(literal="Centre for Imagined Practice"),
            ],
            issued="2004-11-02",
            container_title="Journal of Shared Work",
            volume="12",
            issue="3",
            pages="201-219",
            doi="10.5555/jsw.2004.0011",
            issn="0309-8249",
            eissn="1467-9752",
            url="https://example.org/jsw/11",
            accessed_on=date(2024, 5, 1),
            abstract="Time to meet matters.",
            keywords=("teams", "children"),
            note="PMID: 12345\nread",
            language="en-GB",
        ),
        Record(
            csl_type="report",
            title="Neighbourhood teams",
            contributors=[Name(family="Okafor", given="Ngozi")],
            issued="2001",
            issued_is_approximate=True,
            edition="2",
            publisher="Bureau for Family Studies",
            place="Leeds",
            series="Working Papers",
            isbn="9780521663632",
            note="collection-number: 17\ncontainer-author: Writer, W.",
        ),
        Record(
            csl_type="chapter",
            title="Who holds the file?",
            contributors=[
                Name(family="Szabó", given="Éva"),
                Name("editor", family="Marlowe", given="Q."),
                Name("compiler", literal="Corridor Group"),
                Name("translator", literal="Hana"),
            ],
            issued="1999",
            container_title="The Handbook",
            pages="33",
            note="Date: 1999 Spring",
        ),
    ]
    assert [(record.key, record.line) for record in parsed.records] == [
        ("http://zotero.org/users/1/items/ABCD2345", 2),
        ("7", 28),
        ("chapter", 42),
    ]
    assert said(parsed) == [
        (2, "Left out, since they say nothing about the work itself: container-title-short, source."),
        (28, "“collection-number” has no field here: what it says is kept in the note (once)."),
        (28, "“container-author” has no field here: what it says is kept in the note (once)."),
        (42, "Of the date “1999 Spring” only 1999 was taken. It is kept in the note."),
    ]


def test_crossref():
    parsed = read("crossref.json")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="A title & more",
            contributors=[Name(family="Szabó", given="Éva"), Name(literal="The Group")],
            issued="2010-01",
            container_title="Invented Journal",
            doi="10.5555/abc",
            issn="0309-8249",
            eissn="1467-9752",
            abstract="One.\nTwo.",
        )
    ]
    assert said(parsed) == [(1, "Left out, since they say nothing about the work itself: reference-count, score.")]


@pytest.mark.parametrize(
    ("text", "titles", "line", "message"),
    [
        ('[{"type": "book", "title": "A"},\n{"type": book}]', ["A"], 2, "This is not JSON (Expecting value"),
        ('[{"type": "book", "title": "A"}\n', ["A"], 2, "not closed"),
        ('{"type": "book", "title": "A"}\n{"type": "book"}', ["A"], 2, "Something follows"),
        ('["A",\n3]', [], 1, "not an item"),
        ("[]", [], 1, "no item"),
        ("[" * 100_000, [], 1, "cannot be read"),
        ('{"type": "book", "volume": ' + "1" * 5000 + "}", [], 1, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_fatal_problem_with_its_line(text, titles, line, message):
    parsed = csl_json.parse(text)
    assert [record.title for record in parsed.records] == titles
    fatal = [problem for problem in parsed.problems if problem.is_fatal]
    assert fatal[0].line == line
    assert message in fatal[0].message


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ({"date-parts": [[2003, 5]]}, "2003-05"),
        ({"date-parts": [["2003", "5", "12"]]}, "2003-05-12"),
        ({"date-parts": [[None]]}, ""),
        ({"date-parts": [[2003], [2005]]}, "2003"),
        ({"raw": "12 May 2003"}, "2003-05-12"),
        ({"literal": "May 2003"}, "2003-05"),
        ("2003-05", "2003-05"),
        (2003, "2003"),
        ({"date-parts": "2003"}, "2003"),
    ],
)
def test_dates(issued, expected):
    parsed = csl_json.parse(json.dumps({"type": "book", "title": "T", "issued": issued}))
    assert parsed.records[0].issued == expected


def test_an_item_with_no_type_or_an_unknown_one_is_a_document():
    parsed = csl_json.parse('[{"title": "A"},\n{"title": "B", "type": "motion_picture"}]')
    assert [(record.csl_type, record.note) for record in parsed.records] == [
        ("document", ""),
        ("document", "Type: motion_picture"),
    ]
    assert [problem.line for problem in parsed.problems] == [1, 2]


def test_what_is_written():
    record = Record(
        csl_type="report",
        title="Café",
        contributors=[Name(family="Frost", given="Nick"), Name("editor", literal="Group")],
        issued="2005-03",
        issued_is_approximate=True,
        pages="7-17",
        place="Leeds",
        doi="10.5555/1",
        isbn="9780521663632",
        issn="0309-8249",
        eissn="1467-9752",
        url="https://example.org/1",
        accessed_on=date(2024, 5, 1),
        keywords=("a", "b"),
        key="S7",
    )
    assert json.loads(csl_json.dump([record])) == [
        {
            "id": "S7",
            "type": "report",
            "title": "Café",
            "author": [{"family": "Frost", "given": "Nick"}],
            "editor": [{"literal": "Group"}],
            "issued": {"date-parts": [[2005, 3]], "circa": True},
            "page": "7-17",
            "publisher-place": "Leeds",
            "DOI": "10.5555/1",
            "ISBN": "9780521663632",
            "ISSN": "0309-8249, 1467-9752",
            "custom": {"eISSN": "1467-9752"},
            "URL": "https://example.org/1",
            "accessed": {"date-parts": [[2024, 5, 1]]},
            "keyword": "a, b",
        }
    ]
