"""The dates of CSL-JSON, in the forms that the schema wants and in those that programs write."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from curation.text import tidy
from sources.bibliography.dates import read_date


class Day(NamedTuple):
    """What a date variable says: a date as text for `read_date`, or else something more, under a label."""

    text: str
    is_approximate: bool = False
    is_date: bool = True
    label: str = ""


KNOWN = {"date-parts", "circa", "raw", "literal", "season", "year", "month", "day", "date-time", "timestamp"}


def read_day(value: object) -> Iterator[Day]:
    """The Days of a date variable: one date at most, then what it says besides."""
    if isinstance(value, list):
        if any(isinstance(one, dict) for one in value):
            for one in value:
                yield from read_day(one)
        else:
            yield Day(_of_parts(value))
        return
    if not isinstance(value, dict):
        yield Day(_word(value))
        return
    circa = _word(value.get("circa"))
    is_approximate = value.get("circa") is True or circa.lower() not in {"", "0", "false"}
    texts = [_of_parts(value.get("date-parts")), *(_word(value.get(name)) for name in ("raw", "literal"))]
    texts.append("-".join(filter(None, (_word(value.get(name)) for name in ("year", "month", "day")))))
    first, *others = list(filter(None, [*texts, _word(value.get("date-time"))])) or [""]
    yield Day(first, is_approximate)
    issued = read_date(first)
    for other in others:
        also = read_date(other)
        if not (issued and also and also.is_whole and issued.issued.startswith(also.issued)):
            yield Day(other, is_date=False, label="Date")
    if circa.lower() not in {"", "0", "1", "false", "true"}:
        yield Day(circa, is_date=False, label="Circa")
    if _word(value.get("season")):
        yield Day(_word(value["season"]), is_date=False, label="Season")
    for name in value.keys() - KNOWN:
        yield Day(_word(value[name]), is_date=False, label=f"Date, {tidy(str(name))[:40]}")


def _word(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    return " ".join(filter(None, map(_word, value))) if isinstance(value, list) else tidy(str(value))


def _of_parts(spans: object) -> str:
    """``[[2003, 5, 12]]``, ``[2003, 5, 12]`` or ``"2003-5-12"`` as text; a span from one to another with a slash."""
    if not isinstance(spans, list):
        return _word(spans)
    if not any(isinstance(span, list) for span in spans):
        spans = [spans]
    return "/".join(filter(None, map(_joined, spans)))


def _joined(span: object) -> str:
    parts = [_word(part) for part in span if _word(part)] if isinstance(span, list) else [_word(span)]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts) or len(parts) > 3:
        return " ".join(filter(None, parts))
    if len(parts) > 1 and len(parts[0]) < 3 and len(parts[-1]) == 4:
        return "/".join(parts)  # 12, 5, 2003: read_date knows whether that is sure
    return "-".join([parts[0].zfill(4), *(part.zfill(2) for part in parts[1:])]) if parts else ""
