"""What the services that know works by their identifiers answer, read into Records and Notices.

Each function takes the body of an answer, as text, and raises ValueError if that is not what the service documents.
"""

import json
from collections.abc import Iterable
from typing import Any

from curation.text import tidy
from sources.bibliography import identifiers
from sources.bibliography.dates import read_date
from sources.bibliography.names import read_name
from sources.bibliography.notices import Notice
from sources.bibliography.record import Record, Remark

# The types of update that Crossref documents (“Crossmark: types of update”), as our kinds. A new version is no notice.
UPDATES = {
    "concern": "concern",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
    "expression_of_concern": "concern",
    "partial_retraction": "retracted",
    "removal": "retracted",
    "retraction": "retracted",
    "withdrawal": "retracted",
}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("The answer is not JSON.") from error
    if not isinstance(found, dict):
        raise ValueError("The answer is JSON of another kind.")
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return tidy(value) if isinstance(value, str) else ""


# Open Library: /api/books?bibkeys=ISBN:…&format=json&jscmd=data


def books(text: str) -> dict[str, Record]:
    """{ISBN: Record} of an answer of Open Library. What it does not know is not in it."""
    found = {}
    for key, book in _object(text).items():
        isbn = key.removeprefix("ISBN:")
        if isinstance(book, dict) and _text(book.get("title")):
            found[isbn] = _book(book, isbn)
    return found


def _book(book: dict[str, Any], isbn: str) -> Record:
    title, subtitle = _text(book.get("title")), _text(book.get("subtitle"))
    record = Record("book", isbn=isbn, title=f"{title}: {subtitle}" if subtitle else title, key=isbn)
    for author in _names(book.get("authors")):
        name, is_guess = read_name(author)
        record.contributors.append(name)
        if is_guess:
            record.remarks.append(Remark("contributors", f"“{author}” was divided into given and family name."))
    record.publisher, *more = _names(book.get("publishers")) or [""]
    if more:
        record.remarks.append(Remark("publisher", f"The catalogue also names {'; '.join(more)}."))
    record.place = (_names(book.get("publish_places")) or [""])[0]
    published = _text(book.get("publish_date"))
    if date := read_date(published):
        record.issued, record.issued_is_approximate = date.issued, date.is_approximate
    elif published:
        record.remarks.append(Remark("issued", f"“{published[:100]}” is not a date with a year."))
    record.keywords = tuple(dict.fromkeys(_names(book.get("subjects"))))
    return record


def _names(value: object) -> list[str]:
    return list(filter(None, (_text(one.get("name")) for one in _dicts(value))))


# NCBI: esummary.fcgi?db=pmc&id=…&retmode=json


def articles(text: str) -> dict[str, tuple[str, str]]:
    """{PMCID: (PMID, DOI)} of a summary of PubMed Central; either may be empty."""
    result = _object(text).get("result")
    if not isinstance(result, dict):
        raise ValueError("The answer has no result.")
    found = {}
    for uid, summary in result.items():
        if not isinstance(summary, dict) or "error" in summary:
            continue
        ids = {_text(one.get("idtype")): _text(one.get("value")) for one in _dicts(summary.get("articleids"))}
        pmid = ids.get("pmid", "")
        if pmid.strip("0") or ids.get("doi"):
            found[f"PMC{uid}"] = (pmid if pmid.strip("0") else "", ids.get("doi", ""))
    return found


# Crossref: /works?filter=doi:… and /works?filter=updates:…


def works(text: str) -> list[dict[str, Any]]:
    """The works of an answer of Crossref's REST API, to a question about one or several."""
    message = _object(text).get("message")
    if not isinstance(message, dict):
        raise ValueError("The answer has no message.")
    return _dicts(message["items"]) if "items" in message else [message]


def updates(found: Iterable[dict[str, Any]]) -> dict[str, dict[Notice, str]]:
    """{DOI of a work: {Notice: who says so}} from what works say of themselves (`updated-by`) and what notices say of
    the works they are about (`update-to`). One notice that two sources report is told once."""
    told: dict[str, dict[tuple[str, str], tuple[Notice, str]]] = {}
    for work in found:
        own = _doi(work.get("DOI"))
        pairs = [(own, _doi(one.get("DOI")), one) for one in _dicts(work.get("updated-by"))]
        pairs += [(_doi(one.get("DOI")), own, one) for one in _dicts(work.get("update-to"))]
        for about, notice, update in pairs:
            kind = UPDATES.get(_text(update.get("type")).lower().replace(" ", "_").replace("-", "_"))
            if kind and about:
                made = Notice(kind, _date(update.get("updated")), doi=notice if notice != about else "")
                said_by = _text(update.get("source")).replace("-", " ")
                told.setdefault(about, {}).setdefault((kind, notice), (made, said_by))
    return {doi: dict(notices.values()) for doi, notices in told.items()}


def _doi(value: object) -> str:
    try:
        return identifiers.normalise_doi(_text(value))
    except ValueError:
        return ""


def _date(value: object) -> str:
    """Of ``{"date-parts": [[2006, 1, 31]]}``."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    numbers = [part for part in first if isinstance(part, int)][:3] if isinstance(first, list) else []
    date = read_date("-".join(f"{number:02}" for number in numbers))
    return date.issued if date else ""
