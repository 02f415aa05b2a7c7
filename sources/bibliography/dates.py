"""Dates as reference managers, databases and people write them."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_WORD = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
CIRCA = re.compile(r"\b(?:circa|approx(?:imately|\.)?|ca?[.\s]|ca(?=[0-9]))\s*|\[(?=[0-9]{4})|(?<=[0-9])[?~%]", re.I)
ABOUT = re.compile(r"circa|approx|\bca?\b\.?$|\?", re.I)
NOISE = re.compile(r"[\[\]©]|\bc(?=[0-9])|\bcopyright\b|\bcop\.", re.I)  # c2003: how catalogues write ©
TIME = re.compile(r"(?<=[0-9])(?:T[0-9]{2}:?| +[0-9]{2}:)[0-9]{2}[0-9:.]*(?:Z| ?[+-][0-9:]+)?$")
CLOCK = re.compile(r"^[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$")

# Each names the groups it finds; what a pattern matches beyond them (a second month, an end of a span) is lost.
WHOLE = [
    re.compile(pattern, re.I)
    for pattern in [
        r"(?P<y>[0-9]{4})",
        r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})",
        r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})",
        r"(?P<y>(?:1[5-9]|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})?",  # the basic form of ISO 8601
        rf"(?P<y>[0-9]{{4}})[\s,/-]+(?P<w>{MONTH_WORD})(?:[\s,/-]+(?P<d>[0-9]{{1,2}}))?",
        rf"(?:(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s,/-]+)?(?P<w>{MONTH_WORD})[\s,/-]+(?P<y>[0-9]{{4}})",
        rf"(?P<w>{MONTH_WORD})[\s-]+(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<y>[0-9]{{4}})",
        rf"(?P<y>[0-9]{{4}})[\s,/-]+(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s,/-]+(?P<w>{MONTH_WORD})",
        r"(?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})",
        r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})",  # with full stops, the day is always first
        # Day and month in either order, where only one of them can be the month.
        r"(?P<d>1[3-9]|2[0-9]|3[01])[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<y>[0-9]{4})",
        r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<d>1[3-9]|2[0-9]|3[01])[-/.](?P<y>[0-9]{4})",
        r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<d>(?P=m))[-/.](?P<y>[0-9]{4})",
    ]
]
PART = [
    re.compile(pattern, re.I | re.S)
    for pattern in [
        rf"(?P<y>[0-9]{{4}})[\s,/-]+(?P<w>{MONTH_WORD})\b.*",
        rf"(?:[0-9]{{1,2}}\s+)?(?P<w>{MONTH_WORD})\s*[-–/].*\b(?P<y>[0-9]{{4}})",
        r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})(?:-(?P<d>[0-9]{2}))?/.*",
        r"(?P<y>1[5-9][0-9]{2}|20[0-9]{2})[0-9]{4}",
        r"(?:.*?[^0-9])??(?P<y>1[5-9][0-9]{2}|20[0-9]{2})(?:[^0-9].*)?",
    ]
]


@dataclass(frozen=True)
class Date:
    """`issued` as 2003, 2003-05 or 2003-05-12; `is_whole` when the text said no more than that."""

    issued: str
    is_approximate: bool = False
    is_whole: bool = True


def read_date(text: str) -> Date | None:
    """The date that `text` means, or None if it names no year.

    Understands ISO 8601 and the extended form of BibLaTeX (``2003~``), RIS (``2003/05/12/other``), PubMed
    (``2003 May-Jun``) and dates in English words. Of ``12/05/2003`` only the year is sure, of ``13/05/2003`` all.
    """
    text = TIME.sub("", text.strip()[:200])
    text = re.sub(r"(?<=[0-9]{6})/{1,3}$", "", text)  # 20130412//
    text = re.sub(r"^([0-9]{4}(?:-(?!00)[0-9]{2})?)(?:-00){1,2}\b", r"\1", text)  # a month or a day that is not known
    slashed = re.fullmatch(r"([0-9]{4})/([0-9]{0,2})/([0-9]{0,2})(?:/(.*))?", text, re.S)
    other = ""
    if slashed:
        year, month, day, other = slashed.groups(default="")
        text, other = "-".join(filter(None, [year, month, month and day])), CLOCK.sub("", other.strip())
    is_approximate = bool(CIRCA.search(text) or ABOUT.search(other))
    bare = NOISE.sub("", CIRCA.sub("", text)).strip(" .,;-")
    for pattern in WHOLE:
        match = pattern.fullmatch(bare)
        issued = match and _issued(match.groupdict())
        if issued:
            return Date(issued, is_approximate, is_whole=not other or is_approximate)
    for pattern in PART:
        match = pattern.fullmatch(bare)
        if match:
            parts = match.groupdict()
            return Date(_issued(parts) or parts["y"], is_approximate, is_whole=False)
    return None


def _issued(parts: dict[str, str | Any]) -> str:
    """The normal form, or nothing if there is no such day."""
    year, month, day = parts["y"], parts.get("m"), parts.get("d")
    if word := parts.get("w"):
        month = str(MONTHS.index(word[:3].lower()) + 1)
    try:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""
    return whole[: 10 if day else 7 if month else 4]
