"""From the tags of a RIS record to a Record."""

import re
from collections.abc import Iterator

from curation.text import tidy
from sources.bibliography.dates import read_date
from sources.bibliography.formats.draft import BARE_DOI, DOI_HOST, Draft, Tally, Value
from sources.bibliography.formats.ris.lines import Entry
from sources.bibliography.formats.ris.tags import CONTAINER, DOCUMENT, LEFT_OUT, PEOPLE, PLAIN, TITLE, TYPES, WHOLE
from sources.bibliography.markup import unescaped
from sources.bibliography.record import ARTICLES, Problem, Record


def read_entry(entry: Entry, problems: list[Problem], tally: Tally) -> Record | None:
    """The Record of an Entry, or None if there is nothing in it."""
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
    Reading(draft, tidy(kind).upper(), values).read()
    record = draft.finish()
    problems += draft.problems
    return record


class Reading:
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
            message = f"The type “{self.kind}” has no like here."
            draft.refuse("TY", self.kind or "(none)", draft.record.line, message, "csl_type")
        self.type = TYPES.get(self.kind, "document")
        kinds = {value for value, _ in self.values.get("M3", [])}
        if self.kind == "GEN" and DOCUMENT not in kinds and (guess := _guessed_type(self.values)):
            self.type = guess
            message = f"The type GEN says nothing: from its other fields, this was read as {_NAMED[guess]}. Check it."
            draft.say(draft.record.line, message, "csl_type")
        draft.record.csl_type = self.type

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
        for tag, value, line in self.take(*CONTAINER):
            # A journal's name often comes twice, whole and abbreviated: the first stands.
            if not draft.record.container_title:
                draft.set("container_title", value, line)
            elif tidy(value).casefold() != draft.record.container_title.casefold():
                draft.leave_out(tag, line)

    def read_people(self) -> None:
        draft = self.draft
        roles = dict(PEOPLE)
        if self.kind == "EDBOOK" and not self.values.keys() & {"ED", "A2", "A3"}:
            roles |= {"AU": "editor", "A1": "editor"}
        if self.type == "book":
            roles["A3"] = "editor"
        if self.type == "thesis":  # EndNote's table of fields: there, those of the second rank are advisors
            for _, value, line in self.take("A2", "A3"):
                draft.keep("Advisor", value, line)
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
                self.draft.article_number(value, line)

    def read_identifiers(self) -> None:
        draft = self.draft
        for _, value, line in self.take("DO", "DI"):
            draft.doi(value, line)
        for tag in ("M3", "N1"):
            for value, line in self.values.pop(tag, []):
                if BARE_DOI.fullmatch(value) or (DOI_HOST.match(value) and " " not in value):
                    draft.doi(value, line)
                elif tag == "N1":
                    draft.note(value)
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
        for tag, value, line in self.take("L2", "L1", "L3", "L4"):
            draft.file(tag, value, line)

    def read_kind_of_work(self, value: str, line: int) -> None:
        if self.kind == "GEN" and value == DOCUMENT:
            return
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
        draft.set("abstract", "\n".join(map(tidy, abstracts)), draft.record.line)
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


_NAMED = {"article-journal": "a journal article", "book": "a book", "chapter": "a part of a book"}


def _guessed_type(values: dict[str, list[Value]]) -> str:
    """What a record of the type GEN is, as far as its other fields tell: Mendeley and others write it for anything."""
    tags = values.keys()
    serial = "".join(value for value, _ in values.get("SN", []))
    has_isbn = len(re.sub(r"[^0-9Xx]", "", serial)) >= 10
    if tags & {"JF", "JO", "JA"} or ("T2" in tags and "VL" in tags and not has_isbn):
        return "article-journal"
    if "T2" in tags and "SP" in tags and (has_isbn or "PB" in tags):
        return "chapter"
    return "book" if has_isbn and "PB" in tags else ""


def _each_is_a_name(value: str) -> bool:
    """Several names under one tag, a line each; not a long name that was wrapped."""
    return "\n" in value and all("," in line for line in value.split("\n"))
