"""The lines of a RIS file as the fields of its records, whichever way they are spelt."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sources.bibliography.formats.ris.tags import KNOWN
from sources.bibliography.record import Problem

TAG = re.compile(r"([ \t]*)([A-Za-z][A-Za-z0-9])([ \t]{1,2})-([ \t].*|)", re.S)


class _Field(NamedTuple):
    tag: str
    line: int
    pieces: list[str]  # of the value, one a line


class Entry:
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


def entries(text: str, problems: list[Problem]) -> Iterator[Entry]:
    entry: Entry | None = None
    stray: list[_Stray] = []
    for number, line in enumerate(text.split("\n"), start=1):
        tag, value, is_loose = _split(line, entry)
        if tag == "TY":
            if entry:
                message = f"The record of line {entry.line} has no end (“ER  - ”) before the next begins here."
                problems.append(Problem(number, message))
                yield entry
            _report_stray(stray, problems)
            entry = Entry(number, value, is_loose)
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


def _split(line: str, entry: Entry | None) -> _Line:
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
