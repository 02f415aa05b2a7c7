"""The API described in OpenAPI 3.1, made of the declarations by which it answers."""

from django.conf import settings

from joinedup.api.entries import TOMBSTONE
from joinedup.api.parameters import MOST_VALUES
from joinedup.api.shapes import NUMBER, TEXT, Shape, closed

JSON, PROBLEM = "application/json", "application/problem+json"
REFERENCE = "#/components/"
DESCRIPTION = (
    "Read only, for anybody, without a key. Entries go by their codes, which never change. Every field of an answer is "
    "always there: what is not known is null or empty. Addresses in answers are absolute."
)


def document(operations, address):
    return {
        "openapi": "3.1.0",
        "info": {"title": settings.SITE_NAME, "version": settings.VERSION, "description": DESCRIPTION},
        "servers": [{"url": address}],
        "paths": {operation.path: {"get": _operation(operation)} for operation in operations},
        "components": {
            "schemas": {
                **{name: shape.schema for name, shape in shapes(operations).items()},
                "Problem": _problem(),
                "Gone": _problem(tombstone=TOMBSTONE.ref),
            },
            "headers": {
                "ETag": {"schema": TEXT, "description": "Send it back as `If-None-Match`."},
                "CacheControl": {"schema": TEXT},
                "Location": {"schema": {"type": "string", "format": "uri-reference"}},
                "Allow": {"schema": TEXT},
            },
            "responses": {
                "NotModified": {
                    "description": "It is as you have it.",
                    "headers": _headers("ETag", "CacheControl"),
                },
                "BadParameter": _failure("A parameter is unknown, repeated or malformed: the problem names it."),
                "NotAllowed": {**_failure("The API is read only."), "headers": _headers("Allow")},
                "TooLong": {"description": "The address is longer than the web server reads."},
            },
        },
    }


def shapes(operations):
    """{name: Shape} of all that answers hold."""
    found = {}
    for operation in operations:
        for shape in operation.shapes:
            found |= shape.with_parts()
    return dict(sorted(found.items()))


def schema_of(answer):
    return answer.ref if isinstance(answer, Shape) else answer


def _operation(operation):
    parameters = [_parameter(parameter) for parameter in operation.parameters]
    if operation.key:
        name = operation.path.rpartition("{")[2].rstrip("}")
        parameters.append({"name": name, "in": "path", "required": True, "schema": operation.key})
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        **({"parameters": parameters} if parameters else {}),
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": _headers("ETag", "CacheControl"),
                "content": {JSON: {"schema": schema_of(operation.answer)}},
            },
            "304": {"$ref": f"{REFERENCE}responses/NotModified"},
            "400": {"$ref": f"{REFERENCE}responses/BadParameter"},
            "405": {"$ref": f"{REFERENCE}responses/NotAllowed"},
            "414": {"$ref": f"{REFERENCE}responses/TooLong"},
            **{str(status): _otherwise(status, told) for status, told in (operation.also or {}).items()},
        },
    }


def _parameter(parameter):
    schema = parameter.schema
    if parameter.repeatable:
        schema = {"type": "array", "items": schema, "maxItems": MOST_VALUES}
    told = {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}
    return {**told, "style": "form", "explode": True} if parameter.repeatable else told


def _otherwise(status, told):
    if status == 301:
        return {"description": told, "headers": _headers("Location")}
    return _failure(told, "Gone" if status == 410 else "Problem")


def _failure(told, schema="Problem"):
    return {"description": told, "content": {PROBLEM: {"schema": {"$ref": f"{REFERENCE}schemas/{schema}"}}}}


def _headers(*names):
    spelled = {"CacheControl": "Cache-Control"}
    return {spelled.get(name, name): {"$ref": f"{REFERENCE}headers/{name}"} for name in names}


def _problem(**more):
    """Problem details of RFC 9457."""
    members = {"type": {"const": "about:blank"}, "title": TEXT, "status": NUMBER, "detail": TEXT, **more}
    problem = closed(members)
    if not more:
        problem["properties"]["parameter"] = {**TEXT, "description": "The parameter that is at fault."}
    return problem


def told(operations):
    """What the page for people shows: the operations, and each shape with its fields in words."""
    return {
        "operations": [
            {
                "it": operation,
                "shapes": operation.shapes,
                "parameters": [
                    {"it": parameter, "type": in_words(parameter.schema)} for parameter in operation.parameters
                ],
            }
            for operation in operations
        ],
        "shapes": [
            {
                "it": shape,
                "fields": [(name, in_words(field.schema), field.schema) for name, field in shape.fields.items()],
            }
            for shape in shapes(operations).values()
        ],
    }


def in_words(schema):
    """A schema in a few words: “date or null”, “list of Link”."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(in_words(part) for part in schema["anyOf"])
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return ", ".join(f"“{value}”" for value in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_kind(kind, schema) for kind in kinds)


def _kind(kind, schema):
    if kind == "array":
        return f"list of {in_words(schema['items'])}"
    if kind == "object":
        return f"object: {', '.join(schema['properties'])}" if "properties" in schema else "object"
    if kind == "integer":
        bounds = [f"from {schema['minimum']:,}"] if "minimum" in schema else []
        bounds += [f"to {schema['maximum']:,}"] if "maximum" in schema else []
        return " ".join(["whole number", *bounds])
    return {"string": schema.get("format", "text"), "boolean": "true or false"}.get(kind, kind)
