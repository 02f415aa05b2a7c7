"""One contributor as a line of a file names them."""

import re

from sources.bibliography.record import Name

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


def read_name(text, role="author"):
    """The Name in `text`, and whether it had to be guessed.

    Takes ``Family, Given`` and ``Family, Given, Suffix`` (RIS), ``Family, Suffix, Given`` (BibTeX), ``Given Family``,
    ``Family AB`` (PubMed); and organisations, which EndNote marks with a comma at the end, or two commas within.
    """
    if ",," in text:
        return Name(role, literal=text.replace(",,", ",").strip(" ,")), False
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1:
        return _without_comma(text, role)
    family, *rest = parts
    rest = [part for part in rest if part]
    if not rest or not family:
        return Name(role, literal=text.strip(" ,")), False
    if len(rest) > 1 and SUFFIX.fullmatch(rest[0]):
        rest = [*rest[1:], rest[0]]
    given, *suffixes = rest
    if len(suffixes) > 1:
        return Name(role, literal=text), True
    return Name(role, " ".join([family, *suffixes]), given), False


def read_names(text, role="author"):
    """All the Names in `text`, which should have been one but may be a list with semicolons or commas; and as above."""
    if ";" in text:
        found = [read_name(part.strip(), role) for part in text.split(";") if part.strip(" ,")]
        return [name for name, _ in found], True
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3 and len(parts) % 2 == 0 and all(INITIALS.fullmatch(given) for given in parts[1::2]):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return [Name(role, family, given) for family, given in pairs], True
    name, is_guess = read_name(text, role)
    return [name], is_guess


def _without_comma(text, role):
    words = text.split()
    if len(words) < 2 or len(words) > 5 or ORGANISATION.search(text) or text == text.upper():
        return Name(role, literal=text), False
    if len(words[-1]) <= 3 and words[-1].isupper() and "." not in words[-1]:
        return Name(role, " ".join(words[:-1]), words[-1]), False
    return given_first(words, role), True


def given_first(words, role):
    """``Anna``, ``van``, ``Dyck`` -> the family name begins with the first particle in small letters."""
    small = [place for place, word in enumerate(words[:-1]) if word[:1].islower()]
    start = small[0] if small else len(words) - 1
    if SUFFIX.fullmatch(words[-1]) and len(words) > 2 and not small:
        start -= 1
    return Name(role, " ".join(words[start:]), " ".join(words[:start]))
