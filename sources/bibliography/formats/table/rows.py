"""The rows of a file of separated values, or of a workbook."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from sources.bibliography.formats import archives
from sources.bibliography.formats.table.headings import FIELD_OF, LABEL_OF, LEFT, plain

MOST_COLUMNS = 500
BOMB = "The workbook unpacks to far more than its size. Copy what you need into a new workbook, and use that."
DAMAGED = "The workbook is damaged or incomplete. Open it in your spreadsheet program, save it anew and try that file."
NO_WORKBOOK = "This file is not an .xlsx workbook. Save the table as .xlsx or as CSV."
LOCKED = "The workbook is protected by a password. Save it without one."
MACROS = "The workbook holds macros (.xlsm). Save it as .xlsx, without them."
WIDE = f"There are more than {MOST_COLUMNS} columns. Delete those that are empty."


LOOKED_THROUGH = 20  # lines in which the headings may stand
DELIMITERS = ",;\t|"
KNOWN = {*FIELD_OF, *LABEL_OF, *LEFT}


class Row(NamedTuple):
    """A row with text in it; `line` is its line in the file or its number in the sheet."""

    line: int
    cells: list[str]


class Unreadable(ValueError):
    """The rows cannot be read. The message says why, in words for people; `line` is where."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def delimiter_of(text: str) -> str:
    """The sign that divides the headings: of the first lines, the one with most headings that are known; for want of
    such, the first that is divided at all."""
    lines = list(filter(str.strip, text[:65536].split("\n")))[:LOOKED_THROUGH]
    found = [
        (sum(plain(cell) in KNOWN for cell in cells), len(cells) > 1, len(cells), -place, sign)
        for place, line in enumerate(lines)
        for sign in DELIMITERS
        for cells in csv.reader([line], delimiter=sign)
    ]
    known = max(found, key=lambda one: one[0], default=(0,))
    if known[0] < 2:
        return next(
            (sign for _, many, count, place, sign in sorted(found, key=lambda one: (-one[3], -one[2])) if many), ","
        )
    return max(found)[-1]


def of_text(text: str) -> Iterator[Row]:
    """The rows of a text whose cells are divided by commas, semicolons, tabs or bars. Raises Unreadable."""
    named = re.match(r"sep=([;,\t|])\n", text)  # what Excel understands as a first line
    delimiter = named[1] if named else delimiter_of(text)
    reader = csv.reader(
        io.StringIO(text[named.end() :] if named else text, newline=""), delimiter=delimiter, strict=True
    )
    line = begun = 1 + bool(named)
    try:
        for cells in reader:
            line, begun = begun, reader.line_num + 1 + bool(named)
            if any(map(str.strip, cells)):
                yield Row(line, cells)
    except csv.Error as error:
        message = "a quotation mark is not closed, or stands within a cell without being doubled"
        if "field larger" in str(error):
            message = "a cell is far too long, perhaps since a quotation mark is not closed"
        raise Unreadable(f"In the row that begins here {message}: nothing was read from here on.", begun) from error


def of_workbook(data: bytes) -> list[tuple[str, list[Row]]]:
    """Name and rows of each sheet of an .xlsx workbook; a formula is its last result. Raises Unreadable."""
    from openpyxl import load_workbook

    try:
        _refuse(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return [(sheet.title, list(_rows(sheet.iter_rows(values_only=True)))) for sheet in book.worksheets]
    except Unreadable:
        raise
    except Exception as error:  # a file that somebody sent can raise anything in there
        raise Unreadable(DAMAGED) from error


def _rows(found: Iterable[tuple[object, ...]]) -> Iterator[Row]:
    for number, values in enumerate(found, start=1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(WIDE, number)
        if cells:
            yield Row(number, cells)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    return "" if value is None else str(value).strip()


def _refuse(data: bytes) -> None:
    """Look at what the archive holds before anything is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archives.is_bomb(archive):
            raise Unreadable(BOMB)
        if archives.is_locked(archive):
            raise Unreadable(LOCKED)
        names = {name.lower() for name in archive.namelist()}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable(MACROS)
    if "[content_types].xml" not in names:
        raise Unreadable(NO_WORKBOOK)
