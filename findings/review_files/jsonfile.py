"""The neutral form as bytes of JSON, strictly: nothing is read that another program could read otherwise. No models."""

import json
import math

from curation.sandbox import Reader, Unreadable

READER = Reader(f"{__name__}:read", 20, 512)


def write(document):
    """A document as bytes: the same document gives the same bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_apart(data):
    """What `read` reads, in a process of its own."""
    return READER.read(data)


def read(data):
    """What a file says, given as bytes: any value of JSON. Raises Unreadable."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"Line {line}: this is not text in UTF-8. Save the file as UTF-8.") from None
    if not text.strip():
        raise Unreadable("The file is empty.")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Unreadable(f"Line {error.lineno}: this is not JSON ({error.msg}).") from None
    except RecursionError:
        raise Unreadable("Lists stand in lists too many times over: this is not a file of a review.") from None
    except _Odd as error:
        raise Unreadable(str(error)) from None
    except ValueError:
        raise Unreadable("A number in the file has too many digits.") from None


class _Odd(ValueError):
    """What `json` would read, and other programs might read otherwise."""


def _once(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise _Odd(f"The key “{key[:60]}” stands twice in one entry of the file: leave one of the two.")
        found[key] = value
    return found


def _no_number(text):
    raise _Odd("The file holds NaN or an infinite number, which JSON does not know.")


def _finite(text):
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)
