from datetime import date
from pathlib import Path

import bibtexparser
import pytest

from sources.bibliography import formats
from sources.bibliography.formats import bibtex
from sources.bibliography.formats.latex import decode, encode
from sources.bibliography.record import Name, Record

DATA = Path(__file__).parent / "data"


def read(name):
    return formats.parse((DATA / name).read_bytes(), name)


def said(parsed):
    return [(problem.line, problem.message) for problem in parsed.problems]


def field(name, value, kind="book"):
    return getattr(bibtex.parse(f"@{kind}{{k, {value}}}").records[0], name)


def test_jabref():
    parsed = read("jabref.bib")
    editors = [Name("editor", family="Marlowe", given="Q.")]
    handbook = {
        "issued": "1999",
        "edition": "2nd",
        "publisher": "Corridor Press",
        "place": "Bristol",
        "isbn": "9780521663632",
    }
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="Talking across the NHS corridor: Łódź & Café, 50% more",
            contributors=[
                Name(family="Ashworth", given="Petra J."),
                Name(family="van den Berg", given="Koen"),
                Name(literal="Centre for Imagined Practice"),
                Name(family="Müller", given="Émile"),
            ],
            issued="2004-11",
            container_title="Journal of Shared Work",
            volume="12",
            issue="3",
            pages="201-219",
            doi="10.5555/jsw.2004_0011",
            issn="0309-8249",
            url="http://example.org/a_b?c=50%25",
            abstract="Time to meet matters.",
            keywords=("teams", "children"),
            note="Authors: and others\nRead",
        ),
        Record(
            csl_type="report",
            title="Neighbourhood teams",
            contributors=[Name(family="Okafor", given="Ngozi"), Name(family="de la Cruz Jr.", given="Ana")],
            issued="2001",
            issued_is_approximate=True,
            publisher="Bureau for Family Studies",
            place="Leeds",
            series="Working Papers",
            note="number: WP 17\ntype: Interim report",
        ),
        Record(
            csl_type="chapter",
            title="Who holds the file?",
            contributors=[Name(family="Szabó", given="Éva"), *editors],
            container_title="The Handbook",
            pages="33-58",
            **handbook,
        ),
        Record(csl_type="book", title="The Handbook", contributors=editors, **handbook),
    ]
    assert [(record.key, record.line) for record in parsed.records] == [
        ("Ashworth2004", 5),
        ("Okafor2001", 25),
        ("Szabo1999", 36),
        ("Handbook", 43),
    ]
    assert said(parsed) == [
        (6, "The list of authors ends with “and others”: find their names."),
        (20, "Left out, since they say nothing about the work itself: file, owner."),
        (30, "“number” has no field here: what it says is kept in the note (once)."),
        (33, "“type” has no field here: what it says is kept in the note (once)."),
    ]


def test_biblatex():
    parsed = read("biblatex.bib")
    assert parsed.records == [
        Record(
            csl_type="webpage",
            title="A day in a team: What happened",
            contributors=[Name(family="Hill", given="Sam")],
            issued="2005-03",
            issued_is_approximate=True,
            publisher="The Team Blog",
            url="https://example.org/blog/~hill_1",
            accessed_on=date(2024, 5, 1),
            language="british",
        ),
        Record(
            csl_type="thesis",
            title="L'équipe",
            contributors=[Name(family="Lefèvre", given="René")],
            issued="1997-06-05",
            publisher="Université de Nulle Part",
            place="Caen",
            note="arxiv: 1234.5678\ntype: phdthesis",
        ),
        Record(
            csl_type="book",
            title="Papers",
            contributors=[Name("compiler", literal="Corridor Group"), Name("translator", family="Ito", given="Hana")],
            issued="2003",
            publisher="Corridor Press",
            place="Bristol",
            note="Date: 2003/2005",
        ),
        Record(
            csl_type="article-newspaper",
            title="Talk",
            contributors=[Name(family="Dyer", given="P.")],
            issued="2002-07-01",
            container_title="The Times",
        ),
    ]
    assert said(parsed) == [
        (15, "“type” has no field here: what it says is kept in the note (once)."),
        (19, "“arxiv” has no field here: what it says is kept in the note (once)."),
        (28, "Of the date “2003/2005” only 2003 was taken. It is kept in the note."),
    ]


def test_a_broken_file_gives_every_record_that_can_be_rescued():
    parsed = read("broken.bib")
    assert parsed.records == [
        Record("book", "First", issued="2001"),
        Record("book", "Second", issued="2002"),
        Record("book", "Third", issued="2003", note="title: Third again"),
        Record("article-journal", "Fourth", [Name(family="Frost", given="Nick")], issued="2004"),
        Record("book", "Fifth", issued="2005"),
        Record("document", "Sixth", publisher="nobody"),
        Record("document", "Seventh", note="Entry type: strange"),
    ]
    broken = "Unexpected block start: `@misc`. Was still looking for field-value closing `}`"
    assert [(problem.line, problem.message, problem.is_fatal) for problem in parsed.problems] == [
        (1, "The text here is outside any entry: it was not read.", False),
        (4, "The key “twice” is used before: both entries were read.", False),
        (5, "The field “title” is given twice: the second is kept in the note.", False),
        (7, "A comma is missing before the field “title”; it was read all the same.", False),
        (11, f"The entry is broken ({broken}). It was read line by line: check every field.", False),
        (14, "The entry “nowhere”, named in crossref, is not in the file.", False),
        (14, "“nobody” is not defined with @string: the word itself was taken.", False),
        (15, "The entry has no fields: there is nothing to read.", True),
        (16, "The type “@strange” has no like here. It is kept in the note.", False),
        (17, "What stands here looks like an entry, and could not be read.", True),
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Nick Frost", Name(family="Frost", given="Nick")),
        ("Ludwig van Beethoven", Name(family="van Beethoven", given="Ludwig")),
        ("van Dyck, Anna", Name(family="van Dyck", given="Anna")),
        ("King, Jr., Martin", Name(family="King Jr.", given="Martin")),
        ("{World Health Organization}", Name(literal="World Health Organization")),
        ("World Health Organization", Name(literal="World Health Organization")),
        ("{Black and White, Ltd}", Name(literal="Black and White, Ltd")),
        ("{\\'E}mile {van Dyck}", Name(family="van Dyck", given="Émile")),
        ("Plato", Name(family="Plato")),
    ],
)
def test_names(written, expected):
    assert field("contributors", f"author = {{{written}}}, title = {{T}}") == [expected]


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"caf{\'e} caf\'e caf\'{e} caf{\'{e}}", "café café café café"),
        (r"M{\"u}ller \c{c} {\c c} \v{S} {\aa} \o \ss{} {\L}", "Müller ç ç Š å øß Ł"),
        (r"\'{\i} \'\i", "í í"),
        (r"50\% \& \# \_ \$5", "50% & # _ $5"),
        (r"pages 7--17 --- ``quoted''", "pages 7–17 — “quoted”"),
        (r"\emph{not} \textbf{bold}", "not bold"),
        (r"$\alpha$ and $n=5$ and $5 and $6", "α and n=5 and $5 and $6"),
        (r"C:\unknown path", r"C:\unknown path"),
        (r"a~b", "a b"),
        (r"\textbackslash{}x \textasciitilde{}", r"\x ~"),
    ],
)
def test_latex(latex, text):
    assert decode(latex) == text


def test_what_is_written_in_latex_can_be_read_by_bibtex():
    assert encode("{a} 5% & #1_$ ~^\\") == r"\{a\} 5\% \& \#1\_\$ \textasciitilde{}\textasciicircum{}\textbackslash{}"
    assert encode("a } b") == r"a \textbraceright{} b"
    assert encode("a--b") == "a-{}-b"


def test_what_is_written():
    record = Record(
        csl_type="report",
        title="The NHS & us",
        contributors=[
            Name(family="Frost", given="Nick"),
            Name(literal="Care and Co, Ltd"),
            Name("compiler", literal="Group"),
        ],
        issued="2005-03",
        pages="7-17",
        publisher="Bureau",
        place="Leeds",
        doi="10.5555/a_b",
        note="one\ntwo",
        key="S7",
    )
    assert bibtex.dump([record, record]).split("\n\n") == [
        f"""@techreport{{{key},
  author = {{Frost, Nick and {{Care and Co, Ltd}}}},
  editor = {{{{Group}}}},
  editortype = {{compiler}},
  title = {{The {{NHS}} \\& us}},
  year = {{2005}},
  month = mar,
  pages = {{7--17}},
  institution = {{Bureau}},
  address = {{Leeds}},
  doi = {{10.5555/a_b}},
  annote = {{one \\\\ two}}
}}{end}"""
        for key, end in [("S7", ""), ("S7-2", "\n")]
    ]
    assert not bibtexparser.parse_string(bibtex.dump([record, record])).failed_blocks


def test_an_editor_has_a_type_only_where_somebody_compiled_the_work():
    assert "editortype" not in bibtex.dump([Record("book", "T", [Name("editor", family="Ito")])])
    assert "editortype = {compiler}" in bibtex.dump([Record("book", "T", [Name("compiler", family="Obi")])])


def test_a_notice_is_printed_and_the_note_is_not():
    written = bibtex.dump([Record("book", "T", notice="Retracted.", note="Checked.", version="2")])
    assert "  note = {Retracted.},\n  annote = {Checked.}\n" in written
    assert "  version = {2},\n" in written
