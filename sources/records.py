"""A source as the record that reference managers know: the inverse of its import."""

from sources.formats.record import ROLES, Name, Record
from sources.importing import FIELDS
from sources.prepared import held


def record_of(source):
    """The Record of `source`, whose key is its code. For many, load them `with_records()`."""
    people = sorted(source.everybody, key=lambda person: (ROLES.index(person.role), person.order))
    return Record(
        **{name: getattr(source, name) for name in FIELDS},
        contributors=[Name(person.role, person.family, person.given, person.literal) for person in people],
        keywords=tuple(tag.name for tag in tags_of(source)),
        notice=source.retraction_notice,
        key=source.code,
    )


def tags_of(entry):
    """Its tags by name; no query if they were loaded with it."""
    return sorted(held(entry, "tags"), key=lambda tag: tag.name.casefold())
