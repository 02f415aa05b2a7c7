"""What a file says of one entry, and what forbids that an entry is saved so."""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from curation.imports.kinds import Kind, references

MAX_IN_A_LIST = 1_000
NO_DATABASE_KEEPS = re.compile("[\0\ud800-\udfff]")


def showable(text):
    """`text` without what no page and no terminal can show."""
    return NO_DATABASE_KEEPS.sub("\ufffd", text)


def shortened(text, longest=60):
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@dataclass
class Said:
    """What a file says of one entry: keys of its kind, each with a value of the right sort, and what its reader remarks
    of them, as pairs of a key, or nothing for all of it, and a sentence."""

    kind: Kind
    place: str
    values: dict = field(default_factory=dict)
    remarks: list = field(default_factory=list)
    places: dict = field(default_factory=dict)  # of keys, where that is known: their cells in a table

    @property
    def code(self):
        return self.values.get(self.kind.key, "")

    @property
    def title(self):
        return self.values.get(self.kind.title, "")

    @property
    def where(self):
        return self.at("")

    def at(self, name):
        """Where a key stands, if that is known, else where the entry does."""
        place, called = self.places.get(name, self.place), self.kind.called(self.values)
        return f"{place} ({called})" if called else place


def elsewhere(said):
    """{kind: [(code, where it is named)]} of the references that a file itself does not define."""
    defined = {(one.kind.name, one.code) for one in said}
    needed = {}
    for one in said:
        for name, value in one.values.items():
            for kind, code in references(one.kind, {name: value}):
                if (kind.name, code) not in defined:
                    needed.setdefault(kind.name, []).append((code, one.at(name)))
    return needed


def twice(part, items):
    """The first of the items of a list that another one repeats, as text; empty if each stands once."""
    if part and not part.once:
        return ""
    seen = set()
    for item in items:
        told = " ".join(str(item[name]) for name in part.once) if part else item
        if told.casefold() in seen:
            return told.strip()
        seen.add(told.casefold())
    return ""


def lacking(said):
    """(key, message) for what a new entry cannot do without and the file does not have."""
    for name in said.kind.required:
        if said.values.get(name) in (None, ""):
            yield name, "a new entry needs this."


def wrong(kind, values):
    """(key, message) for each of some values that no entry of a kind can have, whatever it says besides."""
    for name, value in values.items():
        part = kind.part(name)
        if name in kind.columns:
            yield from ((name, message) for message in _refused(kind.columns[name], value))
        elif part and len(value) > MAX_IN_A_LIST:
            yield name, f"there are {len(value):,}, and an entry holds {MAX_IN_A_LIST:,}: shorten the list."
        elif part:
            for row in value:
                for message in (told for key, column in part.columns.items() for told in _refused(column, row[key])):
                    yield name, f"“{shortened(' '.join(str(one) for one in row.values() if one))}”: {message}"


def _refused(column, value):
    if value in (None, "") or isinstance(value, bool):
        return
    try:
        column.clean(value, None)
    except ValidationError as error:
        yield from error.messages
