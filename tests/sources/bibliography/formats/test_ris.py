from datetime import date
from pathlib import Path

import pytest

from sources.bibliography import formats
from sources.bibliography.formats import ris
from sources.bibliography.record import Name, Record

DATA = Path(__file__).parent / "data"


def read(name):
    return formats.parse((DATA / name).read_bytes(), name)


def said(parsed):
    return [(problem.line, problem.message) for problem in parsed.problems]


def one(text):
    parsed = ris.parse(text)
    assert len(parsed.records) == 1
    return parsed.records[0]


def field(lines, name):
    return getattr(one(f"TY  - JOUR\nTI  - T\n{lines}\nER  - \n"), name)


def test_zotero():
    parsed = read("zotero.ris")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="Talking across the corridor: what health visitors and teachers make of joint assessment",
            contributors=[
                Name(family="Ashworth", given="Petra J."),
                Name(family="van den Berg", given="Koen"),
                Name(literal="Centre for Imagined Practice"),
            ],
            issued="2004-11-02",
            container_title="Journal of Shared Work",
            volume="12",
            issue="3",
            pages="201-219",
            doi="10.5555/jsw.2004.0011",
            issn="2434-561X",
            accessed_on=date(2024, 5, 1),
            abstract="Interviews in six services (n = 48) suggest that time to meet matters more than a common form.",
            keywords=("Child", "Teamwork"),
            note="Read for theme 2.",
            language="en-GB",
        ),
        Record(
            csl_type="report",
            title="Neighbourhood teams: an interim report",
            contributors=[Name(family="Okafor", given="Ngozi")],
            issued="2001",
            publisher="Bureau for Family Studies",
            place="Leeds",
            series="Working Papers on Families",
            url="https://example.org/reports/wp17?a=1&b=2",
            note="Series editor: Lindqvist, Maja\nReport type: Interim report\nReport number: WP/17",
        ),
        Record(
            csl_type="chapter",
            title="Who holds the file?",
            contributors=[
                Name(family="Szabó", given="Éva"),
                Name("editor", family="Marlowe", given="Quentin"),
                Name("translator", family="Ito", given="Hana"),
            ],
            issued="1999",
            container_title="The Handbook of Joined Up Care",
            pages="33-58",
            edition="2nd",
            publisher="Corridor Press",
            place="Bristol",
            series="Studies in Care",
            isbn="9780521663632",
        ),
    ]
    assert [record.line for record in parsed.records] == [1, 28, 41]
    assert said(parsed) == [
        (11, "Left out, since they say nothing about the work itself: DP, J2, L1, ST."),
        (31, "“Series editor” has no field here: what it says is kept in the note (once)."),
        (33, "“Report number” has no field here: what it says is kept in the note (once)."),
        (38, "“Report type” has no field here: what it says is kept in the note (once)."),
    ]


def test_endnote():
    parsed = read("endnote.ris")
    assert parsed.records == [
        Record(
            csl_type="book",
            title="Every Team Counts",
            contributors=[
                Name(literal="Department for Invented Affairs"),
                Name(literal="University of Nowhere, School of Care"),
                Name(family="King Jr.", given="Martha"),
                Name("editor", family="Editor", given="Ed"),
            ],
            issued="2003",
            volume="2",
            pages="256",
            edition="Third",
            publisher="Stationer & Sons",
            place="London",
            series="Practice Guides",
            isbn="9780521663632",
            url="http://www.example.org/every-team",
            abstract="An abstract under its other tag.",
            keywords=("children", "families", "joint working"),
            note="First note\ngoes on here\nSecond note\nISBN: 9780804429573 (pbk)\nC1: Shelf 4",
            language="English",
        ),
        Record(
            csl_type="paper-conference",
            title="A paper",
            contributors=[Name(family="Dubois", given="Anne")],
            issued="1998",
            container_title="Proceedings of the Meeting on Shared Care",
            pages="12-19",
            place="Lyon",
            note="Conference: Meeting on Shared Care\nDate: 1998 6-8 May",
        ),
    ]
    assert [(record.key, record.line) for record in parsed.records] == [("417", 1), ("", 31)]
    assert said(parsed) == [
        (8, "Left out, since they say nothing about the work itself: DB, DP."),
        (22, "The record has a second ISBN, 9780804429573. It is kept in the note."),
        (28, "“C1” has no field here: what it says is kept in the note (once)."),
        (35, "Of the date “1998 6-8 May” only 1998 was taken. It is kept in the note."),
        (38, "“Conference” has no field here: what it says is kept in the note (once)."),
    ]


def test_refworks():
    parsed = read("refworks.ris")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="What helps, what hinders?",
            contributors=[Name(family="Lart", given="Rosie"), Name(family="Cameron", given="Alma")],
            issued="2003",
            container_title="Journal of Invented Care",
            volume="11",
            issue="2",
            pages="9-17",
            doi="10.5555/jic.11.2.9",
            issn="1469-9567",
            accessed_on=date(2004, 1, 31),
            keywords=("teams", "barriers"),
            note="Date: 2003///Spring\nZ9: a tag that is not in RIS",
        )
    ]
    assert parsed.records[0].key == "88"
    assert said(parsed) == [
        (7, "Left out, since they say nothing about the work itself: AD, JO."),
        (8, "Of the date “2003///Spring” only 2003 was taken. It is kept in the note."),
        (14, "“Z9” has no field here: what it says is kept in the note (once)."),
    ]


def test_old_programs_on_the_mac_and_a_missing_end():
    parsed = read("old-mac.ris")
    assert parsed.records == [
        Record(
            csl_type="thesis",
            title="L’équipe – une thèse",
            contributors=[Name(family="Lefèvre", given="René")],
            issued="1997-06",
            publisher="Université de Nulle Part",
            place="Caen",
            note="Thesis type: Doctoral",
        ),
        Record(
            csl_type="article-newspaper",
            title="Teams that talk",
            contributors=[Name(family="Reporter", given="Staff")],
            issued="2005",
            container_title="The Invented Times",
            pages="4",
            note="Date: 2005/02/30/",
        ),
    ]
    assert said(parsed) == [
        (2, "The file is not UTF-8: it was read as Windows-1252. Check accents and quotation marks."),
        (7, "“Thesis type” has no field here: what it says is kept in the note (once)."),
        (9, "The last record has no end (“ER  - ”): the file may be cut off."),
        (11, "Check the name “Staff Reporter”: it was read as “Reporter, Staff”."),
        (13, "Of the date “2005/02/30/” only 2005 was taken. It is kept in the note."),
    ]


def test_web_of_science_and_scopus():
    parsed = read("web-of-science.ris")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="JOINING UP THE LINES",
            contributors=[Name(family="Frost", given="N."), Name(family="Robinson", given="M.")],
            issued="2007-05",
            container_title="INVENTED SOCIAL WORK",
            volume="37",
            issue="4",
            pages="e12",
            doi="10.5555/bjsw/bcl031",
            issn="0045-3102",
            eissn="1468-263X",
            keywords=("Joint working",),
            note="Cited By :12\nExport Date: 3 March 2021\nAN: WOS:000247118100003",
        ),
        Record(
            csl_type="paper-conference",
            title="Two names on one line",
            contributors=[Name(family="Smith", given="J."), Name(family="Jones", given="A.")],
            issued="2010",
            container_title="Invented Conference Series",
            publisher="Association of Everything",
            doi="10.5555/ics.2010.7",
            eissn="1469-9567",
        ),
    ]
    assert said(parsed) == [
        (8, "Left out, since they say nothing about the work itself: JI, M3."),
        (17, "“AN” has no field here: what it says is kept in the note (once)."),
        (25, "Check the name “Smith, J., Jones, A.”: it was read as “Smith, J.” and “Jones, A.”."),
    ]


def test_proquest_and_ebsco():
    parsed = read("proquest.ris")
    assert parsed.records == [
        Record(
            csl_type="article-magazine",
            title="Nurses & teachers",
            contributors=[Name(family="Dyer", given="P."), Name(family="Obi", given="C.")],
            issued="2002-07",
            container_title="Care Weekly",
            issn="0309-8249",
            url="https://example.org/care/7",
            note="Date: 2002 Jul-Aug\nISSN: 12345678\nU1: 7",
        ),
        Record(
            csl_type="webpage",
            title="A day in a team",
            contributors=[Name(family="Hill", given="Sam")],
            container_title="The Team Blog",
            url="https://example.org/blog/1",
            note="Date: in press",
        ),
    ]
    assert said(parsed) == [
        (1, "Lines 1 to 2: not read, since no record has begun."),
        (6, "Check the name “Dyer, P.;Obi, C.”: it was read as “Dyer, P.” and “Obi, C.”."),
        (8, "Of the date “2002 Jul-Aug” only 2002-07 was taken. It is kept in the note."),
        (9, "The ISSN “12345678” has a wrong digit: its check digit does not fit. It is kept in the note."),
        (10, "“U1” has no field here: what it says is kept in the note (once)."),
        (12, "The record of line 4 has no end (“ER  - ”) before the next begins here."),
        (14, "Check the name “Sam Hill”: it was read as “Hill, Sam”."),
        (17, "“in press” is not a date with a year. It is kept in the note."),
        (19, "Line 19: not read, for want of a “TY  - ” before what looks like a record."),
    ]
    assert [problem.line for problem in parsed.problems if problem.is_fatal] == [19]


TWO = "TY  - BOOK\nTI  - One\nER  - \nTY  - BOOK\nTI  - Two\nER  - \n"


@pytest.mark.parametrize(
    "data",
    [
        TWO.encode(),
        b"\xef\xbb\xbf" + TWO.encode(),
        TWO.encode("utf-16"),
        TWO.encode("utf-16-le"),
        TWO.encode("utf-16-be"),
        TWO.encode("utf-32"),
        TWO.replace("\n", "\r").encode(),
        TWO.replace("\n", "\r\n").encode(),
        TWO.replace("  - ", " - ").encode(),
        TWO.replace("  - ", "  -").encode(),
        TWO.replace("  - ", "\t- ").encode(),
        TWO.replace("ER  - \nTY", "TY").encode(),
        TWO.removesuffix("ER  - \n").encode(),
        TWO.replace("ER  - \n", "").encode(),
        TWO.lower().replace("one", "One").replace("two", "Two").encode(),
        TWO.replace("TI", "\n\nT1").encode(),
        b"Downloaded by someone\n\n" + TWO.encode(),
        TWO.replace("\n", " \t\n").encode(),
        "\n".join("  " + line for line in TWO.split("\n")).encode(),
    ],
)
def test_no_record_is_lost_in_a_messy_file(data):
    parsed = formats.parse(data)
    assert [(record.csl_type, record.title) for record in parsed.records] == [("book", "One"), ("book", "Two")]
    assert parsed.is_complete


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "empty"),
        ("\n\n \n", 1, "empty"),
        ("What is this?\n", 1, "none of the formats"),
        ("\nAU  - Frost, N.\nTI  - A title\nER  - \n", 1, "none of the formats"),
        ("TY  - JOUR\nER  - \n", 1, "The record is empty"),
        (TWO + "\nAU  - Frost, N.\nTI  - A title\n", 8, "Lines 8 to 9: not read"),
        (TWO.replace("ER  - ", "ER  - 1"), 3, "Line 3: not read"),
    ],
)
def test_what_cannot_be_read_is_a_fatal_problem_with_its_line(text, line, message):
    parsed = formats.parse(text.encode())
    fatal = [problem for problem in parsed.problems if problem.is_fatal]
    assert fatal[0].line == line
    assert message in fatal[0].message


def test_a_wrapped_line_belongs_to_the_tag_before_it():
    assert (
        field("AB  - Front line\nUK - based staff\n   and more", "abstract") == "Front line UK - based staff and more"
    )


def test_a_record_without_a_title_is_returned_and_reported():
    parsed = ris.parse("TY  - JOUR\nAU  - Frost, N.\nER  - \n")
    assert parsed.records == [Record("article-journal", contributors=[Name(family="Frost", given="N.")])]
    assert said(parsed) == [(1, "The record has no title.")]


def test_an_unknown_type_is_a_document():
    parsed = ris.parse("TY  - ZZZZ\nTI  - T\nER  - \n")
    assert (parsed.records[0].csl_type, parsed.records[0].note) == ("document", "TY: ZZZZ")
    assert said(parsed) == [(1, "The type “ZZZZ” has no like here. It is kept in the note.")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("SP  - 7\nEP  - 17", "7-17"),
        ("EP  - 17\nSP  - 7", "7-17"),
        ("SP  - 7-17", "7-17"),
        ("SP  - 7–17\nEP  - 17", "7-17"),
        ("SP  - pp. 7 - 17", "7-17"),
        ("SP  - 7\nEP  - 7-17", "7-17"),
        ("SP  - 7\nEP  - 7", "7"),
        ("SP  - e12", "e12"),
        ("EP  - 17", "17"),
        ("SP  - S1-S9", "S1-S9"),
        ("SP  - 7-9, 12", "7-9, 12"),
    ],
)
def test_pages(lines, expected):
    assert field(lines, "pages") == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Frost, Nick", Name(family="Frost", given="Nick")),
        ("Frost,Nick", Name(family="Frost", given="Nick")),
        ("King, Martin, Jr", Name(family="King Jr", given="Martin")),
        ("Nick Frost", Name(family="Frost", given="Nick")),
        ("Anna van Dyck", Name(family="van Dyck", given="Anna")),
        ("Frost NJ", Name(family="Frost", given="NJ")),
        ("Department of Health", Name(literal="Department of Health")),
        ("Research in Practice", Name(literal="Research in Practice")),
        ("Barnardo's", Name(literal="Barnardo's")),
        ("Ofsted", Name(literal="Ofsted")),
        ("Social Exclusion Unit", Name(literal="Social Exclusion Unit")),
        ("Home Start,", Name(literal="Home Start")),
        ("Ministry of Care,, Youth Branch", Name(literal="Ministry of Care, Youth Branch")),
    ],
)
def test_names(typed, expected):
    assert field(f"AU  - {typed}", "contributors") == [expected]


def test_repeated_fields_and_identifiers_are_kept():
    parsed = ris.parse("TY  - JOUR\nTI  - T\nT1  - Other\nDO  - ten.1\nUR  - ftp://x\nSN  - 12\nY2  - 2003\nER  - \n")
    assert parsed.records[0].note.split("\n") == [
        "Title: Other",
        "Accessed: 2003",
        "DOI: ten.1",
        "ISBN: 12",
        "Address: ftp://x",
    ]
    assert [problem.line for problem in parsed.problems] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("kind", "csl_type"),
    [
        ("EDBOOK", "book"),
        ("JFULL", "article-journal"),
        ("ICOMM", "webpage"),
        ("WEB", "webpage"),
        ("PAMP", "pamphlet"),
        ("GOVDOC", "report"),
        ("BILL", "legislation"),
        ("UNPB", "document"),
        ("CONF", "paper-conference"),
    ],
)
def test_types(kind, csl_type):
    assert one(f"TY  - {kind}\nTI  - T\nER  - \n").csl_type == csl_type


def test_the_authors_of_an_edited_book_are_its_editors():
    assert one("TY  - EDBOOK\nTI  - T\nAU  - Frost, N.\nER  - \n").people("editor")


def test_what_is_written():
    record = Record(
        csl_type="report",
        title="A\nTY  - report",
        contributors=[
            Name(family="Frost", given="Nick"),
            Name(literal="Home Start"),
            Name("editor", family="Ito", given="H."),
            Name("compiler", family="Obi", given="C."),
            Name("translator", family="Dyer", given="P."),
        ],
        issued="2005-03",
        issued_is_approximate=True,
        pages="7-17",
        publisher="Bureau",
        place="Leeds",
        series="Guides",
        doi="10.5555/1",
        isbn="9780521663632",
        url="https://example.org/1",
        accessed_on=date(2024, 5, 1),
        keywords=("a", "b; c"),
        note="one\ntwo",
        key="S7",
    )
    assert ris.dump([record]).split("\r\n") == [
        "TY  - RPRT",
        "ID  - S7",
        "TI  - A TY - report",
        "AU  - Frost, Nick",
        "AU  - Home Start,",
        "AU  - Obi, C.",
        "ED  - Ito, H.",
        "A4  - Dyer, P.",
        "PY  - 2005",
        "DA  - 2005/03//circa",
        "T2  - Guides",
        "SP  - 7",
        "EP  - 17",
        "PB  - Bureau",
        "CY  - Leeds",
        "DO  - 10.5555/1",
        "SN  - 9780521663632",
        "UR  - https://example.org/1",
        "Y2  - 2024/05/01/",
        "KW  - a",
        "KW  - b, c",
        "N1  - one",
        "N1  - two",
        "ER  - ",
        "",
        "",
    ]


def test_only_a_document_is_written_as_gen():
    kinds = {kind: ris.dump([Record(kind, "T")]).split("\r\n")[0] for kind in ris.WRITTEN_AS}
    assert [kind for kind, line in kinds.items() if line == "TY  - GEN"] == ["document"]
