"""What was said of a work after it came out: that it was retracted, corrected or is in doubt.

Read from the line of a database (MEDLINE's “Retraction in”), from a title, and from the updates that Crossref lists.
"""

import re
from dataclasses import dataclass

from curation.text import tidy
from sources.bibliography.dates import read_date
from sources.bibliography.identifiers import DOI, normalise_doi

KINDS = ("retracted", "corrected", "concern")
WORDS = {"retracted": "Retracted", "corrected": "Corrected", "concern": "Expression of concern"}


@dataclass(frozen=True)
class Notice:
    """A notice about a work. `kind` is one of KINDS; `date` is as much as is known: 2006, 2006-01 or 2006-01-31.

    `doi` and `url` lead to the notice, not to the work. `detail` is what else is known of it, in the words of whoever
    reported it.
    """

    kind: str
    date: str = ""
    doi: str = ""
    url: str = ""
    detail: str = ""


# What stands before a notice in a note, in MEDLINE's words and in ours -> its kind.
HEADINGS = {
    "retracted": r"retracted(?: and republished)? in|retraction (?:published )?in|retraction notice|retracted",
    "corrected": r"corrected and republished in|erratum in|correction in|corrigendum in|corrected",
    "concern": r"expression of concern(?: in)?",
}
LINE = re.compile(
    "(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in HEADINGS.items()) + r")\s*(.*)", re.I | re.S
)
# A line that only begins like one (“Corrected proof …”) is none: behind the words come a mark, a date or nothing.
BEHIND = re.compile(r"$|[:.(]|(?:on |in )?(?:[0-9]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.I)
PUBMED_ID = re.compile(r"\bPMID:?\s*([0-9]{1,9})\b", re.I)
ADDRESS = re.compile(r"https?://\S+", re.I)
IN_BRACKETS = re.compile(r"\(([0-9]{4}(?:-[0-9]{2}){0,2})\):?\s*")
CITED_DATE = re.compile(
    r"\b((?:19|20)[0-9]{2}(?: (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: [0-9]{1,2})?)?)\b"
)
ENGLISH_DATE = re.compile(
    r"\b([0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:19|20)[0-9]{2})\b"
)

RETRACTED_TITLE = re.compile(
    r"^\W*(?:retracted|withdrawn)(?: (?:article|paper|chapter|publication))?\s*[\])}:–—]|"
    r"[\[(]\s*(?:retracted|withdrawn)(?: (?:article|paper|chapter|publication))?\b(?P<detail>[^\])]*)[\])]\W*$",
    re.I,
)
CONCERN_TITLE = re.compile(r"^[\[(]expression of concern[\])]|[\[(]expression of concern[\])]\W*$", re.I)
ABOUT_ANOTHER = re.compile(
    r"^\W*(?:retraction(?: notice| note| statement)?|expression of concern|correction|corrigend(?:um|a)|errat(?:um|a))"
    r"(?:\s*[:–—]|\s+(?:to|for|of)\b)",
    re.I,
)


def told(notice: Notice) -> str:
    """What a librarian is told of it."""
    words = {
        "retracted": "The work was retracted",
        "corrected": "The work was corrected",
        "concern": "An expression of concern about the work was published",
    }[notice.kind]
    where = notice.url or (notice.doi and f"doi:{notice.doi}")
    about = "; ".join(filter(None, [notice.date, where, notice.detail]))
    return f"{words} ({about})." if about else f"{words}."


def written(notice: Notice) -> str:
    """A notice as a line of a note, which `read_line` reads."""
    date = f" ({notice.date})" if notice.date else ""
    parts = [tidy(notice.detail), notice.doi and f"doi: {notice.doi}", notice.url]
    return f"{WORDS[notice.kind]}{date}: {' '.join(filter(None, parts))}".strip()


def read_line(text: str) -> Notice | None:
    """The notice that a line of a note is: one that begins with “Retracted:”, “Retraction in:” or the like."""
    match = LINE.fullmatch(tidy(text))
    if not match or not BEHIND.match(match[match.lastindex or 0]):
        return None
    kind = next(kind for kind in KINDS if match[kind])
    return cited(kind, match[match.lastindex or 0].lstrip(": "))


def cited(kind: str, text: str) -> Notice:
    """A notice from how a database cites it: ``J Care. 2006 Jan;20(1):5. doi: 10.5555/x. PMID: 90000005``."""
    text = tidy(text)
    bracketed = IN_BRACKETS.match(text)
    rest = text[bracketed.end() :] if bracketed else text
    doi = next(filter(None, (_doi(match[0]) for match in DOI.finditer(rest))), "")
    pubmed, address = PUBMED_ID.search(rest), ADDRESS.search(rest)
    url = f"https://pubmed.ncbi.nlm.nih.gov/{pubmed[1]}/" if pubmed else ""
    if address and "doi.org/" not in address[0].lower():
        url = address[0].rstrip(".,;)")
    if bracketed:
        date = bracketed[1]
    else:
        dated = ENGLISH_DATE.search(rest) or CITED_DATE.search(rest)
        read = read_date(dated[1]) if dated else None
        date = read.issued if read else ""
    detail = rest
    if bracketed or address:
        detail = ADDRESS.sub("", re.sub(r"\bdoi:\s*\S+", "", rest, flags=re.I))
    return Notice(kind, date, doi, url, tidy(detail))


def _doi(text: str) -> str:
    try:
        return normalise_doi(text)
    except ValueError:
        return ""


def in_title(title: str) -> Notice | None:
    """The notice in a title such as “RETRACTED: Teams that talk” or “Teams that talk (Retracted Article. See 2006)”."""
    match = RETRACTED_TITLE.search(title)
    if match:
        detail = tidy((match["detail"] or "").strip(". "))
        found = cited("retracted", detail) if detail else Notice("retracted")
        return Notice("retracted", found.date, found.doi, found.url, detail or "its title says so")
    return Notice("concern", detail="its title says so") if CONCERN_TITLE.search(title) else None


def about_another(title: str) -> str:
    """What is to be said of a record that is itself a notice about another work; empty if it is none."""
    if not ABOUT_ANOTHER.match(title):
        return ""
    return "This looks like a notice about another work, and not like the work: look for that one."


UPDATES = {
    "concern": "concern",
    "retract": "retracted",
    "withdraw": "retracted",
    "remov": "retracted",
    "correct": "corrected",
    "corrig": "corrected",
    "errat": "corrected",
    "addend": "corrected",
    "clarif": "corrected",
}


def kind_of_update(name: str) -> str:
    """The kind of what Crossref calls an update (``retraction``, ``partial_retraction``, ``expression_of_concern``),
    empty for others, such as a new version."""
    if name.lower().startswith("partial"):
        return "corrected"
    return next((kind for part, kind in UPDATES.items() if part in name.lower()), "")
