"""The kinds of entry that files can hold, and what a file can say of each. Read from the models, so that a field that a
model gains is in every file.

Entries name each other by code (`F3`), what has no code goes by its slug. A key that is absent says nothing; an empty
value says that there is nothing.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.utils.text import capfirst, slugify
from taggit.managers import TaggableManager

from curation.entries import Curated, EarlierSlug, Entry, Status
from curation.imports.held import called

KINDS = {}  # name: Kind; parents first: what an entry refers to stands before it, except its own kind
BY_MODEL = {}


def register(*kinds):
    for kind in kinds:
        KINDS[kind.name] = BY_MODEL[kind.model] = kind


# What the acts of curation give an entry, and no librarian types.
STANDING = {
    "status",
    "published_on",
    "wording_changed_on",
    "last_checked_on",
    "withdrawn_on",
    "withdrawal_reason",
    "replaced_by",
    "earlier_slugs",
}
CURATED = [field.name for field in Curated._meta.fields]


@dataclass(frozen=True)
class Part:
    """Rows that belong to an entry and have no code of their own: a list of dicts in the entry."""

    name: str
    model: type[models.Model]
    owner: str  # the name of its foreign key to the entry
    once: tuple = ()  # what no two rows of an entry share

    @cached_property
    def is_ordered(self):
        return any(field.name == "order" for field in self.model._meta.fields)

    @cached_property
    def columns(self):
        left_out = {"id", "order", self.owner}
        return {f.name: f for f in self.model._meta.concrete_fields if f.name not in left_out and not f.is_relation}

    @cached_property
    def references(self):
        """{field: kind that its code names}"""
        return {f.name: kind for f, kind in _foreign_keys(self.model) if f.name != self.owner}

    @cached_property
    def names(self):
        return [*self.references, *self.columns]

    @cached_property
    def roles(self):
        """The roles in which its rows stand in order, in the order of the roles."""
        return (
            [value for value, _ in self.columns["role"].choices] if self.is_ordered and "role" in self.columns else []
        )

    def in_order(self, rows):
        """`rows` with those of one role together."""
        return sorted(rows, key=lambda row: self.roles.index(row["role"])) if self.roles else rows

    def numbered(self, rows):
        """Each of `rows` with its place, in its role if they have roles."""
        place = Counter()
        for row in rows:
            place[row.get("role")] += 1
            yield row, place[row.get("role")]

    @cached_property
    def labels(self):
        return {name: _label(self.model, name) for name in self.names}


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its name in files, its model, the field that names an entry for people."""

    name: str
    model: type[models.Model]
    title: str
    parts: tuple = ()
    is_shared: bool = False  # between reviews: what is held is used as it is
    belongs_to: str = ""  # the reference to what it is part of: there, a title stands for one entry
    address_with: str = ""  # the key with which its slug is unique, if it is not unique alone
    notes: tuple = ()  # models of what is only noted about an entry, and goes with it

    def written(self, writings, batch):
        """Do what is to be done beside, once an import has written entries: `writings` are those of
        `applying.Writing`."""

    def undone(self, batch):
        """Undo what `written` did."""

    @property
    def letter(self):
        return getattr(self.model, "LETTER", "")

    @property
    def key(self):
        """What other entries call it by."""
        return "code" if issubclass(self.model, Entry) else "slug"

    @property
    def noun(self):
        return str(self.model._meta.verbose_name)

    @property
    def label(self):
        return str(capfirst(self.model._meta.verbose_name_plural))

    @cached_property
    def columns(self):
        """{name: field} of all that is text, number, date or yes and no."""
        fields = {f.name: f for f in self.model._meta.concrete_fields if not f.is_relation and f.editable}
        fields.pop(self.model._meta.pk.name, None)
        fields.pop("number", None)
        own = [name for name in fields if name not in CURATED]
        return {name: fields[name] for name in ["slug", *own, *(name for name in CURATED if name != "slug")]}

    @cached_property
    def references(self):
        """{field: kind that its code names}"""
        return {field.name: kind for field, kind in _foreign_keys(self.model)}

    @cached_property
    def links(self):
        """{field: kind that its list of codes names}"""
        return {
            field.name: BY_MODEL[field.related_model]
            for field in self.model._meta.local_many_to_many
            if not isinstance(field, TaggableManager) and field.remote_field.through._meta.auto_created
        }

    @cached_property
    def tagged(self):
        """The model that links it to tags, if it has tags."""
        return next(
            (f.remote_field.through for f in self.model._meta.many_to_many if isinstance(f, TaggableManager)), None
        )

    @cached_property
    def names(self):
        """All keys of an entry, in the order of a file."""
        names = [self.key, "slug", *(name for name in self.references if name != "replaced_by")]
        names += [name for name in self.columns if name not in CURATED]
        names += [part.name for part in self.parts]
        names += [*self.links, *(["tags"] if self.tagged else [])]
        names += [name for name in CURATED if name != "slug"]
        names += ["replaced_by", "earlier_slugs"] if issubclass(self.model, Entry) else []
        return list(dict.fromkeys(names))

    @cached_property
    def required(self):
        """What an entry cannot be made without."""
        columns = {**self.columns, **{name: self.model._meta.get_field(name) for name in self.references}}
        return [
            name
            for name in self.names
            if name in columns and name != "slug" and not columns[name].blank and not columns[name].has_default()
        ]

    @cached_property
    def labels(self):
        """{key: what people call it}"""
        parts = {part.name: str(capfirst(part.model._meta.verbose_name_plural)) for part in self.parts}
        own = {"code": "Code", "tags": "Tags", "earlier_slugs": "Earlier addresses", **parts}
        return {name: own.get(name) or _label(self.model, name) for name in self.names}

    @property
    def code_pattern(self):
        return rf"^{self.letter}[1-9][0-9]{{0,8}}$"

    def number(self, code):
        """The number of a code of this kind; None for any other name, such as a label of a table."""
        return int(code[1:]) if self.letter and re.fullmatch(self.code_pattern, code) else None

    def part(self, name):
        return next((part for part in self.parts if part.name == name), None)

    def called(self, values):
        """What to call an entry of a file in a message: its code, else its title."""
        text = values.get(self.key) or values.get(self.title) or ""
        return text if len(text) <= 80 else f"{text[:79]}…"

    # What is special about a kind: a subclass says it

    def told_apart(self, entries):
        """{id: what tells each of some entries from others, for a librarian}"""
        return {entry.pk: f"{called(entry)}, {entry} ({entry.get_status_display().lower()})" for entry in entries}

    def matcher(self):
        """What finds an entry that the site holds: `find(values, parent)` gives a `matching.Match`, where `parent`
        is the id of what it belongs to; `named(name)` gives the id that a code or a title leads to, or None;
        `add(values, position)` makes it find what stands in the file itself."""
        raise NotImplementedError(f"Nothing compares the entries of {self.name}.")

    def stem(self, values):
        """The address that a new entry has if no other has it."""
        return slugify(values[self.title])[:100].strip("-") or self.noun.replace(" ", "-")

    def variant(self, stem, count):
        """The address for the second entry with a stem, the third …"""
        return f"{stem[:110]}-{count}"

    def earlier_addresses(self):
        """{address: number of the entry that it leads to, 0 if its entries have none}"""
        return dict(EarlierSlug.objects.filter(letter=self.letter).values_list("slug", "number"))

    def claims(self, values):
        """(key, text) of what an entry with these values has for itself alone, besides code and address."""
        return ()

    def claimed(self):
        """(id, what the entry is called, key, text) of what the entries that are held have for themselves alone."""
        return ()

    def broken_rules(self, values):
        """(key, message) for each rule over several fields that an entry with all these values would break."""
        status, published = values.get("status"), values.get("published_on")
        if status in (Status.PUBLISHED, Status.WITHDRAWN) and not published:
            yield "published_on", "a published or withdrawn entry needs the date it was published."
        if status == Status.WITHDRAWN and not (values["withdrawn_on"] and values["withdrawal_reason"].strip()):
            yield "withdrawn_on", "a withdrawn entry needs the date and the reason."
        changed = values.get("wording_changed_on")
        if changed and not (published and published <= changed):
            yield "wording_changed_on", "the wording cannot have changed before it was published."
        for name in self.references:
            if values.get(name) and values[name] == values.get("code"):
                yield name, "an entry cannot refer to itself."


def references(kind, values):
    """(kind, code) of all that an entry refers to, in the order of its keys."""
    for name in values:
        part = kind.part(name)
        if name in kind.references:
            if values[name]:
                yield kind.references[name], values[name]
        elif name in kind.links:
            yield from ((kind.links[name], code) for code in values[name])
        elif part:
            for field, other in part.references.items():
                yield from ((other, row[field]) for row in values[name] if row.get(field))


def _foreign_keys(model):
    for field in model._meta.concrete_fields:
        if field.is_relation and field.editable and field.related_model in BY_MODEL:
            yield field, BY_MODEL[field.related_model]


def _label(model, name):
    return str(capfirst(model._meta.get_field(name).verbose_name))
