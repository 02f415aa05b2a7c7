"""The MEDLINE format of PubMed, in files named .nbib, and what ERIC writes in its form.

After “MEDLINE®PubMed® XML Element Descriptions” and “PubMed Help: search field descriptions” (National Library of
Medicine). Only read: nothing but these databases needs to write it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from curation.text import tidy
from sources.bibliography.formats.draft import WEB, Draft, Tally, Value
from sources.bibliography.notices import Notice, cited
from sources.bibliography.record import Parsed, Problem
from sources.bibliography.titles import unstopped

PLAIN = {
    "VI": "volume",
    "IP": "issue",
    "EN": "edition",
    "PB": "publisher",
    "AB": "abstract",
    "LA": "language",
    "CTI": "series",
}
IDENTIFIERS = {
    "PMID": "PMID",
    "PMC": "PMCID",
    "SI": "SI",
    "GR": "Grant",
    "PT": "Publication type",
    "CIN": "Comment in",
    "OID": "ERIC number",
}
# Where a notice about this work is -> its kind; and about which work this one is a notice.
NOTICES = {"RIN": "retracted", "RRI": "retracted", "EIN": "corrected", "CRI": "corrected", "ECI": "concern"}
ABOUT = {
    "ROF": "Retraction of",
    "RRF": "Retraction and republication of",
    "EFR": "Erratum for",
    "CRF": "Correction and republication of",
    "ECF": "Expression of concern for",
}
# About the database, and what every journal article is.
LEFT_OUT = set(
    """
    AD AUID CDAT CI COIS CON CRDT CTDT DA DCOM DEP DRDT EDAT FAU FED FIR GN IR IRAD JID LR MHDA NM OAB OABL OWN
    OCI PHST PL PMCR PST PUBM RF RN SB SO SPIN STAT TA UIN UOF UPD
    """.split()
)
COMMON = re.compile(r"journal articles?|english abstract|books?|book chapter", re.I)
SUPPORT = re.compile(r"research support.*", re.I)
# Kinds of publication of PubMed and ERIC -> ours, the first that fits, for works that are in no journal.
KINDS = [
    (re.compile(r"academic dissertation|dissertations/theses.*", re.I), "thesis"),
    (re.compile(r"newspaper article", re.I), "article-newspaper"),
    (re.compile(r"speeches/meeting papers|congress(?:es)?", re.I), "paper-conference"),
    (re.compile(r"legal/legislative/regulatory materials|legislation", re.I), "legislation"),
    (re.compile(r"books?|collected works.*", re.I), "book"),
    (
        re.compile(
            r"(?:technical )?reports?\b.*|guides\b.*|guideline|numerical/quantitative data|eric publications.*", re.I
        ),
        "report",
    ),
]
LINE = re.compile(r"([A-Z]{2,5}) {0,3}-(?: (.*)|)", re.S)
STARTS = ("PMID", "OWN", "STAT")


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
        _Reading(fields, draft).read()
        parsed.add(draft.finish(), draft.problems)
    parsed.problems += tally.problems()
    if not parsed.records and not any(problem.is_fatal for problem in parsed.problems):
        parsed.problems.append(Problem(1, "No record begins here with “PMID- ”: this is not PubMed's format.", True))
    return parsed.in_order()


def _entries(text: str, problems: list[Problem]) -> Iterator[list[Field]]:
    """The fields of each record. Empty lines say nothing: some programs put one behind each line."""
    fields: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        match = LINE.fullmatch(line)
        if match and _ends(fields, match[1]):
            yield _joined(fields)
            fields = []
        if match:
            fields.append((match[1], number, [match[2] or ""]))
        elif line.strip() and fields:
            fields[-1][2].append(line)
        elif line.strip():
            problems.append(Problem(number, "This line stands before the first record: it was not read."))
    if fields:
        yield _joined(fields)


def _ends(fields: list[tuple[str, int, list[str]]], tag: str) -> bool:
    """Whether a record ends before `tag`: one of those that begin a record, and there was more than such before."""
    tags = {held for held, _, _ in fields}
    return tag in STARTS and (tag in tags or (bool(tags - set(STARTS)) and (tag == "PMID" or "PMID" in tags)))


def _joined(fields: Iterable[tuple[str, int, list[str]]]) -> list[Field]:
    return [Field(tag, line, tidy(" ".join(pieces))) for tag, line, pieces in fields]


class _Reading:
    """From fields to a record. `values` are what is not read yet, by tag."""

    def __init__(self, fields: Iterable[Field], draft: Draft) -> None:
        self.draft = draft
        self.values: dict[str, list[Value]] = {}
        for tag, line, text in fields:
            if text:
                self.values.setdefault(tag, []).append(Value(text, line))

    def take(self, *tags: str) -> Iterator[Value]:
        for tag in tags:
            yield from self.values.pop(tag, [])

    def read(self) -> None:
        record = self.draft.record
        record.key = self.values.get("PMID", self.values.get("OID", [Value("", 0)]))[0].text
        record.csl_type = self.kind()
        self.read_notices()
        self.read_titles()
        self.read_people()
        self.read_identifiers()
        for value, line in self.take("DP"):
            self.draft.date(value, line)
        for value, line in self.take("PL"):
            if record.csl_type in {"book", "chapter", "report", "thesis"}:
                self.draft.set("place", value, line)
            else:  # the country of the journal
                self.draft.leave_out("PL", line)
        for value, _ in self.take("MH", "OT", "KW"):
            self.draft.keywords([value])
        for tag, field in PLAIN.items():
            for value, line in self.take(tag):
                self.draft.set(field, value, line)
        self.keep_the_rest()

    def kind(self) -> str:
        values = self.values
        kinds = [value for value, _ in values.get("PT", [])]
        found = next((ours for pattern, ours in KINDS if any(map(pattern.fullmatch, kinds))), "")
        if found in {"thesis", "article-newspaper"}:
            return found
        if "BTI" in values and "TI" in values:
            return "chapter"
        number = "".join(value for value, _ in values.get("OID", []))
        if {"JT", "TA"} & values.keys() or number.startswith("EJ"):
            return "article-journal"
        if found or number.startswith("ED"):
            return found or "report"
        return "book" if {"BTI", "ISBN"} & values.keys() else "article-journal"

    def read_notices(self) -> None:
        draft, retracted = self.draft, False
        for tag, kind in NOTICES.items():
            for value, line in self.take(tag):
                draft.notice(cited(kind, value), line)
                retracted |= kind == "retracted"
        for tag, label in ABOUT.items():
            for value, line in self.take(tag):
                message = f"This is a notice about another work ({label.lower()} …), and not that work: look for it."
                draft.refuse(label, value, line, message, "title")
        for value, line in list(self.values.get("PT", [])):
            if value.lower() == "retracted publication":
                self.values["PT"].remove(Value(value, line))
                if not retracted:
                    draft.notice(Notice("retracted", detail="PubMed: Retracted Publication"), line)

    def read_titles(self) -> None:
        draft, record = self.draft, self.draft.record
        for value, line in self.take("TI"):
            draft.set("title", _bare_title(value), line)
        for value, line in self.take("BTI"):
            is_part = record.csl_type == "chapter" or record.title
            draft.set("container_title" if is_part else "title", _bare_title(value), line)
        for value, line in self.take("JT"):
            draft.set("container_title", value, line)
        for value, line in self.take("TA"):
            if record.container_title:
                draft.leave_out("TA", line)
            else:
                draft.set("container_title", value, line)

    def read_people(self) -> None:
        draft = self.draft
        for whole, short, role in [("FAU", "AU", "author"), ("FED", "ED", "editor")]:
            # The short form of each name stands beside the whole one.
            is_short = whole not in self.values
            found = list(self.take(short if is_short else whole))
            self.values.pop(short, None)
            for value, line in found:
                if "," in value or is_short or _is_others(value):
                    draft.names(value, role, line)
                else:
                    draft.organisation(role, value)
        for value, _ in self.take("CN"):
            draft.organisation("author", value)

    def read_identifiers(self) -> None:
        draft, record = self.draft, self.draft.record
        for value, line in self.take("PG"):
            draft.pages(value, line)
        for value, line in self.take("LID", "AID"):
            marked = re.fullmatch(r"(.*?)\s*\[(\w+)\]", value)
            text, kind = marked.groups() if marked else (value, "")
            if kind == "doi":
                draft.doi(text, line)
            elif WEB.fullmatch(text):
                draft.url(text, line)
            elif kind == "pii" and not record.pages and re.fullmatch(r"[a-zA-Z]{0,3}[0-9]{1,7}", text):
                draft.article_number(text, line)
                draft.say(line, f"No pages are given: “{text}” was taken as the number of the article.", "pages")
            elif kind in {"pii", "bookaccession"} and record.pages:
                draft.leave_out(kind, line)
            else:
                draft.keep(kind or "AID", text, line)
        linking = [value for value in self.values.get("IS", []) if "(linking)" in value.text.lower()]
        for value, line in sorted(self.take("IS", "ISSN", "EISSN"), key=lambda value: value in linking):
            number = re.sub(r"\s*\(linking\)", "", value, flags=re.I)
            if (record.issn or record.eissn) and number != value:
                if number not in {record.issn, record.eissn}:
                    draft.leave_out("IS (Linking)", line)
            else:
                draft.serials(number, line)
        for value, line in self.take("ISBN"):
            draft.serials(value, line)

    def keep_the_rest(self) -> None:
        draft = self.draft
        for tag, found in self.values.items():
            for value, line in found:
                if tag == "PT" and COMMON.fullmatch(value):
                    continue
                if tag in LEFT_OUT or (tag == "PT" and SUPPORT.fullmatch(value)):
                    draft.leave_out(tag, line)
                else:
                    draft.keep(IDENTIFIERS.get(tag, tag), value, line)


def _is_others(value: str) -> bool:
    return bool(re.fullmatch(r"(?:and )?others|et al\.?", value, re.I))


def _bare_title(title: str) -> str:
    """PubMed ends every title with a full stop, and puts translated ones in brackets."""
    title = unstopped(title)
    return unstopped(title[1:-1]) if title.startswith("[") and title.endswith("]") and "[" not in title[1:] else title
