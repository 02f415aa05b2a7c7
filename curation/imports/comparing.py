"""What a file says of an entry beside what the site says of it."""

import json

from curation import tagging
from curation.entries import HIDDEN, Status
from curation.imports.kinds import STANDING

EMPTY = (None, "", [], False)

SHOWN = 400  # characters of a value in a preview
BEFORE = 100  # of them before the first that differs


def blank(kind):
    """What a file says of an entry of which nothing is known but what the models give it."""
    state = dict.fromkeys(kind.names, "")
    for name, column in kind.columns.items():
        state[name] = None if column.null else column.get_default()
    lists = [*kind.links, *(part.name for part in kind.parts), "tags", "earlier_slugs"]
    return state | {name: [] for name in lists if name in state}


def translated(kind, values, code_of):
    """`values` with each code as `code_of(kind, code)` says it."""
    said = {}
    for name, value in values.items():
        part = kind.part(name)
        if name in kind.references:
            value = code_of(kind.references[name], value) if value else ""
        elif name in kind.links:
            value = [code_of(kind.links[name], code) for code in value]
        elif part and part.references:
            fields = part.references
            value = [row | {field: code_of(fields[field], row[field]) for field in fields} for row in value]
        said[name] = value
    return said


def news(kind, state, values):
    """{key: value} of what a file says otherwise than the `state` of the entry that is held, both with our codes.

    What readers could open once stays open: no file makes a draft of it, or takes one of its earlier addresses.
    """
    hides = bool(state["published_on"]) and values.get("status", Status.DRAFT) in HIDDEN
    found = {}
    for name, value in values.items():
        if name == kind.key or (name in STANDING and hides):
            continue
        if name == "earlier_slugs":
            value = sorted({*state[name], *value})
        if _normal(kind, name, value) != _normal(kind, name, state[name]):
            found[name] = value
    return found


def _normal(kind, name, value):
    """A list without an order as a sorted one."""
    part = kind.part(name)
    if name == "tags":
        return sorted(map(tagging.key, value))
    if name in kind.links:
        return sorted(value)
    if part and part.is_ordered:
        return part.in_order(value)
    if part:
        return sorted(json.dumps(row, sort_keys=True) for row in value)
    return value


def differences(kind, state, found):
    """What a preview shows of `news`: field, label, the text that is held, the text of the file, and whether nothing is
    held."""
    shown = []
    for name, value in found.items():
        held, told = excerpts(as_text(kind, name, state[name]), as_text(kind, name, value))
        is_new = state[name] in EMPTY
        shown.append({"field": name, "label": kind.labels[name], "held": held, "found": told, "is_new": is_new})
    return shown


def as_text(kind, name, value):
    """A value of an entry in words."""
    if isinstance(value, list):
        return "; ".join(_row_as_text(row) if isinstance(row, dict) else row for row in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(kind.columns[name].choices or ()) if name in kind.columns else {}
    return "" if value is None else str(choices.get(value, value))


def _row_as_text(row):
    if "literal" in row:  # somebody
        return f"{row['literal'] or ', '.join(filter(None, [row['family'], row['given']]))} ({row['role']})"
    return " ".join(str(value) for value in row.values() if value)


def excerpts(one, other):
    """Two texts, of long ones the part in which the difference begins."""
    alike = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(alike - BEFORE, 0) if max(len(one), len(other)) > SHOWN else 0
    return [_cut(text, start) for text in (one, other)]


def _cut(text, start):
    shown = f"…{text[start:]}" if start else text
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"
