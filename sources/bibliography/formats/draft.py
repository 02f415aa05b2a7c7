"""A record while it is being read: what does not fit a field is kept in the note and reported."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from curation.text import tidy
from sources.bibliography import identifiers, notices
from sources.bibliography.dates import MONTH_WORD, read_date
from sources.bibliography.markup import in_italics, plain, plain_lines, unescaped
from sources.bibliography.names import person, read_names
from sources.bibliography.notices import Notice
from sources.bibliography.record import ROLES, Name, Problem, Record, Remark
from sources.bibliography.titles import join_italics, not_in, split_italics, unstopped

SERIAL = re.compile(r"([0-9][0-9 ‐-―-]*[0-9Xx])(?![0-9A-Za-z])\s*(\([^()]{0,40}\))?")
LONGEST_SERIALS = 1000  # the pattern would take its time on a megabyte of digits
IN_NOTES = {"PMID", "PMCID"}  # where look-ups find them: nobody has to do anything
LONGEST_LINE = 5_000  # characters of a value such as a title
LONGEST = 100_000  # of an abstract or a note: fifty pages
MOST_IN_A_LIST = 10_000  # twice as many authors as any work has
DASHES = re.compile(r"\s*[-‐-―−]+\s*")
PAGES_AS_DATE = re.compile(
    rf"[0-9]{{1,2}}[-/. ]{{1,3}}{MONTH_WORD}(?:[-/. ][0-9]{{2,4}})?|{MONTH_WORD}[-/. ][0-9]{{1,4}}|"
    r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?:[T ][0-9:.]+)?|[0-9]{1,2}[/.][0-9]{1,2}[/.](?:19|20)[0-9]{2}",
    re.I,
)
WEB = re.compile(r"https?://\S+", re.I)
BARE_DOI = re.compile(r"(?:doi\s*:?\s*)?10\.[0-9]{4,9}/\S+", re.I)
NOTED_DOI = re.compile(r"(?:^|\bdoi\s*[:=]?\s*|\bdoi\.org/)(10\.[0-9]{4,9}/\S+)", re.I | re.M)
DOI_HOST = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(?:doi:)?", re.I)


class Value(NamedTuple):
    """What a file says in one place, and the line on which it begins."""

    text: str
    line: int


class Count(NamedTuple):
    first_line: int
    times: int


class Tally:
    """The fields of a file for which we have none: each is reported once, with how many records have it."""

    def __init__(self) -> None:
        self.kept: dict[str, Count] = {}
        self.left_out: dict[str, Count] = {}

    def count(self, label: str, line: int, is_kept: bool) -> None:
        counts = self.kept if is_kept else self.left_out
        first_line, times = counts.get(label, Count(line, 0))
        counts[label] = Count(first_line, times + 1)

    def problems(self) -> Iterator[Problem]:
        for label, (line, count) in self.kept.items():
            times = "once" if count == 1 else f"{count} times"
            yield Problem(line, f"“{label}” has no field here: what it says is kept in the note ({times}).")
        if self.left_out:
            line = min(count.first_line for count in self.left_out.values())
            labels = ", ".join(sorted(self.left_out))
            yield Problem(line, f"Left out, since they say nothing about the work itself: {labels}.")


class Draft:
    """Collects a Record, and the problems on the way. Every method takes the line that its text comes from."""

    def __init__(self, line: int, tally: Tally, key: str = "") -> None:
        self.record = Record(line=line, key=tidy(key))
        self.problems: list[Problem] = []
        self._tally = tally
        self._notes: dict[str, None] = {}  # dictionaries, as sets that keep their order
        self._people: dict[Name, None] = {}
        self._keywords: dict[str, str] = {}
        self._notices: dict[Notice, None] = {}
        self._kept: dict[str, None] = {}
        self._italics = ""

    def say(self, line: int, message: str, field: str = "") -> None:
        """Tell what is to be known of the record, or of a `field` of it."""
        self.problems.append(Problem(line, message))
        self.record.remarks.append(Remark(field, tidy(message)))

    def note(self, text: str) -> None:
        text = plain_lines(text)
        if text:
            self._notes[text] = None

    def keep(self, label: str, text: str, line: int) -> None:
        """Put in the note what has no field of its own."""
        if plain(text):
            self.note(f"{label}: {plain(text)}")
            self._kept[label] = None
            self._tally.count(label, line, is_kept=True)

    def leave_out(self, label: str, line: int) -> None:
        self._tally.count(label, line, is_kept=False)

    def refuse(self, label: str, text: str, line: int, message: str, field: str = "") -> None:
        """Put in the note what should have been a `label` and is not."""
        self.note(f"{label}: {plain(text)}")
        self.say(line, f"{message} It is kept in the note.", field)

    def set(self, field: str, text: str, line: int) -> None:
        """Give the record `text` as `field`; a second, different text goes to the note."""
        raw, text = text, plain_lines(text) if field in {"abstract", "note"} else plain(text)
        if field in {"title", "container_title", "series"}:
            text = unstopped(text)
        held = getattr(self.record, field)
        if text and not held:
            setattr(self.record, field, text)
            if field == "title":
                self._italics = join_italics(in_italics(raw))
        elif text and text.casefold() != held.casefold():
            label = _label(field)
            self.refuse(label, text, line, f"The record has a second {label.lower()}, “{_short(text)}”.", field)

    def pages(self, text: str, line: int) -> None:
        """A range of pages. A spreadsheet may have made a date of it."""
        text = re.sub(r"^pp?(?:ages?)?[.:]?\s*(?=[0-9])", "", plain(text), flags=re.I)
        if PAGES_AS_DATE.fullmatch(text):
            message = f"The pages “{_short(text)}” are a date, which a spreadsheet may have made of them: look them up."
            self.refuse("Pages", text, line, message, "pages")
        else:
            self.set("pages", DASHES.sub("-", text), line)

    def article_number(self, text: str, line: int) -> None:
        """What stands where pages would, in an article that has none."""
        number = re.sub(r"^(?:art(?:icle)?\.?(?: no\.?| number)?:?|no\.)\s+", "", plain(text), flags=re.I)
        pages = self.record.pages
        if pages and number and number.casefold() not in {pages.casefold(), pages.casefold().split("-")[0]}:
            self.keep("Article number", number, line)
        elif not pages:
            self.set("pages", number, line)

    def doi(self, text: str, line: int) -> None:
        """The DOI in `text`; what else stands there is kept."""
        text = tidy(unescaped(text))
        found = identifiers.DOI.search(text)
        try:
            doi = identifiers.normalise_doi(found[0] if found and not WEB.match(text) else text)
        except ValueError as error:
            self.refuse("DOI", text, line, str(error), "doi")
            return
        self.set("doi", doi, line)
        rest = found and not WEB.match(text) and text[: found.start()] + text[found.end() :]
        if rest and re.search(r"\w", re.sub(r"\bdoi(?:\.org)?\b", "", rest, flags=re.I)):
            self.refuse("DOI", text, line, f"Of “{_short(text)}” only the DOI was taken.", "doi")

    def serials(self, text: str, line: int, is_electronic: bool = False) -> None:
        """ISBN and ISSN: any number of them, with notes such as “(Print)”."""
        rest = tidy(text)
        if len(rest) > LONGEST_SERIALS:
            self.refuse("ISBN or ISSN", text, line, "This is too long for ISBNs or ISSNs.", "isbn")
            return
        for match in SERIAL.finditer(rest):
            for number in _numbers(match[1]):
                self._serial(number, match[2] or "", line, is_electronic or self._is_electronic(rest, match))
        rest = re.sub(
            r"\b(?:e-?|p-?)?IS[BS]N(?:-1[03]|-L)?\b|\([^()]*\)|[\s:;,./|-]+|\band\b", "", SERIAL.sub("", rest)
        )
        if rest:
            self.refuse("ISBN or ISSN", text, line, f"“{_short(tidy(text))}” is not an ISBN or ISSN.", "isbn")

    @staticmethod
    def _is_electronic(text: str, match: re.Match[str]) -> bool:
        before = text[max(0, match.start() - 8) : match.start()]
        return bool(re.search(r"e-?ISSN[:-]?\s*$", before, re.I) or re.match(r"\((?:e|o|web)", match[2] or "", re.I))

    def _serial(self, number: str, remark: str, line: int, is_electronic: bool) -> None:
        digits = re.sub(r"[^0-9Xx]", "", number)
        field = "issn" if len(digits) == 8 else "isbn"
        normalise = identifiers.normalise_issn if field == "issn" else identifiers.normalise_isbn
        try:
            normal = normalise(number)
        except ValueError as error:
            self.refuse(field.upper(), f"{number} {remark}", line, str(error), field)
            return
        record = self.record
        if normal in {record.isbn, record.issn, record.eissn}:
            return
        if field == "issn" and (is_electronic or record.issn) and not record.eissn:
            field = "eissn"
        if getattr(record, field):
            message = f"The record has a second {field.upper()}, {normal}."
            self.refuse(field.upper(), f"{normal} {remark}", line, message, field)
        else:
            setattr(record, field, normal)

    def url(self, text: str, line: int) -> None:
        """A web address. One that only resolves the DOI becomes the DOI; of several, the others go to the note."""
        wrong_ones = []
        for address in re.sub(r";(?=https?://|www\.)", " ", unescaped(text), flags=re.I).split():
            address = tidy(address).strip("<>,;")
            if re.match(r"www\.[^.]+\.", address, re.I):
                address = f"http://{address}"
            doi = doi_in(address) if DOI_HOST.match(address) else ""
            if doi and self.record.doi in {"", doi}:
                self.record.doi = doi
            elif not WEB.fullmatch(address):
                wrong_ones.append(address)
            elif self.record.url and address != self.record.url:
                message = f"The record has a second address, “{_short(address)}”."
                self.refuse("Address", address, line, message, "url")
            else:
                self.record.url = address
        wrong = tidy(" ".join(wrong_ones))
        if wrong:
            self.refuse("Address", wrong, line, f"“{_short(wrong)}” is not a web address.", "url")

    def file(self, label: str, text: str, line: int) -> None:
        """Where a copy of the work is: its DOI or, for want of a better, its address; else left out."""
        text = tidy(unescaped(text))
        doi = doi_in(text) if DOI_HOST.match(text) or BARE_DOI.fullmatch(text) else ""
        if doi and self.record.doi in {"", doi}:
            self.record.doi = doi
        elif doi:
            self.keep(label, text, line)
        elif WEB.fullmatch(text) and not self.record.url and not self.record.doi:
            self.url(text, line)
        else:
            self.leave_out(label, line)

    def date(self, text: str, line: int) -> None:
        """When the work was issued."""
        found = read_date(text)
        shown = _short(plain(text))
        if not found:
            if shown:
                self.refuse("Date", text, line, f"“{shown}” is not a date with a year.", "issued")
            return
        record = self.record
        if (record.issued and found.issued.startswith(record.issued)) or not record.issued:
            record.issued = found.issued
        elif not record.issued.startswith(found.issued):
            self.refuse("Date", text, line, f"The record has a second date, “{shown}”.", "issued")
            return
        record.issued_is_approximate |= found.is_approximate
        if not found.is_whole:
            self.refuse("Date", text, line, f"Of the date “{shown}” only {found.issued} was taken.", "issued")

    def accessed(self, text: str, line: int) -> None:
        found = read_date(text)
        day = date.fromisoformat(found.issued) if found and len(found.issued) == 10 else None
        if found and day and self.record.accessed_on in {None, day}:
            self.record.accessed_on = day
            if not found.is_whole:
                shown = f"Of the date of access “{_short(plain(text))}” only {day} was taken."
                self.refuse("Accessed", text, line, shown, "accessed_on")
        elif plain(text):
            message = "is a second date of access" if day else "is not a whole date of access"
            self.refuse("Accessed", text, line, f"“{_short(plain(text))}” {message}.", "accessed_on")

    def names(self, text: str, role: str, line: int) -> None:
        text = plain(text)
        if not text.strip(" ,;"):
            return
        names, is_guess, has_others = read_names(text, role)
        self.people(names)
        if has_others:
            self.others(role, line)
        if is_guess:
            read_as = "the name of an organisation" if names == [Name(role, literal=text)] else _shown(names)
            self.say(line, f"Check the name “{_short(text)}”: it was read as {read_as}.", "contributors")

    def others(self, role: str, line: int) -> None:
        self.note(f"{role.capitalize()}s: and others")
        self.say(line, f"The list of {role}s ends with “and others”: find their names.", "contributors")

    def person(self, role: str, family: str, given: str) -> None:
        self.people([person(role, plain(family), plain(given))])

    def organisation(self, role: str, name: str) -> None:
        self.people([Name(role, literal=plain(name))])

    def people(self, names: Iterable[Name]) -> None:
        for name in names:
            if name in self._people:
                self.say(self.record.line, f"{_shown([name])} is named twice.", "contributors")
            self._people[name] = None

    def keywords(self, words: Iterable[str]) -> None:
        for word in words:
            word = plain(word).strip("* ")
            if word:
                self._keywords.setdefault(word.casefold(), word)

    def notice(self, notice: Notice, line: int) -> None:
        """What was said of the work since."""
        self._notices[notice] = None
        self.say(line, notices.told(notice), "notices")

    def finish(self) -> Record:
        """The record, with contributors of one role together."""
        record = self.record
        self._look_into_notes()
        if not self._notices and (notice := notices.in_title(record.title)):
            self.notice(notice, record.line)
        elif about := notices.about_another(record.title):
            self.say(record.line, about, "title")
        record.contributors = sorted(self._people, key=lambda name: ROLES.index(name.role))
        record.keywords = tuple(self._keywords.values())
        record.note = "\n".join(self._notes)
        record.notices = tuple(self._notices)
        if kept := ", ".join(label for label in self._kept if label not in IN_NOTES):
            record.remarks.append(Remark("note", f"No field here for {kept}: kept in the note."))
        self._cut()
        self._set_italics()
        if record.issued and int(record.year) > date.today().year + 1:
            self.say(record.line, f"The year {record.year} is in the future.", "issued")
        if not record.title:
            self.say(record.line, "The record has no title.", "title")
        return record

    def _set_italics(self) -> None:
        """Keep what is in italics as it stands in the title."""
        record, words = self.record, split_italics(self._italics)
        found = [word if word in record.title else unstopped(word) for word in words]
        record.title_italics = join_italics(word for word in found if word in record.title)
        for word in not_in(record.title, join_italics(found)):
            self.say(record.line, f"“{_short(word)}” is not set in italics: it was cut off.", "title")

    def _look_into_notes(self) -> None:
        """Take a DOI that has got into a note, and a notice; the line of a notice leaves the note."""
        for note in list(self._notes):
            lines = note.split("\n")
            found = {line: notice for line in lines if (notice := notices.read_line(line))}
            if found:
                del self._notes[note]
                self.note("\n".join(line for line in lines if line not in found))
            for notice in found.values():
                self.notice(notice, self.record.line)
        dois = {doi_in(match[1]) for note in self._notes for match in NOTED_DOI.finditer(note)} - {""}
        if not self.record.doi and len(dois) == 1:
            self.record.doi = dois.pop()
            self.say(self.record.line, f"The DOI {self.record.doi} was taken from a note.", "doi")

    def _cut(self) -> None:
        """Keep no more of anything than a person could have written."""
        record = self.record
        for name, value in vars(record).items():
            if isinstance(value, str):
                most, unit = LONGEST if name in {"abstract", "note"} else LONGEST_LINE, "characters"
            elif isinstance(value, list | tuple):
                most, unit = MOST_IN_A_LIST, "items"
            else:
                continue
            if len(value) > most:
                found = f"{_label(name)}: {len(value):,} {unit} are too many."
                self.say(record.line, f"{found} Only the first {most:,} were taken.", name)
                setattr(record, name, value[:most])


def doi_in(address: str) -> str:
    try:
        return identifiers.normalise_doi(address)
    except ValueError:
        return ""


def _numbers(run: str) -> list[str]:
    """A run of digits, blanks and hyphens as the numbers in it: blanks may divide one number, or two."""
    if len(re.sub(r"[^0-9Xx]", "", run)) in {8, 10, 13} and not re.search(r"[0-9]{3}[0-9Xx] [0-9]{4}-", run):
        return [run]
    return run.split()


def _label(field: str) -> str:
    return field.replace("_", " ").capitalize()


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _shown(names: Iterable[Name]) -> str:
    shown = [name.literal or ", ".join(filter(None, [name.family, name.given])) for name in names]
    return _short(" and ".join(f"“{name}”" for name in shown))
