"""A handout as CSV, for a spreadsheet."""

from curation.listexport import csv_lines

MEDIA_TYPE = "text/csv"
COLUMNS = [
    "Code",
    "Kind",
    "Stance or kind",
    "Title",
    "In short",
    "Where it comes from",
    "Evidence named",
    "Findings that we link to it",
    "Since then, added by us",
    "Notice",
    "Version",
    "Worded on",
    "Compared with the review",
    "Address",
    "Cite as",
    "Rights",
    "Note on this list",
    "List",
    "Group",
    "Date",
]


def write(handout, options):
    """The bytes of the file: a row for each entry, no cell of which is a formula. It is the same for all `options`."""
    return b"".join(csv_lines([COLUMNS, *(_row(item, handout) for item in handout.items)]))


def _row(item, handout):
    names = "; ".join(named.long for named in item.names)
    return [
        item.code,
        item.kind,
        item.label,
        item.heading,
        item.in_short,
        item.provenance,
        (names or item.not_named) if item.stance else "",
        "" if item.stance else names,
        " ".join(item.since_then),
        " ".join(item.notices),
        item.version,
        item.worded_on or "",
        item.checked_on or "",
        item.address,
        item.cite_as,
        handout.rights,
        item.note,
        handout.naming.title,
        handout.naming.group,
        handout.naming.day or "",
    ]
