"""The files that reference managers write and read.

`parse` reads a file of any of the formats, `FORMATS` tells what there is to choose from.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple, TypedDict

from curation.text import tidy
from sources.bibliography.formats import csl_json, nbib, plain, ris, table
from sources.bibliography.formats.encoding import decode
from sources.bibliography.record import Parsed, Problem, Record, TooMany, as_json


class Format(NamedTuple):
    """`parse` takes text with line feeds and gives Parsed, `dump` takes records and gives text. One may be missing."""

    label: str
    extensions: tuple[str, ...]
    media_type: str
    parse: Callable[[str, int | None], Parsed] | None
    dump: Callable[[Iterable[Record]], str] | None = None


# The libraries for BibTeX are loaded when somebody needs them: they take a tenth of the time in which the site starts.


def _parse_bibtex(text: str, most: int | None = None) -> Parsed:
    from sources.bibliography.formats import bibtex

    return bibtex.parse(text, most)


def _dump_bibtex(records: Iterable[Record]) -> str:
    from sources.bibliography.formats import bibtex

    return bibtex.dump(records)


FORMATS = {
    "ris": Format("RIS", (".ris", ".txt"), "application/x-research-info-systems", ris.parse, ris.dump),
    "bibtex": Format("BibTeX", (".bib", ".bibtex"), "application/x-bibtex", _parse_bibtex, _dump_bibtex),
    "csl-json": Format(
        "CSL-JSON", (".json",), "application/vnd.citationstyles.csl+json", csl_json.parse, csl_json.dump
    ),
    "nbib": Format("PubMed", (".nbib",), "application/nbib", nbib.parse),
    "table": Format("Spreadsheet", (".csv", ".tsv", ".tab", ".xlsx"), "text/csv", table.parse),
}
# What an address ends in -> the format in which it gives its records.
WRITTEN = {
    "ris": FORMATS["ris"],
    "bib": FORMATS["bibtex"],
    "json": FORMATS["csl-json"],
    "txt": Format("Text", (".txt",), "text/plain", None, plain.dump),
}

PROBLEMS_TOLD = 500
FIRST_SHOWN = 200  # characters of a value that says what is in a column
SAMPLE = 100_000
WORKBOOK = b"PK\x03\x04"
SIGNS = {
    "csl-json": re.compile(r"\A\s*(?:\[\s*[\[{\]]|\{\s*[\"}])"),
    "nbib": re.compile(r"^(?:PMID ?- |OWN {1,2}- ERIC\b)", re.M),
    "ris": re.compile(r"^[ \t]*TY[ \t]{1,2}-", re.M | re.I),
    "bibtex": re.compile(r"^[ \t]*@[ \t]*\w+[ \t]*[{(]", re.M),
}


def guess(data: bytes, filename: str = "") -> str | None:
    """The name of the format of `data` (bytes): by its content, else by the extension; None if neither tells."""
    if data.startswith(WORKBOOK):
        return "table"
    text = decode(data[:SAMPLE]).text
    if table.is_table(text):
        return "table"
    found = {name: match.start() for name, sign in SIGNS.items() if (match := sign.search(text))}
    if found:
        return min(found, key=found.__getitem__)
    extension = PurePath(filename).suffix.lower()
    return next((name for name, known in FORMATS.items() if extension and extension in known.extensions), None)


def parse(data: bytes, filename: str = "", most: int | None = None, mapping: Mapping[str, str] | None = None) -> Parsed:
    """Read a file, given as bytes, in whichever format it is. Returns Parsed; never raises.

    How large a file may be is for the caller to limit. A file with more than `most` records is not read. `mapping` says
    of a spreadsheet which column is what, where its heading does not (`table`).
    """
    try:
        return _parsed(data, filename, most, mapping)
    except TooMany:
        message = f"The file has more than {most:,} records. Divide it into smaller ones."
        return Parsed(problems=[Problem(1, message, is_fatal=True)])


def _parsed(data: bytes, filename: str, most: int | None, mapping: Mapping[str, str] | None) -> Parsed:
    """Raises TooMany."""
    if data.startswith(WORKBOOK):
        return table.parse_workbook(data, most, mapping)
    text, problems = decode(data)
    if not text.strip("\ufeff\0 \t\n"):
        return Parsed(problems=[Problem(1, "The file is empty.", is_fatal=True)])
    name = guess(data, filename)
    known = FORMATS.get(name or "")
    if not known or not known.parse:
        labels = ", ".join(one.label for one in FORMATS.values())
        message = f"This is none of the formats that can be read: {labels}."
        return Parsed(problems=[*problems, Problem(1, message, is_fatal=True)])
    parsed = table.parse(text, most, mapping) if name == "table" else known.parse(text, most)
    parsed.problems += problems
    return parsed.in_order()


class ParsedJson(TypedDict):
    """What no record has among its own remarks is a problem of the file."""

    format: str
    columns: list[tuple[str, str, str | None]]
    are_known: bool
    records: list[dict[str, Any]]
    problems: list[tuple[int, str, bool]]
    problem_count: int


def read(data: bytes, filename: str, most: int, mapping: Mapping[str, str] | None = None) -> ParsedJson:
    """What `parse` reads, as JSON keeps it. Of a table with columns that are not known, and without a `mapping`, only
    the columns: somebody has to say first what they are."""
    parsed = parse(data, filename, most, mapping)
    are_known = not parsed.columns or table.are_known(parsed.columns)
    if mapping is None and not are_known:
        parsed.records.clear()
    at_records = {remark.message for record in parsed.records for remark in record.remarks}
    problems = [one for one in parsed.problems if tidy(one.message) not in at_records]
    return {
        "format": guess(data, filename) or "",
        "columns": [(tidy(heading), tidy(first[:FIRST_SHOWN]), field) for heading, first, field in parsed.columns],
        "are_known": are_known,
        "records": [as_json(record) for record in parsed.records],
        "problems": [(one.line, tidy(one.message), one.is_fatal) for one in problems[:PROBLEMS_TOLD]],
        "problem_count": len(problems),
    }
