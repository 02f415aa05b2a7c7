"""Files of spreadsheet programs -> grids of text. Trusts nothing that a file says of itself. Pure: no models.

openpyxl reads workbooks. Before it opens one, we look at what the archive holds, and through the XML of it: for what no
workbook should have in it, and for what openpyxl passes over when it reads row by row (merged cells, formulas without a
result). All of it happens in a process of its own, whose time and memory are bounded (`READER`).
"""

import csv
import io
import re
import warnings
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isfinite
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter

from curation.sandbox import Reader, Unreadable
from curation.spreadsheets import FORMULA, MOST_IN_A_CELL
from sources.bibliography.formats import archives
from sources.bibliography.formats.encoding import decode

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_PROBLEMS = 10_000
MAX_ELEMENTS = 12_000_000  # in a part: more than the largest sheet that is read
MAX_LINES = 1_048_576  # empty or not: what spreadsheet programs can hold
CHUNK = 64 * 1024

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
NUMBERED_CHARACTER = re.compile(
    r"_x(00[01][0-9A-Fa-f]|005[Ff])_"
)  # of those that workbooks hold, openpyxl leaves these
NOT_DATE_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')

TOO_LARGE = "The file is larger than 20 MB. Divide it into smaller ones."
BOMB = "The workbook unpacks to far more than its size. Copy what you need into a new workbook, and use that."
DAMAGED = "The workbook is damaged or incomplete. Open it in your spreadsheet program, save it anew and try that file."
ENTITIES = "The workbook has a document type declaration in it, which no spreadsheet program writes. It was not opened."
LOCKED = "The workbook is protected by a password. Save it without one."
OLD = "This is a workbook in the old .xls form. Save it as .xlsx and try again."
MACROS = "The workbook holds macros (.xlsm). Save it as .xlsx, without them."
BINARY = "This is a binary workbook (.xlsb). Save it as .xlsx and try again."
NO_WORKBOOK = "This file is not an .xlsx workbook. Save the table as .xlsx or as CSV."
SLOW = (
    "The workbook takes too long to read. It may hold very many empty cells that are formatted: copy the rows you need "
    "into a new workbook, and use that."
)
MANY_ROWS = f"There are more than {MAX_ROWS:,} rows. Divide the file into smaller ones."
NOT_TEXT = "The file is neither a workbook nor text, for it has zeros in it. Save the table as .xlsx or CSV."
LONG = f"The text is longer than the {MOST_IN_A_CELL:,} characters that a cell can hold. It was left out."
NO_VALUE = "The cell holds a formula without a result. Replace the formula by its value. The cell was left out."
MERGED = "These cells are merged: their text counts for the first of them only. Undo the merging and repeat the text."


# The namespaces of the strict form of OOXML (ISO/IEC 29500), which openpyxl does not know, and those of the usual one.
STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}
# What zipfile, the XML parsers and openpyxl raise for a file that is not what it should be.
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
)

READER = Reader(f"{__name__}:as_json", 40, 768, slow=SLOW, damaged=DAMAGED)


class Dated(str):
    """The text of a cell that the spreadsheet holds as a date: 2003-05-12, or as much as the cell shows of it."""


@dataclass
class Grid:
    """A sheet: its name (empty for a CSV file), its rows that hold text as (number, {column from 0: text}), and
    (place, message) for what was left out."""

    name: str = ""
    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def place(self, row, column=None):
        where = f"row {row}" if column is None else f"cell {get_column_letter(column + 1)}{row}"
        return f"{self.name}, {where}" if self.name else where

    def tell(self, place, message):
        if len(self.problems) >= MAX_PROBLEMS:
            raise Unreadable(f"More than {MAX_PROBLEMS:,} cells cannot be read, such as {place}: {message}")
        self.problems.append((place, message))

    def add(self, row, cells, read_so_far):
        """Keep a row unless it is empty; return how many rows there are then in the whole file."""
        if not cells:
            return read_so_far
        if max(cells) >= MAX_COLUMNS:
            raise Unreadable(
                f"There are more than {MAX_COLUMNS} columns (see {self.place(row, max(cells))}). Delete what is there."
            )
        if read_so_far >= MAX_ROWS:
            raise Unreadable(MANY_ROWS)
        self.rows.append((row, cells))
        return read_so_far + 1


def read_grids(data):
    """The grids of a workbook or a CSV file, given as bytes and told apart by what they hold. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    if data.startswith(OLE):
        raise Unreadable(LOCKED if ENCRYPTED in data else OLD)
    if data.startswith(b"PK"):
        return _read_workbook(data)
    return [_read_csv(data)]


def read_apart(data):
    """The same in a process of its own."""
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    grids = []
    for name, rows, dated, problems in READER.read(data):
        grid = Grid(name, [(row, {int(n): text for n, text in cells.items()}) for row, cells in rows])
        for place, column in dated:
            cells = grid.rows[place][1]
            cells[column] = Dated(cells[column])
        grid.problems += map(tuple, problems)
        grids.append(grid)
    return grids


def as_json(data):
    told = []
    for grid in read_grids(data):
        dated = [
            (place, column)
            for place, (_, cells) in enumerate(grid.rows)
            for column, text in cells.items()
            if isinstance(text, Dated)
        ]
        told.append((grid.name, grid.rows, dated, grid.problems))
    return told


# CSV


def _read_csv(data):
    text, guesses = decode(data)
    if "\0" in text:
        raise Unreadable(NOT_TEXT)
    grid = Grid(problems=[(f"line {guess.line}", guess.message) for guess in guesses])
    lines = io.StringIO(text, newline="")
    named = re.match(r"sep=([;,\t])\n", text)
    if named:  # what Excel understands as a first line
        lines.readline()
    delimiter = named[1] if named else _delimiter(text)
    row, kept = (1 if named else 0), 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for values in reader:
            row += 1
            if row > MAX_LINES:
                raise Unreadable(MANY_ROWS)
            cells = {}
            for column, value in enumerate(values):
                message = _fault(value)
                if message:
                    grid.tell(grid.place(row, column), message)
                elif value.strip():
                    cells[column] = _unguarded(value)
            kept = grid.add(row, cells, kept)
    except csv.Error as error:
        if "field larger" in str(error):
            raise Unreadable(
                f"In row {row + 1} a cell is far too long. Is a quotation mark not closed there?"
            ) from error
        raise Unreadable(
            f"In row {row + 1} a quotation mark is not closed, or stands within a cell without being doubled."
        ) from error
    return grid


def _delimiter(text):
    """The sign that divides the first line into most cells."""
    first = next(filter(str.strip, text.split("\n", 100)), "")
    return max("\t;,", key=lambda sign: len(next(csv.reader([first[:CHUNK]], delimiter=sign), [])))


def _fault(value):
    if value.strip() in ERRORS:
        return f"The cell shows the error {value.strip()}. It was left out."
    return LONG if len(value) > MOST_IN_A_CELL else ""


def _unguarded(value):
    """Without the apostrophe that our own CSV files have before what a spreadsheet would take for a formula."""
    return value[1:] if value[0] == "'" and FORMULA.match(value, 1) else value


# XLSX


def _read_workbook(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse(archive)
            looks = {part: _Look(archive, part) for part in archive.namelist()}
            if any(look.is_strict for look in looks.values()):
                data = _in_usual_form(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out, such as pictures
            return _sheets(data, looks)
    except DAMAGES as error:
        raise Unreadable(DAMAGED) from error


def _refuse(archive):
    """Look at what the archive holds before anything is unpacked."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if archives.is_bomb(archive):
        raise Unreadable(BOMB)
    if archives.is_locked(archive):
        raise Unreadable(LOCKED)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(MACROS)
    if "xl/workbook.bin" in names:
        raise Unreadable(BINARY)
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Unreadable(NO_WORKBOOK)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Unreadable(DAMAGED)


class _Look:
    """What openpyxl does not tell of a part, or should not be given. Raises Unreadable."""

    def __init__(self, archive, part):
        self.is_strict = False
        self.merged = []
        self.without_result = []  # references of cells
        self._elements = 0
        self._cell, self._has_formula, self._is_value = {}, False, False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse_entities
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        with archive.open(part) as file, suppress(expat.ExpatError):  # a picture; what openpyxl needs, it refuses too
            while chunk := file.read(CHUNK):
                parser.Parse(chunk)

    @staticmethod
    def _refuse_entities(*_):
        raise Unreadable(ENTITIES)

    def _start(self, name, values):
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise Unreadable(BOMB)
        space, _, tag = name.rpartition(" ")
        self._is_value = tag == "v"
        if tag == "c":
            self._cell, self._has_formula = values, False
        elif tag == "f":
            self._has_formula = True
        elif tag == "mergeCell":
            self.merged.append(values["ref"][:20])
        elif tag == "Override" and "macroEnabled" in values.get("ContentType", ""):
            raise Unreadable(MACROS)
        elif self._elements == 1:
            self.is_strict = space.encode() in STRICT

    def _text(self, text):
        if self._is_value:
            self._has_formula = False  # it has its result

    def _end(self, name):
        self._is_value = False
        if self._has_formula and name.endswith(" c"):
            if self._cell.get("t") != "str":
                self.without_result.append(self._cell.get("r", "without a name"))
            self._has_formula = False


def _in_usual_form(archive):
    """A workbook in the strict form as one in the usual form."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as other:
        for part in archive.namelist():
            xml = archive.read(part)
            for strict, usual in STRICT.items():
                xml = xml.replace(strict, usual)
            other.writestr(part, xml)
    return written.getvalue()


class _SheetReader(ExcelReader):
    def read_chartsheet(self, sheet, rel):
        """Charts are no sheets."""


def _sheets(data, looks):
    reader = _SheetReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read()
    parts = [(sheet.name, part.target) for sheet, part in reader.parser.find_sheets() if "chartsheet" not in part.Type]
    grids, kept = [], 0
    for (name, part), sheet in zip(parts, reader.wb.worksheets, strict=True):
        grids.append(Grid(name))
        kept = _fill(grids[-1], sheet, kept)
        for reference in looks[part].without_result:
            grids[-1].tell(f"{name}, cell {reference}", NO_VALUE)
        for cells in looks[part].merged:
            grids[-1].tell(f"{name}, cells {cells}", MERGED)
    return grids


def _fill(grid, sheet, kept):
    sheet.reset_dimensions()  # which are as the file says
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = {}
        for cell in row:
            if cell.value is None:
                continue
            try:
                text = _as_text(cell)
            except ValueError as error:
                grid.tell(grid.place(number, cell.column - 1), str(error))
            else:
                if text.strip():
                    cells[cell.column - 1] = text
        kept = grid.add(number, cells, kept)
    return kept


def _as_text(cell):
    """What a cell shows. Raises ValueError, with a sentence for a librarian."""
    value = cell.value
    if cell.data_type == "e":
        raise ValueError(f"The cell shows the error {str(value)[:20]}. It was left out.")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return Dated(value.date().isoformat()[: _shown(cell.number_format)])
    if isinstance(value, date | time | timedelta):
        return Dated(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"The cell should hold a number or a date, but holds “{value}”. It was left out.")
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    text = NUMBERED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), str(value))
    if len(text) > MOST_IN_A_CELL:
        raise ValueError(LONG)
    return text


def _shown(code):
    """How much of a date a format shows: a number of characters."""
    letters = NOT_DATE_LETTERS.sub("", code.lower().split(";")[0])
    if "d" in letters or "h" in letters or "y" not in letters:
        return 10
    return 7 if "m" in letters else 4
