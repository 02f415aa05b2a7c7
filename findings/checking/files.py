"""An uploaded handout -> paragraphs. Nothing of it is written to a disk.

A file is read in a process of its own, which may use so much time and memory and no more: whatever a hostile file does
to a reader, it does there. The process takes the file on its standard input and answers in JSON.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

from findings.checking.office import LOCKED, Unreadable, read_office
from findings.checking.reading import Link, Paragraph, paragraphs_of
from findings.costly import Busy, a_turn
from sources.formats.text import decode

MAX_BYTES = 10 * 1024 * 1024
MAX_PARAGRAPHS = 5000
MAX_LETTERS = 2_000_000
SECONDS = 15
MEMORY = 512 * 1024 * 1024
KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of the environment: no secrets

ENDINGS = ".pptx, .docx, .pdf, .html or .txt"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

TOO_LARGE = "The file is larger than 10 MB. Leave out its pictures, or paste its text."
EMPTY = "The file is empty."
OLD = f"This is a file in an old form (.doc, .ppt). Save it as {ENDINGS}."
OTHER = f"This is not a file that can be read here. Save it as {ENDINGS}, or paste its text."
SLOW = "The file takes too long to read. Paste its text instead."
BUSY = "Many files are being read just now. Try again in a minute, or paste the text."
TOO_MUCH = "The file cannot be read: it is damaged, or needs too much memory. Paste its text instead."


def read_file(data, most=MAX_PARAGRAPHS):
    """At most `most` paragraphs of a file, given as bytes and told by what they hold, not by its name.

    Raises Unreadable.
    """
    if not data.strip():
        raise Unreadable(EMPTY)
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    if data.startswith(OLE):
        raise Unreadable(LOCKED if ENCRYPTED in data else OLD)
    if data.startswith(b"PK"):
        return read_office(data, most)
    if b"%PDF-" in data[:1024]:
        from findings.checking.pdf import read_pdf  # takes long to import, and is seldom needed

        return read_pdf(data, most)
    text, _ = decode(data)
    if "\0" in text or text.startswith("{\\rtf"):
        raise Unreadable(OTHER)
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<?xml")):
        return _read_html(text, most)
    return paragraphs_of(text, most)


def read_apart(data):
    """The same in a process of its own, in bounds. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    try:
        with a_turn():
            answer = subprocess.run(
                [sys.executable, "-m", __name__],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                cwd=Path(__file__).resolve().parents[2],
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )
    except Busy as error:
        raise Unreadable(BUSY) from error
    except subprocess.TimeoutExpired as error:
        raise Unreadable(SLOW) from error
    try:
        told = json.loads(answer.stdout)
    except ValueError as error:
        raise Unreadable(TOO_MUCH) from error
    if "refused" in told:
        raise Unreadable(told["refused"])
    return [Paragraph(text, where, tuple(Link(*link) for link in links)) for text, where, links in told["paragraphs"]]


class _Html(HTMLParser):
    INLINE = re.compile("a|abbr|b|bdi|bdo|cite|code|del|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u|wbr")
    UNREAD = frozenset(["script", "style", "template", "title"])

    def __init__(self, most):
        super().__init__()
        self.most, self.found = most, []
        self.pieces, self.length, self.links, self.link, self.unread = [], 0, [], None, 0

    def handle_starttag(self, tag, attributes):
        if tag in self.UNREAD:
            self.unread += 1
        elif tag == "a":
            self.end_link()
            self.link = self.length, dict(attributes).get("href") or ""
        elif not self.INLINE.fullmatch(tag):
            self.end_paragraph()

    def handle_endtag(self, tag):
        if tag in self.UNREAD:
            self.unread = max(0, self.unread - 1)
        elif tag == "a":
            self.end_link()
        elif not self.INLINE.fullmatch(tag):
            self.end_paragraph()

    def handle_data(self, data):
        if not self.unread:
            self.pieces.append(data)
            self.length += len(data)

    def end_link(self):
        if self.link and self.link[1]:
            self.links.append(Link(self.link[0], self.length, self.link[1]))
        self.link = None

    def end_paragraph(self):
        self.end_link()
        text = "".join(self.pieces)
        if (text.strip() or self.links) and len(self.found) < self.most:
            self.found.append(Paragraph(text, "", tuple(self.links)))
        self.pieces, self.length, self.links = [], 0, []


def _read_html(text, most):
    parser = _Html(most)
    parser.feed(text)
    parser.close()
    parser.end_paragraph()
    return parser.found


def _bounded():
    """Let this process use no more time and memory than it should, where the system can see to it."""
    try:
        import resource
    except ImportError:
        return
    for what, most in [(resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0)]:
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _sound(text):
    """Without halves of characters, which no page can be sent with."""
    return text.encode("utf-8", "replace").decode()


def _answer():
    _bounded()
    try:
        found, letters = [], 0
        for text, where, links in read_file(sys.stdin.buffer.read(MAX_BYTES + 1)):
            letters += len(text) + sum(len(link.address) for link in links)
            if letters > MAX_LETTERS:
                break
            found.append((_sound(text), where, [(start, end, _sound(address)) for start, end, address in links]))
        told = {"paragraphs": found}
    except Unreadable as refused:
        told = {"refused": str(refused)}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _answer()
