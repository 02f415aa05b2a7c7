"""From an item of CSL-JSON or Crossref to a record."""

import json
import re
from collections.abc import Callable
from typing import Any

from curation.text import split_keywords, tidy
from sources.bibliography.formats.csl_json.dates import read_day
from sources.bibliography.formats.csl_json.updates import read_relation, read_update_to, read_updated_by
from sources.bibliography.formats.csl_json.variables import ALSO_PLAIN, LEFT_OUT, PLAIN, TYPES
from sources.bibliography.formats.draft import Draft
from sources.bibliography.names import OTHERS
from sources.bibliography.record import ROLES
from sources.bibliography.titles import with_subtitle

Item = dict[str, Any]
NAME_PARTS = {"family", "given", "literal", "name", "suffix", "dropping-particle", "non-dropping-particle"}
ABOUT_A_NAME = {"comma-suffix", "is-institution", "isInstitution", "parse-names", "sequence", "static-ordering"}


def text_of(value: object) -> str:
    """A value as text: numbers and lists come where the schema wants a string, and now and then anything at all."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return " ".join(filter(None, map(text_of, value)))
    if isinstance(value, list) and len(value) == 1:
        return text_of(value[0])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def texts_of(value: object) -> list[str]:
    return list(filter(None, map(text_of, value if isinstance(value, list) else [value])))


def read(item: Item, draft: Draft, line: int) -> None:
    """Fill `draft` with what `item` says."""
    _read_type(item.get("type"), draft, line)
    _read_title(item, draft, line)
    _read_containers(item.get("container-title"), draft, line)
    for role in ROLES:
        read_names(item.get(role), role, draft, line)
    for variable, value in item.items():
        if variable in PLAIN | ALSO_PLAIN:
            draft.set((PLAIN | ALSO_PLAIN)[variable], text_of(value), line)
        elif variable in _READERS:
            _READERS[variable](draft, value, line)
        elif variable in LEFT_OUT or (isinstance(value, dict) and value):
            if value and not (variable == "custom" and isinstance(value, dict) and set(value) == {"eISSN"}):
                draft.leave_out(tidy(variable)[:40], line)
        elif variable not in {"id", "type", *_READ_APART, *ROLES}:
            _keep(variable, value, draft, line)
    if text_of(item.get("article-number")):
        draft.article_number(text_of(item["article-number"]), line)
    _read_issns(item, draft, line)
    if item.get("institution"):
        _read_institution(draft, item["institution"], line)


_READ_APART = {"title", "subtitle", "container-title", "article-number", "ISSN", "institution"}


def _read_type(value: object, draft: Draft, line: int) -> None:
    kind = tidy(text_of(value)).lower()
    draft.record.csl_type = TYPES.get(kind, "document")
    if not kind:
        draft.say(line, "The item has no type: it was read as a document.", "csl_type")
    elif kind not in TYPES:
        message = f"The type “{kind[:80]}” has no like here: the item was read as a document."
        draft.refuse("Type", kind, line, message, "csl_type")


def _read_title(item: Item, draft: Draft, line: int) -> None:
    """Crossref has titles and subtitles in lists, of which the further ones are other titles of the work."""
    title, *others = texts_of(item.get("title")) or [""]
    subtitle = ": ".join(texts_of(item.get("subtitle")))
    draft.set("title", with_subtitle(title, subtitle), line)
    for other in others:
        draft.set("title", other, line)


def _read_containers(value: object, draft: Draft, line: int) -> None:
    """Of several, the first is the journal; for a part of a book, the first is its series and the last the book."""
    containers = texts_of(value)
    if len(containers) > 1 and draft.record.csl_type in {"chapter", "paper-conference"}:
        series, *containers = containers
        draft.set("series", series, line)
        containers.reverse()
        message = f"“{series[:80]}” was read as the series and “{containers[0][:80]}” as what the work is part of."
        draft.say(line, message, "container_title")
    for container in containers:
        draft.set("container_title", container, line)


def read_names(value: object, role: str, draft: Draft, line: int) -> None:
    for name in value if isinstance(value, list) else [value]:
        if isinstance(name, dict):
            _read_name(name, role, draft, line)
        else:
            draft.names(text_of(name), role, line)


def _read_name(name: Item, role: str, draft: Draft, line: int) -> None:
    parts = {part: text for part, value in name.items() if (text := tidy(text_of(value)))}
    particles = [parts.get("dropping-particle", ""), parts.get("non-dropping-particle", "")]
    family = re.sub(r"(?<=['’]) ", "", " ".join(filter(None, [*particles, parts.get("family", "")])))
    whole = " ".join(filter(None, [family, parts.get("suffix", "")]))
    literals = [parts[part] for part in ("literal", "name") if part in parts]
    if "family" in parts:
        draft.person(role, whole, parts.get("given", ""))
    else:
        others = " ".join(filter(None, [whole, parts.get("given", "")]))
        literal, *literals = [*literals, *filter(None, [others])] or [""]
        if OTHERS.fullmatch(literal):
            draft.others(role, line)
        elif literal:
            draft.organisation(role, literal)
    for literal in literals:
        draft.refuse(role.capitalize(), literal, line, f"“{literal[:80]}” stands beside another name.", "contributors")
    for part in parts.keys() - NAME_PARTS - ABOUT_A_NAME:
        draft.leave_out(f"{tidy(part)[:40]} of {role}s", line)


def _keep(variable: str, value: object, draft: Draft, line: int) -> None:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        value = "; ".join(", ".join(map(text_of, one.values())) for one in value)
    draft.keep(tidy(variable)[:40] or "(no name)", text_of(value), line)


def _read_issns(item: Item, draft: Draft, line: int) -> None:
    """Those that are said to be electronic first, so that each finds its place."""
    custom = item.get("custom")
    electronic = texts_of(custom.get("eISSN")) if isinstance(custom, dict) else []
    typed = item.get("issn-type")
    for one in typed if isinstance(typed, list) else []:
        if isinstance(one, dict) and one.get("type") == "electronic":
            electronic += texts_of(one.get("value"))
    for issn in electronic:
        draft.serials(issn, line, is_electronic=True)
    _read_serials(draft, item.get("ISSN"), line)


def _read_serials(draft: Draft, value: object, line: int) -> None:
    if texts_of(value):
        draft.serials("; ".join(texts_of(value)), line)


def _read_note(draft: Draft, value: object, line: int) -> None:
    draft.note("\n".join(texts_of(value)))


def _read_keywords(draft: Draft, value: object, line: int) -> None:
    draft.keywords(texts_of(value) if isinstance(value, list) else split_keywords(text_of(value)))


def _read_doi(draft: Draft, value: object, line: int) -> None:
    for doi in texts_of(value):
        if tidy(doi):
            draft.doi(doi, line)


def _read_url(draft: Draft, value: object, line: int) -> None:
    draft.url(text_of(value), line)


def _read_pages(draft: Draft, value: object, line: int) -> None:
    draft.pages(text_of(value), line)


def _read_issued(draft: Draft, value: object, line: int) -> None:
    for day in read_day(value):
        if day.is_date and tidy(day.text):
            draft.date(day.text, line)
            draft.record.issued_is_approximate |= day.is_approximate and bool(draft.record.issued)
        elif not day.is_date:
            draft.keep(day.label, day.text, line)


def _read_accessed(draft: Draft, value: object, line: int) -> None:
    for day in read_day(value):
        if day.is_date:
            draft.accessed(day.text, line)
        else:
            draft.keep(f"Accessed, {day.label.lower()}", day.text, line)


def _read_event(draft: Draft, value: object, line: int) -> None:
    """Crossref has an object, CSL a name."""
    parts = value if isinstance(value, dict) else {"name": value}
    for part, text in parts.items():
        label = {"name": "Conference", "location": "Place of the conference"}.get(part)
        if label:
            draft.keep(label, text_of(text), line)
        elif text:
            draft.leave_out(f"{tidy(part)[:40]} of the event", line)


def _read_institution(draft: Draft, value: object, line: int) -> None:
    for one in value if isinstance(value, list) else [value]:
        draft.set("publisher", text_of(one.get("name")) if isinstance(one, dict) else text_of(one), line)


_READERS: dict[str, Callable[[Draft, Any, int], None]] = {
    "DOI": _read_doi,
    "ISBN": _read_serials,
    "URL": _read_url,
    "accessed": _read_accessed,
    "event": _read_event,
    "issued": _read_issued,
    "keyword": _read_keywords,
    "note": _read_note,
    "page": _read_pages,
    "relation": read_relation,
    "subject": _read_keywords,
    "update-to": read_update_to,
    "updated-by": read_updated_by,
}
