"""Pieces of text and their places on pages -> blocks, in the order of reading. Pure.

Columns are read one after the other. Heads and feet that come again on other pages, and page numbers, are left out.
Small print at the foot of a page is notes; a note, and a paragraph, may go on over the end of a page.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from findings.extraction.blocks import (
    BULLET,
    MARK_TEXT,
    SUPERSCRIPTS,
    Block,
    clean,
    is_note,
    joined,
    raised,
    words_known,
)
from findings.extraction.plain import lead_of, looks_like_heading

SAME_LINE = 0.35  # of the size of the letters
LONGEST_RAISED = 4  # letters: “1st”
GAP = 1.8  # sizes between pieces of one line that belong to different columns or cells
EDGE = 2  # lines at the top and at the bottom of a page that may be its head and its foot
NUMBER = re.compile(r"[\W_]*(?:page )?(?:[0-9]{1,4}|[ivxlc]{1,6})(?: of [0-9]{1,4})?[\W_]*", re.I)
SENTENCE_END = re.compile(rf"[.!?…:][’”'\"»)\]{SUPERSCRIPTS}]*$")


class Piece(NamedTuple):
    text: str
    x: float
    y: float  # from the bottom of the page
    end: float
    size: float
    bold: bool = False


@dataclass(frozen=True)
class Line:
    text: str
    page: int
    x: float
    y: float
    end: float
    size: float
    bold: str = ""  # the bold words it opens with
    cells: int = 1
    column: int = 0
    right: float = 0.0  # where the lines of its column end


def blocks_of(pages: list[list[Piece]]) -> list[Block]:
    """The blocks of a document, given the pieces of each page."""
    lines = [_in_columns(_lines(pieces, number)) for number, pieces in enumerate(pages, 1)]
    flat = [line for page in _without_heads(lines) for line in page]
    if not flat:
        return []
    sizes: Counter[float] = Counter()
    for line in flat:
        sizes[round(line.size, 1)] += len(line.text)
    body = sizes.most_common(1)[0][0]
    known = words_known(line.text for line in flat)
    paragraphs = [_block(group, body, known, sizes) for group in _grouped(flat, body)]
    return list(_together(paragraphs, known))


# Lines


def _lines(pieces: list[Piece], page: int) -> list[Line]:
    """The lines of a page from its top, each with what stands in one go; cells of a table as one line."""
    rows: list[list[Piece]] = []
    marks = [piece for piece in pieces if MARK_TEXT.fullmatch(piece.text)]
    others = [piece for piece in pieces if not MARK_TEXT.fullmatch(piece.text)]
    for piece in sorted(others, key=lambda piece: (-piece.y, piece.x)):
        _put(rows, [row for row in rows[-6:] if _on(row, piece)], piece)
    for mark in marks:
        # Behind what ends at it; a number of another kind stands wherever it stands.
        behind = [row for row in rows if any(_ends_at(piece, mark) for piece in row)]
        _put(rows, behind or [row for row in rows if _on(row, mark)], mark)
    rows.sort(key=lambda row: -max(row, key=lambda piece: piece.size).y)
    return [line for row in rows for line in _parts(sorted(row, key=lambda piece: piece.x), page)]


def _put(rows: list[list[Piece]], near: list[list[Piece]], piece: Piece) -> None:
    if near:
        near[-1].append(piece)
    else:
        rows.append([piece])


def _ends_at(piece: Piece, mark: Piece) -> bool:
    return abs(piece.end - mark.x) < 1 and 0 <= mark.y - piece.y < 0.7 * piece.size


def _on(row: list[Piece], piece: Piece) -> bool:
    """Whether a piece stands on a line: on its foot, or raised above it as a note mark is."""
    largest = max(row, key=lambda one: one.size)
    if abs(largest.y - piece.y) < SAME_LINE * min(largest.size, piece.size):
        return True
    small, large = sorted([piece, largest], key=lambda one: one.size)
    is_raised = small.size < 0.85 * large.size and len(small.text.strip()) <= LONGEST_RAISED
    return is_raised and 0 < small.y - large.y < 0.7 * large.size


def _parts(row: list[Piece], page: int) -> Iterator[Line]:
    group: list[Piece] = []
    for piece in row:
        if group and piece.x - max(one.end for one in group[-2:]) > GAP * piece.size:
            yield _line(group, page)
            group = []
        group.append(piece)
    if group:
        yield _line(group, page)


def _line(group: list[Piece], page: int) -> Line:
    size = max(group, key=lambda piece: (len(piece.text), piece.size)).size
    foot = min((piece.y for piece in group if piece.size >= 0.85 * size), default=group[0].y)
    text, bold, is_bold, last = "", "", True, None
    for piece in group:
        said = raised(piece.text) if piece.size < 0.85 * size and piece.y > foot + 0.1 * size else piece.text
        ended = last is not None and bool(SENTENCE_END.search(last.text)) and piece.text[:1].isupper()
        apart = ended or (last is not None and piece.x - last.end > 0.15 * size)
        is_mark = bool(said) and all(char in SUPERSCRIPTS + ",–-" for char in said)
        text += (" " if apart and not is_mark and not text.endswith(" ") else "") + said
        is_bullet = bool(BULLET.fullmatch(f"{piece.text} "))
        is_bold = is_bold and (piece.bold or is_bullet)
        bold += f"{piece.text} " if is_bold and not is_bullet else ""
        last = piece
    return Line(clean(text), page, group[0].x, foot, max(p.end for p in group), size, clean(bold))


# Columns


def _in_columns(lines: list[Line]) -> list[Line]:
    """The lines of a page in the order of reading. A line that goes over both columns divides what stands above it
    from what stands below."""
    start = _second_column(lines)
    if start is None:
        return _rows(lines)
    found: list[Line] = []
    waiting: list[list[Line]] = [[], []]
    for line in lines:
        if line.x < start - 3 and line.end > start + line.size:
            found += _flush(waiting)
            found.append(line)
        else:
            waiting[line.x >= start - 3].append(line)
    return found + _flush(waiting)


def _flush(waiting: list[list[Line]]) -> list[Line]:
    found = [replace(line, column=place) for place, lines in enumerate(waiting) for line in lines]
    for lines in waiting:
        lines.clear()
    return found


def _second_column(lines: list[Line]) -> float | None:
    """Where the right column begins, or None: there many lines begin, beside others, that end before it."""
    if len(lines) < 8:
        return None
    left = min(line.x for line in lines)
    width = max(line.end for line in lines) - left
    starts = Counter(round(line.x) for line in lines if line.x > left + 0.3 * width)
    if not starts:
        return None
    best, _ = max(starts.items(), key=lambda item: (item[1] + starts[item[0] - 1] + starts[item[0] + 1], -item[0]))
    right = [line for line in lines if line.x >= best - 3]
    beside = [line for line in lines if line.x < best - 3 and line.end <= best + line.size]
    # Cells of a table are short and begin in many places.
    long = [line for line in right if line.end - line.x > 0.25 * width]
    is_column = len(right) >= 4 and len(beside) >= 4 and len(long) * 2 > len(right)
    return best if is_column else None


def _rows(lines: list[Line]) -> list[Line]:
    """Pieces that stand apart on one line are cells of a table."""
    found = []
    for _, group in groupby(lines, key=lambda line: line.y):
        cells = sorted(group, key=lambda line: line.x)
        if len(cells) == 1 or BULLET.fullmatch(f"{cells[0].text} "):
            text = " ".join(cell.text for cell in cells)
            found.append(replace(cells[0], text=text, end=cells[-1].end, size=cells[-1].size))
        else:
            text = " | ".join(cell.text for cell in cells)
            found.append(replace(cells[0], text=text, end=cells[-1].end, cells=len(cells)))
    return found


# Heads and feet


def _without_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without the lines at their edges that come again on others, and without page numbers."""
    seen = Counter(key for page in pages for key in {_shape(line) for line in _edges(page)})
    often = max(2, min(3, len([page for page in pages if page]) // 2))
    kept = []
    for page in pages:
        edges = {id(line) for line in _edges(page) if seen[_shape(line)] >= often or NUMBER.fullmatch(line.text)}
        kept.append([line for line in page if id(line) not in edges])
    return kept


def _edges(page: list[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: -line.y)
    return by_height[:EDGE] + by_height[max(EDGE, len(by_height) - EDGE) :]


def _shape(line: Line) -> tuple[str, int]:
    return re.sub(r"[0-9]+|\b[ivxl]+\b", "#", line.text.lower()), round(line.y / 4)


# Paragraphs


def _grouped(lines: list[Line], body: float) -> Iterator[list[Line]]:
    """The lines of each paragraph."""
    lines = _with_edges(lines)
    steps = [one.y - two.y for one, two in pairwise(lines) if _same_place(one, two) and 0 < one.y - two.y < 3 * body]
    step = median(steps) if steps else 1.3 * body
    group: list[Line] = []
    for line in lines:
        if group and _begins(group, line, step, body):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _with_edges(lines: list[Line]) -> list[Line]:
    ends: dict[tuple[int, int], float] = {}
    for line in lines:
        key = line.page, line.column
        ends[key] = max(ends.get(key, 0.0), line.end)
    return [replace(line, right=ends[line.page, line.column]) for line in lines]


def _same_place(one: Line, other: Line) -> bool:
    return (one.page, one.column) == (other.page, other.column)


def _begins(group: list[Line], line: Line, step: float, body: float) -> bool:
    """Whether a line begins another paragraph than the one before it."""
    last, first = group[-1], group[0]
    if abs(line.size - last.size) > 0.08 * body or line.cells > 1 or last.cells > 1:
        return True
    if _is_small(line, body) and (is_note(line.text) or line.text[:1] in SUPERSCRIPTS):
        return True
    if bool(line.bold == line.text) != bool(last.bold == last.text):
        return True
    if BULLET.match(line.text):
        return True
    if not _same_place(last, line):
        return bool(SENTENCE_END.search(last.text)) and last.end < last.right - 3 * last.size
    if last.y - line.y > 1.35 * step * (line.size / body):
        return True
    indented = line.x > first.x + 0.6 * body if len(group) > 1 else False
    outdented = line.x < last.x - 0.6 * body and len(group) > 1
    short = last.end < last.right - 0.25 * (last.right - first.x) and (
        bool(SENTENCE_END.search(last.text)) or line.text[:1].isupper()
    )
    return indented or outdented or short or bool(is_note(line.text) and SENTENCE_END.search(last.text))


def _is_small(line: Line, body: float) -> bool:
    return line.size < 0.93 * body


def _block(group: list[Line], body: float, known: frozenset[str], sizes: Counter[float]) -> Block:
    first = group[0]
    text = clean(joined((line.text for line in group), known))
    if first.cells > 1:
        return Block("row", text, first.page)
    is_bold = all(line.bold == line.text for line in group)
    if (first.size > 1.08 * body or is_bold) and len(text) <= 200 and not text.endswith((".", ";", ",")):
        return Block("heading", text, first.page, _level(first.size, is_bold, body, sizes))
    if is_note(text) or (_is_small(first, body) and not looks_like_heading(text)):
        return Block("note", text, first.page)
    bullet = BULLET.match(text)
    rest = text[bullet.end() :] if bullet else text
    lead = _bold_lead(group, rest)
    if lead:
        return Block("item" if bullet else "paragraph", rest[len(lead) :].lstrip(" .:"), first.page, lead=lead)
    lead, rest = lead_of(rest)
    return Block("item" if bullet else "paragraph", clean(rest), first.page, lead=lead)


def _bold_lead(group: list[Line], text: str) -> str:
    """The bold words that a paragraph opens with and that are no sentence of it."""
    bold = ""
    for line in group:
        bold = f"{bold} {line.bold}".strip()
        if line.bold != line.text:
            break
    is_lead = bool(bold) and len(bold) <= 100 and text.startswith(bold) and text[len(bold) :].strip()[:1].isupper()
    return bold if is_lead else ""


def _level(size: float, is_bold: bool, body: float, sizes: Counter[float]) -> int:
    larger = sorted((other for other in sizes if other > 1.08 * body), reverse=True)
    ranks = [place for place, other in enumerate(larger, 1) if other <= size + 0.2]
    return min(ranks[0] if size > 1.08 * body and ranks else len(larger) + 1, 9)


def _together(blocks: Iterable[Block], known: frozenset[str]) -> Iterator[Block]:
    """Blocks in the order of reading, where a paragraph and a note go on over the end of a page or a column, with the
    notes that stand between the halves of a paragraph behind it."""
    paragraph: Block | None = None
    notes: list[Block] = []
    for block in blocks:
        if block.kind == "note":
            last = notes[-1] if notes else None
            goes_on = last and block.page > last.page and not is_note(block.text)
            if last and goes_on and not SENTENCE_END.search(last.text):
                notes[-1] = replace(last, text=clean(joined([last.text, block.text], known)))
            else:
                notes.append(block)
            continue
        if paragraph and _goes_on(paragraph, block):
            text = clean(joined([paragraph.text, block.text], known))
            paragraph = replace(paragraph, text=text)
            continue
        if paragraph:
            yield paragraph
        if block.kind == "heading" or (paragraph and SENTENCE_END.search(paragraph.text)):
            # A note may go on: it waits for the foot of the next page.
            done = [note for note in notes if SENTENCE_END.search(note.text) or block.page > note.page + 1]
            yield from done
            notes = [note for note in notes if note not in done]
        paragraph = block
    if paragraph:
        yield paragraph
    yield from notes


def _goes_on(one: Block, other: Block) -> bool:
    is_text = one.kind in ("paragraph", "item") and other.kind == "paragraph" and not other.lead
    return is_text and not SENTENCE_END.search(one.text) and (other.text[:1].islower() or other.page > one.page)
