"""From the cells of a row to a record."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from curation.text import split_keywords, tidy
from sources.bibliography.dates import read_date
from sources.bibliography.formats.draft import Draft
from sources.bibliography.formats.table.headings import TYPE_OF, plain
from sources.bibliography.names import pieces
from sources.bibliography.notices import Notice

ROLES = {"authors": "author", "editors": "editor", "translators": "translator", "compilers": "compiler"}
TEXTS = (
    "title",
    "container_title",
    "series",
    "volume",
    "issue",
    "edition",
    "publisher",
    "place",
    "language",
    "abstract",
)
AUTHOR_ID = re.compile(r"\s*\([0-9]{6,}\)")  # of Scopus, behind each full name
# J Care. 2004 May;18(2):201-19. doi: …
CITATION = re.compile(
    r"[^;]*?\b(?P<date>(?:19|20)[0-9]{2}[^;.:]*)(?:;\s*(?P<volume>[^():.]*)(?:\((?P<issue>[^()]*)\))?"
    r"(?::\s*(?P<pages>[^.\s]+))?)?\."
)


class Cell(NamedTuple):
    """What a row says in one column; `field` is None for a column of which nothing is known."""

    heading: str
    field: str | None
    text: str
    rank: int  # among the columns of one field: the lowest wins


def read(cells: list[Cell], draft: Draft, has_types: bool) -> None:
    """Fill `draft` with what the cells of a row say. `has_types`: a column of the table has the kind of each work."""
    line = draft.record.line
    by_field: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.rank):
        if cell.field == "":
            draft.leave_out(cell.heading, line)
        elif cell.field is None or cell.field == "kept":
            draft.keep(cell.heading, cell.text, line)
        else:
            by_field.setdefault(cell.field, []).append(cell)
    _read_type(by_field, draft, has_types)
    for field in TEXTS:
        for cell in by_field.get(field, []):
            draft.set(field, cell.text, line)
    _read_people(by_field, draft)
    _read_dates(by_field, draft)
    _read_citation(by_field.get("citation", []), draft)
    _read_pages(by_field, draft)
    for cell in by_field.get("doi", []):
        draft.doi(cell.text, line)
    for field in ("isbn", "issn", "eissn"):
        for cell in by_field.get(field, []):
            draft.serials(cell.text, line, is_electronic=field == "eissn")
    for cell in by_field.get("url", []):
        draft.url(cell.text, line)
    for cell in by_field.get("keywords", []):
        draft.keywords(split_keywords(cell.text))
    for cell in by_field.get("note", []):
        draft.note(cell.text)


def _read_type(by_field: dict[str, list[Cell]], draft: Draft, has_types: bool) -> None:
    record, line = draft.record, draft.record.line
    first, *others = by_field.get("csl_type", [Cell("", None, "", 0)])
    for cell in others:
        if TYPE_OF.get(plain(cell.text)):
            draft.leave_out(cell.heading, line)
        else:
            draft.keep("Type of work", cell.text, line)
    # “Article; Proceedings Paper”: the narrower of two stands last.
    words = [TYPE_OF[plain(word)] for word in first.text.split(";") if plain(word) in TYPE_OF]
    if any("retracted" in plain(cell.text) for cell in [first, *others]):
        draft.notice(Notice("retracted", detail=f"{first.heading}: {first.text}"), line)
    if words:
        record.csl_type = words[-1]
        if len(words) < len(first.text.split(";")):
            draft.keep("Type of work", first.text, line)
    elif first.text:
        draft.refuse("Type", first.text, line, f"The type “{first.text[:80]}” has no like here.", "csl_type")
    else:
        record.csl_type = _guessed_type(by_field)
        if has_types:
            draft.say(line, "Nothing says what kind of work this is: the type is a guess. Check it.", "csl_type")


def _guessed_type(by_field: dict[str, list[Cell]]) -> str:
    if "container_title" in by_field:
        return "chapter" if "isbn" in by_field and "issn" not in by_field else "article-journal"
    return "book" if "isbn" in by_field else "document"


def _read_people(by_field: dict[str, list[Cell]], draft: Draft) -> None:
    line = draft.record.line
    for field, role in ROLES.items():
        cells = by_field.get(field, [])
        for cell in cells:
            # Web of Science and Scopus have the same authors in two columns, in full and in short.
            if cell.rank > cells[0].rank and _is_same(cell, cells[0]):
                draft.leave_out(cell.heading, line)
                continue
            for one in _divided(AUTHOR_ID.sub("", cell.text)):
                draft.names(one, role, line)


def _divided(text: str) -> Iterable[str]:
    found = re.split(r"\s*(?:;|\n|\|)\s*", text.strip(" ;"))
    if len(found) == 1:
        return pieces(found[0])
    return filter(None, found)


def _is_same(short: Cell, full: Cell) -> bool:
    """Whether two columns have the same people: as many, with the same family names."""
    ours, theirs = (
        [re.split(r"[\s,]", one.strip())[0].casefold() for one in _divided(AUTHOR_ID.sub("", cell.text))]
        for cell in (short, full)
    )
    return ours == theirs


def _read_dates(by_field: dict[str, list[Cell]], draft: Draft) -> None:
    line = draft.record.line
    for cell in by_field.get("year", []):
        draft.date(cell.text, line)
    for cell in by_field.get("date", []):
        year = draft.record.year
        has_year = read_date(cell.text) or not year
        draft.date(cell.text if has_year else f"{year} {cell.text}", line)  # Web of Science has the year apart
    for cell in by_field.get("accessed", []):
        draft.accessed(cell.text, line)


def _read_citation(cells: list[Cell], draft: Draft) -> None:
    """PubMed has volume, issue and pages in its citation alone."""
    line = draft.record.line
    for cell in cells:
        match = CITATION.match(cell.text)
        if not match:
            draft.keep(cell.heading, cell.text, line)
            continue
        draft.date(match["date"], line)
        draft.set("volume", match["volume"] or "", line)
        draft.set("issue", match["issue"] or "", line)
        draft.pages(match["pages"] or "", line)


def _read_pages(by_field: dict[str, list[Cell]], draft: Draft) -> None:
    line = draft.record.line
    for cell in by_field.get("pages", []):
        draft.pages(cell.text, line)
    first, last = (tidy(" ".join(cell.text for cell in by_field.get(name, []))) for name in ("first_page", "last_page"))
    if first or last:
        draft.pages("-".join(dict.fromkeys(filter(None, [first, last]))), line)
    for cell in by_field.get("article_number", []):
        draft.article_number(cell.text, line)
