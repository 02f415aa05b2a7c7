"""A review as tables: CSV and XLSX files -> the neutral form of a review, and back. Pure: no database.

A workbook has a sheet for each kind of entry and a row for each entry; a CSV file holds one kind. An empty cell says
nothing, so it leaves no key in the entry. Status and dates of curation are in no table.
"""

import io
import re
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from curation.listexport import text_cell
from curation.sandbox import Unreadable
from findings.review_files.cells import short, word_of
from findings.review_files.columns import KINDS
from findings.review_files.grids import MAX_ROWS, read_apart

__all__ = ["Read", "Unreadable", "Unwritable", "read", "template", "write"]

FORMAT, VERSION = "joined-up-review", 1
README = "Read me"
AS_TEXT = "@"  # or a spreadsheet program makes a date of the pages 7-17
WRAPPED = Alignment(wrap_text=True, vertical="top")
PARENTS = {"review": ("reviews", "title"), "theme": ("themes", "name")}
SHEETS = ", ".join(kind.sheet for kind in KINDS)


class Unwritable(Exception):
    """The document does not fit into a workbook. `messages` say why."""

    def __init__(self, *messages):
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass
class Read:
    """What a file says: the document, whose entries say in `_at` where they and their keys stand, and (place, message)
    for all that was left out of it."""

    document: dict
    problems: list[tuple[str, str]] = field(default_factory=list)


# Reading


def read(data, filename=""):
    """Read a workbook or a CSV file, given as bytes. Raises Unreadable if there is nothing in it that can be used."""
    problems, entries = [], {}
    for grid in read_apart(data):
        if word_of(grid.name) in {"read me", "readme"}:
            continue
        kind = _kind(grid, grid.name or re.sub(r"\.\w+$", "", filename)) if grid.rows else None
        if kind:
            entries.setdefault(kind.key, []).extend(_entries(grid, kind))
        elif grid.rows and grid.name:
            grid.tell(grid.name, f"This sheet was not read. Name it as what it holds: {SHEETS}.")
        elif grid.rows:
            grid.tell(grid.place(grid.rows[0][0]), _not_told(grid))
        problems += grid.problems
    if not any(entries.values()):
        told = [f"{place}: {message}" for place, message in problems[:20]]
        raise Unreadable(*told or ["There are no entries in the file: a row of headings, then a row for each."])
    _resolve_parents(entries, problems)
    found = {kind.key: entries[kind.key] for kind in KINDS if entries.get(kind.key)}
    return Read({"format": FORMAT, "version": VERSION, **found}, problems)


def _kind(grid, name):
    """What the rows are: as the sheet or file is named, else as the headings tell; None when they do not."""
    words = {word_of(text) for text in grid.rows[0][1].values()}
    known = {kind: sum(word in words for word in kind.column_by_word()) for kind in KINDS}
    fitting = [kind for kind in KINDS if words & _needed(kind).words]
    named = [kind for kind in KINDS if word_of(name) in kind.words]
    if named and (grid.name or named[0] in fitting):
        return named[0]
    most = max((known[kind] for kind in fitting), default=0)
    best = [kind for kind in fitting if known[kind] == most]
    return best[0] if len(best) == 1 and most > 1 else None


def _needed(kind):
    return next(column for column in kind.columns if column.key == kind.needed)


def _not_told(grid):
    seen = ", ".join(f"“{short(text)}”" for text in list(grid.rows[0][1].values())[:10])
    return (
        f"The first row has these headings: {seen}. They do not tell what the rows are. Findings have a Heading and a "
        "Bottom line, practice points a Heading and a Wenger’s element, sources a Title and Authors, terms a Preferred "
        "label and a Definition; the template has all headings."
    )


def _entries(grid, kind):
    (head, headings), *rows = grid.rows
    columns = {}
    known = kind.column_by_word()
    unknown = []
    for place, text in headings.items():
        column = known.get(word_of(text))
        if column is None:
            unknown.append(text)
        elif column in columns.values():
            grid.tell(grid.place(head, place), f"There is a column “{column.heading}” already. Not read.")
        else:
            columns[place] = column
    if unknown:
        names = ", ".join(f"“{short(text)}”" for text in unknown)
        grid.tell(grid.place(head), f"No column of {kind.sheet.lower()} is called {names}. Not read.")
    nameless = set()
    for row, cells in rows:
        entry, at = {}, {"": grid.place(row)}
        for place, text in cells.items():
            if place in columns:
                at.setdefault(columns[place].key, grid.place(row, place))
                _take(entry, columns[place], text, grid, row, place)
            elif place not in headings and place not in nameless:
                nameless.add(place)
                grid.tell(grid.place(row, place), "There is no heading above this column. Not read.")
        if entry:
            yield {**entry, "_at": at}
        else:
            grid.tell(grid.place(row), "Nothing of this row could be read.")


def _take(entry, column, text, grid, row, place):
    try:
        value = column.read(text)
    except ValueError as error:
        grid.tell(grid.place(row, place), f"{column.heading}: {error}")
        return
    if value in ("", []):
        return
    if isinstance(value, list):
        entry[column.key] = [*entry.get(column.key, []), *value]
    else:
        entry[column.key] = value


def _resolve_parents(entries, problems):
    """A review or theme that is named by its title becomes its code; one without a code gets its title for a code."""
    for key, (kind, title) in PARENTS.items():
        parents = entries.get(kind, [])
        coded = {parent["code"].casefold(): parent["code"] for parent in parents if "code" in parent}
        titled = {}
        for parent in parents:
            titled.setdefault(word_of(parent.get(title, "")), []).append(parent)
        for entry in (entry for listed in entries.values() for entry in listed if key in entry):
            named = entry[key]
            same = titled.get(word_of(named), [])
            if named.casefold() in coded:
                entry[key] = coded[named.casefold()]
            elif len(same) > 1:
                problems.append((entry["_at"][key], f"More than one {key} is called “{short(named)}”. Give its code."))
                del entry[key]
            elif same:
                entry[key] = same[0].setdefault("code", same[0][title])


# Writing


def write(document):
    """The bytes of a workbook that says what `document` does, as far as tables can. Raises Unwritable."""
    return _workbook(document)


def template():
    """The bytes of a workbook to write a review into."""
    return _workbook({})


def _workbook(document):
    book = Workbook(write_only=True)
    _write_readme(book.create_sheet(README))
    problems = []
    for kind in KINDS:
        sheet = book.create_sheet(kind.sheet)
        entries = document.get(kind.key, [])
        if len(entries) > MAX_ROWS:
            problems.append(f"{kind.sheet}: there are more than {MAX_ROWS:,} entries.")
            continue
        _write_headings(sheet, kind)
        for row, entry in enumerate(entries, 2):
            try:
                sheet.append([_cell(sheet, column, entry) for column in kind.columns])
            except ValueError as error:
                problems.append(f"{kind.sheet}, row {row}: {error}")
    file = io.BytesIO()
    book.save(file)
    if problems:
        raise Unwritable(*problems[:20])
    return file.getvalue()


def _cell(sheet, column, entry):
    shown = _shown(column, entry)
    if not shown or isinstance(shown, int):
        return None if shown == "" else shown
    cell = text_cell(sheet, shown)
    cell.number_format = AS_TEXT
    cell.alignment = WRAPPED
    return cell


def _shown(column, entry):
    value = entry.get(column.key)
    return "" if value is None or value in ("", []) else column.show(value)


def _write_headings(sheet, kind):
    sheet.freeze_panes = "A2"
    for place, column in enumerate(kind.columns, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, min(40, len(column.heading) + 4))
        sheet.column_dimensions[letter].number_format = AS_TEXT
        if column.choices:
            offered = DataValidation("list", f'"{",".join(column.choices)}"', allow_blank=True)
            offered.error, offered.errorTitle = "Please choose from the list.", column.heading
            offered.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
            sheet.data_validations.append(offered)
    cells = [text_cell(sheet, column.heading) for column in kind.columns]
    for cell, column in zip(cells, kind.columns, strict=True):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8E8")
        if column.note:
            cell.comment = Comment(column.note, "Joined-up", width=320, height=120)
    sheet.append(cells)


ABOUT = [
    "Joined-up: a review as a workbook",
    "Each kind of entry has its own sheet, and each entry its own row. Fill in the sheets that you need.",
    "This sheet is only for reading. Nothing of it is imported, so the examples below do no harm.",
    "The first row of a sheet has the headings. Columns may be left out or stand in another order.",
    "An empty cell says nothing: what is held already stays as it is.",
    "A code is a label that rows use to name each other. If a finding has the theme T1, some theme has the code T1. "
    "A review may also be named by its title, and a theme by its name.",
    "A list stands in one cell, divided by semicolons. Where an item has a semicolon itself, put it in quotation marks "
    '("…") and double those within.',
    "Write dates as 2003, 2003-05 or 2003-05-12.",
    "Do not merge cells, and write values rather than formulas.",
]
EXAMPLES = {
    "reviews": {"code": "R1", "title": "Meeting families early", "publisher": "A Press", "year": "2003"},
    "themes": {"code": "T1", "name": "First visits", "summary": "What happens at the first visit."},
    "sources": {
        "code": "S1",
        "csl_type": "book",
        "title": "Knocking on doors",
        "issued": "2001-05",
        "publisher": "A Press",
        "contributors": [
            {"role": "author", "family": "Example", "given": "Ann"},
            {"role": "author", "literal": "Department of Examples"},
            {"role": "editor", "family": "Sample", "given": "B"},
        ],
        "tags": ["home visits", "trust"],
    },
    "findings": {
        "code": "F1",
        "review": "R1",
        "theme": "T1",
        "stance": "facilitator",
        "heading": "A known face opens doors",
        "bottom_line": "Families let in whom they have met before.",
        "has_practice_example": True,
        "tags": ["trust"],
        "citations": [
            {"source": "S1", "number": 4, "locator": "12–14", "locator_label": "page", "note": "the main study"}
        ],
    },
    "implications": {
        "code": "P1",
        "review": "R1",
        "element": "mutual-engagement",
        "heading": "Visit in pairs at first",
        "summary": "Let somebody whom the family knows come along.",
        "findings": ["F1"],
    },
    "key_messages": {
        "code": "K1",
        "review": "R1",
        "heading": "Be known before you knock",
        "findings": ["F1"],
        "implications": ["P1"],
    },
    "terms": {
        "preferred_label": "Home visit",
        "definition": "A meeting in the family’s home.",
        "explained_in_text": True,
        "labels": [{"label": "house call", "kind": "also-called"}],
        "notes": [{"profession": "Health", "text": "often the visit after a birth"}],
    },
}


def _write_readme(sheet):
    for letter, width in [("A", 28), ("B", 70), ("C", 50)]:
        sheet.column_dimensions[letter].width = width
    for text in ABOUT:
        sheet.append([_wrapped(sheet, text, bold=text is ABOUT[0], wrap=False)])
    for kind in KINDS:
        sheet.append([])
        sheet.append([_wrapped(sheet, text, bold=True) for text in (kind.sheet, "What to write", "For example")])
        for column in kind.columns:
            example = str(_shown(column, EXAMPLES[kind.key]))
            sheet.append([_wrapped(sheet, text) for text in (column.heading, column.note, example)])


def _wrapped(sheet, text, bold=False, wrap=True):
    cell = text_cell(sheet, text)
    cell.font, cell.alignment = Font(bold=bold), WRAPPED if wrap else None
    return cell
