"""What has happened since a review: notes of ours, one a line, the year first, sources by their codes in brackets."""

import re
from typing import NamedTuple

from curation.text import listed
from findings.models import SOURCE_MARK, Finding, KeyMessage, PracticeImplication, Review, Theme
from sources.models import Source

MOST = 50  # entries of a kind that the page of a source leads to
YEAR = re.compile(r"(?P<year>\d{4}|Now):\s+")


class Note(NamedTuple):
    """`year` as it was typed, or ""; the `sources` it names, in their order."""

    year: str
    text: str
    sources: list

    def __str__(self):
        """“2018: The law on personal data has changed (Data Protection Act 2018).”"""
        named = f" ({listed(source.short_citation for source in self.sources)})" if self.sources else ""
        dated = f"{self.year}: " if self.year else ""
        return f"{dated}{self.text.rstrip('.')}{named}." if named else f"{dated}{self.text}"


def notes(text, held=None):
    """The Notes of a `since_then`; `held` are the sources that they name, if `sources_of` was asked for them."""
    held = held or sources_of([text])
    return [_note(line.strip(), held) for line in text.split("\n") if line.strip()]


def sources_of(texts):
    """Code -> source, of all that these notes name: at most two queries."""
    codes = {code for text in texts for code in SOURCE_MARK.findall(text)}
    return {source.code: source for source in Source.objects.with_codes(codes).for_short_citations()} if codes else {}


def naming(source):
    """The published entries whose notes name `source`."""
    marked = {"since_then__contains": f"[{source.code}]"}
    messages = KeyMessage.objects.of_published_reviews().filter(**marked)
    others = [kind.objects.published().filter(**marked) for kind in (Review, Theme, Finding, PracticeImplication)]
    return [entry for found in [*others, messages] for entry in found[:MOST]]


def _note(line, held):
    match = YEAR.match(line)
    said = line[match.end() :] if match else line
    named = [held[code] for code in SOURCE_MARK.findall(said) if code in held]
    return Note(match["year"] if match else "", " ".join(SOURCE_MARK.sub("", said).split()), named)
