import json

import pytest
from hypothesis import given

from sources.bibliography import formats
from sources.bibliography.notices import Notice, read_line, written
from sources.bibliography.record import Record
from tests.sources.bibliography.formats import strategies

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/90000005/"


def one(text):
    [record] = formats.parse(text.encode()).records
    return record


def nbib(*lines):
    return one("\n".join(["PMID- 90", "TI  - Teams that talk.", "JT  - J", "PT  - Journal Article", *lines, ""]))


def told(record, field="notices"):
    return [message for name, message in record.remarks if name == field]


@pytest.mark.parametrize(
    ("lines", "notice"),
    [
        (
            ["PT  - Retracted Publication", "RIN - Case J. 2006 Jan;20(1):5. doi: 10.5555/case.n. PMID: 90000005"],
            Notice(
                "retracted",
                "2006-01",
                "10.5555/case.n",
                PUBMED,
                "Case J. 2006 Jan;20(1):5. doi: 10.5555/case.n. PMID: 90000005",
            ),
        ),
        (["RIN - Case J. 2006;20(1):5"], Notice("retracted", "2006", detail="Case J. 2006;20(1):5")),
        (["PT  - Retracted Publication"], Notice("retracted", detail="PubMed: Retracted Publication")),
        (["RRI - J. 2009 Feb 3;1:2"], Notice("retracted", "2009-02-03", detail="J. 2009 Feb 3;1:2")),
        (["EIN - J. 2007 Mar;2(1):9"], Notice("corrected", "2007-03", detail="J. 2007 Mar;2(1):9")),
        (["CRI - J. 2007 Mar 4;2(1):9"], Notice("corrected", "2007-03-04", detail="J. 2007 Mar 4;2(1):9")),
        (["ECI - J. 2008;2:9. PMID: 90000005"], Notice("concern", "2008", "", PUBMED, "J. 2008;2:9. PMID: 90000005")),
    ],
)
def test_what_medline_says_of_a_work_since(lines, notice):
    record = nbib(*lines)
    assert record.notices == (notice,)
    assert len(told(record)) == 1


@pytest.mark.parametrize("tag", ["ROF", "EFR", "ECF", "CRF"])
def test_a_record_that_is_itself_a_notice_is_told(tag):
    record = nbib(f"{tag} - Case J. 2004;18:1")
    assert record.notices == ()
    assert "Case J. 2004;18:1" in record.note
    assert "not that work: look for it" in told(record, "title")[0]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("RETRACTED: Teams that talk", "retracted"),
        ("[Retracted] Teams that talk", "retracted"),
        ("RETRACTED ARTICLE: Teams that talk", "retracted"),
        ("WITHDRAWN: Teams that talk", "retracted"),
        ("Teams that talk (Retracted article. See vol. 24, pg 1, 2010)", "retracted"),
        ("Teams that talk [RETRACTED]", "retracted"),
        ("[Expression of Concern] Teams that talk", "concern"),
        ("Teams that talk", ""),
        ("Withdrawn children and their teams", ""),
        ("Retracted claims: a study of newspapers", ""),
    ],
)
def test_a_title_says_that_the_work_was_retracted(title, kind):
    for text in [
        f"TY  - JOUR\nTI  - {title}\nER  - \n",
        f'Title,Type\n"{title}",Article\n',
        json.dumps({"type": "book", "title": title}),
    ]:
        record = one(text)
        assert [notice.kind for notice in record.notices] == ([kind] if kind else [])
        assert record.title == title
        assert bool(told(record)) == bool(kind)


def test_the_year_in_a_title_is_that_of_the_notice():
    [notice] = one("TY  - JOUR\nTI  - T (Retracted article. See vol. 24, pg 1, 2010)\nER  - \n").notices
    assert (notice.date, notice.detail) == ("2010", "See vol. 24, pg 1, 2010")


@pytest.mark.parametrize(
    "title", ["Retraction: Teams that talk", "Erratum to: Teams", "Correction to Teams", "Expression of concern: Teams"]
)
def test_a_title_that_is_of_a_notice_is_told(title):
    record = one(f"TY  - JOUR\nTI  - {title}\nER  - \n")
    assert record.notices == ()
    assert "a notice about another work" in told(record, "title")[0]


def crossref(**more):
    return one(json.dumps({"message": {"type": "journal-article", "title": ["Teams that talk"], **more}}))


def update(kind, **more):
    return {"type": kind, "DOI": "10.5555/N", "updated": {"date-parts": [[2015, 3, 2]]}, **more}


@pytest.mark.parametrize(
    ("found", "notice"),
    [
        (
            update("retraction", label="Retraction", source="retraction-watch"),
            Notice("retracted", "2015-03-02", "10.5555/n", "", "Retraction, reported by Retraction Watch"),
        ),
        (
            update("correction", source="publisher"),
            Notice("corrected", "2015-03-02", "10.5555/n", "", "correction, reported by the publisher"),
        ),
        (
            update("expression_of_concern"),
            Notice("concern", "2015-03-02", "10.5555/n", "", "expression of concern"),
        ),
        (update("withdrawal"), Notice("retracted", "2015-03-02", "10.5555/n", "", "withdrawal")),
        (update("partial_retraction"), Notice("corrected", "2015-03-02", "10.5555/n", "", "partial retraction")),
        (update("erratum", updated={}), Notice("corrected", "", "10.5555/n", "", "erratum")),
    ],
)
def test_what_crossref_says_of_a_work_since(found, notice):
    record = crossref(**{"updated-by": [found]})
    assert record.notices == (notice,)
    assert len(told(record)) == 1


def test_an_update_that_is_no_warning_is_kept_in_the_note():
    record = crossref(**{"updated-by": [update("new_version", label="New version")]})
    assert (record.notices, record.note) == ((), "New version in: 10.5555/N")


def test_a_notice_in_crossref_is_told_to_be_one():
    record = crossref(**{"update-to": [update("retraction", label="Retraction")]})
    assert (record.notices, record.note) == ((), "Retraction of: 10.5555/N")
    assert "look for it" in told(record, "title")[0]


@pytest.mark.parametrize(
    ("relation", "kinds"),
    [
        ({"is-corrected-by": [{"id": "10.5555/n", "id-type": "doi"}]}, ["corrected"]),
        ({"has-retraction": [{"id": "10.5555/n"}]}, ["retracted"]),
        ({"is-correction-of": [{"id": "10.5555/n"}]}, []),
        ({"has-review": [{"id": "10.5555/n"}]}, []),
        ("odd", []),
    ],
)
def test_relations_of_crossref(relation, kinds):
    assert [notice.kind for notice in crossref(relation=relation).notices] == kinds


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        ("Retraction in: J. 2006 Jan;20(1):5", Notice("retracted", "2006-01", detail="J. 2006 Jan;20(1):5")),
        (
            "Retracted 3 May 2010. Data were made up.",
            Notice("retracted", "2010-05-03", detail="3 May 2010. Data were made up."),
        ),
        ("Erratum in: J. 2007;2:9", Notice("corrected", "2007", detail="J. 2007;2:9")),
        ("Retracted", Notice("retracted")),
        ("Corrected proof in the library", None),
        ("Retracted claims are many", None),
        ("Not retracted", None),
    ],
)
def test_a_note_that_is_a_notice(line, notice):
    assert read_line(line) == notice
    found = one(f"TY  - JOUR\nTI  - T\nN1  - {line}\nER  - \n")
    assert found.notices == ((notice,) if notice else ())
    assert found.note == ("" if notice else line)


@given(strategies.notices())
def test_a_notice_is_read_as_it_was_written(notice):
    assert read_line(written(notice)) == notice


def test_a_notice_is_read_with_its_reference():
    record = Record(title="T", notices=(Notice("retracted", "2006-01", "10.5555/n"),))
    assert record.caveats == "Retracted (2006-01): doi: 10.5555/n"
