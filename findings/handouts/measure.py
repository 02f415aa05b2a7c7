"""How many lines a text takes, so that nothing runs off a slide. Pure.

The fonts are on the reader's computer, not here, so widths are those of Palatino, the wider of the two on our slides,
and a little more: a text is never taken for shorter than it is.
"""

import re
import unicodedata

CM_PER_POINT = 2.54 / 72
SAFETY = 1.06
LINE = 1.25  # of the size of the type
GAP = 0.5  # of a line, between paragraphs
BETWEEN = re.compile("[ \t\r]+")  # and no space that keeps words together
SENTENCE = re.compile(r".*[.!?][”’\"')]*(?= [A-Z“‘])", re.DOTALL)  # or several

# Thousandths of the size of the type.
WIDTHS = {
    character: width
    for width, characters in [
        (250, " .,"),
        (278, "!|‘’"),
        (292, "ijl:;"),
        (333, "fIJt()[]-'{}"),
        (400, "rs"),
        (444, "cz?*"),
        (500, "aeg0123456789“”$£#_–/\\…"),
        (556, "bdhknopquvxyFELPS&"),
        (611, "BTDR+=<>~^"),
        (726, "CKVXYZ"),
        (790, "AGHNOQU@%"),
        (890, "mwM"),
        (1000, "W—"),
    ]
    for character in characters
}


class TooLong(Exception):
    """The handout needs more slides than are made; the message says what to do."""


def width(text, points):
    """The width of `text` in cm, set in `points`."""
    return sum(map(_character, text)) / 1000 * points * CM_PER_POINT * SAFETY


def wrapped(text, points, within):
    """`text` in lines no wider than `within` cm; a word that is wider is broken. Line breaks of the text stay."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in filter(None, BETWEEN.split(paragraph)):
            longer = f"{line} {word}" if line else word
            if width(longer, points) <= within:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, points, within)
            lines += full
        lines.append(line)
    return lines


def height(text, points, within):
    """The height of `text` in cm, set in `points` in a column of `within` cm."""
    return len(wrapped(text, points, within)) * points * CM_PER_POINT * LINE


def fitting(text, sizes, within, most):
    """The first of `sizes` (in points, falling) at which `text` is at most `most` cm high; None if none is."""
    return next((points for points in sizes if height(text, points, within) <= most), None)


def split(paragraphs, points, within, most):
    """`paragraphs` in lots, each at most `most` cm high with GAP lines between paragraphs, as (number, text).

    The number is the paragraph's. One is divided only where it has to be: after a sentence, if that leaves no more than
    half of the room empty, else between lines.
    """
    room = int(most / (points * CM_PER_POINT * LINE) + 1e-6)
    lots, lot, used = [], [], 0
    for number, paragraph in enumerate(paragraphs):
        lines = wrapped(paragraph, points, within)
        while lines:
            free = int(room - used - (GAP if lot else 0))
            # A whole paragraph rather goes to the next lot than the first line of it stays behind.
            if lot and free < min(2, len(lines)):
                lots, lot, used = [*lots, lot], [], 0
                continue
            taken, lines = lines[:free], lines[free:]
            if lines and (whole := SENTENCE.match(" ".join([*taken, lines[0]]), 0, len(" ".join(taken)) + 2)):
                sentences = wrapped(whole[0], points, within)
                if used + len(sentences) >= room / 2:
                    lines = wrapped(" ".join([*taken, *lines])[whole.end() :], points, within)
                    taken = sentences
            used += (GAP if lot else 0) + len(taken)
            lot.append((number, " ".join(taken)))
    return [*lots, lot] if lot else lots


def sides(handout, options):
    """About how many sides of A4 a handout prints on: counted in lines of its page, so never exact."""
    # Characters to a line of a column and of the page; lines to a side.
    column, page, to_a_side = (54, 54, 33 if options.body else 28) if options.large else (58, 120, 62)

    def lines(texts, a_line):
        return sum(-(-len(text) // a_line) for text in texts)

    in_columns = sum(
        2.5
        + lines([item.heading, item.in_short, item.note, *item.notices, *item.since_then], column)
        + (lines(item.body, column) if options.body else 0)
        for item in handout.findings
    )
    total = 9 + in_columns / (1 if options.large or options.body else 2)
    total += lines([*handout.drawn_from, *handout.practice_notes, handout.rights, handout.versions], page)
    if options.practice and handout.points:
        total += 2 + sum(0.5 + lines([f"{item.heading} {item.in_short} {item.note}"], page) for item in handout.points)
    if "notes" in options.holds:
        total += 4
    if "strip" in options.holds:
        total += 7 * -(-len(handout.items) // 5)
    if "sources" in options.holds:
        texts = ["".join(text for text, _ in one.runs) + one.notice for one in handout.references]
        total += lines(texts, page) if not options.large else 0.5 * len(texts) + lines(texts, page)
    return max(1, round(total / to_a_side + 0.45))


def _character(character):
    known = WIDTHS.get(character)
    if known:
        return known
    if unicodedata.combining(character):
        return 0
    plain = WIDTHS.get(unicodedata.normalize("NFD", character)[0])
    return plain or (1000 if unicodedata.east_asian_width(character) in "WF" else 800)


def _broken(word, points, within):
    pieces, piece = [], ""
    for character in word:
        if piece and width(piece + character, points) > within:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]
