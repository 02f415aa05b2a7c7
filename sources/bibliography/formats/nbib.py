"""The MEDLINE format of PubMed, in files named .nbib.

After “MEDLINE®PubMed® XML Element Descriptions” and “PubMed Help: search field descriptions” (National Library of
Medicine). Only read: nothing but PubMed needs to write it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from curation.text import tidy
from sources.bibliography.formats.draft import Draft, Tally, Value
from sources.bibliography.record import Name, Parsed, Problem

PLAIN = {
    "VI": "volume",
    "IP": "issue",
    "EN": "edition",
    "PB": "publisher",
    "AB": "abstract",
    "LA": "language",
    "CTI": "series",
}
IDENTIFIERS = {"PMID": "PMID", "PMC": "PMCID", "SI": "SI", "GR": "Grant", "PT": "Publication type", "CIN": "Comment in"}
# About the database, and what every journal article is.
LEFT_OUT = set(
    """
    AD AUID CDAT CI COIS CON CRDT CTDT DA DCOM DEP DRDT EDAT FAU FED FIR GN IR IRAD JID LR MHDA NM OAB OABL OID OWN
    OCI PHST PL PMCR PST PUBM RF RIN RN SB SO SPIN STAT TA UIN UOF UPD
    """.split()
)
COMMON = re.compile(r"journal article|research support.*|english abstract|book|book chapter", re.I)
THESIS = re.compile(r"academic dissertation", re.I)
NEWS = re.compile(r"newspaper article", re.I)
LINE = re.compile(r"([A-Z]{2,4}) {0,3}- ?(.*)", re.S)


class Field(NamedTuple):
    tag: str
    line: int
    text: str


def parse(text: str, most: int | None = None) -> Parsed:
    """Read a file of PubMed records, given as text. Returns Parsed; raises TooMany alone."""
    parsed = Parsed(most=most)
    tally = Tally()
    for fields in _entries(text, parsed.problems):
        line = fields[0].line
        if not {"PMID", "TI", "BTI"} & {field.tag for field in fields if field.text}:
            message = "What begins here has neither a title nor a PMID: it was not read."
            parsed.problems.append(Problem(line, message, is_fatal=True))
            continue
        draft = Draft(line, tally)
        _read(fields, draft)
        parsed.add(draft.finish(), draft.problems)
    parsed.problems += tally.problems()
    if not parsed.records and not any(problem.is_fatal for problem in parsed.problems):
        parsed.problems.append(Problem(1, "No record begins here with “PMID- ”: this is not PubMed's format.", True))
    return parsed.in_order()


def _entries(text: str, problems: list[Problem]) -> Iterator[list[Field]]:
    """The fields of each record. A PMID, or STAT after a gap, ends the last."""
    fields: list[tuple[str, int, list[str]]] = []
    is_after_gap = True
    for number, line in enumerate(text.split("\n"), start=1):
        match = LINE.fullmatch(line)
        if not line.strip():
            is_after_gap = True
        elif match and fields and match[1] in {"PMID", *(["STAT", "OWN"] if is_after_gap else [])}:
            yield _joined(fields)
            fields = [(match[1], number, [match[2]])]
        elif match:
            fields.append((match[1], number, [match[2]]))
        elif fields:
            fields[-1][2].append(line)
        else:
            problems.append(Problem(number, "This line stands before the first record: it was not read."))
        is_after_gap = is_after_gap and not line.strip()
    if fields:
        yield _joined(fields)


def _joined(fields: Iterable[tuple[str, int, list[str]]]) -> list[Field]:
    return [Field(tag, line, tidy(" ".join(pieces))) for tag, line, pieces in fields]


def _read(fields: Iterable[Field], draft: Draft) -> None:
    values: dict[str, list[Value]] = {}
    for tag, line, text in fields:
        if text:
            values.setdefault(tag, []).append(Value(text, line))
    record = draft.record
    record.key = values.get("PMID", [Value("", 0)])[0].text
    record.csl_type = _type([value for value, _ in values.get("PT", [])], values)
    is_part = record.csl_type == "chapter"

    def take(*tags: str) -> Iterator[Value]:
        for tag in tags:
            yield from values.pop(tag, [])

    for value, line in take("TI"):
        draft.set("title", _bare_title(value), line)
    for value, line in take("BTI"):
        draft.set("container_title" if is_part or record.title else "title", _bare_title(value), line)
    for value, line in take("JT"):
        draft.set("container_title", value, line)
    abbreviated = list(take("TA"))
    if not record.container_title:
        for value, line in abbreviated:
            draft.set("container_title", value, line)
    for whole, short, role in [("FAU", "AU", "author"), ("FED", "ED", "editor")]:
        # The short form of each name stands beside the whole one.
        tags = [tag for tag in (whole, short) if tag in values][:1]
        found = list(take(*tags))
        values.pop(short, None)
        for value, line in found:
            if "," in value or tags == [short]:
                draft.names(value, role, line)
            else:
                draft.people([Name(role, literal=value)])
    for value, _ in take("CN"):
        draft.people([Name("author", literal=value)])
    for value, line in take("DP"):
        draft.date(value, line)
    for value, line in take("PG"):
        draft.pages(value, line)
    for value, line in take("LID", "AID"):
        marked = re.fullmatch(r"(.*?)\s*\[(\w+)\]", value)
        text, kind = marked.groups() if marked else (value, "")
        if kind == "doi":
            draft.doi(text, line)
        elif kind not in {"pii", "bookaccession"} or not record.pages:
            draft.keep(kind or "AID", text, line)
    for value, line in take("IS"):
        if "(linking)" not in value.lower():
            draft.serials(value, line)
    for value, line in take("ISBN"):
        draft.serials(value, line)
    for value, line in take("PL"):
        if record.csl_type in {"book", "chapter", "report"}:  # else the country of the journal
            draft.set("place", value, line)
    for value, _ in take("MH", "OT", "KW"):
        draft.keywords([value])
    for tag, field in PLAIN.items():
        for value, line in take(tag):
            draft.set(field, value, line)
    for tag, found in values.items():
        for value, line in found:
            if tag == "PT" and COMMON.fullmatch(value):
                continue
            if tag in LEFT_OUT:
                draft.leave_out(tag, line)
            else:
                draft.keep(IDENTIFIERS.get(tag, tag), value, line)


def _type(kinds: list[str], values: dict[str, list[Value]]) -> str:
    if any(map(THESIS.fullmatch, kinds)):
        return "thesis"
    if any(map(NEWS.fullmatch, kinds)):
        return "article-newspaper"
    if "BTI" in values and "TI" in values:
        return "chapter"
    if "JT" in values or "TA" in values or not ("BTI" in values or "ISBN" in values):
        return "article-journal"
    return "book"


def _bare_title(title: str) -> str:
    """PubMed ends every title with a full stop, and puts translated ones in brackets."""
    title = title.removesuffix(".")
    return title[1:-1].removesuffix(".") if title.startswith("[") and title.endswith("]") else title
