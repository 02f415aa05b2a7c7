import re
import unicodedata
from collections import Counter

import pytest

from sources.bibliography import formats
from sources.bibliography.dates import MONTHS
from sources.bibliography.record import as_json
from tests.sources.bibliography.formats.dialects import DIALECTS, export


def words(text):
    """The words and numbers of a text, however they are marked up; months as their numbers."""
    plain = unicodedata.normalize("NFKC", text.replace("’", "").replace("'", "")).casefold()
    found = re.findall(r"[^\W_]+", plain)
    return {
        str(MONTHS.index(word[:3]) + 1) if word[:3] in MONTHS and len(word) < 4 else word.lstrip("0") for word in found
    }


# The field in which a value must come out, by what programs call it; others may be in any.
PLACES = {
    "title": "TI T1 title Title",
    "contributors": "AU FAU author Author Authors ED editor",
    "issued": "DP PY Y1 PD date year Year issued Date",
    "doi": "DO L3 AID doi DOI DI",
    "url": "UR LID url URL Url",
    "volume": "VL VI volume Volume",
    "issue": "IP number",  # IS is an issue in RIS and an ISSN in PubMed's format
    "pages": "SP EP PG BP page pages Pages C7 article-number art_number",
    "abstract": "AB abstract",
    "keywords": "KW MH OT keyword keywords",
    "publisher": "PB publisher institution Publisher",
    "place": "CY address",
    "language": "langid",
    "csl_type": "csl_type",
}
PLACE_OF = {label: field for field, labels in PLACES.items() for label in labels.split()}


def texts(record):
    """Of each field but the note, its words; of dates and serials also as one number."""
    values = as_json(record)
    values["contributors"] = " ".join(" ".join(name.values()) for name in values["contributors"])
    values["notices"] = " ".join(" ".join(notice.values()) for notice in values["notices"])
    values["keywords"] = " ".join(values["keywords"])
    values["issued"] += " " + values["issued"].replace("-", "")
    return {field: words(str(value)) for field, value in values.items() if field not in {"note", "remarks"}}


def where(label, said, record, fields, left_out):
    """Whether a value came out in its field, in the note and told, told at the record or for the file, or was lost."""
    wanted = words(said)
    place = PLACE_OF.get(label)
    if wanted <= (fields[place] if place else set().union(*fields.values())):
        return "field"
    kept = set().union(words(record.note), *fields.values())
    told = [message for _, message in record.remarks]
    if wanted <= kept:
        is_note = label in {"N1", "Extra", "note"}
        return "note" if is_note or any("kept in the note" in message for message in told) else "lost"
    if wanted <= kept | words(" ".join(told)):
        return "remark"
    return "file" if re.search(rf"(?<!\w){re.escape(label)}\b", left_out) else "lost"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_programs_export_comes_out_or_is_told(dialect):
    made = export(dialect, 200)
    parsed = formats.parse(made.data, made.filename)
    assert len(parsed.records) == 200
    assert parsed.is_complete
    left_out = " ".join(problem.message for problem in parsed.problems if problem.message.startswith("Left out"))
    counts: Counter[str] = Counter()
    lost = []
    for record, put in zip(parsed.records, made.records, strict=True):
        fields = texts(record)
        for label, said in put:
            found = where(label, said, record, fields, left_out)
            counts[found] += 1
            if found == "lost":
                lost.append((label, said, record))
    print(dialect, sum(counts.values()), dict(counts))
    assert lost == []
    assert counts["field"] > 0.7 * counts.total()


def test_what_is_nowhere_is_counted_as_lost():
    [record] = formats.parse(b"TY  - JOUR\nTI  - Teams\nN1  - talk\nER  - \n").records
    found = {label: where(label, "talk", record, texts(record), "Left out: AD, L1.") for label in ["TI", "N1", "AD"]}
    assert found == {"TI": "lost", "N1": "note", "AD": "lost"}
    assert where("AD", "Leeds", record, texts(record), "Left out: AD, L1.") == "file"
    assert where("PB", "Leeds", record, texts(record), "Left out: AD, L1.") == "lost"
