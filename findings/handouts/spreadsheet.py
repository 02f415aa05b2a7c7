"""A handout as CSV, for a spreadsheet."""

from sources.tableexport import csv_lines

MEDIA_TYPE = "text/csv"
COLUMNS = [
    "Code",
    "Kind",
    "Stance or group",
    "Title",
    "In short",
    "Rests on",
    "Notice",
    "Version",
    "Worded on",
    "Last checked",
    "Address",
    "Cite as",
]


def write(handout):
    """The bytes of the file: a row for each entry, no cell of which is a formula."""
    return b"".join(csv_lines([COLUMNS, *map(_row, handout.items)]))


def _row(item):
    return [
        item.code,
        item.kind,
        item.label,
        item.heading,
        item.in_short,
        "; ".join(basis.long for basis in item.rests_on),
        " ".join(item.notices),
        item.version,
        item.worded_on or "",
        item.checked_on or "",
        item.address,
        item.cite_as,
    ]
