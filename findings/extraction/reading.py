"""Blocks -> sections, paragraphs and sentences with numbers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from findings.extraction.blocks import Block, Kind
from findings.extraction.references import is_list_title
from findings.extraction.sentences import split

BEGINNING = "Beginning"
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Sentence:
    """`paragraph` counts from 1 within its section, and is 0 for what stands in none: headings and notes."""

    number: int
    section: int
    kind: Kind
    paragraph: int
    page: int
    text: str


@dataclass(frozen=True)
class Section:
    title: str
    level: int


@dataclass
class Reading:
    sections: list[Section] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


def read(blocks: Iterable[Block]) -> Reading:
    """The sections and the sentences of a text, both in its order. What stands before the first heading has a section
    of its own; a heading, and one that runs into its paragraph, is a sentence too; so is a line of references."""
    reading, paragraph, before = Reading(), 0, None
    for block in blocks:
        if block.kind == "heading":
            reading.sections.append(Section(block.text[:LONGEST_TITLE], max(block.level, 1)))
            paragraph = 0
            _add(reading, "heading", 0, block.page, block.text)
        else:
            if not reading.sections:
                reading.sections.append(Section(BEGINNING, 1))
            if block.kind != "note" and not (block.kind == before == "row"):
                paragraph += 1
            if block.lead:
                _add(reading, "heading", paragraph, block.page, block.lead)
            whole = block.kind in ("row", "note") or is_list_title(reading.sections[-1].title)
            for text in [block.text] if whole else split(block.text):
                _add(reading, block.kind, 0 if block.kind == "note" else paragraph, block.page, text)
        before = block.kind
    return reading


def _add(reading: Reading, kind: Kind, paragraph: int, page: int, text: str) -> None:
    if text:
        number = len(reading.sentences) + 1
        reading.sentences.append(Sentence(number, len(reading.sections) - 1, kind, paragraph, page, text))
