"""Texts of the desk in pieces: words of degree to underline, note marks to raise, parts that something was made of."""

from itertools import pairwise

from findings.extraction.blocks import LOWERED, MARK, SUPERSCRIPTS
from findings.extraction.degree import hedges_in


def with_hedges(text):
    """[(piece, whether it is a word of degree)]."""
    edges = [0, *(place for span in hedges_in(text) for place in span), len(text)]
    return [(text[start:end], number % 2 == 1) for number, (start, end) in enumerate(pairwise(edges)) if end > start]


def in_pieces(sentence, passages):
    """The wording of a sentence as dicts: `text`, whether it is a note mark (`raised`), `state`: in which passage it
    is, if any."""
    text = sentence.wording
    edges = {0, len(text), *(place for match in MARK.finditer(text) for place in match.span())}
    edges |= {min(place, len(text)) for one in passages if one.start is not None for place in (one.start, one.end)}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        piece = text[start:end]
        mark = piece[:1] in SUPERSCRIPTS
        inside = [one for one in passages if one.start is None or (one.start <= start and end <= one.end)]
        state = "" if not inside else "aside" if all(one.use == "aside" for one in inside) else "covered"
        pieces.append({"text": piece.translate(LOWERED) if mark else piece, "raised": mark, "state": state})
    return pieces
