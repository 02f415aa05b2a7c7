"""DOI, ISBN and ISSN: read what people paste, check it, and write it one way.

Each function takes the text as typed and returns the normal form, or raises ValueError with a sentence that can be
shown to a librarian.
"""

import re
from urllib.parse import quote, unquote

DOI = re.compile(r"10\.\d{4,9}/\S+")


def normalise_doi(text: str) -> str:
    """``https://doi.org/10.1000/ABC`` or ``doi:10.1000/abc`` -> ``10.1000/abc``.

    DOIs are case-insensitive (DOI Handbook, 2.4), so they are kept in lower case.
    """
    text = text.strip()
    if re.match(r"https?://", text, re.IGNORECASE):
        text = unquote(re.sub(r"^https?://[^/]+/", "", text, flags=re.IGNORECASE))
    text = re.sub(r"^doi:\s*", "", text, flags=re.IGNORECASE).rstrip(".,;")
    if not DOI.fullmatch(text):
        raise ValueError(f"“{text}” is not a DOI. A DOI looks like 10.1080/13561820220104122.")
    return text.lower()


def doi_url(doi: str) -> str:
    return "https://doi.org/" + quote(doi, safe="/:;()._-")


def normalise_isbn(text: str) -> str:
    """Any printed form of an ISBN-10 or ISBN-13 -> the 13 digits (ISO 2108)."""
    digits = re.sub(r"^ISBN(-1[03])?:?", "", text.strip(), flags=re.IGNORECASE)
    digits = re.sub(r"[\s\-‐-―]", "", digits).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        if sum((10 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11:
            raise ValueError(f"The ISBN “{text}” has a wrong digit: its check digit does not fit.")
        body = "978" + digits[:9]
        return body + str(-_isbn13_sum(body) % 10)
    if not re.fullmatch(r"97[89]\d{10}", digits):
        raise ValueError(f"“{text}” is not an ISBN. An ISBN has 13 digits, or 10 in older books.")
    if _isbn13_sum(digits) % 10:
        raise ValueError(f"The ISBN “{text}” has a wrong digit: its check digit does not fit.")
    return digits


def _isbn13_sum(digits: str) -> int:
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))


def normalise_issn(text: str) -> str:
    """``issn 14699567`` -> ``1469-9567`` (ISO 3297)."""
    digits = re.sub(r"^E?ISSN:?", "", text.strip(), flags=re.IGNORECASE)
    digits = re.sub(r"[\s\-‐-―]", "", digits).upper()
    if not re.fullmatch(r"\d{7}[\dX]", digits):
        raise ValueError(f"“{text}” is not an ISSN. An ISSN has eight digits, such as 1469-9567.")
    if sum((8 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11:
        raise ValueError(f"The ISSN “{text}” has a wrong digit: its check digit does not fit.")
    return f"{digits[:4]}-{digits[4:]}"
