"""The items of a file of JSON, one after another."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sources.bibliography.record import Problem

BLANKS = re.compile(r"[\s\ufeff]+")


def items(text: str, problems: list[Problem]) -> Iterator[tuple[Any, int]]:
    """The items with their lines, one after another, so that an error loses only what follows it."""
    decoder = json.JSONDecoder()
    line = 1
    counted = 0
    at = _after_blanks(text, 0)
    is_array = text[at : at + 1] == "["
    at += is_array
    while True:
        at = _after_blanks(text, at)
        if is_array and text[at : at + 1] == "]":
            at = _after_blanks(text, at + 1)
            break
        line += text.count("\n", counted, at)
        counted = at
        if at == len(text):
            if is_array:
                problems.append(Problem(line, "The array is not closed with “]”: the file may be cut off.", True))
            return
        try:
            item, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            message = f"This is not JSON ({error.msg}, {where}): nothing was read from here on."
            problems.append(Problem(error.lineno, message, is_fatal=True))
            return
        except (RecursionError, ValueError):
            problems.append(Problem(line, "This JSON cannot be read: nothing was read from here on.", is_fatal=True))
            return
        yield from ((one, line) for one in _unwrapped(item))
        at = _after_blanks(text, at)
        if is_array and text[at : at + 1] == ",":
            at += 1
        elif not is_array:
            break
    if at < len(text):
        line += text.count("\n", counted, at)
        problems.append(Problem(line, "Something follows the end of the JSON: it was not read.", is_fatal=True))


def _after_blanks(text: str, at: int) -> int:
    found = BLANKS.match(text, at)
    return found.end() if found else at


def _unwrapped(item: Any) -> list[Any]:
    """The reply of the Crossref or Zotero API holds its items within."""
    if isinstance(item, dict) and ("type" not in item or "message" in item):
        inner = item.get("message", item)
        items = inner.get("items", [inner]) if isinstance(inner, dict) else [inner]
        return items if isinstance(items, list) else [item]
    return [item]
