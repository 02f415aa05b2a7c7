"""A spreadsheet of references: CSV, tab-delimited text or XLSX, with the columns of any program.

`parse` and `parse_workbook` read the records, and say which columns there are. For those that are not known a mapping
can be given, from the heading of a column to one of FIELDS, to KEPT for the note, or to LEFT_OUT.
"""

from collections.abc import Mapping, Sequence

from sources.bibliography.formats.draft import Draft, Tally
from sources.bibliography.formats.table.headings import FIELD_OF, HEADINGS, LABEL_OF, LABELS, LEFT, RANK, plain
from sources.bibliography.formats.table.reading import Cell, read
from sources.bibliography.formats.table.rows import LOOKED_THROUGH, Row, Unreadable, of_text, of_workbook
from sources.bibliography.record import Column, Parsed, Problem

__all__ = [
    "FIELDS",
    "KEPT",
    "LABELS",
    "LEFT_OUT",
    "Unreadable",
    "are_known",
    "columns",
    "is_table",
    "of_text",
    "of_workbook",
    "parse",
    "parse_workbook",
]

FIELDS = (*HEADINGS,)
KEPT, LEFT_OUT = "kept", ""  # of a mapping: in the note under the heading, or nowhere


def columns(rows: Sequence[Row], mapping: Mapping[str, str] | None = None) -> list[Column]:
    """The columns of a table, each heading once, with what `mapping` says of them."""
    place = _head(rows, mapping)
    if place is None:
        return []
    found: dict[str, Column] = {}
    for number, heading in enumerate(_headings(rows[place])):
        known = found.get(plain(heading))
        if not known or not known.first:
            cells = (row.cells[number].strip() for row in rows[place + 1 :] if number < len(row.cells))
            first = next(filter(None, cells), "")
            found[plain(heading)] = Column(known.heading if known else heading, first, _field(heading, mapping or {}))
    return list(found.values())


def are_known(found: Sequence[Column]) -> bool:
    """Whether nobody has to say what is in which column."""
    fields = [column.field for column in found]
    return "title" in fields and None not in fields


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
    chosen = next(
        (sheet for sheet in sheets if "title" in {column.field for column in columns(sheet[1], mapping)}), sheets[0]
    )
    parsed = parse_rows(chosen[1], most, mapping)
    others = [f"“{name[:40]}”" for name, _ in sheets if name != chosen[0]]
    if others:
        message = f"The sheet “{chosen[0][:40]}” was read. Not read: {', '.join(others)}."
        parsed.problems.append(Problem(1, message))
    return parsed.in_order()


def parse_rows(rows: Sequence[Row], most: int | None = None, mapping: Mapping[str, str] | None = None) -> Parsed:
    """Read the rows of a table; what stands above the headings is told. Raises TooMany."""
    parsed, tally = Parsed(most=most, columns=columns(rows, mapping)), Tally()
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
