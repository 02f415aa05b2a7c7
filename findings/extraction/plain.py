"""Text that was pasted -> blocks. Pure."""

import re
from collections.abc import Iterator

from findings.extraction.blocks import BULLET, Block, clean, is_note, joined, words_known

LONG_LINE = 120  # characters: a text with such lines has a line for each paragraph
MARKDOWN = re.compile(r"(#{1,6})\s+(.*?)[\s#]*")
EMPHASIS = re.compile(r"(\*{1,3}|_{2})(?=\S)(.+?)(?<=\S)\1")
LEAD = re.compile(r"\s*(\*\*|__)(?=\S)([^*_]{2,100}?)(?<=\S)\1:?\s+(?=\S)")
# “sharing tools Tools are …”: a heading that runs into its paragraph, in small letters.
RUN_IN = re.compile(r"([a-z][\w’'-]*(?:,? [a-z&][\w’'-]*){0,4}):? (?=[A-Z])")
VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|does|do|did|can|may|will)\b")
ENDED = re.compile(r"[.!?:;,…][’”'\")\]]*$")
LONGEST_HEADING, MOST_WORDS = 100, 14
ADDRESS = re.compile(
    r"@|https?://|www\.|\b(?:tel|phone|email|fax)\b|\b[A-Z]{1,2}[0-9]{1,2}[A-Z]? [0-9][A-Z]{2}\b", re.I
)
# A line of a list of references that no stop ends: it opens with a name and initials, or has a number of a work.
REFERENCE = re.compile(
    r"^[A-Z][\w’'-]+,? (?:[A-Z]\.?){1,3}[, ].*\b(?:1[5-9]|20)[0-9]{2}"
    r"|(?i:\bdoi\b|\b10\.[0-9]{4,9}/|\bISBN\b|\bpp?\. ?[0-9])"
)


def read_plain(text: str) -> list[Block]:
    """The blocks of a text whose paragraphs stand apart by empty lines, or on a line each."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")
    known = words_known(lines)
    full = [line for line in lines if line.strip()]
    a_line_each = sum(len(line) > LONG_LINE for line in full) * 10 > len(full)
    blocks: list[Block] = []
    for chunk in _chunks(lines):
        alone = len(chunk) == 1
        for piece in chunk if a_line_each else _pieces(chunk):
            blocks.append(_block(joined(piece.split("\n"), known), alone))
    return [block for block in blocks if block.text or block.lead]


def looks_like_heading(text: str) -> bool:
    """Whether a line that stands alone is one by its form: short, and not ended as a sentence is."""
    return (
        0 < len(text) <= LONGEST_HEADING
        and len(text.split()) <= MOST_WORDS
        and not ENDED.search(text)
        and any(char.isalpha() for char in text)
        and not ADDRESS.search(text)
        and not REFERENCE.search(text)
    )


def lead_of(text: str) -> tuple[str, str]:
    """The heading that runs into a paragraph, or nothing, and the rest."""
    match = LEAD.match(text)
    if match:
        return match[2].strip(" :."), text[match.end() :]
    match = RUN_IN.match(text)
    if match and not VERB.search(match[1]):
        return match[1].strip(" :"), text[match.end() :]
    return "", text


def _block(text: str, alone: bool) -> Block:
    if match := MARKDOWN.fullmatch(text.strip()):
        return Block("heading", clean(_bare(match[2])), level=len(match[1]))
    bullet = BULLET.match(text)
    rest = text[bullet.end() :] if bullet else text
    if is_note(rest) or is_note(text):
        return Block("note", clean(_bare(rest if is_note(rest) else text)))
    if alone and not bullet and looks_like_heading(clean(_bare(text))):
        return Block("heading", clean(_bare(text)), level=1)
    lead, said = lead_of(rest)
    return Block("item" if bullet else "paragraph", clean(_bare(said)), lead=clean(_bare(lead)))


def _bare(text: str) -> str:
    return EMPHASIS.sub(r"\2", text)


def _chunks(lines: list[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            chunk.append(line)
        elif chunk:
            yield chunk
            chunk = []


def _pieces(chunk: list[str]) -> Iterator[str]:
    """The paragraphs of lines without an empty one between: a bullet or a note begins one."""
    piece: list[str] = []
    for line in chunk:
        if piece and (BULLET.match(line) or is_note(line)):
            yield "\n".join(piece)
            piece = []
        piece.append(line)
    yield "\n".join(piece)
