"""What holds for every format."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliography import formats
from sources.bibliography.formats import FORMATS
from tests.sources.bibliography.formats import strategies

WRITTEN = [name for name, known in FORMATS.items() if known.dump]
NO_COMPILER = ("author", "editor", "translator")


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
def test_what_is_written_is_read_back_the_same(name, data):
    roles = NO_COMPILER if name == "ris" else ("author", "editor", "compiler", "translator")
    records = strategies.records(roles, has_italics=name != "ris")  # where tags would be letters to most programs
    written = data.draw(st.lists(records, min_size=1, max_size=3))
    parsed = formats.parse(FORMATS[name].dump(written).encode(), f"list{FORMATS[name].extensions[0]}")
    if name == "ris":  # which has text on one line
        written = [replace(record, abstract=" ".join(record.abstract.split("\n"))) for record in written]
    assert parsed.records == written
    assert parsed.is_complete


STARTS = {
    "ris": "TY  - JOUR\nAU  - a, b\n",
    "bibtex": "@book{a,\n title = {b},\n author = ",
    "csl-json": '[{"type": "book", "author": ',
    "nbib": "PMID- 1\nTI  - a\nFAU - ",
    "table": "Title,Author,What,Date\na,b,",
}
FRAGMENTS = [
    *["TY  - RPRT\n", "ER  - \n", "AU  - ", "SN  - 1234-5678 (x)", "DA  - 2003//", "SP  - 7-", "EP  - ", "KW  - a;b"],
    *["N1  - doi:10.1/", "@article{", "@string{x = ", "@comment{", "}", "{", '"', "#", ",", " = ", "crossref = {a}"],
    *[" and ", "\\'", "\\", "$", "month = may", '{"a": ', "[", "]", "null", "1e999", '"DOI": "10.', '"title": ["x"],'],
    *['"issued": {"date-parts": [[', '"family": "\\ud800"', "PMID- 2\n", "DP  - 2003 May-", "LID - x [doi]"],
    *["      go on", "\n", "\r", "\t", "\0", "ä", "2003", "10.1000/x", "http://", "978 0 335 24387 7"],
]


@given(st.binary(max_size=200), st.sampled_from(["", "a.ris", "a.bib", "a.json", "a.nbib"]))
def test_no_bytes_are_an_error(data, filename):
    parsed = formats.parse(data, filename)
    assert parsed.records or parsed.problems


@pytest.mark.parametrize("name", FORMATS)
@given(pieces=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=30), starts=st.booleans())
def test_no_text_is_an_error_in_any_format(name, pieces, starts):
    parsed = FORMATS[name].parse(STARTS[name] * starts + "".join(pieces).replace("\r", "\n"))
    assert parsed.records or parsed.problems
    for record in parsed.records:
        for written in WRITTEN if record.title else []:
            again = FORMATS[written].parse(FORMATS[written].dump([record]))
            assert len(again.records) == 1
        repr(record).encode()
        assert "\0" not in repr(record)


LONG_FIELDS = {
    "ris": ("TY  - JOUR\nTI  - T\n{}  - {}\nER  - \n", ["AB", "AU", "SN", "KW", "UR", "SP"]),
    "bibtex": (
        "@book{{k, subtitle = {{T}}, {} = {{{}}}}}\n",
        ["abstract", "author", "issn", "keywords", "url", "pages"],
    ),
    "csl-json": ('[{{"type": "book", "id": 1, "{}": "{}"}}]', ["abstract", "author", "ISSN", "keyword", "URL", "page"]),
    "nbib": ("PMID- 1\nTI  - T\n{} - {}\n", ["AB ", "FAU", "IS ", "MH ", "DP ", "PG "]),
}


@pytest.mark.parametrize(
    ("name", "field", "content"),
    [
        (name, field, content)
        for name, (_, fields) in LONG_FIELDS.items()
        for field, content in zip(fields, [" a word", "a", "7", "a;", " ", "1-"], strict=True)
    ],
)
def test_a_field_of_a_megabyte_takes_time_as_its_size(name, field, content):
    text = LONG_FIELDS[name][0].format(field, content * (1_000_000 // len(content)))
    before = time.perf_counter()
    parsed = FORMATS[name].parse(text)
    for written in WRITTEN:
        FORMATS[written].dump(parsed.records)
    assert time.perf_counter() - before < 30  # many minutes, if it grew with the square
    assert len(parsed.records) == 1


@pytest.mark.parametrize(
    ("data", "filename", "name"),
    [
        (b"TY  - JOUR\n", "", "ris"),
        (b"\xef\xbb\xbf\r\n ty - JOUR\r\n", "list.bib", "ris"),
        ("TY  - JOUR\n".encode("utf-16"), "", "ris"),
        (b"% of {mine}\n@Book{a,", "list.txt", "bibtex"),
        (b'\n[{"type": "book"}]', "list.ris", "csl-json"),
        (b"{}", "", "csl-json"),
        (b"[1] not JSON", "", None),
        (b"\nPMID- 1\n", "", "nbib"),
        (b"OWN - ERIC\nTI  - A\n", "list.txt", "nbib"),
        (b"Title;Year;TY  - x\n", "list.txt", "table"),
        (b"TI\tAU\n", "", "table"),
        (b"Name,Who\n", "list.csv", "table"),
        (b"PK\x03\x04", "list.ris", "table"),
        (b"nothing", "LIST.BIB", "bibtex"),
        (b"nothing", "list.doc", None),
        (b"", "", None),
    ],
)
def test_the_format_is_told_by_the_content_then_by_the_extension(data, filename, name):
    assert formats.guess(data, filename) == name


BOOK = "TY  - BOOK\nTI  - Café – “ü”\nER  - \n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (BOOK.encode(), None),
        (BOOK.encode("utf-16"), None),
        (BOOK.encode("utf-16-le"), (1, "read as UTF-16")),
        (BOOK.encode("utf-16-be"), (1, "read as UTF-16")),
        (BOOK.encode("cp1252"), (2, "read as Windows-1252")),
        (BOOK.encode().replace("é".encode(), b"\xe9"), (2, "single characters were read as Windows-1252")),
    ],
)
def test_text_in_any_encoding_is_read_and_a_guess_reported(data, message):
    parsed = formats.parse(data)
    assert parsed.records[0].title == "Café – “ü”"
    assert [problem.line for problem in parsed.problems] == ([message[0]] if message else [])
    assert all(message[1] in problem.message for problem in parsed.problems)


def test_the_package_is_pure():
    folder = Path(formats.__file__).parent
    assert not [path.name for path in folder.glob("*.py") if "django" in path.read_text()]
