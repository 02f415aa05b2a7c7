"""A file or a pasted text -> blocks, read in a process of its own, in bounds. Nothing is written to a disk."""

import unicodedata

from curation.sandbox import Reader, Unreadable
from findings.extraction.blocks import Block, as_rows, from_rows
from findings.extraction.plain import read_plain
from findings.handout_check.files import EMPTY, ENCRYPTED, OLE
from findings.handout_check.office import LOCKED
from sources.bibliography.formats.encoding import decode

MAX_BYTES = 20 * 1024 * 1024
MAX_LETTERS = 4_000_000  # about 1,500 pages
FORMATS = ".docx, .pdf, .html or .txt"

TOO_LARGE = "The file is larger than 20 MB. Leave out its pictures, or paste its text."
TOO_LONG = "The text is longer than 4 million characters. Divide it."
OLD = f"This is a file in an old form (.doc). Save it as {FORMATS}."
OTHER = f"This is not a file that can be read here. Save it as {FORMATS}, or paste its text."
NOTHING = "There is no text in it. Look at the file, or paste the text."
SLOW = "The file takes too long to read. Paste its text instead, or divide the file."
TOO_MUCH = "The file cannot be read: it is damaged, or needs too much memory. Paste its text instead."
READER = Reader(f"{__name__}:as_json", 120, 1024, slow=SLOW, grows=TOO_MUCH, damaged=TOO_MUCH)


def read_apart(data: bytes) -> list[Block]:
    """The blocks of a file, told by what it holds and not by its name. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    return list(from_rows(READER.read(data)))


def as_json(data: bytes) -> list[list[object]]:
    """What the process of its own gives."""
    return as_rows(read_file(data))


def read_file(data: bytes) -> list[Block]:
    """Raises Unreadable. Trusts the file with all the time and memory that there is: see `read_apart`."""
    if not data.strip():
        raise Unreadable(EMPTY)
    if data.startswith(OLE):
        raise Unreadable(LOCKED if ENCRYPTED in data else OLD)
    blocks = _read(data)
    if not any(block.text for block in blocks):
        raise Unreadable(NOTHING)
    if sum(len(block.text) for block in blocks) > MAX_LETTERS:
        raise Unreadable(TOO_LONG)
    return blocks


def _read(data: bytes) -> list[Block]:
    if data.startswith(b"PK"):
        from findings.extraction.word import read_word

        return read_word(data)
    if b"%PDF-" in data[:1024]:
        from findings.extraction.pdf import read_pdf  # takes long to import

        return read_pdf(data)
    text, _ = decode(data)
    text = unicodedata.normalize("NFC", text)
    if "\0" in text or text.startswith("{\\rtf"):
        raise Unreadable(OTHER)
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<?xml")):
        from findings.extraction.web import read_web

        return read_web(text)
    return read_plain(text)
