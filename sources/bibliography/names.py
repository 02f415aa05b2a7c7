"""Names of people and organisations: as references print them, and read from a line of a file."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sources.bibliography.record import Name, NameParts

MARKS = ("‘", "’"), ("“", "”")
QUOTED = re.compile(
    r"[“\"](?P<double>[^“”\"]+)[”\"]|(?<!\w)['‘](?=\S)(?P<single>(?:[^'‘’]|['’](?=\w))+)(?<=\S)['’](?!\w)"
)
QUOTATION_MARK = re.compile("[\"“'‘’]")
TOGETHER = re.compile(r"[^\W\d_]{2,4}")
WRITTEN_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SUFFIX = re.compile(r"(?:jr|sr|junior|senior|ii|iii|iv)\.?", re.I)
# Words that names of organisations have and names of people have not.
ORGANISATION = re.compile(
    r"\b(?:of|and|for|the|in|on|&|academy|action|agency|alliance|archive|association|authority|board|borough|bureau|"
    r"cabinet|cent(?:re|er)|charity|children|college|commission|committee|company|consortium|council|county|department|"
    r"dept|directorate|division|england|executive|faculty|federation|forum|foundation|fund|government|group|health|"
    r"hospital|inc|inspectorate|institut(?:e|ion)|international|laborator(?:y|ies)|library|limited|ltd|ministry|"
    r"museum|national|network|nations|office|organi[sz]ation|parliament|partnership|police|press|programme|project|"
    r"publications|research|school|scotland|secretariat|services?|society|team|treasury|trust|uk|unicef|union|unit|"
    r"united|university|usa|wales|working|world)\b|&|[0-9]|[’']s\b",
    re.I,
)
INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[\s-]?){1,4}")


def initials(given: str, stop: str = ".", between: str = "") -> str:
    """``Nick`` -> ``N.``; ``NJ`` -> ``N.J.``; ``Anne-Marie`` -> ``A.-M.``; ``Jean Paul`` -> ``J.P.``

    With other signs after and between them, ``J. P.`` or ``JP``. The case of the letters is the name's own.
    """
    parts: list[str] = []
    for word in re.split(r"[\s.]+", given.strip().replace(".-", "-")):
        if TOGETHER.fullmatch(word) and word.isupper():
            parts += [f"{letter}{stop}" for letter in word]
        elif word:
            parts.append(("-" if stop else "").join(f"{piece[0]}{stop}" for piece in word.split("-") if piece))
    return between.join(parts)


def spaced(given: str) -> str:
    """Given names as they are, but initials written together apart: ``NJ`` -> ``N. J.``, which all programs read."""
    return initials(given, between=" ") if TOGETHER.fullmatch(given.strip()) and given.strip().isupper() else given


def inverted(name: NameParts, comma: str = ", ", **signs: str) -> str:
    """``Cameron, A.``; an organisation's name as it is, and so one in Chinese, Japanese or Korean characters."""
    if name.literal or not name.given:
        return curly(name.literal or name.family)
    if WRITTEN_WITHOUT_SPACES.search(name.family):
        return name.family + name.given
    return f"{curly(name.family)}{comma}{initials(name.given, **signs)}"


def in_order(name: NameParts, **signs: str) -> str:
    """``A. Cameron``; the others as `inverted` has them."""
    if name.literal or not name.given or WRITTEN_WITHOUT_SPACES.search(name.family):
        return inverted(name)
    return f"{initials(name.given, **signs)} {curly(name.family)}"


def short(name: NameParts) -> str:
    """What running text calls them: the family name or the organisation."""
    return curly(name.literal or name.family)


def listed(names: Iterable[str]) -> str:
    """Join with commas and a final “and”: ``A``, ``A and B``, ``A, B and C``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cited(names: Sequence[NameParts]) -> str:
    """How running text names the authors: all of up to three, else the first “and others”."""
    return listed(map(short, names)) if len(names) <= 3 else f"{short(names[0])} and others"


def curly(text: str, level: int = 0) -> str:
    """Typeset straight quotation marks and apostrophes, as catalogues give them.

    Quotations stand in single marks at `level` 0, in double ones at 1, and the other way round within each other.
    """

    if text.isalpha() or not QUOTATION_MARK.search(text):  # most names are letters: soon told
        return text

    def quoted(match: re.Match[str]) -> str:
        opening, closing = MARKS[level]
        return opening + curly(match["double"] or match["single"], 1 - level) + closing

    return QUOTED.sub(quoted, text).replace("'", "’")


class ReadName(NamedTuple):
    name: Name
    is_guess: bool


class ReadNames(NamedTuple):
    names: list[Name]
    is_guess: bool


def read_name(text: str, role: str = "author") -> ReadName:
    """The Name in `text`, and whether it had to be guessed.

    Takes ``Family, Given`` and ``Family, Given, Suffix`` (RIS), ``Family, Suffix, Given`` (BibTeX), ``Given Family``,
    ``Family AB`` (PubMed); and organisations, which EndNote marks with a comma at the end, or two commas within.
    """
    if ",," in text:
        return ReadName(Name(role, literal=text.replace(",,", ",").strip(" ,")), False)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1:
        return _without_comma(text, role)
    family, *rest = parts
    rest = [part for part in rest if part]
    if not rest or not family:
        return ReadName(Name(role, literal=text.strip(" ,")), False)
    if len(rest) > 1 and SUFFIX.fullmatch(rest[0]):
        rest = [*rest[1:], rest[0]]
    given, *suffixes = rest
    if len(suffixes) > 1:
        return ReadName(Name(role, literal=text), True)
    return ReadName(Name(role, " ".join([family, *suffixes]), given), False)


def read_names(text: str, role: str = "author") -> ReadNames:
    """All the Names in `text`, which should have been one but may be a list with semicolons or commas; and as above."""
    if ";" in text:
        found = [read_name(part.strip(), role) for part in text.split(";") if part.strip(" ,")]
        return ReadNames([name for name, _ in found], True)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3 and len(parts) % 2 == 0 and all(INITIALS.fullmatch(given) for given in parts[1::2]):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return ReadNames([Name(role, family, given) for family, given in pairs], True)
    name, is_guess = read_name(text, role)
    return ReadNames([name], is_guess)


def _without_comma(text: str, role: str) -> ReadName:
    words = text.split()
    if len(words) < 2 or len(words) > 5 or ORGANISATION.search(text) or text == text.upper():
        return ReadName(Name(role, literal=text), False)
    if len(words[-1]) <= 3 and words[-1].isupper() and "." not in words[-1]:
        return ReadName(Name(role, " ".join(words[:-1]), words[-1]), False)
    return ReadName(given_first(words, role), True)


def given_first(words: list[str], role: str) -> Name:
    """``Anna``, ``van``, ``Dyck`` -> the family name begins with the first particle in small letters."""
    small = [place for place, word in enumerate(words[:-1]) if word[:1].islower()]
    start = small[0] if small else len(words) - 1
    if SUFFIX.fullmatch(words[-1]) and len(words) > 2 and not small:
        start -= 1
    return Name(role, " ".join(words[start:]), " ".join(words[:start]))
