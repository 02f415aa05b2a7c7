"""Settings from the environment: each read in one way, each mistake told in one sentence.

NAME_FILE names a file that holds the value of NAME: so containers hand over secrets. An empty value counts as none.
Every function takes a name, and what holds if nothing is given, and raises ImproperlyConfigured with a sentence that
names the variable, but not a value that may hold a password. Nothing here needs Django's settings: gunicorn reads its
own before.
"""

import os
import re
from math import inf
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def text(name, default=""):
    path = os.environ.get(f"{name}_FILE")
    try:
        value = Path(path).read_text() if path else os.environ.get(name, "")
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name}_FILE must name a file that can be read, not {path!r}.") from None
    return value.strip() or default


def flag(name, default):
    """A true or false; a slip such as DEBUG=flase is refused, not taken for false."""
    value = text(name).lower()
    if value and value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in TRUE if value else default


def whole(name, default, least=0, most=inf):
    """A whole number from `least` to `most`."""
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
        bounds = f"{least} or more" if most == inf else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} must be a whole number, {bounds}, not {value!r}.")
    return int(value)


def choice(name, default, among):
    """One of the words in `among`, in any case."""
    value = text(name, default)
    for word in among:
        if word.casefold() == value.casefold():
            return word
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {value!r}.")


def several(name, default=()):
    """A list of texts, written with commas."""
    return [part for part in map(str.strip, text(name).split(",")) if part] or list(default)


def hosts(name, default):
    """Names and numbers of hosts, with commas."""
    host = r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]"
    return _each(name, host, "host names with commas, such as www.example.org, without https:// and port") or default


def ports(name, default):
    """Numbers of ports, with commas."""
    return [int(port) for port in _each(name, "[0-9]{1,5}", "ports with commas, such as 80,443")] or default


def mailboxes(name):
    """Mail addresses, with commas."""
    return _each(name, r"[^\s@<>;:]+@[^\s@<>;:]+", "mail addresses with commas, such as it@example.org")


def _each(name, pattern, what):
    values = several(name)
    for value in values:
        if not re.fullmatch(pattern, value):
            raise ImproperlyConfigured(f"{name} must be {what}, not {value!r}.")
    return values


def address(name, query=False):
    """The address of a place on the web: one that others begin with, without a slash at its end, or, with `query`, one
    that may have a query."""
    value = text(name) if query else text(name).rstrip("/")
    if value and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?" + r"(?:\?[^\s#]*)?" * query, value):
        raise ImproperlyConfigured(f"{name} must be an address such as https://www.example.org, not {value!r}.")
    return value


def service(name, default):
    """The address of a service that the site asks; empty if it is “off”."""
    return "" if text(name).lower() == "off" else address(name) or default


def server(name, parse, *beginnings):
    """What `parse`, a function of django-environ, makes of the address of a server, which must begin with one of
    `beginnings`; {} if none is given."""
    value = text(name)
    return _parsed(name, value, parse, beginnings) if value else {}


def servers(name, parse, *beginnings):
    """The same of addresses with commas between them, as a list. An address may have commas too."""
    values = re.split(r"\s*,\s*(?=[a-z0-9+]+://)", text(name))
    return [_parsed(name, value, parse, beginnings) for value in values if value]


def _parsed(name, value, parse, beginnings):
    try:
        if value.startswith(beginnings):
            return parse(value)
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{name} must be an address that begins with {' or '.join(beginnings)}.")
