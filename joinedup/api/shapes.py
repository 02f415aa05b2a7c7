"""The shapes of answers: each field with its schema and where its value comes from, so that what the document promises
and what the views answer are one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from operator import attrgetter

MOST = 100

TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 0}
YES_OR_NO = {"type": "boolean"}
DATE = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
ADDRESS = {"type": "string", "format": "uri"}


def listed(schema, **bounds):
    return {"type": "array", "items": schema, **bounds}


def closed(properties):
    """An object that has these and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def or_null(schema):
    if "type" in schema and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


@dataclass(frozen=True)
class Field:
    schema: dict
    value: Callable  # of (row, site)
    shapes: tuple = ()  # to which the schema refers


class Shape:
    """A JSON object. `fields` maps each name to its Field, or to a schema if the row has an attribute of that name."""

    def __init__(self, name, description, /, **fields):
        self.name, self.description = name, description
        self.fields = {
            field: given if isinstance(given, Field) else says(given, field) for field, given in fields.items()
        }

    def of(self, row, site):
        return {name: field.value(row, site) for name, field in self.fields.items()}

    @property
    def schema(self):
        properties = closed({name: field.schema for name, field in self.fields.items()})
        return {"description": self.description, **properties}

    @property
    def ref(self):
        return {"$ref": f"#/components/schemas/{self.name}"}

    def with_parts(self):
        """{name: Shape} of this one and of all that its fields refer to."""
        found = {self.name: self}
        for field in self.fields.values():
            for shape in field.shapes:
                if shape.name not in found:
                    found |= shape.with_parts()
        return found


def says(schema, value, told=""):
    """A field whose value is an attribute of the row ("theme.name") or a function of (row, site)."""
    get = value if callable(value) else _attribute(value)
    return Field({**schema, "description": told} if told else schema, get)


def _attribute(path):
    get = attrgetter(path)
    return lambda row, site: get(row)


def day(name, told=""):
    """A date, or null."""
    get = attrgetter(name)
    return says(or_null(DATE), lambda row, site: get(row) and get(row).isoformat(), told)


def in_utc(moment):
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def one(shape, value):
    """A field that holds another shape, or null where `value(row)` is None."""
    get = value if callable(value) else attrgetter(value)

    def of(row, site):
        other = get(row)
        return None if other is None else shape.of(other, site)

    return Field(or_null(shape.ref), of, (shape,))


def several(shape, rows):
    """A field that holds all of `rows(row)`."""
    return Field(listed(shape.ref), lambda row, site: [shape.of(other, site) for other in rows(row)], (shape,))


def first(shape, rows, address=lambda row, site: None):
    """A field that holds the first of `rows(row)`, a QuerySet, and says how many there are and where all can be had."""

    def of(row, site):
        found = rows(row)
        some = list(found[: MOST + 1])
        return {
            "count": len(some) if len(some) <= MOST else found.count(),
            "url": address(row, site),
            "results": [shape.of(other, site) for other in some[:MOST]],
        }

    properties = {"count": NUMBER, "url": or_null(ADDRESS), "results": listed(shape.ref, maxItems=MOST)}
    told = f"How many there are, the first {MOST}, and the list that holds all, if there is one."
    return Field({**closed(properties), "description": told}, of, (shape,))
