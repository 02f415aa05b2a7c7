"""CSL-JSON, the input of citation processors (schema of CSL 1.0.2)."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from curation.text import join_keywords, split_keywords, tidy, unescaped
from sources.bibliography.formats.draft import Draft, Tally
from sources.bibliography.record import CSL_TYPES, ROLES, Name, Parsed, Problem, Record

# Other types of CSL, and those of Crossref, by the nearest of ours.
TYPES = {name: name for name in CSL_TYPES} | {
    "article": "document",
    "bill": "legislation",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "edited-book": "book",
    "entry": "chapter",
    "entry-dictionary": "chapter",
    "entry-encyclopedia": "chapter",
    "journal-article": "article-journal",
    "manuscript": "document",
    "monograph": "book",
    "post": "webpage",
    "post-weblog": "webpage",
    "posted-content": "document",
    "proceedings-article": "paper-conference",
    "reference-entry": "chapter",
    "regulation": "legislation",
    "review": "article-journal",
    "speech": "paper-conference",
    "dissertation": "thesis",
}
PLAIN = {
    "title": "title",
    "container-title": "container_title",
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "publisher": "publisher",
    "publisher-place": "place",
    "collection-title": "series",
    "abstract": "abstract",
    "language": "language",
}
LEFT_OUT = set(
    """
    archive archive_location call-number categories citation-key citation-label citation-number
    container-title-short custom event-date first-reference-note-number journalAbbreviation license link member
    original-date page-first prefix reference references-count score shortTitle source submitted system_id
    title-short year-suffix is-referenced-by-count indexed created deposited content-domain relation subtitle
    short-title published published-print published-online reference-count resource content-version update-policy
    """.split()
)
NAME_PARTS = ("family", "given", "literal")
MARKUP = re.compile(r"</?(?:i|b|em|strong|p|sc|su[bp]|span|jats:[a-z-]{1,20})(?:\s[^<>]*)?/?>", re.I)
BLANKS = re.compile(r"[\s\ufeff]+")


def parse(text: str, most: int | None = None) -> Parsed:
    """Read an item or an array of items, given as text. Returns Parsed; raises TooMany alone.

    What stands before an error of syntax is read; the error is fatal and has its line.
    """
    parsed = Parsed(most=most)
    tally = Tally()
    for item, line in _items(text, parsed.problems):
        if not isinstance(item, dict) or not item:
            parsed.problems.append(Problem(line, "This is not an item of CSL-JSON: it was not read.", is_fatal=True))
            continue
        draft = Draft(line, tally, key=_text(item.get("id", "")))
        _read(item, draft, line)
        parsed.add(draft.finish(), draft.problems)
    parsed.problems += tally.problems()
    if not parsed.records and not parsed.problems:
        parsed.problems.append(Problem(1, "There is no item in the file.", is_fatal=True))
    return parsed.in_order()


def _items(text: str, problems: list[Problem]) -> Iterator[tuple[Any, int]]:
    """The items with their lines, one after another, so that an error loses only what follows it."""
    decoder = json.JSONDecoder()
    line = 1
    counted = 0
    at = _after_blanks(text, 0)
    is_array = text[at : at + 1] == "["
    at += is_array
    while True:
        at = _after_blanks(text, at)
        if is_array and text[at : at + 1] == "]":
            at = _after_blanks(text, at + 1)
            break
        line += text.count("\n", counted, at)
        counted = at
        if at == len(text):
            if is_array:
                problems.append(Problem(line, "The array is not closed with “]”: the file may be cut off.", True))
            return
        try:
            item, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            message = f"This is not JSON ({error.msg}, {where}): nothing was read from here on."
            problems.append(Problem(error.lineno, message, is_fatal=True))
            return
        except (RecursionError, ValueError):
            problems.append(Problem(line, "This JSON cannot be read: nothing was read from here on.", is_fatal=True))
            return
        yield from ((one, line) for one in _unwrapped(item))
        at = _after_blanks(text, at)
        if is_array and text[at : at + 1] == ",":
            at += 1
        elif not is_array:
            break
    if at < len(text):
        line += text.count("\n", counted, at)
        problems.append(Problem(line, "Something follows the end of the JSON: it was not read.", is_fatal=True))


def _after_blanks(text: str, at: int) -> int:
    found = BLANKS.match(text, at)
    return found.end() if found else at


def _unwrapped(item: Any) -> list[Any]:
    """The reply of the Crossref or Zotero API holds its items within."""
    if isinstance(item, dict) and ("type" not in item or "message" in item):
        inner = item.get("message", item)
        items = inner.get("items", [inner]) if isinstance(inner, dict) else [inner]
        return items if isinstance(items, list) else [item]
    return [item]


def _text(value: object) -> str:
    """A value as text: numbers and lists come where the schema wants a string."""
    if isinstance(value, bool) or value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return " ".join(filter(None, (_text(one) for one in value if not isinstance(one, list))))
    return str(value)


def _read(item: dict[str, Any], draft: Draft, line: int) -> None:
    record = draft.record
    kind = tidy(_text(item.get("type"))).lower()
    record.csl_type = TYPES.get(kind, "document")
    if not kind:
        draft.say(line, "The item has no type: it was read as a document.")
    elif kind not in TYPES:
        draft.refuse("Type", kind, line, f"The type “{kind[:80]}” has no like here: the item was read as a document.")
    for role in ROLES:
        _read_names(item.get(role), role, draft, line)
    for variable, value in item.items():
        if variable in PLAIN:
            text = _text(value)
            draft.set(PLAIN[variable], unescaped(MARKUP.sub(" " if "<jats:" in text else "", text)), line)
        elif variable == "page":
            draft.pages(_text(value), line)
        elif variable in _READERS:
            _READERS[variable](draft, value, line)
        elif variable in LEFT_OUT or isinstance(value, dict):
            draft.leave_out(tidy(variable)[:40], line)
        elif variable not in {"id", "type", "ISSN", *ROLES}:
            _keep(variable, value, draft, line)
    custom = item.get("custom")
    eissn = tidy(_text(custom.get("eISSN"))) if isinstance(custom, dict) else ""
    if eissn:
        draft.serials(eissn, line, is_electronic=True)
    _read_serials(draft, item.get("ISSN"), line)


def _keep(variable: str, value: object, draft: Draft, line: int) -> None:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        names = [", ".join(filter(None, (_text(one.get(part)) for part in NAME_PARTS))) for one in value]
        value = "; ".join(filter(None, names))
    draft.keep(tidy(variable)[:40], _text(value), line)


def _read_serials(draft: Draft, value: object, line: int) -> None:
    if _text(value):
        draft.serials("; ".join(map(_text, value)) if isinstance(value, list) else _text(value), line)


def _read_note(draft: Draft, value: object, line: int) -> None:
    draft.note(_text(value))


def _read_keywords(draft: Draft, value: object, line: int) -> None:
    draft.keywords(map(_text, value) if isinstance(value, list) else split_keywords(_text(value)))


def _read_doi(draft: Draft, value: object, line: int) -> None:
    if tidy(_text(value)):
        draft.doi(_text(value), line)


def _read_url(draft: Draft, value: object, line: int) -> None:
    draft.url(_text(value), line)


def _read_names(value: object, role: str, draft: Draft, line: int) -> None:
    for name in value if isinstance(value, list) else [value]:
        if isinstance(name, dict):
            parts = {part: tidy(_text(text)) for part, text in name.items()}
            particles = [parts.get("dropping-particle"), parts.get("non-dropping-particle")]
            family = " ".join(filter(None, [*particles, parts.get("family"), parts.get("suffix")]))
            literal = parts.get("literal") or parts.get("name", "")
            if parts.get("family"):
                draft.people([Name(role, family, parts.get("given", ""))])
            elif literal or parts.get("given"):
                draft.people([Name(role, literal=literal or parts["given"])])
        else:
            draft.names(_text(name), role, line)


class _Date(NamedTuple):
    text: str
    is_approximate: bool


def _date(value: object) -> _Date:
    """A date variable as text for `read_date`, and whether it is approximate."""
    if not isinstance(value, dict):
        return _Date(_text(value), False)
    is_approximate = str(value.get("circa", "")).lower() not in {"", "0", "false", "none"}
    parts = []
    spans = value.get("date-parts")
    if isinstance(spans, list) and spans and isinstance(spans[0], list):
        parts = [tidy(_text(part)) for part in spans[0][:3]]
        if parts and re.fullmatch(r"[0-9]{1,4}", parts[0]):
            parts = [parts[0].zfill(4), *(part.zfill(2) for part in parts[1:] if part)]
            several = any(isinstance(span, list) and span and _text(span[0]) for span in spans[1:])
            return _Date("-".join(parts) + ("/.." if several else ""), is_approximate)
    return _Date(_text(value.get("raw")) or _text(value.get("literal")) or " ".join(parts), is_approximate)


def _read_issued(draft: Draft, value: object, line: int) -> None:
    text, is_approximate = _date(value)
    if tidy(text):
        draft.date(text, line)
        draft.record.issued_is_approximate |= is_approximate and bool(draft.record.issued)
    if isinstance(value, dict) and _text(value.get("season")):
        draft.keep("Season", _text(value["season"]), line)


def _read_accessed(draft: Draft, value: object, line: int) -> None:
    draft.accessed(_date(value).text, line)


_READERS: dict[str, Callable[[Draft, object, int], None]] = {
    "DOI": _read_doi,
    "ISBN": _read_serials,
    "URL": _read_url,
    "accessed": _read_accessed,
    "issued": _read_issued,
    "keyword": _read_keywords,
    "note": _read_note,
}


def dump(records: Iterable[Record]) -> str:
    """`records` as a JSON array of CSL items; `id` is the record's key, or its place in the list."""
    items = [_item(record, place) for place, record in enumerate(records, start=1)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _item(record: Record, place: int) -> dict[str, Any]:
    item: dict[str, Any] = {"id": record.key or f"item-{place}", "type": record.csl_type}
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
    return {"family": name.family, "given": name.given} if name.given else {"family": name.family}
