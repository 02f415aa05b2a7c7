"""Records as CSL-JSON."""

import json
from collections.abc import Iterable
from typing import Any

from curation.text import join_keywords
from sources.bibliography.formats.csl_json.variables import PLAIN
from sources.bibliography.names import parted, spaced
from sources.bibliography.record import ROLES, Name, Record
from sources.bibliography.titles import italic_parts


def dump(records: Iterable[Record]) -> str:
    """`records` as a JSON array of CSL items; `id` is the record's key, or its place in the list."""
    items = [_item(record, place) for place, record in enumerate(records, start=1)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _item(record: Record, place: int) -> dict[str, Any]:
    item: dict[str, Any] = {"id": record.key or f"item-{place}", "type": record.csl_type}
    title = [
        f"<i>{text}</i>" if is_italic else text for text, is_italic in italic_parts(record.title, record.title_italics)
    ]
    item |= {"title": "".join(title), "container-title": record.container_title}
    item |= {variable: getattr(record, field) for variable, field in PLAIN.items()}
    for role in ROLES:
        item[role] = [_name(name) for name in record.people(role)]
    if record.issued:
        item["issued"] = {"date-parts": [[int(part) for part in record.issued.split("-")]]}
        if record.issued_is_approximate:
            item["issued"]["circa"] = True
    item |= {"page": record.pages, "DOI": record.doi, "ISBN": record.isbn, "URL": record.url, "note": record.notes}
    item["ISSN"] = ", ".join(filter(None, [record.issn, record.eissn]))
    if record.eissn:  # CSL has one variable for both
        item["custom"] = {"eISSN": record.eissn}
    if record.accessed_on:
        on = record.accessed_on
        item["accessed"] = {"date-parts": [[on.year, on.month, on.day]]}
    item |= {"number": record.entry_code, "version": record.version}
    item["keyword"] = join_keywords(record.keywords)
    return {variable: value for variable, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    if not name.given:
        return {"family": name.family}
    family, suffix = parted(name.family)
    written = {"family": family, "given": spaced(name.given)}
    return written | {"suffix": suffix} if suffix else written
