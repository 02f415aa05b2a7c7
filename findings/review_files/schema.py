"""The form of a file as JSON Schema (2020-12), made from the models.

`review-1.json` is kept beside this module, so that a change of the form is seen; after one that is meant, write it anew
with `write`.
"""

import json
from pathlib import Path

from django.db import models

from curation import tagging
from curation.imports.said import MAX_IN_A_LIST
from findings.extraction.models import Use
from findings.review_files.checking import LONGEST_ADDRESS, MAX_ENTRIES, MAX_NUMBER
from findings.review_files.form import FORMAT, IN_A_FILE, KINDS, PASSAGES, SCHEMA, VERSION

FILE = Path(__file__).parent / f"review-{VERSION}.json"
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
# The rules of the models' validators, in the regular expressions of the schema.
PATTERNS = {
    "slug": r"^[-a-zA-Z0-9_]+$",
    "issued": r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$",
    "doi": r"^(10\.[0-9]{4,9}/\S+)?$",
    "isbn": r"^(97[89][0-9]{10})?$",
    "issn": r"^([0-9]{4}-[0-9]{3}[0-9X])?$",
    "eissn": r"^([0-9]{4}-[0-9]{3}[0-9X])?$",
}


def text():
    """The text of the schema, as it is served."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def write():
    FILE.write_text(text(), encoding="utf-8")


def schema():
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A review with everything of it",
        "description": f"At most {MAX_ENTRIES:,} entries. Entries name each other by code, terms go by their slug. "
        "A key that is absent says nothing; an empty value says that there is nothing.",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            **{name: _list({"$ref": f"#/$defs/{name}"}, MAX_ENTRIES) for name in IN_A_FILE},
            PASSAGES: _passages(),
        },
        "required": ["format", "version"],
        "additionalProperties": False,
        "$defs": {name: _entry(KINDS[name]) for name in IN_A_FILE},
    }


def _passages():
    text = {"type": "string", "minLength": 1}
    number = {"type": ["integer", "null"], "minimum": 1}
    properties = {
        "entry": {"title": "Code, of a term its slug", **text},
        "use": {"title": "What was made of it", "enum": Use.values},
        "sentence": {"title": "Number of the sentence", "type": "string", "pattern": "^[0-9]+[b-z]?$"},
        "section": {"title": "Section", "type": "string"},
        "paragraph": {"title": "Paragraph", **number},
        "page": {"title": "Page", **number},
        "passage": {"title": "What the review says", **text},
    }
    return {
        "title": "Passages of the review",
        "description": "What entries were made of, in the order of the text. Rights in it are others’: not for the "
        "public. In a file only if asked for. An import leaves it out, and says so.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
    }


def _entry(kind):
    properties = {}
    for name in kind.names:
        part = kind.part(name)
        if name == "code":
            properties[name] = _code(kind)
        elif name in kind.references:
            properties[name] = _code(kind.references[name], or_empty=name not in kind.required)
        elif name in kind.links:
            properties[name] = _list(_code(kind.links[name]), unique=True)
        elif part:
            properties[name] = _list(_part(part))
        elif name == "tags":
            properties[name] = _list({"type": "string", "minLength": 1, "maxLength": tagging.LONGEST}, unique=True)
        elif name == "earlier_slugs":
            pattern = r"^[-a-zA-Z0-9_]+(/[-a-zA-Z0-9_]+)?$"
            properties[name] = _list({"type": "string", "pattern": pattern, "maxLength": LONGEST_ADDRESS}, unique=True)
        else:
            properties[name] = _value(kind.columns[name])
        properties[name] = {"title": kind.labels[name], **properties[name]}
    return {
        "title": kind.noun[:1].upper() + kind.noun[1:],
        "type": "object",
        "properties": properties,
        "required": list(dict.fromkeys([kind.key, *kind.required])),
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"status": {"enum": ["published", "withdrawn"]}}, "required": ["status"]},
                "then": {"properties": {"published_on": {"type": "string"}}, "required": ["published_on"]},
            },
            {
                "if": {"properties": {"status": {"const": "withdrawn"}}, "required": ["status"]},
                "then": {
                    "properties": {"withdrawn_on": {"type": "string"}, "withdrawal_reason": {"minLength": 1}},
                    "required": ["withdrawn_on", "withdrawal_reason"],
                },
            },
        ],
    }


def _part(part):
    required = [*part.references, *(n for n, c in part.columns.items() if not c.blank and not c.has_default())]
    return {
        "type": "object",
        "properties": {name: _code(part.references[name]) for name in part.references}
        | {name: _value(column) for name, column in part.columns.items()},
        "required": required,
        "additionalProperties": False,
    }


def _list(items, longest=MAX_IN_A_LIST, unique=False):
    return {"type": "array", "items": items, "maxItems": longest, **({"uniqueItems": True} if unique else {})}


def _code(kind, or_empty=False):
    pattern = kind.code_pattern
    return {"type": "string", "pattern": f"^({pattern[1:-1]})?$" if or_empty else pattern}


def _value(column):
    if isinstance(column, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(column, models.IntegerField):
        return {"type": ["integer", "null"] if column.null else "integer", "minimum": 0, "maximum": MAX_NUMBER}
    if isinstance(column, models.DateField):
        kind = ["string", "null"] if column.null else "string"
        return {"type": kind, "format": "date", "pattern": DATE}
    if column.choices:
        values = [str(value) for value, _ in column.choices]
        return {"enum": ["", *values] if column.blank else values}
    told = {"type": "string"}
    if column.max_length:
        told["maxLength"] = column.max_length
    if not column.blank:
        told["minLength"] = 1
    if isinstance(column, models.URLField):
        told["pattern"] = "^(https?://.+)?$"
    if column.name in PATTERNS:
        told["pattern"] = PATTERNS[column.name]
    return told
