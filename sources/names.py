"""Names of people and organisations, as data and as references print them. Pure: no models.

A name is anything with `family`, `given` and `literal`: a person has a family name, an organisation only a literal.
"""

import re


def initials(given):
    """``Nick`` -> ``N.``; ``NJ`` -> ``N.J.``; ``Anne-Marie`` -> ``A.-M.``; ``Jean Paul`` -> ``J.P.``"""
    parts = []
    for word in re.split(r"[\s.]+", given.strip()):
        if re.fullmatch(r"[^\W\d_]{2,4}", word) and word.isupper():
            parts += [f"{letter}." for letter in word]
        elif word:
            parts.append("-".join(f"{piece[0].upper()}." for piece in word.split("-") if piece))
    return "".join(parts)


def inverted(name):
    """``Cameron, A.``; an organisation's name as it is."""
    if name.literal:
        return name.literal
    return f"{name.family}, {initials(name.given)}" if name.given else name.family


def listed(names):
    """Join with commas and a final “and”: ``A``, ``A and B``, ``A, B and C``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cited(names):
    """How running text names the authors: all of up to three, else the first “and others”."""
    short = [name.literal or name.family for name in names]
    return listed(short) if len(short) <= 3 else f"{short[0]} and others"


def curly(text):
    """Typeset the straight apostrophes of a title as catalogues give it."""
    return text.replace("'", "’")
