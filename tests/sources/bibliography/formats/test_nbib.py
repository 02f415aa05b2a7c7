from pathlib import Path

from sources.bibliography import formats
from sources.bibliography.formats import nbib
from sources.bibliography.record import Name, Record

DATA = Path(__file__).parent / "data"


def test_pubmed():
    parsed = formats.parse((DATA / "pubmed.nbib").read_bytes(), "pubmed.nbib")
    assert parsed.records == [
        Record(
            csl_type="article-journal",
            title="Talking across the corridor: what health visitors make of joint assessment",
            contributors=[
                Name(family="Ashworth", given="Petra J"),
                Name(family="van den Berg", given="Koen"),
                Name(literal="Centre for Imagined Practice"),
            ],
            issued="2004-05",
            container_title="Journal of shared work",
            volume="18",
            issue="2",
            pages="201-19",
            doi="10.5555/jsw.2004.0011",
            issn="0309-8249",
            eissn="1467-9752",
            abstract="BACKGROUND: Time to meet matters.",
            keywords=("Cooperative Behavior", "Child", "teams"),
            note="Date: 2004 May-Jun\nPMID: 12345678\nPublication type: Systematic Review\nPMCID: PMC123",
            language="eng",
        ),
        Record(
            csl_type="chapter",
            title="Who holds the file?",
            contributors=[Name(family="Szabo", given="E"), Name("editor", family="Marlowe", given="Quentin")],
            issued="1999-03-04",
            container_title="The Handbook",
            publisher="Corridor Press",
            place="Bristol",
            isbn="9780521663632",
            note="PMID: 23456789",
            language="hun",
        ),
    ]
    assert [(record.key, record.line) for record in parsed.records] == [("12345678", 2), ("23456789", 39)]
    assert [(problem.line, problem.message) for problem in parsed.problems] == [
        (2, "“PMID” has no field here: what it says is kept in the note (2 times)."),
        (3, "Left out, since they say nothing about the work itself: AD, DCOM, OWN, PL, SB, SO, STAT, TA, pii."),
        (11, "Of the date “2004 May-Jun” only 2004-05 was taken. It is kept in the note."),
        (27, "“Publication type” has no field here: what it says is kept in the note (once)."),
        (35, "“PMCID” has no field here: what it says is kept in the note (once)."),
    ]


def test_a_record_follows_without_an_empty_line():
    assert [record.title for record in nbib.parse("PMID- 1\nTI  - One.\nPMID- 2\nTI  - Two.\n").records] == [
        "One",
        "Two",
    ]


def test_what_is_no_record_is_reported():
    parsed = nbib.parse("Hello\nAB  - Nothing else\n")
    assert parsed.records == []
    assert [(problem.line, problem.is_fatal) for problem in parsed.problems] == [(1, False), (2, True)]
