"""Names of people and organisations, as data and as references print them.

A name is anything with `family`, `given` and `literal`: a person has a family name, an organisation only a literal.
"""

import re

MARKS = "‘’", "“”"
QUOTED = re.compile(
    r"[“\"](?P<double>[^“”\"]+)[”\"]|(?<!\w)['‘](?=\S)(?P<single>(?:[^'‘’]|['’](?=\w))+)(?<=\S)['’](?!\w)"
)
QUOTATION_MARK = re.compile("[\"“'‘’]")
TOGETHER = re.compile(r"[^\W\d_]{2,4}")
WRITTEN_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def initials(given, stop=".", between=""):
    """``Nick`` -> ``N.``; ``NJ`` -> ``N.J.``; ``Anne-Marie`` -> ``A.-M.``; ``Jean Paul`` -> ``J.P.``

    With other signs after and between them, ``J. P.`` or ``JP``. The case of the letters is the name's own.
    """
    parts = []
    for word in re.split(r"[\s.]+", given.strip().replace(".-", "-")):
        if TOGETHER.fullmatch(word) and word.isupper():
            parts += [f"{letter}{stop}" for letter in word]
        elif word:
            parts.append(("-" if stop else "").join(f"{piece[0]}{stop}" for piece in word.split("-") if piece))
    return between.join(parts)


def spaced(given):
    """Given names as they are, but initials written together apart: ``NJ`` -> ``N. J.``, which all programs read."""
    return initials(given, between=" ") if TOGETHER.fullmatch(given.strip()) and given.strip().isupper() else given


def inverted(name, comma=", ", **signs):
    """``Cameron, A.``; an organisation's name as it is, and so one in Chinese, Japanese or Korean characters."""
    if name.literal or not name.given:
        return curly(name.literal or name.family)
    if WRITTEN_WITHOUT_SPACES.search(name.family):
        return name.family + name.given
    return f"{curly(name.family)}{comma}{initials(name.given, **signs)}"


def in_order(name, **signs):
    """``A. Cameron``; the others as `inverted` has them."""
    if name.literal or not name.given or WRITTEN_WITHOUT_SPACES.search(name.family):
        return inverted(name)
    return f"{initials(name.given, **signs)} {curly(name.family)}"


def short(name):
    """What running text calls them: the family name or the organisation."""
    return curly(name.literal or name.family)


def listed(names):
    """Join with commas and a final “and”: ``A``, ``A and B``, ``A, B and C``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cited(names):
    """How running text names the authors: all of up to three, else the first “and others”."""
    return listed(map(short, names)) if len(names) <= 3 else f"{short(names[0])} and others"


def curly(text, level=0):
    """Typeset straight quotation marks and apostrophes, as catalogues give them.

    Quotations stand in single marks at `level` 0, in double ones at 1, and the other way round within each other.
    """

    if text.isalpha() or not QUOTATION_MARK.search(text):  # most names are letters: soon told
        return text

    def quoted(match):
        opening, closing = MARKS[level]
        return opening + curly(match["double"] or match["single"], 1 - level) + closing

    return QUOTED.sub(quoted, text).replace("'", "’")
