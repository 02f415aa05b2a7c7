"""From the fields of a BibTeX entry to a record."""

import re
from collections.abc import Iterator

from curation.text import split_keywords, tidy
from sources.bibliography.dates import MONTHS
from sources.bibliography.formats.bibtex.blocks import Fields, evaluated, grown
from sources.bibliography.formats.draft import Draft, Value
from sources.bibliography.formats.latex import decode, decode_address
from sources.bibliography.names import ORGANISATION, SUFFIX, ReadName, given_first
from sources.bibliography.record import ARTICLES, Name

TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "bookinbook": "chapter",
    "collection": "book",
    "conference": "paper-conference",
    "dataset": "document",
    "electronic": "webpage",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "inreference": "chapter",
    "jurisdiction": "document",
    "legal": "legislation",
    "legislation": "legislation",
    "manual": "report",
    "mastersthesis": "thesis",
    "misc": "document",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "book",
    "mvreference": "book",
    "newspaper": "article-newspaper",
    "online": "webpage",
    "pamphlet": "pamphlet",
    "periodical": "book",
    "phdthesis": "thesis",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "suppperiodical": "article-journal",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "document",
    "webpage": "webpage",
    "www": "webpage",
}
SUBTYPES = {"magazine": "article-magazine", "newspaper": "article-newspaper"}
PLAIN = {
    "journaltitle": "container_title",
    "journal": "container_title",
    "booktitle": "container_title",
    "maintitle": "container_title",
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "organization": "publisher",
    "location": "place",
    "address": "place",
    "series": "series",
    "abstract": "abstract",
    "langid": "language",
    "language": "language",
}
NOTES = ("note", "annote", "annotation", "addendum")
LEFT_OUT = set(
    """
    added-at bdsk-file-1 bdsk-url-1 biburl bibsource chapter-url comment date-added date-modified file
    groups ids interhash intrahash journal-iso keyword-list localfile mendeley-tags options owner posted-at printed
    priority ranking readstatus review shortjournal shorttitle shortauthor shorthand sortkey sorttitle timestamp
    unique-id username
    """.split()
)
BRACE = r"(?<!\\)[{}]|"
AND = re.compile(BRACE + r" and(?= |$)|^and ", re.I)
COMMA = re.compile(BRACE + ",")
SPACE = re.compile(BRACE + "[ ~]")


class Reading:
    """From fields to a record. `fields` is what is not read yet."""

    def __init__(self, draft: Draft, fields: Fields, strings: dict[str, str]) -> None:
        self.draft = draft
        self.fields = fields
        self.strings = strings

    def take(self, name: str) -> Value:
        """The raw text of a field, its strings put in, and its line; empty if there is none."""
        raw, line = self.fields.pop(name, Value("", self.fields.line))
        text, unknown, is_cut = evaluated(raw, self.strings)
        if is_cut:
            self.draft.say(line, grown(f"The field “{name}”"))
        for word in unknown:
            self.draft.say(line, f"“{word[:80]}” is not defined with @string: the word itself was taken.")
        return Value(text, line)

    def read(self) -> None:
        self.read_type()
        self.read_titles()
        self.read_people()
        self.read_dates()
        self.read_identifiers()
        self.read_plain_fields()
        self.keep_the_rest()

    def read_type(self) -> None:
        draft, kind = self.draft, self.fields.kind
        draft.record.csl_type = TYPES.get(kind, "document")
        if kind not in TYPES:
            draft.refuse("Entry type", kind, self.fields.line, f"The type “@{kind[:80]}” has no like here.")
        subtype = tidy(decode(self.take("entrysubtype").text)).lower()
        if draft.record.csl_type == "article-journal":
            draft.record.csl_type = SUBTYPES.get(subtype, "article-journal")
        self.type = draft.record.csl_type

    def read_titles(self) -> None:
        for main, sub, field in [
            ("title", "subtitle", "title"),
            ("booktitle", "booksubtitle", "container_title"),
            ("journaltitle", "journalsubtitle", "container_title"),
        ]:
            (title, line), (subtitle, _) = self.take(main), self.take(sub)
            title, subtitle = tidy(decode(title)), tidy(decode(subtitle))
            between = " " if title.endswith(("?", "!", ":")) else ": "
            self.draft.set(field, between.join(filter(None, [title, subtitle])), line)

    def read_people(self) -> None:
        for field, role in [
            ("author", "author"),
            ("editor", "editor"),
            ("editora", "editor"),
            ("editorb", "editor"),
            ("editorc", "editor"),
            ("translator", "translator"),
        ]:
            text, line = self.take(field)
            kind = tidy(decode(self.take(f"{field}type").text)).lower()
            if kind and kind not in {"editor", "compiler"}:
                self.draft.keep(kind.capitalize(), decode(text), line)
                continue
            self.read_names(text, kind or role, line)
        if self.type == "webpage" and not self.draft.record.publisher:
            self.draft.set("publisher", decode(self.take("organization").text), self.fields.line)

    def read_names(self, text: str, role: str, line: int) -> None:
        for name in _divided(" ".join(text.split()), AND):
            if tidy(name).lower() == "others":
                self.draft.note(f"{role.capitalize()}s: and others")
                self.draft.say(line, f"The list of {role}s ends with “and others”: find their names.")
            elif tidy(decode(name)):
                found, is_guess = _name(name, role)
                self.draft.people([found])
                if is_guess:
                    message = f"“{found.literal[:80]}” was read as an organisation, though it is not in double braces."
                    self.draft.say(line, message)

    def read_dates(self) -> None:
        draft = self.draft
        (date, line), (year, year_line), (month, _), (day, _) = map(self.take, ["date", "year", "month", "day"])
        date, year = tidy(decode_address(date)), tidy(decode_address(year))  # their ~ means about
        month, day = tidy(decode(month)), tidy(decode(day))
        if date:
            draft.date(date, line)
        if year:
            draft.date(year, year_line)
            if month and draft.record.issued == draft.record.year:
                named = month[:3].lower() in MONTHS
                whole = f"{day} {month} {year}" if named and day else f"{month} {year}" if named else ""
                draft.date(whole or "-".join(filter(None, [draft.record.year, month.zfill(2), day])), year_line)
        visited, line = self.take("urldate")
        draft.accessed(decode_address(visited), line)

    def read_identifiers(self) -> None:
        draft = self.draft
        doi, line = self.take("doi")
        if tidy(doi):
            draft.doi(decode_address(doi), line)
        for field in ["isbn", "issn", "eissn"]:
            text, line = self.take(field)
            draft.serials(decode(text), line, is_electronic=field == "eissn")
        url, line = self.take("url")
        draft.url(decode_address(url), line)
        how, line = self.take("howpublished")
        if re.match(r"(?:\\url\s*)?\{?\s*https?://\S+\s*\}?$", how):
            draft.url(decode_address(how), line)
        else:
            draft.keep("howpublished", decode(how), line)
        pages, line = self.take("pages")
        draft.pages(decode(pages), line)
        self.read_eprint()

    def read_eprint(self) -> None:
        (eprint, line), (kind, _), (other, _) = map(self.take, ["eprint", "eprinttype", "archiveprefix"])
        kind = tidy(decode(kind or other))
        if not tidy(eprint):
            return
        if re.match(r"https?://", eprint):
            self.draft.url(decode_address(eprint), line)
        else:
            self.draft.keep(kind or "eprint", decode_address(eprint), line)

    def read_plain_fields(self) -> None:
        draft = self.draft
        if self.type in ARTICLES:
            number, line = self.take("number")
            draft.set("issue", decode(number), line)
        for name, field in PLAIN.items():
            text, line = self.take(name)
            draft.set(field, decode(text.replace("\n", " ")), line)
        words, _ = self.take("keywords")
        if words:
            draft.keywords(split_keywords(decode(words)))
        for name in NOTES:
            draft.note(decode(self.take(name).text.replace("\n", " ")))

    def keep_the_rest(self) -> None:
        draft = self.draft
        left = [(name, self.take(name)) for name in list(self.fields)]
        left += [(name, Value(evaluated(raw, self.strings).text, line)) for name, (raw, line) in self.fields.repeated]
        repeated = {name for name, _ in self.fields.repeated}
        for name, (text, line) in left:
            if name in repeated:
                message = f"The field “{name}” is given twice: the second is kept in the note."
                draft.note(f"{name}: {tidy(decode(text))}")
                draft.say(line, message)
            elif name in LEFT_OUT or name.startswith("bdsk-"):
                draft.leave_out(name, line)
            else:
                draft.keep(name, decode(text), line)


def _divided(text: str, divider: re.Pattern[str]) -> Iterator[str]:
    """The parts of `text` between matches of `divider`, a pattern that finds braces too; what is in braces is one."""
    depth, start = 0, 0
    for match in divider.finditer(text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth <= 0:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _name(text: str, role: str) -> ReadName:
    """A name as BibTeX divides it: ``First von Last``, ``von Last, First``, ``von Last, Jr, First``, ``{All One}``."""
    text = text.strip()
    if _is_one_group(text):
        return ReadName(Name(role, literal=tidy(decode(text[1:-1]))), False)
    parts = [tidy(decode(part)) for part in _divided(text, COMMA)]
    family, *rest = parts
    rest = [part for part in rest if part]
    if not family:
        return ReadName(Name(role, literal=" ".join(rest)), False)
    if len(parts) > 1:
        if len(rest) > 1 and (len(rest) == 2 or SUFFIX.fullmatch(rest[0])):
            family, rest = f"{family} {rest[0]}", rest[1:]
        return ReadName(Name(role, family, " ".join(rest)), False)
    words = [tidy(decode(word)) for word in _divided(text, SPACE) if tidy(decode(word))]
    if len(words) > 1 and ORGANISATION.search(family):
        return ReadName(Name(role, literal=family), True)
    return ReadName(given_first(words, role), False)


def _is_one_group(text: str) -> bool:
    """Whether `text` begins with a brace that its last character closes."""
    if not text.startswith("{"):
        return False
    depth = 0
    for match in re.finditer(r"(?<!\\)[{}]", text):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end() == len(text)
    return False
