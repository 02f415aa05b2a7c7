"""What a text is made of before its sentences are told apart: headings, paragraphs, items, notes, rows of tables. Pure.

Note marks are kept as superscript digits, whatever the file had: “models¹”.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from curation.text import printable

Kind = Literal["heading", "paragraph", "item", "note", "row"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED = str.maketrans("0123456789", SUPERSCRIPTS)
LOWERED = str.maketrans(SUPERSCRIPTS, "0123456789")
MARK = re.compile(rf"[{SUPERSCRIPTS}]+|(?<=[\w.,;:!?’”'\")])\[([0-9]{{1,3}}(?:[,–-] ?[0-9]{{1,3}})*)\]")
# A mark is a number, or some of them with commas or a dash between.
MARK_TEXT = re.compile(r"\s*[0-9]{1,3}(?:\s*[,–-]\s*[0-9]{1,3})*\s*")

BLANK = re.compile(r"[\s\ufeff]+")
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\uf0b7": "•"}
LIGATURE = re.compile("|".join(LIGATURES))

BULLET = re.compile(r"\s*(?:[-*•‣◦▪●○■□–—·]|o(?=\s\s?[A-Z])|\(?(?:[0-9]{1,3}|[a-z]|[ivx]{1,4})[.)])\s+")
NOTE = re.compile(rf"\s*(?:[{SUPERSCRIPTS}]+\s*|\[?[0-9]{{1,3}}\]?\.?\s+)(?=\W?[A-Z])")
YEAR = re.compile(r"\b(?:1[5-9]|20)[0-9]{2}[a-z]?\b")
# What stands before a hyphen at the end of a line and keeps it.
KEEPS_HYPHEN = re.compile(
    r"(?:^|\W)(?:co|non|self|well|anti|semi|ex|cross|multi|inter|joined|front|long|short|part|full|half|post|pre|one"
    r"|two|three|four|five|high|low|so|decision|evidence|follow)$",
    re.I,
)


@dataclass(frozen=True)
class Block:
    """A piece of a text. `level` is that of a heading, 1 the highest; `lead` the words in bold that a paragraph opens
    with and that name it; `page` 0 if the file has no pages."""

    kind: Kind
    text: str
    page: int = 0
    level: int = 0
    lead: str = ""


def clean(text: str) -> str:
    """`text` on one line as it is meant to be read: no soft hyphens, no ligatures, no no-break blanks."""
    text = LIGATURE.sub(lambda match: LIGATURES[match[0]], INVISIBLE.sub("", text))
    return BLANK.sub(" ", printable(text)).strip()


def raised(text: str) -> str:
    """A superscript: as a note mark if it is one, otherwise as it is."""
    return "".join(text.split()).translate(RAISED) if MARK_TEXT.fullmatch(text) else text


def note_numbers(text: str) -> list[int]:
    """The numbers of the notes that a passage marks, in order: “models¹” and “models[1, 3–5]”."""
    found: list[int] = []
    for match in MARK.finditer(text):
        for part in re.split(r",", (match[1] or match[0].translate(LOWERED)).replace("–", "-")):
            first, _, last = part.strip().partition("-")
            if first.isdecimal():
                found += range(int(first), min(int(last), int(first) + 50) + 1) if last.isdecimal() else [int(first)]
    return list(dict.fromkeys(found))


def without_marks(text: str) -> str:
    return MARK.sub("", text)


def is_note(text: str) -> bool:
    """Whether a line is a note or a numbered reference: it opens with a number and names a year, or is superscript."""
    match = NOTE.match(text)
    return bool(match and (match[0].strip()[0] in SUPERSCRIPTS or YEAR.search(text)))


def joined(lines: Iterable[str], known: frozenset[str] = frozenset()) -> str:
    """Lines as one text. A word that a hyphen divides at the end of a line is put together; `known` are the words of
    the whole text, which tell whether its hyphen is part of it."""
    text = ""
    for line in lines:
        line = line.strip()
        if text.endswith(("-", "\u00ad", "‐")) and line[:1].islower():
            before, after = re.findall(r"\w+$", text[:-1]), re.findall(r"^\w+", line)
            text = text if _keeps(text, before, after, known) else text[:-1]
            text += line
        elif line[:1].isdigit() and re.search(r"[0-9]–$", text):  # a range of pages
            text += line
        else:
            text = f"{text} {line}" if text and line else text + line
    return text


def _keeps(text: str, before: list[str], after: list[str], known: frozenset[str]) -> bool:
    if not before or not after or text.endswith("\u00ad"):
        return not text.endswith("\u00ad")
    if f"{before[0]}{after[0]}".lower() in known:
        return False
    return f"{before[0]}-{after[0]}".lower() in known or bool(KEEPS_HYPHEN.search(before[0]))


def words_known(lines: Iterable[str]) -> frozenset[str]:
    """The words that stand whole within a line."""
    return frozenset(word.lower() for line in lines for word in re.findall(r"\w+(?:-\w+)*(?=\W)", line))


def as_rows(blocks: Iterable[Block]) -> list[list[object]]:
    """For JSON; `from_rows` is its inverse."""
    return [[block.kind, block.text, block.page, block.level, block.lead] for block in blocks]


def from_rows(rows: Iterable[list[object]]) -> Iterator[Block]:
    for kind, text, page, level, lead in rows:
        if kind in KINDS and isinstance(page, int) and isinstance(level, int):
            yield Block(kind, clean(str(text)), page, level, clean(str(lead)))
