"""What has happened since a review: notes of ours, one a line, the year first, sources by their codes in brackets."""

import re
from typing import NamedTuple

from findings.models import SOURCE_MARK
from sources.models import Source

YEAR = re.compile(r"(?P<year>\d{4}|Now):\s+")


class Note(NamedTuple):
    """`year` as it was typed, or ""; the `sources` it names, in their order."""

    year: str
    text: str
    sources: list


def notes(text):
    """The Notes of a `since_then`, with at most one query for the sources that they name."""
    codes = set(SOURCE_MARK.findall(text))
    held = {source.code: source for source in Source.objects.with_codes(codes).for_short_citations()} if codes else {}
    return [_note(line.strip(), held) for line in text.splitlines() if line.strip()]


def _note(line, held):
    match = YEAR.match(line)
    said = line[match.end() :] if match else line
    named = [held[code] for code in SOURCE_MARK.findall(said) if code in held]
    return Note(match["year"] if match else "", " ".join(SOURCE_MARK.sub("", said).split()), named)
