import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from sources.bibliography import formats
from sources.bibliography.formats import table
from sources.bibliography.record import Name, Record

SMITHS = [Name(family="Quill", given="Jo"), Name(family="Ferris", given="P.")]


def one(text, **options):
    [record] = formats.parse(text.encode() if isinstance(text, str) else text, "list.csv", **options).records
    return record


def workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_zotero():
    assert one(
        "Key,Item Type,Publication Year,Author,Title,Publication Title,ISSN,DOI,Url,Abstract Note,Date,Access Date,"
        "Pages,Issue,Volume,Manual Tags,Extra\n"
        'AB,journalArticle,2004,"Quill, Jo; Ferris, P.",Teams that talk.,A Journal,0309-8249,10.5555/T,'
        "https://example.org/1,Short.,2004-05-03,2024-05-01 10:00:00,7-17,2,18,a; b,PMID: 1\n"
    ) == Record(
        "article-journal",
        "Teams that talk",
        SMITHS,
        "2004-05-03",
        container_title="A Journal",
        volume="18",
        issue="2",
        pages="7-17",
        issn="0309-8249",
        doi="10.5555/t",
        url="https://example.org/1",
        accessed_on=date(2024, 5, 1),
        abstract="Short.",
        keywords=("a", "b"),
        note="PMID: 1",
    )


def test_pubmed_has_volume_and_pages_in_its_citation():
    record = one(
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI\n"
        '1,Teams.,"Quill J, Ferris PQ.","J Care. 2004 May;18(2):201-19. doi: 10.5555/t. Epub 2004 Apr 1.",Quill J,'
        "J Care,2004,2004/04/01,PMC2,,10.5555/t\n"
    )
    assert (record.csl_type, record.issued, record.volume, record.issue, record.pages) == (
        *("article-journal", "2004-05", "18", "2", "201-19"),
    )
    assert record.contributors == [Name(family="Quill", given="J"), Name(family="Ferris", given="PQ.")]
    assert record.note == "PMID: 1\nPMCID: PMC2"


def test_scopus_has_authors_twice_and_numbers_of_articles():
    record = one(
        '"Authors","Author full names","Title","Year","Source title","Volume","Art. No.","Cited by","Document Type"\n'
        '"Quill J.; Ferris P.","Quill, Jo (57190000000); Ferris, P. (57190000001)","Teams",2013,"J","1","e7","5",'
        '"Article"\n'
    )
    assert (record.contributors, record.pages, record.note) == (SMITHS, "e7", "")


def test_web_of_science_with_long_headings_and_short_ones():
    long = one(
        "Publication Type\tAuthors\tAuthor Full Names\tArticle Title\tSource Title\tPublication Date\t"
        "Publication Year\tStart Page\tEnd Page\tDocument Type\n"
        "J\tQuill, J; Ferris, P\tQuill, Jo; Ferris, P.\tTeams\tJ\tMAY 12\t2013\t7\t17\tArticle\n"
    )
    short = one("PT\tAU\tTI\tSO\tPD\tPY\tBP\tEP\nJ\tQuill, Jo; Ferris, P.\tTeams\tJ\tMAY 12\t2013\t7\t17\n")
    assert long == short
    assert (long.contributors, long.issued, long.pages) == (SMITHS, "2013-05-12", "7-17")


def test_endnote():
    record = one(
        "Reference Type\tAuthor\tYear\tTitle\tJournal/Secondary Title\tPlace Published\tPublisher\tPages\tISBN/ISSN\n"
        "Book Section\tQuill, Jo; Ferris, P.\t1999\tWho holds the file?\tThe Handbook\tBristol\tA Press\t7-17\t"
        "9780521663632\n"
    )
    assert (record.csl_type, record.container_title, record.isbn) == ("chapter", "The Handbook", "9780521663632")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_encoding_is_told_by_what_is_there(delimiter, encoding, end):
    rows = [["Title", "Author", "Type"], [f"Café{delimiter}teams", "Quill, Jo", "Book"]]
    text = end.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows) + end
    record = one(text.encode(encoding))
    shown = delimiter.replace("\t", " ")
    assert (record.title, record.contributors) == (f"Café{shown}teams", SMITHS[:1])


def test_columns_that_are_known_and_those_that_are_not():
    rows = list(table.of_text("My list\n\nTitle;Who;When;Cited by;PMID;Who\n;;;;;W\nT;;2004;5;6;\n"))
    found = table.columns(rows)
    assert found == [
        *[("Title", "T", "title"), ("Who", "W", None), ("When", "2004", None)],
        *[("Cited by", "5", table.LEFT_OUT), ("PMID", "6", table.KEPT)],
    ]
    assert not table.are_known(found)
    mapped = table.columns(rows, {"who": "authors", "When": table.LEFT_OUT, "PMID": "note"})
    assert [column.field for column in mapped] == ["title", "authors", "", "", "note"]
    assert table.are_known(mapped)
    assert not table.are_known(table.columns(rows, {"who": "authors", "When": "", "Title": "note"}))


def test_every_field_of_a_column_has_a_name_for_people():
    assert set(table.LABELS) == set(table.FIELDS)


@pytest.mark.parametrize("mapping", [{"Titel": "title"}, {"Titel": "title", "Autor": "authors", "Jahr": "year"}])
def test_headings_that_nobody_knows_are_found_by_what_is_said_of_them(mapping):
    record = one("Titel;Autor;Jahr\nTeams;Quill, Jo;2004\n", mapping=mapping)
    assert record.title == "Teams"
    assert ("Quill" in record.note) == ("Autor" not in mapping)


def test_columns_are_what_somebody_says_they_are():
    text = "Name;Who;When;Shelf;Type\nTeams;Quill, Jo;2004;A4;Book\n"
    unread = formats.parse(text.encode(), "list.csv")
    assert not unread.records
    assert "No column is called “Title”" in unread.problems[0].message
    record = one(text, mapping={"Name": "title", "Who": "authors", "When": "year", "Shelf": ""})
    assert record == Record("book", "Teams", SMITHS[:1], "2004")
    record = one(text, mapping={"Name": "title", "Who": "authors"})
    assert record.note == "When: 2004\nShelf: A4"
    assert record.remarks == [("note", "No field here for When, Shelf: kept in the note.")]


def test_a_workbook():
    parsed = formats.parse(
        workbook(
            [["Contents"]],
            [
                ["Our references"],
                ["Title", "Author", "Year", "Pages", "Journal", "Accessed"],
                ["Teams", "Quill, Jo", 2004.0, datetime(2017, 7, 1), "J", date(2024, 5, 1)],
                [],
                ["More teams", None, "c2005", "7-17", "J", None],
            ],
        ),
        "list.xlsx",
    )
    first, second = parsed.records
    assert (first.line, first.issued, first.pages, first.note) == (3, "2004", "", "Pages: 2017-07-01")
    assert first.accessed_on == date(2024, 5, 1)
    assert (second.line, second.issued, second.pages) == (5, "2005", "7-17")
    assert {problem.message for problem in parsed.problems if problem.line == 1} == {
        "The sheet “Sheet 2” was read. Not read: “Sheet 1”.",
        "This row stands above the headings: it was not read.",
    }


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b" " * 20_000_000)
    return file.getvalue()


def with_part(name):
    file = io.BytesIO(workbook([["Title"], ["T"]]))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bomb(), table.rows.BOMB),
        (workbook([["Title"], ["T"]])[:-200], table.rows.DAMAGED),
        (b"PK\x03\x04nonsense", table.rows.DAMAGED),
        (with_part("xl/vbaProject.bin"), table.rows.MACROS),
        (workbook([]), "The workbook is empty."),
        (workbook([["Title"]]), "There are no rows below the headings."),
        (workbook([["Title", *map(str, range(600))], ["T"]]), table.rows.WIDE),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_in_words(data, message):
    parsed = formats.parse(data, "list.xlsx")
    assert not parsed.records
    assert message in [problem.message for problem in parsed.problems if problem.is_fatal]


def test_a_quotation_mark_that_is_not_closed_is_told_and_what_is_before_is_read():
    parsed = formats.parse(b'Title,Year\nA,2001\n"B"x,2002\nC,2003\n', "list.csv")
    assert [record.title for record in parsed.records] == ["A"]
    [fatal] = [problem for problem in parsed.problems if problem.is_fatal]
    assert fatal.line == 3
    assert "a quotation mark is not closed" in fatal.message


def test_what_kind_of_work_a_row_is_may_be_a_guess_and_is_told_once():
    parsed = formats.parse(b"Title,Journal,ISBN\nA,J,\nB,,9780521663632\nC,,\n", "list.csv")
    assert [record.csl_type for record in parsed.records] == ["article-journal", "book", "document"]
    assert [problem.line for problem in parsed.problems] == [1]


def test_a_kind_of_work_that_is_not_known_is_kept_and_told():
    record = one("Title,Type\nA,Film\n")
    assert (record.csl_type, record.note) == ("document", "Type: Film")
    assert record.remarks[0].field == "csl_type"


def test_too_many_rows_are_refused():
    parsed = formats.parse(b"Title,Year\n" + b"A,2001\n" * 11, "list.csv", most=10)
    assert not parsed.records
    assert "more than 10 records" in parsed.problems[0].message


def test_a_row_that_is_longer_than_the_headings_keeps_what_is_beyond():
    record = one("Title,Year\nA,2001,what,is,this\n")
    assert record.note == "Column 3: what\nColumn 4: is\nColumn 5: this"
