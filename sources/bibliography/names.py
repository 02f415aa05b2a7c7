"""Names of people and organisations: as references print them, and read from a line of a file."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from curation.text import listed
from sources.bibliography.record import Name, NameParts

MARKS = ("‘", "’"), ("“", "”")
QUOTED = re.compile(
    r"[“\"](?P<double>[^“”\"]+)[”\"]|(?<!\w)['‘](?=\S)(?P<single>(?:[^'‘’]|['’](?=\w))+)(?<=\S)['’](?!\w)"
)
QUOTATION_MARK = re.compile("[\"“'‘’]")
# Capital letters of the Latin, Greek and Cyrillic scripts.
UPPER = "A-ZÀ-ÖØ-ÞΑ-ΩЀ-Я" + "".join(filter(str.isupper, map(chr, range(0x100, 0x250))))
TOGETHER = re.compile(r"[^\W\d_]{2,4}")
STOPPED = re.compile(rf"(?:[{UPPER}]\.){{2,4}}")
WRITTEN_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SUFFIX = re.compile(r"(?:jr|sr|junior|senior|ii|iii|iv|2nd|3rd|4th)\.?", re.I)
WITH_SUFFIX = re.compile(r"(.*[^\s,])[\s,]+((?:jr|sr)\.?|II|III|IV|2nd|3rd|4th)", re.I | re.S)
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
INITIALS = re.compile(rf"(?:[{UPPER}]\.?[\s-]?){{1,4}}")


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
    """Given names as they are, but initials written together apart, which all programs read: ``NJ``, ``N.J.`` ->
    ``N. J.``"""
    bare = given.strip()
    together = (TOGETHER.fullmatch(bare) and bare.isupper()) or STOPPED.fullmatch(bare)
    return initials(bare, between=" ") if together else given


def parted(family: str) -> tuple[str, str]:
    """A family name and the suffix that stands after it: ``King Jr.`` -> ``King``, ``Jr.``"""
    match = WITH_SUFFIX.fullmatch(family)
    return (match[1], match[2]) if match else (family, "")


def without_suffix(family: str) -> str:
    return parted(family)[0]


# How Citing Medicine writes suffixes.
BARE_SUFFIXES = {"II": "2nd", "III": "3rd", "IV": "4th"}


def inverted(name: NameParts, comma: str = ", ", suffix_last: bool = False, **signs: str) -> str:
    """``Cameron, A.``; an organisation's name as it is, and so one in Chinese, Japanese or Korean characters.

    A suffix follows the family name, or `suffix_last` the initials: ``King, M., Jr.``, without stops ``King M Jr``.
    """
    if name.literal or not name.given:
        return curly(name.literal or name.family)
    if WRITTEN_WITHOUT_SPACES.search(name.family):
        return name.family + name.given
    family, suffix = parted(name.family) if suffix_last else (name.family, "")
    if signs.get("stop") == "":
        suffix = BARE_SUFFIXES.get(suffix, suffix.rstrip("."))
    first = f"{curly(family)}{comma}{initials(name.given, **signs)}"
    return f"{first}{comma}{suffix}" if suffix else first


def in_order(name: NameParts, **signs: str) -> str:
    """``A. Cameron``; the others as `inverted` has them."""
    if name.literal or not name.given or WRITTEN_WITHOUT_SPACES.search(name.family):
        return inverted(name)
    return f"{initials(name.given, **signs)} {curly(name.family)}"


def short(name: NameParts) -> str:
    """What running text calls them: the family name or the organisation."""
    return curly(name.literal or name.family)


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
    has_others: bool = False  # “et al.” stood there, or the like


OTHERS = re.compile(
    r"^others$|(?:^|[,;\s]+)[\[(]?(?:et\.? ?al(?:ii|\b)|u\. ?a\b|"
    r"(?:and|&|und|et) (?:others|colleagues|collaborators|autres|andere))\.?[\])]?\.?$",
    re.I,
)
ROLE_MARK = re.compile(
    r"(?:\s*[\[(]|(?<=[\w.]),\s+)"
    r"(author|eds?|editors?|hrsg|comps?|compilers?|trans|translators?)\b\.?[\])]?\.?$",
    re.I,
)
MARKED_ROLES = {"e": "editor", "h": "editor", "c": "compiler", "t": "translator"}  # by first letter
DEGREE = re.compile(r"(?:dr|prof|ph\.?d|d\.?phil|m\.?d|m\.?sc|b\.?sc|m\.?a|m\.?p\.?h|r\.?n|ed\.?d|dsw|msw)\.?", re.I)
LIFE = re.compile(r"(?:b\. ?)?[0-9]{4}(?:-(?:[0-9]{4})?)?\.?")  # as catalogues have it behind a name
COMPANY = re.compile(r"(?:foundation|gmbh|inc|llc|ltd|limited|plc|trust)\.?", re.I)
COUNTRY = re.compile(
    r"(?:australia|canada|england|great britain|ireland|new zealand|northern ireland|nz|scotland|uk|united kingdom|"
    r"united states(?: of america)?|usa|wales)",
    re.I,
)
_INITIALS = rf"(?:[{UPPER}]\.?[\s-]?){{1,4}}"
_WORD = r"[^\W\d_][\w'’-]*"
FAMILY_FIRST = re.compile(rf"(?:{_WORD}\s){{1,4}}{_INITIALS}(?:\s?(?:Jr|Sr|II|III|2nd|3rd)\.?)?")
INITIALS_FIRST = re.compile(rf"(?:[{UPPER}]\.[\s-]?){{1,4}}\s?(?:{_WORD}\s?){{1,4}}")
SHORT = re.compile(rf"[{UPPER}]{{1,3}}\.?|(?:[{UPPER}]\.-?){{1,4}}")
FULL_NAME = re.compile(rf"(?:[{UPPER}][\w'’.-]*\s){{1,3}}(?:[a-z]{{2,3}}\s){{0,2}}[{UPPER}][\w'’-]+")
JOINED = re.compile(r",?\s+(?:and|&|und|et|y)\s+", re.I)


def person(role: str, family: str, given: str) -> Name:
    """A person; a suffix among the given names goes to the family name, where references have it."""
    match = re.fullmatch(r"(.*[^\s,])[\s,]+(\S+)", given, re.S)
    if match and SUFFIX.fullmatch(match[2]):
        return Name(role, f"{family} {match[2]}", match[1])
    return Name(role, family, given)


def read_name(text: str, role: str = "author") -> ReadName:
    """The Name in `text`, and whether it had to be guessed.

    Takes ``Family, Given`` and ``Family, Given, Suffix`` (RIS), ``Family, Suffix, Given`` (BibTeX), ``Given Family``,
    ``Family AB`` (PubMed); and organisations, which EndNote marks with a comma at the end, or two commas within.
    """
    if ",," in text:
        return ReadName(Name(role, literal=text.replace(",,", ",").strip(" ,")), False)
    family, *rest = [part.strip() for part in text.split(",")]
    if not rest:
        return _without_comma(text, role)
    rest = [part for part in rest if part]
    if not rest or not family:
        return ReadName(Name(role, literal=text.strip(" ,")), False)
    if is_organisation(family, rest):
        return ReadName(Name(role, literal=text.strip()), True)
    names = [part for part in rest if not DEGREE.fullmatch(part) and not LIFE.fullmatch(part)]
    has_more = len(names) < len(rest) and len(rest) > 1
    if len(names) > 1 and SUFFIX.fullmatch(names[0]):
        names = [*names[1:], names[0]]
    given, *suffixes = names or rest
    if len(suffixes) > 1 or (suffixes and not SUFFIX.fullmatch(suffixes[0])):
        return ReadName(Name(role, literal=text), True)
    is_double = all(
        len(re.findall(rf"[{UPPER}][a-zà-ÿ]+", part)) > 1 and part[:1].isupper() for part in [family, given]
    )
    return ReadName(person(role, " ".join([family, *suffixes]), given), has_more or is_double)


def is_organisation(family: str, rest: list[str]) -> bool:
    """Whether what stands before and after a comma is one body: ``Department for Education, England``."""
    if any(COUNTRY.fullmatch(part) or COMPANY.fullmatch(part) for part in rest):
        return True
    if all(INITIALS.fullmatch(part) or SUFFIX.fullmatch(part) for part in rest):
        return False
    family = re.sub(r"^(?:[a-zà-ÿ]{1,4}[\s'’]+)+", "", family)  # “de School” is a person
    parts = [family, *(re.sub(r"\s+[23]n?r?d$", "", part) for part in rest)]
    return any(" " in part and ORGANISATION.search(part) for part in parts)


def read_names(text: str, role: str = "author") -> ReadNames:
    """All the Names in `text`, which should have been one but may be a list; and as above.

    Lists have semicolons, or commas as in PubMed (``Smith J, Jones P``), or “and” before the last; they may end with
    “et al.”. “(Ed.)” behind a name says its role.
    """
    bare = OTHERS.sub("", text)
    has_others, bare = bare != text, bare.strip(" ,;&") if bare != text else text
    if not bare:
        return ReadNames([], False, has_others)
    found = pieces(bare)
    if len(found) == 1:
        name, is_guess = _in_its_role(bare, role)
        return ReadNames([name], is_guess, has_others)
    return ReadNames([_in_its_role(piece, role).name for piece in found], True, has_others)


def is_one_name(text: str) -> bool:
    """Whether `text` names one person or organisation, and is no list of them."""
    return len(pieces(text)) == 1


def _in_its_role(text: str, role: str) -> ReadName:
    match = ROLE_MARK.search(text)
    if not match or not text[: match.start()].strip() or (text[match.start()] == "," and match[1][0].isupper()):
        return read_name(text, role)
    name, _ = read_name(text[: match.start()], MARKED_ROLES.get(match[1][0].lower(), role))
    return ReadName(name, True)


def pieces(text: str) -> list[str]:
    """`text` as one name each, or whole."""
    if ";" in text:
        return [part.strip() for part in text.split(";") if part.strip(" ,")] or [text]
    by_slash = re.split(r"\s*/\s*", text)
    if len(by_slash) > 1 and all("," in part for part in by_slash):
        return by_slash
    if ",," in text:
        return [text]
    is_joined = bool(JOINED.search(text))
    parts = [part.strip() for part in JOINED.sub(", ", text).split(",")] if is_joined else text.split(",")
    parts = [part.strip() for part in parts]
    if len(parts) < 2 or not all(parts):
        return [text]
    if all(map(FAMILY_FIRST.fullmatch, parts)):
        return parts
    if all(map(INITIALS_FIRST.fullmatch, parts)):
        return parts
    in_pairs = [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=False)]
    if len(parts) > 3 and len(parts) % 2 == 0 and all(map(INITIALS.fullmatch, parts[1::2])):
        return in_pairs
    if ORGANISATION.search(" ".join(parts)):
        return [text]
    if len(parts) > 3 and len(parts) % 2 == 0 and not any(" " in part or SUFFIX.fullmatch(part) for part in parts):
        return in_pairs
    if (is_joined or len(parts) > 2) and all(map(FULL_NAME.fullmatch, parts)):
        return parts
    return [text]


def _without_comma(text: str, role: str) -> ReadName:
    words = text.split()
    close = re.fullmatch(rf"((?:[{UPPER}]\.)+)([{UPPER}][\w'’-]+)", text.strip())
    if close:  # J.Smith
        return ReadName(Name(role, close[2], close[1]), True)
    if len(words) < 2 or len(words) > 5 or ORGANISATION.search(text) or text == text.upper():
        return ReadName(Name(role, literal=text), False)
    if len(words) > 2 and SUFFIX.fullmatch(words[-1]):
        name, is_guess = _without_comma(" ".join(words[:-1]), role)
        return ReadName(person(role, name.family, f"{name.given} {words[-1]}") if name.family else name, is_guess)
    short = next((place for place in range(1, len(words)) if all(map(SHORT.fullmatch, words[place:]))), 0)
    if short and not SHORT.fullmatch(words[0]):
        return ReadName(Name(role, " ".join(words[:short]), " ".join(words[short:])), False)
    return ReadName(given_first(words, role), True)


def given_first(words: list[str], role: str) -> Name:
    """``Anna``, ``van``, ``Dyck`` -> the family name begins with the first particle in small letters."""
    small = [place for place, word in enumerate(words[:-1]) if word[:1].islower()]
    start = small[0] if small else len(words) - 1
    if SUFFIX.fullmatch(words[-1]) and len(words) > 2 and not small:
        start -= 1
    return Name(role, " ".join(words[start:]), " ".join(words[:start]))
