"""Files of spreadsheet programs -> grids of text. Trusts nothing that a file says of itself. Pure: no models.

A workbook is read as a stream of XML, and only the parts that hold text: nothing is built in memory that a small file
could blow up, and merged cells and formulas without a value, which openpyxl's read-only mode passes over, are told.
"""

import csv
import io
import re
import time
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from posixpath import join, normpath
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from curation.sandbox import Reader, Unreadable
from curation.spreadsheets import FORMULA, MOST_IN_A_CELL
from sources.bibliography.formats.encoding import decode

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
SMALL = 10 * 1024 * 1024  # unpacked: whatever the ratio, this does no harm
MAX_PARTS = 5000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_STRINGS = 1_000_000
MAX_PROBLEMS = 10_000
MAX_ELEMENTS = 1_000_000  # in a part that says how the workbook is made
MAX_LINES = 1_048_576  # empty or not: what spreadsheet programs can hold
SECONDS = 20
CHUNK = 64 * 1024

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
NUMBERED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")
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


READER = Reader(f"{__name__}:as_json", 30, 512, slow=SLOW, damaged=DAMAGED)


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
            return _Workbook(archive).grids()
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        expat.ExpatError,
        LookupError,
        ValueError,
        OverflowError,
    ) as error:
        raise Unreadable(DAMAGED) from error


def _refuse(archive):
    """Look at what the archive holds before anything is unpacked."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS or (unpacked > SMALL and unpacked > MAX_RATIO * packed):
        raise Unreadable(BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(LOCKED)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(MACROS)
    if "xl/workbook.bin" in names:
        raise Unreadable(BINARY)
    if "[Content_Types].xml" not in names:
        raise Unreadable(NO_WORKBOOK)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Unreadable(DAMAGED)


class _Workbook:
    def __init__(self, archive):
        self.archive = archive
        self.deadline = time.monotonic() + SECONDS
        self.kept = 0

    def grids(self):
        workbook = self._workbook_part()
        folder = workbook.rpartition("/")[0]
        targets, part_of = {}, {}
        for name, values in self.elements(join(folder, "_rels", f"{workbook.rpartition('/')[2]}.rels")):
            if name == "Relationship" and values.get("TargetMode") != "External":
                kind = values["Type"].rpartition("/")[2]
                part_of[kind] = normpath(join("/", folder, values["Target"])).lstrip("/")
                targets[values["Id"]] = kind, part_of[kind]
        self.strings = self._shared_strings(part_of["sharedStrings"]) if "sharedStrings" in part_of else []
        self.date_styles = self._date_styles(part_of["styles"]) if "styles" in part_of else {}
        sheets, self.epoch = [], WINDOWS_EPOCH
        for name, values in self.elements(workbook):
            if name == "workbookPr" and values.get("date1904") in ("1", "true"):
                self.epoch = MAC_EPOCH
            elif name == "sheet":
                kind, part = targets[values["id"]]
                if kind == "worksheet":
                    sheets.append((values["name"], part))
        return [_Sheet(self, name).read(part) for name, part in sheets]

    def _workbook_part(self):
        for name, values in self.elements("[Content_Types].xml"):
            kind = values.get("ContentType", "")
            if name == "Override" and "macroEnabled" in kind:
                raise Unreadable(MACROS)
            if name == "Override" and re.search(r"spreadsheetml\.(sheet|template)\.main\+xml$", kind):
                return values["PartName"].lstrip("/")
        if "xl/workbook.xml" in self.archive.namelist():
            return "xl/workbook.xml"
        raise Unreadable(NO_WORKBOOK)

    def parse(self, part, start, end=None, text=None):
        """Walk through the XML of a part. `start` is called with local names, so that both forms of OOXML are read."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_entities
        parser.StartElementHandler = lambda name, values: start(name.rpartition(" ")[2], values)
        if end:
            parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
            parser.CharacterDataHandler = text
        with self.archive.open(part) as file:
            while chunk := file.read(CHUNK):
                if time.monotonic() > self.deadline:
                    raise Unreadable(SLOW)
                parser.Parse(chunk)
            parser.Parse(b"", True)

    def elements(self, part):
        found = []

        def start(name, values):
            if len(found) >= MAX_ELEMENTS:
                raise Unreadable(BOMB)
            found.append((name, {key.rpartition(" ")[2]: value for key, value in values.items()}))

        self.parse(part, start)
        return found

    def _shared_strings(self, part):
        strings, letters = [], _Letters()

        def start(name, _):
            if name == "si":
                letters.clear()
            letters.start(name)

        def end(name):
            letters.end(name)
            if name == "si":
                if len(strings) >= MAX_STRINGS:
                    raise Unreadable(BOMB)
                strings.append(letters.text())

        self.parse(part, start, end, letters.add)
        return strings

    def _date_styles(self, part):
        """Index of a style -> how much of a date it shows: a number of characters."""
        formats, within, styles = dict(BUILTIN_FORMATS), False, []
        for name, values in self.elements(part):
            if name == "numFmt" and "numFmtId" in values:
                formats[int(values["numFmtId"])] = values.get("formatCode", "")
            if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                within = name == "cellXfs"
            elif name == "xf" and within:
                styles.append(formats.get(int(values.get("numFmtId", 0)), ""))
        return {index: _shown(code) for index, code in enumerate(styles) if is_date_format(code)}


def _refuse_entities(*_):
    raise Unreadable(ENTITIES)


def _shown(code):
    letters = NOT_DATE_LETTERS.sub("", code.lower().split(";")[0])
    if "d" in letters or "h" in letters or "y" not in letters:
        return 10
    return 7 if "m" in letters else 4


class _Letters:
    """Collects the text of a cell from its runs, without the reading aids of East Asian text."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.parts, self.length, self.is_open, self.is_aid = [], 0, False, False

    def start(self, name):
        if name == "rPh":
            self.is_aid = True
        elif name in ("t", "v"):
            self.is_open = not self.is_aid

    def end(self, name):
        if name == "rPh":
            self.is_aid = False
        elif name in ("t", "v"):
            self.is_open = False

    def add(self, text):
        if self.is_open and self.length <= MOST_IN_A_CELL:
            self.parts.append(text[: MOST_IN_A_CELL + 1])
            self.length += len(text)

    def text(self):
        return NUMBERED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), "".join(self.parts))


class _Sheet:
    """Reads one sheet."""

    def __init__(self, book, name):
        self.book, self.grid, self.letters = book, Grid(name), _Letters()
        self.row, self.column, self.cells = 0, -1, {}
        self.kind, self.style, self.has_formula = "n", 0, False

    def read(self, part):
        self.book.parse(part, self._start, self._end, self.letters.add)
        return self.grid

    def _start(self, name, values):
        if name == "c":
            self.kind, self.style = values.get("t", "n"), int(values.get("s", 0))
            self.has_formula = False
            self.letters.clear()
            letters = values.get("r", "").rstrip("0123456789")
            self.column = column_index_from_string(letters) - 1 if letters else self.column + 1
        elif name == "row":
            self.row, self.column, self.cells = int(values.get("r", self.row + 1)), -1, {}
        elif name == "f":
            self.has_formula = True
        elif name == "mergeCell":
            self.grid.tell(f"{self.grid.name}, cells {values['ref'][:20]}", MERGED)
        else:
            self.letters.start(name)

    def _end(self, name):
        if name == "c":
            if self.letters.parts or self.has_formula:
                self._cell(self.letters.text())
        elif name == "row":
            self.book.kept = self.grid.add(self.row, self.cells, self.book.kept)
        else:
            self.letters.end(name)

    def _cell(self, text):
        message = ""
        if self.kind == "s":
            text = self.book.strings[int(text)]
        if self.kind == "e":
            message = f"The cell shows the error {text[:20]}. It was left out."
        elif self.has_formula and not text and self.kind != "str":
            message = NO_VALUE
        elif len(text) > MOST_IN_A_CELL:
            message = LONG
        elif self.kind == "b":
            text = "yes" if text == "1" else "no"
        elif self.kind == "d":
            text = Dated(text[:10])
        elif self.kind == "n" and text.strip():
            try:
                text = self._number(float(text))
            except (ValueError, OverflowError):
                message = f"The cell should hold a number or a date, but holds “{text[:40]}”. It was left out."
        if message:
            self.grid.tell(self.grid.place(self.row, self.column), message)
        elif text.strip():
            self.cells[self.column] = text

    def _number(self, number):
        if not isfinite(number):
            raise ValueError
        shown = self.book.date_styles.get(self.style)
        if shown:
            moment = from_excel(number, self.book.epoch)
            return Dated(moment.date().isoformat()[:shown] if isinstance(moment, datetime) else str(moment))
        return str(int(number)) if number.is_integer() else format(number, ".15g")
