"""An uploaded handout -> paragraphs. Nothing of it is written to a disk."""

import re
from html.parser import HTMLParser

from curation.sandbox import Reader, Unreadable
from findings.handout_check.office import LOCKED, read_office
from findings.handout_check.reading import Link, Paragraph, paragraphs_of
from sources.bibliography.formats.encoding import decode

MAX_BYTES = 10 * 1024 * 1024
MAX_PARAGRAPHS = 5000
MAX_LETTERS = 2_000_000

ENDINGS = ".pptx, .docx, .pdf, .html or .txt"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

TOO_LARGE = "The file is larger than 10 MB. Leave out its pictures, or paste its text."
EMPTY = "The file is empty."
OLD = f"This is a file in an old form (.doc, .ppt). Save it as {ENDINGS}."
OTHER = f"This is not a file that can be read here. Save it as {ENDINGS}, or paste its text."
CALLED = {
    (".pptx", ".pptm"): "PowerPoint file",
    (".docx", ".docm"): "Word document",
    (".pdf",): "PDF",
}
SLOW = "The file takes too long to read. Paste its text instead."
BUSY = "Many files are being read just now. Try again in a minute, or paste the text."
TOO_MUCH = "The file cannot be read: it is damaged, or needs too much memory. Paste its text instead."
READER = Reader(f"{__name__}:as_json", 15, 512, busy=BUSY, slow=SLOW, grows=TOO_MUCH, damaged=TOO_MUCH)


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
        from findings.handout_check.pdf import read_pdf  # takes long to import, and is seldom needed

        return read_pdf(data, most)
    text, _ = decode(data)
    if "\0" in text or text.startswith("{\\rtf"):
        raise Unreadable(OTHER)
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<?xml")):
        return _read_html(text, most)
    return paragraphs_of(text, most)


def read_apart(data, name=""):
    """The same in a process of its own, in bounds; not if it is no such file as its `name` says. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    kind = next((kind for endings, kind in CALLED.items() if name.lower().endswith(endings)), "")
    if kind and data.strip() and not (data.startswith((OLE, b"PK")) or b"%PDF-" in data[:1024]):
        raise Unreadable(
            f"This is no {kind}, although its name says so. Open it in the program it was made with, save it as "
            f"{ENDINGS} and try that file, or paste its text."
        )
    return [Paragraph(text, where, tuple(Link(*link) for link in links)) for text, where, links in READER.read(data)]


def as_json(data):
    found, letters = [], 0
    for text, where, links in read_file(data):
        letters += len(text) + sum(len(link.address) for link in links)
        if letters > MAX_LETTERS:
            break
        found.append((_sound(text), where, [(start, end, _sound(address)) for start, end, address in links]))
    return found


def _sound(text):
    """Without halves of characters, which no page can be sent with."""
    return text.encode("utf-8", "replace").decode()


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
