"""Whether a value keeps to a schema, for the part of JSON Schema 2020-12 that the API's document uses. A keyword that
is not known here is an error: nothing is passed over."""

import json
import re
from datetime import date, datetime
from urllib.parse import urlsplit

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
NOTES = {"description", "default"}


def is_date(text):
    return date.fromisoformat(text).isoformat() == text


def is_moment(text):
    return datetime.fromisoformat(text).tzinfo is not None and "T" in text


def is_address(text):
    return bool(urlsplit(text).scheme and urlsplit(text).netloc)


def keeps_to(text, told):
    try:
        return FORMATS[told](text)
    except ValueError:
        return False


FORMATS = {"date": is_date, "date-time": is_moment, "uri": is_address}


def faults(value, schema, document, where="$"):
    """What is wrong with a value, each with its place."""
    if "$ref" in schema:
        part = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            part = part[name]
        yield from faults(value, part, document, where)
    for keyword, told in schema.items():
        if keyword in NOTES or keyword == "$ref":
            continue
        yield from (f"{where}: {fault}" for fault in RULES[keyword](value, told, schema))
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from faults(value[name], part, document, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            yield from faults(item, schema["items"], document, f"{where}[{place}]")
    if "anyOf" in schema:
        found = [list(faults(value, part, document, where)) for part in schema["anyOf"]]
        if all(found):
            yield from min(found, key=len)


def _type(value, told, schema):
    kinds = told if isinstance(told, list) else [told]
    is_one = any(
        isinstance(value, TYPES[kind]) and not (kind == "integer" and isinstance(value, bool)) for kind in kinds
    )
    if not is_one:
        yield f"{json.dumps(value)[:80]} is not {told}"


def _required(value, told, schema):
    if isinstance(value, dict):
        yield from (f"{name} is missing" for name in told if name not in value)


def _additional(value, told, schema):
    assert told is False
    if isinstance(value, dict):
        yield from (f"{name} is not told of" for name in value if name not in schema["properties"])


def _if(kind, rule):
    def checked(value, told, schema):
        if isinstance(value, kind) and not isinstance(value, bool) and not rule(value, told):
            yield f"{json.dumps(value)[:80]} breaks {told}"

    return checked


def _nothing(value, told, schema):
    return ()


RULES = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "enum": _if(object, lambda value, told: value in told),
    "const": _if(object, lambda value, told: value == told),
    "pattern": _if(str, lambda value, told: re.search(told, value)),
    "format": _if(str, keeps_to),
    "maxLength": _if(str, lambda value, told: len(value) <= told),
    "minimum": _if(int, lambda value, told: value >= told),
    "maximum": _if(int, lambda value, told: value <= told),
    "maxItems": _if(list, lambda value, told: len(value) <= told),
    # Followed above.
    "properties": _nothing,
    "items": _nothing,
    "anyOf": _nothing,
}
