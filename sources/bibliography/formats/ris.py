"""RIS, as the programs that write it do.

There is no standard but the description by Research Information Systems (2001, 2011) and the dialects of EndNote,
RefWorks, Zotero, Mendeley, JabRef, Web of Science, Scopus, ProQuest and EBSCO. `parse` takes them all; `dump` writes
what Zotero and EndNote read best.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from curation.text import tidy, unescaped
from sources.bibliography.dates import read_date
from sources.bibliography.formats.draft import WEB, Draft, Tally, Value
from sources.bibliography.names import read_name
from sources.bibliography.record import ARTICLES, Name, Parsed, Problem, Record

TYPES = {
    "ABST": "article-journal",
    "BILL": "legislation",
    "BLOG": "webpage",
    "BOOK": "book",
    "CASE": "document",
    "CHAP": "chapter",
    "CONF": "paper-conference",
    "CPAPER": "paper-conference",
    "CTLG": "document",
    "DICT": "chapter",
    "EBOOK": "book",
    "ECHAP": "chapter",
    "EDBOOK": "book",
    "EJOUR": "article-journal",
    "ELEC": "webpage",
    "ENCYC": "chapter",
    "GEN": "document",
    "GOVDOC": "report",
    "ICOMM": "webpage",
    "INPR": "article-journal",
    "JFULL": "article-journal",
    "JOUR": "article-journal",
    "MANSCPT": "document",
    "MGZN": "article-magazine",
    "NEWS": "article-newspaper",
    "PAMP": "pamphlet",
    "RPRT": "report",
    "SER": "book",
    "STAND": "report",
    "STAT": "legislation",
    "THES": "thesis",
    "UNBILL": "legislation",
    "UNPB": "document",
    "UNPD": "document",
    "WEB": "webpage",
}
WRITTEN_AS = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "document": "GEN",
    "legislation": "STAT",
    "pamphlet": "PAMP",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
}
# Works that stand alone: their secondary title is a series.
WHOLE = ("book", "report", "thesis", "pamphlet")

TITLE = ("TI", "T1", "CT")
CONTAINER = ("JF", "JO", "JA", "J1", "J2", "JI")
PEOPLE = {"AU": "author", "A1": "author", "ED": "editor", "A2": "editor", "A4": "translator"}
PLAIN = {
    "VL": "volume",
    "IS": "issue",
    "CP": "issue",
    "ET": "edition",
    "PB": "publisher",
    "CY": "place",
    "PP": "place",
    "T3": "series",
    "LA": "language",
    "AB": "abstract",
    "N2": "abstract",
}
# What says nothing about the work: where a database keeps it, files on someone's computer, abbreviations.
LEFT_OUT = {"AD", "AV", "CN", "DB", "DP", "ER", "L3", "L4", "RP", "SR", "ST", "TY", "XT", "Y3"}
OTHER = (
    "A3 AN BT C1 C2 C3 C4 C5 C6 C7 C8 DA DI DO EI EP ID K1 KW L1 L2 LK M1 M2 M3 N1 NV OP PY RD RN SE SN SP T2 TA TT "
    "U1 U2 U3 U4 U5 UR Y1 Y2"
)
KNOWN = {*TITLE, *CONTAINER, *PEOPLE, *PLAIN, *LEFT_OUT, *OTHER.split()}

TAG = re.compile(r"([ \t]*)([A-Za-z][A-Za-z0-9])([ \t]{1,2})-([ \t].*|)", re.S)
NOTE_MARKUP = re.compile(r"</?(?:p|br|div)\b[^<>]{0,200}>", re.I)  # notes of Zotero are HTML


class _Field(NamedTuple):
    tag: str
    line: int
    pieces: list[str]  # of the value, one a line


class _Entry:
    """The lines of one record."""

    def __init__(self, line: int, kind: str, is_loose: bool) -> None:
        self.line = line
        self.is_loose = is_loose  # one space before the hyphen, or small letters
        self.fields = [_Field("TY", line, [kind])]

    def add(self, tag: str, line: int, value: str) -> None:
        self.fields.append(_Field(tag, line, [value]))

    def go_on(self, text: str) -> None:
        self.fields[-1].pieces.append(text)


class _Line(NamedTuple):
    tag: str
    value: str
    is_loose: bool


class _Stray(NamedTuple):
    line: int
    has_tag: bool


def parse(text: str, most: int | None = None) -> Parsed:
    """Read a RIS file, given as text with line feeds. Returns Parsed; raises TooMany alone.

    Every record that begins with TY is returned, also where its end is missing. What is not understood is in the
    problems, with its line: tags for which Record has no field go to its note, lines that belong to no record are
    fatal if they look like parts of one.
    """
    parsed = Parsed(most=most)
    tally = Tally()
    for entry in _entries(text, parsed.problems):
        record = _record(entry, parsed.problems, tally)
        if record:
            parsed.add(record, [])
    parsed.problems += tally.problems()
    if not parsed.records and not parsed.problems:
        parsed.problems.append(Problem(1, "The file is empty.", is_fatal=True))
    elif not parsed.records and not any(problem.is_fatal for problem in parsed.problems):
        parsed.problems.append(Problem(1, "No record begins here with “TY  - ”: this is not RIS.", is_fatal=True))
    return parsed.in_order()


def _entries(text: str, problems: list[Problem]) -> Iterator[_Entry]:
    entry: _Entry | None = None
    stray: list[_Stray] = []
    for number, line in enumerate(text.split("\n"), start=1):
        tag, value, is_loose = _split(line, entry)
        if tag == "TY":
            if entry:
                message = f"The record of line {entry.line} has no end (“ER  - ”) before the next begins here."
                problems.append(Problem(number, message))
                yield entry
            _report_stray(stray, problems)
            entry = _Entry(number, value, is_loose)
        elif not entry:
            if line.strip() and tag != "ER":
                stray.append(_Stray(number, bool(tag)))
        elif tag == "ER":
            yield entry
            entry = None
            if value:
                stray.append(_Stray(number, True))
        elif tag:
            entry.add(tag, number, value)
        elif line.strip():
            entry.go_on(line)
    if entry:
        problems.append(Problem(entry.line, "The last record has no end (“ER  - ”): the file may be cut off."))
        yield entry
    _report_stray(stray, problems)


def _split(line: str, entry: _Entry | None) -> _Line:
    """A line as tag, value and whether it is spelt loosely; no tag for a line that goes on with the last value.

    The exact form makes a tag of any two characters. A looser one could be a line of an abstract (“UK - based”), so
    there the tag must be known or have a digit, and small letters count only in a record that began with them.
    """
    match = TAG.fullmatch(line)
    if not match:
        # “AU  -Frost” and “TY  -JOUR”
        match = re.fullmatch(r"()([A-Z][A-Z0-9])(  )-(\S.*)", line, re.S)
        if not match or match[2] not in KNOWN:
            return _Line("", line, False)
    indent, tag, gap, value = match.groups()
    is_exact = tag.isupper() and gap == "  " and not indent
    tag_up = tag.upper()
    if not is_exact:
        may_be_small = tag_up == "TY" or (entry and entry.is_loose)
        is_tag = tag_up in KNOWN or (entry and entry.is_loose and tag[1].isdigit())
        if not is_tag or (tag != tag_up and not may_be_small):
            return _Line("", line, False)
    return _Line(tag_up, value.strip(), not is_exact)


def _report_stray(stray: list[_Stray], problems: list[Problem]) -> None:
    if not stray:
        return
    first, last = stray[0].line, stray[-1].line
    lines = f"Line {first}" if first == last else f"Lines {first} to {last}"
    if any(one.has_tag for one in stray):
        message = f"{lines}: not read, for want of a “TY  - ” before what looks like a record."
        problems.append(Problem(first, message, is_fatal=True))
    else:
        problems.append(Problem(first, f"{lines}: not read, since no record has begun."))
    stray.clear()


def _record(entry: _Entry, problems: list[Problem], tally: Tally) -> Record | None:
    """The Record of an _Entry, or None if there is nothing in it."""
    values: dict[str, list[Value]] = {}
    for tag, line, pieces in entry.fields:
        value = unescaped("\n".join(pieces)).strip()
        if value:
            values.setdefault(tag, []).append(Value(value, line))
    kind, *stray = values.pop("TY", [Value("", entry.line)])[0].text.split("\n")
    if not values and not any(map(str.strip, stray)):
        problems.append(Problem(entry.line, "The record is empty.", is_fatal=True))
        return None
    draft = Draft(entry.line, tally)
    if stray:
        draft.refuse("TY", " ".join(stray), entry.line, "The text after the first line of the record has no tag.")
    _Reading(draft, tidy(kind).upper(), values).read()
    record = draft.finish()
    problems += draft.problems
    return record


class _Reading:
    """From tags to fields, for one record. What is read is taken out of `values`, which are by tag."""

    def __init__(self, draft: Draft, kind: str, values: dict[str, list[Value]]) -> None:
        self.draft = draft
        self.kind = kind
        self.values = values

    def take(self, *tags: str) -> Iterator[tuple[str, str, int]]:
        """Tag, text and line of each value under these tags."""
        for tag in tags:
            for value, line in self.values.pop(tag, []):
                yield tag, value, line

    def read(self) -> None:
        self.read_type()
        self.read_titles()
        self.read_people()
        self.read_dates()
        self.read_pages()
        self.read_identifiers()
        self.read_plain_fields()
        self.keep_the_rest()

    def read_type(self) -> None:
        draft = self.draft
        if self.kind not in TYPES:
            draft.refuse("TY", self.kind or "(none)", draft.record.line, f"The type “{self.kind}” has no like here.")
        draft.record.csl_type = TYPES.get(self.kind, "document")
        if self.kind == "GEN" and {"JF", "JO", "JA"} & self.values.keys():
            draft.record.csl_type = "article-journal"
        self.type = draft.record.csl_type

    def read_titles(self) -> None:
        draft, values = self.draft, self.values
        is_whole = self.type in WHOLE
        for _, value, line in self.take(*TITLE):
            draft.set("title", value, line)
        for _, value, line in self.take("BT"):
            draft.set("title" if is_whole and not draft.record.title else "container_title", value, line)
        if self.type == "paper-conference":
            for _, value, line in self.take("C3"):
                draft.set("container_title", value, line)
            if draft.record.container_title:
                for _, value, line in self.take("T2"):
                    if tidy(value).casefold() != draft.record.container_title.casefold():
                        draft.keep("Conference", value, line)
        if not draft.record.title and "T2" in values and not is_whole and values.keys() & set(CONTAINER):
            draft.say(draft.record.line, "The record has no title of its own, only that of a journal or book.")
        for _, value, line in self.take("T2"):
            draft.set("series" if is_whole else "container_title", value, line)
        for _, value, line in self.take(*CONTAINER):
            # A journal's name often comes twice, whole and abbreviated: the first stands.
            if not draft.record.container_title:
                draft.set("container_title", value, line)

    def read_people(self) -> None:
        draft = self.draft
        roles = dict(PEOPLE)
        if self.kind == "EDBOOK" and not self.values.keys() & {"ED", "A2", "A3"}:
            roles |= {"AU": "editor", "A1": "editor"}
        if self.type == "book":
            roles["A3"] = "editor"
        found = [(line, value, roles[tag]) for tag, value, line in self.take(*roles)]
        for line, value, role in sorted(found, key=lambda one: one[0]):
            for one in value.split("\n") if _each_is_a_name(value) else [value]:
                draft.names(one, role, line)
        for _, value, line in self.take("A3"):
            draft.keep("Series editor", value, line)

    def read_dates(self) -> None:
        draft = self.draft
        for tag, value, line in self.take("PY", "Y1", "DA"):
            year = draft.record.issued[:4]
            if tag == "DA" and year and not read_date(value) and read_date(f"{year} {value}"):
                value = f"{year} {value}"  # Web of Science: PY 2003, DA MAY 12
            draft.date(value, line)
        for _, value, line in self.take("Y2", "RD"):
            draft.accessed(value, line)

    def read_pages(self) -> None:
        """SP may hold the whole range, with or without EP; EP too."""
        first, *more_first = self.values.pop("SP", [Value("", 0)])
        last, *more_last = self.values.pop("EP", [Value("", 0)])
        (start, line), (end, end_line) = first, last
        start, end = tidy(start), tidy(end)
        is_range = re.search(r"[0-9A-Za-z]\s*[-–—,]", start) and (not end or re.search(rf"\W{re.escape(end)}$", start))
        if end.startswith(start) and re.match(r"\s*[-–—]", end[len(start) :]):
            start, end, line = end, "", end_line
        elif is_range or start == end:
            end = ""
        if not self.draft.record.pages and (start or end):
            self.draft.pages("-".join(filter(None, [start, end])), line or end_line)
        for value, line in more_first + more_last:
            self.draft.keep("Pages", value, line)
        if self.type in ARTICLES:
            for _, value, line in self.take("C7"):  # article number
                self.draft.pages(value, line)

    def read_identifiers(self) -> None:
        draft = self.draft
        for _, value, line in self.take("DO", "DI"):
            draft.doi(value, line)
        for tag in ("M3", "N1"):
            for value, line in self.values.pop(tag, []):
                if re.fullmatch(r"(?:doi\s*:?\s*|https?://(?:dx\.)?doi\.org/)?10\.[0-9]{4,9}/\S+", value, re.I):
                    draft.doi(value, line)
                elif tag == "N1":
                    draft.note(NOTE_MARKUP.sub("\n", value))
                else:
                    self.read_kind_of_work(value, line)
        is_report = self.type == "report"
        for tag, value, line in self.take("SN", "EI"):
            if is_report and not re.search(r"(?:[0-9Xx][ -]?){8}", value):
                draft.keep("Report number", value, line)
            else:
                draft.serials(value, line, is_electronic=tag == "EI")
        for _, value, line in self.take("UR", "LK"):
            draft.url(value, line)
        for tag, value, line in self.take("L2", "L1"):  # files, unless there is no other address
            if WEB.fullmatch(value) and not draft.record.url and not draft.record.doi:
                draft.url(value, line)
            else:
                draft.leave_out(tag, line)

    def read_kind_of_work(self, value: str, line: int) -> None:
        if self.type in {"thesis", "report", "document"}:
            draft_label = {"thesis": "Thesis type", "report": "Report type"}.get(self.type, "Type of work")
            self.draft.keep(draft_label, value, line)
        else:
            self.draft.leave_out("M3", line)

    def read_plain_fields(self) -> None:
        draft = self.draft
        if "IS" not in self.values and self.type in ARTICLES:
            for value, line in self.values.pop("M1", []):
                if re.fullmatch(r"[0-9]{1,4}(?:[-/][0-9]{1,4})?", value):
                    draft.set("issue", value, line)
                else:
                    draft.keep("M1", value, line)
        if self.type == "paper-conference" and not self.values.keys() & {"CY", "PP"}:
            for _, value, line in self.take("C1"):
                draft.set("place", value, line)
        abstracts = list(dict.fromkeys(value for _, value, _ in self.take("AB")))
        draft.record.abstract = "\n".join(map(tidy, abstracts))
        for tag, value, line in self.take(*PLAIN):
            draft.set(PLAIN[tag], tidy(value), line)
        for _, value, _ in self.take("KW", "K1"):
            draft.keywords(re.split(r"[;\n]", value))
        for _, value, line in self.take("ID"):
            if draft.record.key:
                draft.keep("ID", value, line)
            draft.record.key = draft.record.key or tidy(value)

    def keep_the_rest(self) -> None:
        for tag, found in self.values.items():
            for value, line in found:
                if tag in LEFT_OUT:
                    self.draft.leave_out(tag, line)
                else:
                    self.draft.keep(tag, value, line)


def _each_is_a_name(value: str) -> bool:
    """Several names under one tag, a line each; not a long name that was wrapped."""
    return "\n" in value and all("," in line for line in value.split("\n"))


def dump(records: Iterable[Record]) -> str:
    """`records` as the text of a RIS file, with its CRLF line ends; to be sent as UTF-8.

    RIS has no compilers: they are written as authors, as references print them. Text is written on one line each,
    since a line break could make a new tag of what follows; a note has a tag for each of its lines.
    """
    return "".join(_dumped(record) for record in records)


def _dumped(record: Record) -> str:
    lines = [f"{tag}  - {tidy(value)}" for tag, value in _tags(record) if tidy(value)]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _tags(record: Record) -> Iterator[tuple[str, str]]:
    is_whole = record.csl_type in WHOLE
    yield "TY", WRITTEN_AS.get(record.csl_type, "GEN")
    yield "ID", record.key
    yield "TI", record.title
    for name in record.people("author") + record.people("compiler"):
        yield "AU", _name(name)
    for name in record.people("editor"):
        yield "ED", _name(name)
    for name in record.people("translator"):
        yield "A4", _name(name)
    yield "PY", record.year
    if record.issued_is_approximate or len(record.issued) > 4:
        year, month, day = [*record.issued.split("-"), "", ""][:3]
        yield "DA", f"{year}/{month}/{day}/{'circa' if record.issued_is_approximate else ''}"
    yield "JF" if is_whole else "T2", record.container_title
    yield "T2" if is_whole else "T3", record.series
    yield "VL", record.volume
    yield "IS", record.issue
    start, _, end = record.pages.partition("-")
    is_range = start and end and start != end and "-" not in end and "," not in record.pages
    yield "SP", start if is_range else record.pages
    yield "EP", end if is_range else ""
    yield "ET", record.edition or (f"Version {record.version}" if record.version else "")
    yield "PB", record.publisher
    yield "CY", record.place
    yield "DO", record.doi
    yield "SN", record.isbn
    yield "SN", record.issn
    yield "SN", f"{record.eissn} (Electronic)" if record.eissn else ""
    yield "UR", record.url
    yield "Y2", record.accessed_on.strftime("%Y/%m/%d/") if record.accessed_on else ""
    yield "AB", record.abstract
    for keyword in record.keywords:
        yield "KW", keyword.replace(";", ",")
    for line in record.notes.split("\n"):
        yield "N1", line
    yield "LA", record.language


def _name(name: Name) -> str:
    if not name.literal:
        return f"{name.family}, {name.given}" if name.given else name.family
    literal = tidy(name.literal)
    if "," in literal:
        return literal.replace(",", ",,")
    return literal if read_name(literal).name == Name(literal=literal) else f"{literal},"
