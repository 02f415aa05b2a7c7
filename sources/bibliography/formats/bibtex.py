"""BibTeX and BibLaTeX.

bibtexparser finds the entries, and goes on after broken ones; what they mean (strings, names, dates, LaTeX) is read
here, after the BibLaTeX manual (3.20, sections 2.1 to 2.3).
"""

import itertools
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParserStateException
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)

from curation.text import join_keywords, split_keywords, tidy
from sources.bibliography.dates import MONTHS
from sources.bibliography.formats.draft import LONGEST, Draft, Tally, Value
from sources.bibliography.formats.latex import decode, decode_address, encode
from sources.bibliography.names import ORGANISATION, SUFFIX, ReadName, given_first
from sources.bibliography.record import ARTICLES, Name, Parsed, Problem, Record, TooMany

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of is in our problems

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
WRITTEN_AS = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "document": "misc",
    "legislation": "legislation",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "thesis",
    "webpage": "online",
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
# What a part takes from the whole it names in crossref (BibLaTeX manual, appendix B).
RENAMED = {"title": "booktitle", "subtitle": "booksubtitle", "journal": "journal", "journaltitle": "journaltitle"}
NOT_INHERITED = {"crossref", "xdata", "ids", "abstract", "keywords", "note", "annote", "shorttitle", "url", "doi"}
NOT_INHERITED |= {"pages", "author", "entrysubtype", "file"}
STEPS = 5  # crossref within crossref

MARK = re.compile(r'(?<!\\)[{}"#]')
ENTRY_LINE = re.compile(r"^[ \t]*@[ \t]*(?!(?:string|preamble|comment)\b)\w+[ \t]*[{(]", re.M | re.I)
FIELD_LINE = re.compile(r"\s*([A-Za-z][\w+-]*)\s*=\s*(.*)", re.S)
BRACE = r"(?<!\\)[{}]|"
AND = re.compile(BRACE + r" and(?= |$)|^and ", re.I)
COMMA = re.compile(BRACE + ",")
SPACE = re.compile(BRACE + "[ ~]")


class _Fields(dict[str, Value]):
    """The raw values by name, with the kind and key of the entry."""

    def __init__(self, kind: str, key: str, line: int) -> None:
        super().__init__()
        self.kind, self.key, self.line = kind, key, line
        self.repeated: list[tuple[str, Value]] = []

    def add(self, name: str, text: str, line: int) -> None:
        name = name.strip().lower()
        if name not in self:
            self[name] = Value(text, line)
        elif text != self[name].text:
            self.repeated.append((name, Value(text, line)))


def parse(text: str, most: int | None = None) -> Parsed:
    """Read a BibTeX or BibLaTeX file, given as text. Returns Parsed; raises TooMany alone.

    An entry that is broken is rescued line by line and reported; fatal is only what gave no record.
    """
    parsed = Parsed(most=most)
    problems = parsed.problems
    if most is not None and sum(1 for _ in ENTRY_LINE.finditer(text)) > most:
        raise TooMany
    try:
        blocks = parse_string(text, parse_stack=[]).blocks
    except (ParserStateException, RecursionError):
        problems.append(Problem(1, "The file cannot be read as BibTeX.", is_fatal=True))
        return parsed
    strings, entries = _sorted_out(blocks, text, problems)
    by_key: dict[str, _Fields] = {}
    for entry in entries:
        by_key.setdefault(entry.key.lower(), entry)
    tally = Tally()
    for entry in entries:
        if entry.kind == "xdata":
            continue
        if not entry:
            problems.append(Problem(entry.line, "The entry has no fields: there is nothing to read.", is_fatal=True))
            continue
        draft = Draft(entry.line, tally, entry.key)
        _Reading(draft, _inherited(entry, by_key, draft), strings).read()
        parsed.add(draft.finish(), draft.problems)
    problems += tally.problems()
    if not parsed.records and not any(problem.is_fatal for problem in problems):
        problems.append(Problem(1, "No entry begins here with “@…{”: this is not BibTeX.", is_fatal=True))
    return parsed.in_order()


def _sorted_out(blocks: list[Block], text: str, problems: list[Problem]) -> tuple[dict[str, str], list[_Fields]]:
    """The @string definitions, and the entries."""
    strings, entries = dict(zip(MONTHS, MONTHS, strict=True)), []
    lines = text.split("\n")
    starts = [_start(block) for block in blocks if not isinstance(block, ImplicitComment)] + [len(lines)]
    ends = dict(itertools.pairwise(starts))
    rescued_to = -1
    for found in blocks:
        start = _start(found)
        line = start + 1
        block: Block | None = found
        if isinstance(found, DuplicateBlockKeyBlock):
            problems.append(Problem(line, f"The key “{found.key[:80]}” is used before: both entries were read."))
            block = found.ignore_error_block
        elif isinstance(found, DuplicateFieldKeyBlock):
            block = found.ignore_error_block
        if isinstance(block, String):
            value = _evaluated(block.value, strings)
            strings[block.key.lower()] = value.text
            if value.is_cut:
                problems.append(Problem(line, _grown(f"@string “{block.key[:80]}”")))
        elif isinstance(block, Entry):
            fields = _Fields(block.entry_type.lower(), block.key, line)
            for field in block.fields:
                for name, raw in _separated(field.key, field.value):
                    fields.add(name, raw, field.start_line + 1)
                    if name != field.key:
                        message = f"A comma is missing before the field “{name}”; it was read all the same."
                        problems.append(Problem(field.start_line + 1, message))
            entries.append(fields)
        elif isinstance(block, ImplicitComment):
            if start >= rescued_to:
                _report_stray(block, line, problems)
        elif isinstance(block, ParsingFailedBlock):
            rescued_to = ends[start]
            entry = _rescued(lines[start : max(rescued_to, start + 1)], line)
            reason = " ".join(str(getattr(block.error, "abort_reason", block.error)).split()).rstrip(" .")
            if entry:
                message = f"The entry is broken ({reason[:200]}). It was read line by line: check every field."
                problems.append(Problem(line, message))
                entries.append(entry)
            else:
                problems.append(Problem(line, f"This entry could not be read ({reason[:200]}).", is_fatal=True))
    return strings, entries


def _start(block: Block) -> int:
    return block.start_line or 0  # None only of a block that was made and not read


def _report_stray(block: ImplicitComment, line: int, problems: list[Problem]) -> None:
    """Text between entries is a comment, but one with a sign of an entry in it may be a lost one."""
    if re.search(r"^\s*@\w", block.comment, re.M):
        problems.append(Problem(line, "What stands here looks like an entry, and could not be read.", is_fatal=True))
    elif not all(one.lstrip().startswith("%") for one in block.comment.split("\n") if one.strip()):
        problems.append(Problem(line, "The text here is outside any entry: it was not read."))


def _rescued(lines: list[str], number: int) -> _Fields | None:
    """A broken entry, taking each line that begins with ``name =`` for a field; None if nothing was found."""
    head = re.match(r"\s*@\s*(\w+)\s*[{(]\s*(?:([^,\s={}\"]*)\s*(?:,|$))?", lines[0])
    if not head or head[1].lower() in {"string", "preamble", "comment"}:
        return None
    fields = _Fields(head[1].lower(), head[2] or "", number)
    name, start = "", number
    pieces: list[str] = []
    # The first line may hold a field after the key, the last field the brace that ends the entry.
    for at, line in enumerate([lines[0][head.end() :].lstrip(" ,"), *lines[1:], "end = "], start=number):
        match = FIELD_LINE.match(line)
        if match:
            value = "\n".join(pieces).strip()
            if name and value:
                fields.add(name, _mended(value), start)
            name, start, pieces = match[1], at, [match[2]]
        else:
            pieces.append(line)
    return fields if fields else None


def _mended(value: str) -> str:
    """The value of a broken field in braces that match."""
    if re.fullmatch(r"[A-Za-z]+\s*,?|[0-9]+\s*,?", value):
        return value.rstrip(", ")
    bare = MARK.sub(lambda match: "#" if match[0] == "#" else "", value.rstrip(" \t\n,}"))
    return f"{{{bare}}}"


def _separated(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The fields in `value`: more than one where the comma between them is missing."""
    depth, quoted, start = 0, False, 0
    for match in re.finditer(r'(?<!\\)[{}"=]', value):
        mark = match[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif depth == 0 and mark == '"':
            quoted = not quoted
        elif depth == 0 and not quoted and mark == "=":
            next_name = re.search(r"[A-Za-z][\w+-]*\s*$", value[max(start, match.start() - 60) : match.start()])
            if next_name:
                yield name, value[start : match.start() - len(next_name[0])].strip()
                name, start = next_name[0].strip(), match.end()
    yield name, value[start:].strip()


def _inherited(entry: _Fields, by_key: dict[str, _Fields], draft: Draft) -> _Fields:
    """The fields of `entry` with those it takes over from the entries in xdata and crossref."""
    whole = _Fields(entry.kind, entry.key, entry.line)
    whole.update(entry)
    whole.repeated = list(entry.repeated)
    seen = {entry.key.lower()}
    waiting = [("xdata", entry), ("crossref", entry)]
    for _ in range(STEPS * 2):
        if not waiting:
            break
        way, child = waiting.pop(0)
        if way not in child:
            continue
        value, line = child[way]
        for key in MARK.sub("", value).split(","):
            parent = by_key.get(key.strip().lower())
            if parent is None:
                draft.say(line, f"The entry “{key.strip()[:80]}”, named in {way}, is not in the file.")
            elif parent.key.lower() not in seen:
                seen.add(parent.key.lower())
                for name, found in parent.items():
                    if way == "crossref":
                        if name in NOT_INHERITED:
                            continue
                        name = RENAMED.get(name, name)
                    if name not in {"crossref", "xdata"}:
                        whole.setdefault(name, found)
                waiting += [("xdata", parent), ("crossref", parent)]
    whole.pop("xdata", None)
    whole.pop("crossref", None)
    return whole


class _Evaluated(NamedTuple):
    text: str
    unknown: list[str]
    is_cut: bool


def _evaluated(raw: str, strings: dict[str, str]) -> _Evaluated:
    """The text of ``{…} # name # "…"``, the names that are not defined, and whether it grew too long and was cut."""
    raw = raw.strip()
    pieces: list[str] = []
    unknown: list[str] = []
    length = 0
    for piece in _concatenated(raw):
        piece = piece.strip()
        if len(piece) > 1 and (piece[0], piece[-1]) in {("{", "}"), ('"', '"')}:
            pieces.append(piece[1:-1])
        elif piece.lower() in strings:
            pieces.append(strings[piece.lower()])
        else:
            if piece and not re.fullmatch(r"[0-9]+", piece):
                unknown.append(piece)
            pieces.append(piece)
        length += len(pieces[-1])
        if length > LONGEST and len(pieces) > 1:  # a single piece is no longer than it stands in the file
            return _Evaluated("".join(pieces)[:LONGEST], unknown, True)
    return _Evaluated("".join(pieces), unknown, False)


def _grown(what: str) -> str:
    return f"{what} grows to more than {LONGEST:,} characters where names are put together: the rest was left out."


def _concatenated(raw: str) -> Iterator[str]:
    depth, quoted, start = 0, False, 0
    for match in MARK.finditer(raw):
        mark = match[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif depth == 0 and mark == '"':
            quoted = not quoted
        elif depth == 0 and not quoted and mark == "#":
            yield raw[start : match.start()]
            start = match.end()
    yield raw[start:]


class _Reading:
    """From fields to a record. `fields` is what is not read yet."""

    def __init__(self, draft: Draft, fields: _Fields, strings: dict[str, str]) -> None:
        self.draft = draft
        self.fields = fields
        self.strings = strings

    def take(self, name: str) -> Value:
        """The raw text of a field, its strings put in, and its line; empty if there is none."""
        raw, line = self.fields.pop(name, Value("", self.fields.line))
        text, unknown, is_cut = _evaluated(raw, self.strings)
        if is_cut:
            self.draft.say(line, _grown(f"The field “{name}”"))
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
        left += [(name, Value(_evaluated(raw, self.strings).text, line)) for name, (raw, line) in self.fields.repeated]
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


def dump(records: Iterable[Record]) -> str:
    """`records` as the text of a BibTeX file, which BibLaTeX reads too; keys are the records' own, made unique."""
    used: set[str] = set()
    return "\n".join(_dumped(record, _key(record, used)) for record in records)


def _key(record: Record, used: set[str]) -> str:
    """The record's key in the letters that BibTeX allows; numbered if it was used before."""
    wanted = record.key or "".join(
        [*[name.family or name.literal for name in record.contributors[:1]], record.year, record.title[:20]]
    )
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
    base = key = re.sub(r"[^A-Za-z0-9:._/+-]", "", plain) or "entry"
    number = 1
    while key.lower() in used:
        number += 1
        key = f"{base}-{number}"
    used.add(key.lower())
    return key


def _dumped(record: Record, key: str) -> str:
    lines = [f"  {name} = {value}" for name, value in _fields(record) if value not in {"", "{}"}]
    return ",\n".join([f"@{WRITTEN_AS.get(record.csl_type, 'misc')}{{{key}", *lines]) + "\n}\n"


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    for role, field, kind in _roles(record):
        yield field, f"{{{' and '.join(_written(name) for name in record.people(role))}}}"
        yield f"{field}type", f"{{{kind}}}"
    yield "title", _braced(record.title, keep_capitals=True)
    yield "entrysubtype", f"{{{record.csl_type.partition('-')[2]}}}" if record.csl_type in SUBTYPES.values() else ""
    is_article = record.csl_type in ARTICLES
    yield "journal" if is_article else "booktitle", _braced(record.container_title)
    yield "year", f"{{{record.year}}}"
    if len(record.issued) == 7:
        yield "month", MONTHS[int(record.issued[5:]) - 1]
    if record.issued_is_approximate or len(record.issued) == 10:
        yield "date", f"{{{record.issued}{'~' if record.issued_is_approximate else ''}}}"
    yield "volume", _braced(record.volume)
    yield "number" if is_article else "issue", _braced(record.issue)
    yield "number", _braced(record.entry_code)
    yield "pages", _braced(record.pages).replace("-", "--")
    yield "edition", _braced(record.edition)
    yield "version", _braced(record.version)
    yield "institution" if record.csl_type in {"report", "thesis"} else "publisher", _braced(record.publisher)
    yield "address", _braced(record.place)
    yield "series", _braced(record.series)
    yield "doi", _address(record.doi)
    for field in ["isbn", "issn", "eissn"]:
        yield field, _braced(getattr(record, field))
    yield "url", _address(record.url)
    yield "urldate", f"{{{record.accessed_on or ''}}}"
    yield "language", _braced(record.language)
    yield "abstract", _braced(record.abstract)
    yield "keywords", _braced(join_keywords(record.keywords))
    yield "note", _braced(record.caveats)
    yield "annote", _braced("\n".join(filter(None, [record.note, record.provenance])))


def _roles(record: Record) -> Iterator[tuple[str, str, str]]:
    yield "author", "author", ""
    yield "editor", "editor", ""
    if record.people("compiler"):  # BibLaTeX has them as a kind of editor
        yield "compiler", *(("editora", "compiler") if record.people("editor") else ("editor", "compiler"))
    yield "translator", "translator", ""


def _braced(text: str, keep_capitals: bool = False) -> str:
    encoded = encode(text)
    if keep_capitals:  # styles write titles in small letters, and must not with NHS
        encoded = re.sub(r"(?<![\\\w])\w*[A-Z]\w*[A-Z]\w*", r"{\g<0>}", encoded)
    return f"{{{encoded}}}"


def _address(text: str) -> str:
    for char in "{}\\":
        text = text.replace(char, f"%{ord(char):02X}")
    return f"{{{text}}}"


def _written(name: Name) -> str:
    if name.literal:
        return f"{{{encode(name.literal)}}}"
    if not name.given:
        return f"{_whole(name.family)}," if " " in name.family else _whole(name.family)
    return f"{_whole(name.family)}, {_whole(name.given)}"


def _whole(part: str) -> str:
    """A part of a name, its commas and “and” kept from dividing it."""
    encoded = encode(part)
    return f"{{{encoded}}}" if re.search(r",|\band\b", part, re.I) else encoded
