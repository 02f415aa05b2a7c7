"""Bytes of a file -> text, whatever wrote it."""

import codecs
import re
from typing import NamedTuple

from curation.text import SURROGATE
from sources.bibliography.record import Problem

MARKS = [  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
SAMPLE = 4096
LINE_END = re.compile(r"\r*\n|\r")  # mail and Windows programs double the first sign
# Blanks that do not break, which web pages and word processors put between words, and marks inside a file.
BLANKS = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0xFEFF: None}


class Decoded(NamedTuple):
    text: str
    problems: list[Problem]


def decode(data: bytes) -> Decoded:
    """`data` as text with line feeds only, and the problems that tell which encoding had to be guessed.

    Reads UTF-8, UTF-16 and UTF-32 by their byte order marks, UTF-8 and UTF-16 without; what is none of these is taken
    for Windows-1252. Never raises.
    """
    text, problems = _decoded(data)
    text = LINE_END.sub("\n", text)
    return Decoded(text if text.isascii() else text.translate(BLANKS), problems)


def _decoded(data: bytes) -> Decoded:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            if encoding == "utf-8":
                return _utf8(data[len(mark) :])
            return Decoded(data[len(mark) :].decode(encoding, "replace"), [])
    guessed = _utf16_order(data[:SAMPLE])
    if guessed:
        message = "The file does not say how its text is encoded: it was read as UTF-16."
        return Decoded(data.decode(guessed, "replace"), [Problem(1, message)])
    return _utf8(data)


def _utf16_order(sample: bytes) -> str:
    """Text in a Latin script has a zero in every second byte of UTF-16."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted([even, odd])
    if many * 3 < len(sample) // 2 or many < 2 or few * 10 > many:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _utf8(data: bytes) -> Decoded:
    text = data.decode("utf-8", "surrogateescape")
    first = SURROGATE.search(text)
    if not first:
        return Decoded(text, [])
    line = len(LINE_END.findall(text, 0, first.start())) + 1
    wrong = len(SURROGATE.findall(text))
    right = sum(char > "\x7f" for char in text) - wrong
    if right > wrong:
        message = "The file is UTF-8, but not here: single characters were read as Windows-1252. Check their accents."
        return Decoded(SURROGATE.sub(lambda match: _windows(match[0]), text), [Problem(line, message)])
    message = "The file is not UTF-8: it was read as Windows-1252. Check accents and quotation marks."
    return Decoded(data.decode("cp1252", "replace"), [Problem(line, message)])


def _windows(surrogate: str) -> str:
    return bytes([ord(surrogate) - 0xDC00]).decode("cp1252", "replace")
