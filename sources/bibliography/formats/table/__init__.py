"""A spreadsheet of references: CSV, tab-delimited text or XLSX, with the columns of any program.

`columns` says which columns are known, `parse` and `parse_workbook` read the records. For the others a mapping can be
given, from the heading of a column to one of FIELDS, or to nothing for a column to be left out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sources.bibliography.formats.draft import Draft, Tally
from sources.bibliography.formats.table.headings import FIELD_OF, HEADINGS, LABEL_OF, LEFT, RANK, plain
from sources.bibliography.formats.table.reading import Cell, read
from sources.bibliography.formats.table.rows import LOOKED_THROUGH, Row, Unreadable, of_text, of_workbook
from sources.bibliography.record import Parsed, Problem

__all__ = [
    "FIELDS",
    "Columns",
    "Unreadable",
    "columns",
    "is_table",
    "of_text",
    "of_workbook",
    "parse",
    "parse_workbook",
]

FIELDS = (*HEADINGS,)
KEPT, LEFT_OUT = "kept", ""  # of a mapping: in the note under the heading, or nowhere


class Columns(NamedTuple):
    """The columns of a table: where their headings stand, and by heading the field of each that is known; the others
    with their first value."""

    line: int
    known: dict[str, str]
    unknown: dict[str, str]


def columns(rows: Sequence[Row], mapping: Mapping[str, str] | None = None) -> Columns:
    """Which columns of a table are known, for a page on which somebody says what the others are."""
    place = _head(rows)
    if place is None:
        return Columns(1, {}, {})
    head, below = rows[place], rows[place + 1 :]
    known, unknown = {}, {}
    for column, heading in enumerate(_headings(head)):
        field = _field(heading, mapping or {})
        if field is None:
            cells = (row.cells[column].strip() for row in below if column < len(row.cells))
            unknown[heading] = next(filter(None, cells), "")
        else:
            known[heading] = field
    return Columns(head.line, known, unknown)


def is_table(text: str) -> bool:
    """Whether a text begins with headings, at least one of titles and one more."""
    try:
        first = next(of_text(text[:65536].split("\n", 1)[0] + "\n"), None)
    except Unreadable:
        return False
    fields = {FIELD_OF.get(plain(cell), "") for cell in first.cells} - {""} if first else set()
    return "title" in fields and len(fields) > 1


def parse(text: str, most: int | None = None, mapping: Mapping[str, str] | None = None) -> Parsed:
    """Read a table, given as text. Returns Parsed; raises TooMany alone."""
    rows: list[Row] = []
    problems = []
    try:
        rows.extend(of_text(text))
    except Unreadable as error:
        problems.append(Problem(error.line, str(error), is_fatal=True))
    parsed = parse_rows(rows, most, mapping)
    parsed.problems += problems
    return parsed.in_order()


def parse_workbook(data: bytes, most: int | None = None, mapping: Mapping[str, str] | None = None) -> Parsed:
    """Read the sheet of a workbook that has the references. Returns Parsed; raises TooMany alone."""
    try:
        sheets = [(name, rows) for name, rows in of_workbook(data) if rows]
    except Unreadable as error:
        return Parsed(problems=[Problem(error.line, str(error), is_fatal=True)])
    if not sheets:
        return Parsed(problems=[Problem(1, "The workbook is empty.", is_fatal=True)])
    chosen = next((sheet for sheet in sheets if "title" in columns(sheet[1], mapping).known.values()), sheets[0])
    parsed = parse_rows(chosen[1], most, mapping)
    others = [f"“{name[:40]}”" for name, _ in sheets if name != chosen[0]]
    if others:
        message = f"The sheet “{chosen[0][:40]}” was read. Not read: {', '.join(others)}."
        parsed.problems.append(Problem(1, message))
    return parsed.in_order()


def parse_rows(rows: Sequence[Row], most: int | None = None, mapping: Mapping[str, str] | None = None) -> Parsed:
    """Read the rows of a table; what stands above the headings is told. Raises TooMany."""
    parsed, tally = Parsed(most=most), Tally()
    place = _head(rows, mapping)
    headings = [] if place is None else _headings(rows[place])
    fields = [_field(heading, mapping or {}) for heading in headings]
    if place is None or "title" not in fields:
        message = "No column is called “Title”. Say which column has the titles, or give the first row headings."
        parsed.problems.append(Problem(rows[0].line if rows else 1, message, is_fatal=True))
        return parsed
    for row in rows[:place]:
        parsed.problems.append(Problem(row.line, "This row stands above the headings: it was not read."))
    if "csl_type" not in fields:
        message = (
            "No column says what kind of work each row is: it was guessed from the other columns. Check the types."
        )
        parsed.problems.append(Problem(rows[place].line, message))
    cells = [
        Cell(LABEL_OF.get(plain(heading), heading), field, "", RANK.get(plain(heading), 0))
        for heading, field in zip(headings, fields, strict=True)
    ]
    for row in rows[place + 1 :]:
        draft = Draft(row.line, tally)
        beyond = [Cell(f"Column {column}", None, "", 0) for column in range(len(cells) + 1, len(row.cells) + 1)]
        texts = zip([*cells, *beyond], map(str.strip, row.cells), strict=False)
        read([cell._replace(text=text) for cell, text in texts if text], draft, "csl_type" in fields)
        parsed.add(draft.finish(), draft.problems)
    parsed.problems += tally.problems()
    if not parsed.records:
        parsed.problems.append(Problem(rows[place].line, "There are no rows below the headings.", is_fatal=True))
    return parsed


def _head(rows: Sequence[Row], mapping: Mapping[str, str] | None = None) -> int | None:
    """The place of the row that has most headings that are known; of none, the first."""
    counts = [len({_field(cell, mapping or {}) for cell in row.cells} - {None}) for row in rows[:LOOKED_THROUGH]]
    return counts.index(max(counts)) if counts else None


def _headings(row: Row) -> list[str]:
    return [cell.strip() or f"Column {place}" for place, cell in enumerate(row.cells, start=1)]


def _field(heading: str, mapping: Mapping[str, str]) -> str | None:
    """The field of a column, KEPT or LEFT_OUT; None if nothing is known of it."""
    given = {plain(name): field for name, field in mapping.items()}
    name = plain(heading)
    if name in given:
        return given[name]
    if name in LABEL_OF:
        return KEPT
    return LEFT_OUT if name in LEFT else FIELD_OF.get(name)
