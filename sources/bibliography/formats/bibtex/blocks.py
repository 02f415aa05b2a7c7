"""The entries of a BibTeX file: found by bibtexparser, mended where they are broken, their strings put in.

After the BibLaTeX manual (3.20, sections 2.1 to 2.3).
"""

import itertools
import logging
import re
from collections.abc import Iterator
from typing import NamedTuple

from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)

from sources.bibliography.dates import MONTHS
from sources.bibliography.formats.draft import LONGEST, Draft, Value
from sources.bibliography.record import Problem

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of is in our problems

# What a part takes from the whole it names in crossref (BibLaTeX manual, appendix B).
RENAMED = {"title": "booktitle", "subtitle": "booksubtitle", "journal": "journal", "journaltitle": "journaltitle"}
NOT_INHERITED = {"crossref", "xdata", "ids", "abstract", "keywords", "note", "annote", "shorttitle", "url", "doi"}
NOT_INHERITED |= {"pages", "author", "entrysubtype", "file"}
STEPS = 5  # crossref within crossref

MARK = re.compile(r'(?<!\\)[{}"#]')
FIELD_LINE = re.compile(r"\s*([A-Za-z][\w+-]*)\s*=\s*(.*)", re.S)


class Fields(dict[str, Value]):
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


def sorted_out(blocks: list[Block], text: str, problems: list[Problem]) -> tuple[dict[str, str], list[Fields]]:
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
            value = evaluated(block.value, strings)
            strings[block.key.lower()] = value.text
            if value.is_cut:
                problems.append(Problem(line, grown(f"@string “{block.key[:80]}”")))
        elif isinstance(block, Entry):
            fields = Fields(block.entry_type.lower(), block.key, line)
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


def _rescued(lines: list[str], number: int) -> Fields | None:
    """A broken entry, taking each line that begins with ``name =`` for a field; None if nothing was found."""
    head = re.match(r"\s*@\s*(\w+)\s*[{(]\s*(?:([^,\s={}\"]*)\s*(?:,|$))?", lines[0])
    if not head or head[1].lower() in {"string", "preamble", "comment"}:
        return None
    fields = Fields(head[1].lower(), head[2] or "", number)
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


def inherited(entry: Fields, by_key: dict[str, Fields], draft: Draft) -> Fields:
    """The fields of `entry` with those it takes over from the entries in xdata and crossref."""
    whole = Fields(entry.kind, entry.key, entry.line)
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


class Evaluated(NamedTuple):
    text: str
    unknown: list[str]
    is_cut: bool


def evaluated(raw: str, strings: dict[str, str]) -> Evaluated:
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
            return Evaluated("".join(pieces)[:LONGEST], unknown, True)
    return Evaluated("".join(pieces), unknown, False)


def grown(what: str) -> str:
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
