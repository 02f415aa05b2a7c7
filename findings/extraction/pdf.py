"""A PDF -> blocks, by pypdf. It may take all the time and memory that a file asks for: `documents` bounds both."""

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from curation.sandbox import Unreadable
from findings.extraction.blocks import Block, clean
from findings.extraction.layout import Piece, blocks_of
from findings.handout_check.pdf import opened

MAX_PAGES = 1500
PICTURES = (
    "The PDF holds no text, only pictures of pages: it was scanned. Let a program that recognises text (OCR) read it, "
    "save it again, and choose that file; or paste the text."
)
WIDTH = 0.5  # of a letter, in sizes of the font, where the file does not tell


def read_pdf(data: bytes) -> list[Block]:
    """Raises Unreadable."""
    pages = []
    with opened(data) as reader:
        for number, page in enumerate(reader.pages, 1):
            if number > MAX_PAGES:
                break
            pages.append(_pieces(page))
    if not any(pages):
        raise Unreadable(PICTURES)
    return blocks_of(pages)


def _pieces(page: Any) -> list[Piece]:
    """The pieces of text of a page, in the order of the file, each with its place and size."""
    found: list[Piece] = []

    def visit(text: str, cm: list[float], tm: list[float], font: dict[str, Any] | None, size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = math.hypot(tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]) or 1.0
        if not text.strip():
            if found and abs(found[-1].y - y) < 0.5 and x > found[-1].x:  # where the last one ended
                found[-1] = found[-1]._replace(end=max(found[-1].end, x))
            return
        height = abs(size * scale)
        name = str((font or {}).get("/BaseFont", ""))
        end = x + WIDTH * height * len(text.strip())
        found.append(Piece(text.strip("\n"), x, y, end, height, "Bold" in name or "Black" in name))

    page.extract_text(visitor_text=visit)
    return list(_up_to_marks([piece for piece in found if clean(piece.text)]))


def _up_to_marks(pieces: list[Piece]) -> Iterator[Piece]:
    """The same, where what stands before a note mark ends at it: of other pieces the file tells the end roughly."""
    for piece, following in zip_longest(pieces, pieces[1:]):
        is_mark = (
            following is not None
            and following.size < 0.85 * piece.size
            and 0 < following.y - piece.y < 0.7 * piece.size
            and following.x > piece.x
        )
        yield piece._replace(end=following.x) if is_mark else piece
