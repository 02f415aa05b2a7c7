"""Lines of a list of references -> records, with what could not be told apart. Pure.

Harvard, APA and Vancouver, as authors write them: what is not where it should be is named as a doubt, never guessed in
silence.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from curation.text import tidy
from findings.extraction.blocks import LOWERED, MARK, NOTE, SUPERSCRIPTS
from sources.bibliography.names import ORGANISATION
from sources.bibliography.record import Name, Record, Remark

TITLES = re.compile(
    r"(?:list of )?(?:references?(?: list)?|bibliography|works cited|literature(?: cited)?|further reading)", re.I
)
YEAR = re.compile(
    r"[,.]?\s*[(\[](?P<bracketed>(?P<c>c\.? ?|about )?(?:1[5-9]|20)[0-9]{2}(?:[a-z]|[-–/][0-9]{1,4})?|n\.?\s?d\.?"
    r"|no date|undated|in press|forthcoming)(?:,[^)\]]{1,30})?[)\]][.,:]?\s*"
    r"|[,.]\s+(?P<bare>(?:1[5-9]|20)[0-9]{2})[a-z]?[.,:]\s+(?=\W?[A-Z0-9‘'“\"])"
)
VANCOUVER = re.compile(
    r"(?P<container>[A-Z][^.;]{1,100})[.,]?\s(?P<year>(?:1[5-9]|20)[0-9]{2})(?:\s[A-Z][a-z]{2}(?:\s[0-9]{1,2})?)?;\s?"
    r"(?P<volume>[0-9]+)(?:\((?P<issue>[^)]{1,20})\))?(?::\s?(?P<pages>[A-Za-z]?[0-9]+(?:[-–][A-Za-z]?[0-9]+)?))?"
)
VANCOUVER_BOOK = re.compile(
    r"(?P<place>[A-Z][\w ,'’()-]{1,60}):\s(?P<publisher>[^:;]{2,80});\s(?P<year>(?:1[5-9]|20)[0-9]{2})"
)
NAME = re.compile(
    r"(?P<family>(?:(?:van|von|de|der|den|du|la|le|di|da|dos|el|al|ten|ter)[ -])*"
    r"[^\W\d_a-z][\w’'-]+(?:[ -][A-Z][\w’'-]{2,})?),?\s+"
    r"(?P<given>(?:[A-Z]\.?[ -]?){1,4}(?![\w’'])|[A-Z][a-z]+(?: [A-Z]\.?)*)\.?"
)
EDITORS = re.compile(r"\s*[(\[](?:eds?|editors?)\.?[)\]]\.?,?\s*", re.I)
EDITED = re.compile(r"\b(?:in|In):?\s+(?=[A-Z])(?P<who>.{3,200}?)\s*[(\[](?:eds?|editors?)\.?[)\]]\.?,?\s*", re.S)
DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|\bdoi:?\s*)(10\.[0-9]{4,9}/[^\s,;]*[^\s,;.)])", re.I)
URL = re.compile(
    r"(?:Available (?:at|from|online)[^:]{0,10}:\s*|Retrieved from\s*)?<?\b((?:https?://|www\.)[^\s<>]+[^\s<>.,;)])>?",
    re.I,
)
ACCESSED = re.compile(r"[(\[]?(?:last )?accessed:?[^)\].]{0,40}[)\]]?\.?|\[Online\]|Available (?:at|from):?", re.I)
ISBN = re.compile(r"\bISBN:?\s*((?:97[89][- ]?)?[0-9][0-9 -]{7,14}[0-9Xx])")
# A closing mark: what follows is a stop, a capital, “in”, or nothing.
QUOTED_TITLE = re.compile(
    r"\s*(?:‘(?P<a>.+?)’|'(?P<b>.+?)'|“(?P<c>.+?)”|\"(?P<d>.+?)\")(?=[,.;]|\s+(?:in:? )?\W?[A-Z]|\s*$)[.,]?\s*"
)
ENDED = re.compile(r"[.!?)][’”'\"]*$")
PUBLISHER = re.compile(r"\b(?:press|books?|publish(?:ers?|ing)|university|council|department|office|institute)\b", re.I)
EDITION = re.compile(
    r"[(,.]?\s*\b((?:[0-9]+(?:st|nd|rd|th)|second|third|fourth|fifth|revised|rev\.?) ed(?:n|ition)?)\b\.?[)]?", re.I
)
PLACE = re.compile(r"(?:^|[.,?!)]\s+)(?P<place>[A-Z][^\d:.]{1,50}?):\s*(?P<publisher>[^:]{2,100}?)\.?\s*$")
JOURNAL = re.compile(
    r"^(?:in\s+)?(?P<container>[A-Z][^\d]{2,150}?)[,.]?\s+(?:vol(?:ume|\.)?\s*)?(?P<volume>[0-9]{1,4})\s*"
    r"(?:\(\s*(?P<issue>[^)]{1,20})\s*\)|[:,]\s*no\.?\s*(?P<no>[0-9]{1,4})|[:.](?P<short>[0-9]{1,3})(?![0-9–-]))?"
    r"(?:(?:\s*[,:.]\s*|\s+)(?:pp?\.?\s*)?(?P<pages>[A-Za-z]?[0-9]+(?:\s*[-–]\s*[A-Za-z]?[0-9]+)?))?\s*\.?\s*$"
)
PAGES = re.compile(r"[,.]?\s*\(?\bpp?\.?\s*(?P<pages>[0-9]+\s*[-–]\s*[0-9]+)\)?\.?", re.I)


@dataclass
class Reference:
    """A line of the list: its number there (0 without one), as it stands, the record, and what to look at."""

    line: str
    number: int
    record: Record
    doubts: list[str] = field(default_factory=list)

    @property
    def with_doubts(self) -> Record:
        """The record, with the doubts among its remarks."""
        remarks = [Remark("", f"Look at {doubt}.") for doubt in self.doubts]
        return replace(self.record, remarks=[*self.record.remarks, *remarks])


def is_list_title(heading: str) -> bool:
    return bool(TITLES.fullmatch(heading.strip().rstrip(".:")))


def parse(line: str) -> Reference:
    """A line of a list of references. Never raises: what cannot be read is a doubt, and the line is the title."""
    text = tidy(line)
    number, text = _number(text)
    record = Record(line=0)
    reference = Reference(tidy(line), number, record)
    text = _identifiers(text, record)
    if not (_with_year(text, reference) or _vancouver(text, reference)):
        record.title = text.rstrip(".")
        reference.doubts.append("no year was found, so authors and title could not be told apart")
    _look(reference)
    return reference


def _number(text: str) -> tuple[int, str]:
    match = NOTE.match(text)
    if not match:
        return 0, text
    digits = re.sub(r"\D", "", match[0].translate(LOWERED))
    return int(digits), text[match.end() :]


def _identifiers(text: str, record: Record) -> str:
    if match := DOI.search(text):
        record.doi = match[1].lower()
        text = text[: match.start()] + text[match.end() :]
    if match := ISBN.search(text):
        record.isbn = re.sub(r"[^0-9Xx]", "", match[1]).upper()
        text = text[: match.start()] + text[match.end() :]
    if match := URL.search(text):
        record.url = match[1] if match[1].lower().startswith("http") else f"http://{match[1]}"
        text = text[: match.start()] + text[match.end() :]
    return re.sub(r"[\s.,;]*\.\s*$", ".", ACCESSED.sub("", text).strip())


def _with_year(text: str, reference: Reference) -> bool:
    match = YEAR.search(text)
    if not match or match.start() < 2 or match.start() > 400:
        return False
    record, year = reference.record, match["bracketed"] or match["bare"]
    digits = re.search(r"[0-9]{4}", year)
    record.issued = digits[0] if digits else ""
    record.issued_is_approximate = bool(match["c"])
    if not digits:
        reference.doubts.append(f"undated (“{year}”)")
    _people(text[: match.start()], reference)
    _rest(text[match.end() :], reference)
    return True


def _people(text: str, reference: Reference, role: str = "author") -> None:
    if EDITORS.search(text):
        role, text = "editor", EDITORS.sub("", text)
    text = text.strip(" .,;")
    has_others = re.search(r",?\s*(?:et al\.?|and others|and colleagues)$", text)
    if has_others:
        reference.doubts.append("not all authors are named")
        text = text[: has_others.start()]
    names, rest = [], text
    while rest:
        match = NAME.match(rest)
        if not match or _is_organisation(rest, match):
            break
        names.append(Name(role, match["family"].strip(" ,"), _given(match["given"].strip(" ,"))))
        rest = re.sub(r"^(?:[\s,;&.]|and\b|with\b)+", "", rest[match.end() :])
    if (rest and ORGANISATION.search(rest)) or (rest and not names):
        names.append(Name(role, literal=rest))
        if not ORGANISATION.search(rest):
            reference.doubts.append(f"who “{rest}” is: a person or an organisation")
    elif rest:
        reference.doubts.append(f"“{rest}” among the authors")
    reference.record.contributors += names


def _given(text: str) -> str:
    """Initials apart and with stops, “NJ” as “N. J.”; names as they are."""
    letters = re.sub(r"[\s.]", "", text)
    return " ".join(f"{letter}." for letter in letters) if re.fullmatch(r"[A-Z]{1,4}", letters) else text


def _is_organisation(text: str, match: re.Match[str]) -> bool:
    first = text.split(",")[0]
    return bool(ORGANISATION.search(first)) and not re.search(r"\b[A-Z]{1,3}\b(?:$|\.)", match["given"])


def _rest(text: str, reference: Reference) -> None:
    """What stands behind the year: title, then where it appeared or who published it."""
    record = reference.record
    if match := EDITION.search(text):
        record.edition = match[1]
        text = f"{text[: match.start()]}. {text[match.end() :].lstrip('. ,')}".strip(" .") + "."
    quoted = QUOTED_TITLE.match(_with_apostrophes(text))
    if quoted:
        record.title = _title(text[quoted.start() + len(quoted[0]) - len(quoted[0].lstrip()) + 1 : quoted.end()])
        rest = text[quoted.end() :]
    else:
        record.title, rest = _up_to_a_stop(text)
    _container(rest.strip(" ,"), reference, bool(quoted))


def _with_apostrophes(text: str) -> str:
    """Apostrophes within and after words as another sign, so that quotation marks are left."""
    text = re.sub(r"(?<=\w)['’](?=\w)", "ʼ", text)
    return re.sub(r"(?<=[Ss])['’](?= [A-Z][a-z]+)(?=.*['’])", "ʼ", text) if re.match(r"\s*['‘]", text) else text


def _title(text: str) -> str:
    return text.strip().rstrip(",.").rstrip("’'”\"").rstrip(",").strip()


def _up_to_a_stop(text: str) -> tuple[str, str]:
    match = re.search(r"(?<=[^\s.A-Z])([.?!])\s+(?=\W?[A-Z])", text)
    in_book = EDITED.search(text)
    if in_book and (not match or in_book.start() < match.start()):
        return text[: in_book.start()].rstrip(" .,"), text[in_book.start() :]
    if match:
        return text[: match.end(1)].rstrip(".").strip(), text[match.end() :]
    comma = re.search(r",\s+(?=[A-Z][^,]{2,80},?\s+(?:vol\.?\s*)?[0-9]+\s*[(:,])", text)
    if comma:
        return text[: comma.start()].strip(), text[comma.end() :]
    return text.strip().rstrip("."), ""


def _container(text: str, reference: Reference, is_quoted: bool) -> None:
    record = reference.record
    if match := EDITED.search(text):
        record.csl_type = "chapter"
        _people(match["who"], reference, "editor")
        text = text[match.end() :]
        if pages := PAGES.search(text):
            record.pages = _dashed(pages["pages"])
            text = (text[: pages.start()] + text[pages.end() :]).strip()
        place = PLACE.search(text)
        record.container_title = text[: place.start() if place else len(text)].strip(" .,")
        _publisher(place, record)
        return
    if match := JOURNAL.match(text):
        record.csl_type = "article-journal"
        record.container_title = match["container"].strip(" ,.")
        record.volume, record.issue = match["volume"], match["issue"] or match["no"] or match["short"] or ""
        record.pages = _dashed(match["pages"] or "")
        return
    place = PLACE.search(text)
    if place:
        record.csl_type = "book"
        _publisher(place, record)
        before = text[: place.start()].strip(" .,")
        if before and is_quoted:
            record.csl_type, record.container_title = "chapter", before
        elif before:
            stop = "" if record.title.endswith(("?", "!")) else "."
            record.title = f"{record.title}{stop} {before}" if record.title else before
    elif text.strip(" ."):
        _unplaced(text.strip(" ."), reference)


def _unplaced(text: str, reference: Reference) -> None:
    record = reference.record
    if record.url:
        record.csl_type = "webpage"
    if PUBLISHER.search(text):
        record.csl_type = "book" if record.csl_type == "document" else record.csl_type
        record.publisher = text
        reference.doubts.append(f"whether “{text}” is the publisher")
    else:
        record.note = text
        reference.doubts.append(f"what “{text}” is: kept as a note")


def _publisher(place: re.Match[str] | None, record: Record) -> None:
    if place:
        record.place, record.publisher = place["place"].strip(), place["publisher"].strip(" .")


def _vancouver(text: str, reference: Reference) -> bool:
    match = VANCOUVER.search(text) or VANCOUVER_BOOK.search(text)
    if not match:
        return False
    record, found = reference.record, match.groupdict()
    authors, _, title = text[: match.start()].strip().partition(". ")
    record.issued = found["year"]
    _people(authors, reference)
    record.title = title.strip(" .")
    if "container" in found:
        record.csl_type, record.container_title = "article-journal", found["container"].strip(" .")
        record.volume, record.issue, record.pages = found["volume"], found["issue"] or "", _dashed(found["pages"] or "")
    else:
        record.csl_type, record.place, record.publisher = "book", found["place"].strip(), found["publisher"].strip()
    return True


def _dashed(pages: str) -> str:
    return re.sub(r"\s*[-–]\s*", "–", pages)


def _look(reference: Reference) -> None:
    record = reference.record
    if not record.contributors:
        reference.doubts.append("who wrote it")
    if not record.title:
        reference.doubts.append("the title")
        record.title = reference.line
    if record.csl_type == "document" and record.url:
        record.csl_type = "webpage"
    elif record.csl_type == "document":
        reference.doubts.append("what kind of work it is")
    record.url = record.url[:500]


def find(sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[str]:
    """The lines of the list of references of a text, given as (heading, (kind, text) of each passage) for each section:
    all of the sections that are called so, or without one the notes that name a work."""
    lists = [passages for heading, passages in sections if is_list_title(heading)]
    notes = [
        [(kind, text) for kind, text in passages if kind == "note" and YEAR.search(text)] for _, passages in sections
    ]
    found = [text for passages in lists or notes for kind, text in passages if kind != "heading"]
    return list(dict.fromkeys(_whole(found)))


def _whole(lines: Iterable[str]) -> list[str]:
    """Lines put together again that were taken apart as sentences: one begins with an author or a number. What stands
    behind a whole one and ends as no sentence does is something else: an address at the foot of the list."""
    found: list[str] = []
    for line in lines:
        begins = NOTE.match(line) or NAME.match(line) or ORGANISATION.match(line)
        year = YEAR.search(line)
        if not found or (begins and year) or (year and year.start() < 150):
            found.append(line)
        elif not ENDED.search(found[-1]) or ENDED.search(line):
            found[-1] = f"{found[-1]} {line}"
    return [MARK.sub("", line) if line[:1] not in SUPERSCRIPTS else line for line in found]
