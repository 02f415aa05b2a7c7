"""A source as the record that reference managers know: the inverse of its import."""

from dataclasses import fields

from sources.bibliography import names
from sources.bibliography.record import ROLES, Name, Record
from sources.models import Source

# What a record says of a source, besides its contributors and keywords.
FIELDS = [
    field.name for field in fields(Record) if field.name in {column.name for column in Source._meta.concrete_fields}
]
# What is one with another field: a title and its italics, a date and whether it is approximate.
GOES_WITH = {"title": "title_italics", "issued": "issued_is_approximate"}


def record_of(source):
    """The Record of `source`, whose key is its code. For many, load them `with_records()`."""
    return Record(
        **{name: getattr(source, name) for name in FIELDS},
        contributors=named(source.contributors.all()),
        keywords=tuple(tag.name for tag in tags_of(source)),
        notice=source.notice,
        key=source.code,
    )


def named(contributors):
    """Rows of contributors as the Names of a record: by role, in order, their initials apart."""
    people = sorted(contributors, key=lambda person: (ROLES.index(person.role), person.order))
    return [Name(one.role, one.family, names.spaced(one.given), one.literal) for one in people]


def tags_of(entry):
    """Its tags by name; no query if they were loaded with it."""
    return sorted(entry.tags.all(), key=lambda tag: tag.name.casefold())
