"""What may be asked in an address of the API: declared once, for those who read it and for those who are told of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils import timezone

MOST_VALUES = 50
SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 120}
DAY = r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT = rf"^{DAY}(T{HOUR}:[0-5][0-9](\.[0-9]{{1,9}})?(Z|[+-]{HOUR}))?$"


class BadParameter(Exception):
    """The message says what to write. `name` is the parameter."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Parameter:
    """`value` makes of the text what the view gets; it raises ValueError, with what to write."""

    name: str
    description: str
    schema: dict
    value: Callable = str
    default: object = None
    repeatable: bool = False


def whole_number(name, description, default, least, most):
    def value(text):
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"“{name}” is a whole number from {least} to {most}.")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return Parameter(name, description, schema, value, default)


def one_of(name, description, choices, default=None, repeatable=False):
    """`choices` are the values that it may have."""
    choices = list(choices)

    def value(text):
        if text not in choices:
            raise ValueError(f"“{shown(text)}” is no known value of “{name}”. It can be: {', '.join(choices)}.")
        return text

    schema = {"type": "string", "enum": choices, **({"default": default} if default else {})}
    return Parameter(name, description, schema, value, default, repeatable)


def text(name, description, longest):
    def value(given):
        if len(given) > longest:
            raise ValueError(f"“{name}” is at most {longest:,} characters long.")
        return given

    return Parameter(name, description, {"type": "string", "maxLength": longest, "default": ""}, value, "")


def slugs(name, description):
    """The last parts of addresses, as pages have them; whether there are such is for the view to say."""

    def value(given):
        if not keeps_to(SLUG, given):
            raise ValueError(f"“{shown(given)}” is no known value of “{name}”.")
        return given

    return Parameter(name, description, SLUG, value, repeatable=True)


def keeps_to(schema, text):
    """Whether a text has the pattern of a schema, and no more characters than it allows."""
    return len(text) <= schema.get("maxLength", len(text)) and bool(re.fullmatch(schema["pattern"], text))


def moment(name, description):
    def value(given):
        # An unescaped + arrives as a space.
        given = re.sub(r" (?=\d\d:\d\d$)", "+", given)
        message = f"“{name}” is a date such as 2026-05-01, or a time such as 2026-05-01T10:30:00Z."
        if not re.fullmatch(MOMENT, given, re.ASCII):
            raise ValueError(message)
        try:
            read = datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(message) from None
        if len(given) == len("2026-05-01"):
            return datetime.combine(read, time.min, tzinfo=timezone.get_current_timezone())
        return read.astimezone(UTC)

    return Parameter(name, description, {"type": "string", "pattern": MOMENT}, value)


def read(params, declared):
    """{name: value} of the declared parameters in a QueryDict, a list where one may be repeated.

    Raises BadParameter for one that is unknown, repeated or malformed.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name in params:
        if name not in known:
            there_is = f"There is: {', '.join(known)}." if known else "There is none here."
            raise BadParameter(shown(name), f"There is no parameter “{shown(name)}”. {there_is}")
    return {name: _read(parameter, params.getlist(name)) for name, parameter in known.items()}


def _read(parameter, given):
    name = parameter.name
    if not parameter.repeatable and len(given) > 1:
        raise BadParameter(name, f"“{name}” is there {len(given)} times: give it once.")
    if len(given) > MOST_VALUES:
        raise BadParameter(name, f"“{name}” can be given at most {MOST_VALUES} times.")
    try:
        values = [parameter.value(text) for text in given]
    except ValueError as error:
        raise BadParameter(name, str(error)) from error
    if parameter.repeatable:
        return list(dict.fromkeys(values))
    return values[0] if values else parameter.default


def shown(text):
    return text[:40].replace("\0", "�")
