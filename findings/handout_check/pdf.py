"""PDF -> paragraphs, by pypdf. It may take all the time and memory that a file asks for: `files` bounds both."""

import io
import logging
from contextlib import contextmanager

from pypdf import PdfReader

from curation.sandbox import Unreadable
from findings.handout_check.reading import Link, Paragraph

MAX_PAGES = 500
MAX_LINKS = 500  # on a page
FULL = 0.75  # of the longest line of a page: a line that long goes on in the next

DAMAGED = "The PDF is damaged or incomplete. Open it, print it to a new PDF and try that, or paste its text."
LOCKED = "The PDF is protected by a password. Save it without one, or paste its text."
PICTURES = "The PDF holds no text, only pictures of it. Paste the text or the links instead."


@contextmanager
def opened(data):
    """The PdfReader of a PDF, given as bytes. Whatever it raises while its pages are read becomes Unreadable."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a file is for its owner
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(LOCKED)
        yield reader
    except Unreadable:
        raise
    except Exception as error:  # whatever a file can make the reader raise
        if "Crypt" in type(error).__name__ or "Dependency" in type(error).__name__:
            raise Unreadable(LOCKED) from error
        raise Unreadable(DAMAGED) from error


def read_pdf(data, most):
    """At most `most` paragraphs of a PDF, and the addresses of its links. Raises Unreadable."""
    found = []
    with opened(data) as reader:
        for number, page in enumerate(reader.pages, 1):
            if number > MAX_PAGES or len(found) >= most:
                break
            where, text = f"Page {number}", page.extract_text()
            letters = "".join(text.split())
            found += [Paragraph(paragraph, where) for paragraph in _paragraphs(text)]
            found += [
                Paragraph("", where, (Link(0, 0, address),)) for address in _links(page) if address not in letters
            ]
    if not found:
        raise Unreadable(PICTURES)
    return found[:most]


def _paragraphs(text):
    """The lines of a page, put together where one goes on in the next."""
    lines = [line.strip() for line in text.split("\n")]
    longest, together = max(map(len, lines)), []
    for line in filter(None, lines):
        together.append(line)
        if len(line) < FULL * longest:
            yield " ".join(together)
            together = []
    if together:
        yield " ".join(together)


def _links(page):
    """The addresses that a page links to, each once."""
    addresses = {}
    for annotation in list(page.get("/Annots") or [])[:MAX_LINKS]:
        action = annotation.get_object().get("/A")
        address = action and action.get_object().get("/URI")
        if isinstance(address, str | bytes):
            addresses[address.decode("latin-1") if isinstance(address, bytes) else str(address)] = True
    return addresses
