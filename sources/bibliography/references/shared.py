"""What the styles share: sentences, titles, dates, and the parts of a work that each of them puts in its own place."""

import re
from collections.abc import Sequence
from datetime import date

from sources.bibliography.names import curly
from sources.bibliography.record import Citable, NameParts
from sources.bibliography.titles import italic_parts, sentence_case, unstopped

ARTICLES = {"article-journal", "article-magazine", "article-newspaper"}
IN_A_BOOK = {"chapter", "paper-conference"}
ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth
""".split()
REVISIONS = {"revised": "rev.", "rev": "rev.", "international": "int.", "updated": "updated", "enlarged": "enl."}
EDITION = re.compile(
    rf"(?:([0-9]{{1,3}})(?:st|nd|rd|th)?\.?|({'|'.join(ORDINALS)}))(?: ({'|'.join(REVISIONS)})\.?)?"
    rf"(?: ?(?:edn|ed|edition)\.?)?(?:,? ({'|'.join(REVISIONS)})\.?)?",
    re.I,
)
# What stands where pages would is the number of an article, and not a page: e57410, 103885.
ARTICLE_NUMBER = re.compile(r"e[a-z-]{0,3}[0-9]{1,12}|[a-z]{1,4}[0-9]{4,12}|[0-9]{5,12}", re.I)

# While a reference is put together, these stand around what is italic.
ITALIC, ROMAN = "\ud800", "\ud801"  # which no database keeps, and so no work has
TURNED = str.maketrans(ITALIC + ROMAN, ROMAN + ITALIC)
MARKS = re.compile(f"[{ITALIC}{ROMAN}]")
ENDED = (".", "?", "!")


def page_range(pages: str) -> str:
    return pages.replace("-", "–")


def italic(text: str) -> str:
    """`text` in italics; what is in italics in it stands out by being upright."""
    return f"{ITALIC}{text.translate(TURNED)}{ROMAN}" if text else ""


def stopped(text: str, american: bool = False) -> str:
    """`text` with a full stop, unless it ends with a mark that does for one."""
    if MARKS.sub("", text).rstrip("”").endswith(ENDED):
        return text
    bare = text.rstrip(ITALIC + ROMAN)
    if american and bare.endswith("”"):
        return f"{bare[:-1]}.”{text[len(bare) :]}"
    return f"{text}."


def sentences(*parts: str, american: bool = False) -> str:
    return " ".join(stopped(part, american) for part in parts if part)


def join(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


def bracketed(text: str) -> str:
    return f"({text})" if text else ""


def is_part(work: Citable) -> bool:
    return work.csl_type in ARTICLES | IN_A_BOOK and bool(work.container_title)


def lead(work: Citable) -> tuple[Sequence[NameParts], str]:
    """The people under whose name the work is listed, and their role."""
    for role in ("author", "compiler", "editor"):
        people = work.people(role)
        if people:
            return people, role
    return [], ""


def dated(work: Citable) -> list[int]:
    """The parts of the date that are known: year, month, day."""
    return [int(part) for part in work.issued.split("-")] if work.issued else []


def month(number: int, form: str) -> str:
    return date(2000, number, 1).strftime(form)


def ordinal(edition: str, word: str) -> str:
    """``2``, ``2nd edition``, ``Second`` -> ``2nd``, ``Second, revised`` -> ``2nd rev.``, with the word that the style
    uses; others as they are."""
    match = EDITION.fullmatch(edition.strip())
    if not match:
        return edition
    number = int(match[1]) if match[1] else ORDINALS.index(match[2].lower()) + 1
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    revision = match[3] or match[4]
    return join(" ", f"{number}{ending}", REVISIONS[revision.lower()] if revision else "", word)


def cased(work: Citable, level: int, after_colon: bool = False, title: str | None = None) -> str:
    """The title of `work`, or another `title` in its reference, in sentence case and typeset; of a law as it is. Its
    own has its italics."""
    as_held = unstopped(work.title if title is None else title)
    language = getattr(work, "language", "").lower()
    is_lowered = work.csl_type != "legislation" and (not language or language.startswith("en"))
    typeset = curly(sentence_case(as_held, after_colon) if is_lowered else as_held, level)
    return typeset if title is not None else marked(typeset, as_held, work.title_italics)


def marked(typeset: str, title: str, words: str) -> str:
    """`title` as it was typeset, a letter for a letter, with marks around those of its `words` that are in italics."""
    if len(typeset) != len(title):
        return typeset
    return "".join(italic(text) if is_italic else text for text, is_italic in italic_parts(title, words, typeset))


def container(work: Citable, level: int, after_colon: bool = False) -> str:
    """What the work is part of: a book in sentence case; a journal, a meeting and a site by their names."""
    if work.csl_type == "chapter":
        return cased(work, level, after_colon, work.container_title)
    return curly(unstopped(work.container_title), level)


# The works on record have neither a code nor a version here, and are based on nothing of ours.


def version(work: Citable) -> str:
    version = getattr(work, "version", "")
    return f"Version {version}" if version else ""


def entry(work: Citable, version: str = "version") -> str:
    """What a page of this site is among its others and its earlier wordings: ``F23, version 1``."""
    code, number = getattr(work, "entry_code", ""), getattr(work, "version", "")
    return code and join(", ", code, f"{version} {number}" if number else "")


def basis(work: Citable) -> str:
    return getattr(work, "based_on", "")


def publisher(work: Citable) -> str:
    """The publisher, unless the site or series that it is part of says so already."""
    return "" if work.publisher == work.container_title else work.publisher


def several_pages(work: Citable) -> bool:
    return any(sign in work.pages for sign in "-–,")


def is_article_number(work: Citable) -> bool:
    return work.csl_type in ARTICLES and bool(ARTICLE_NUMBER.fullmatch(work.pages))


def pages(work: Citable, several: str = "pp.", one: str = "p.") -> str:
    if is_article_number(work):
        return work.pages
    return f"{several if several_pages(work) else one} {page_range(work.pages)}" if work.pages else ""


def year_is_in_title(work: Citable) -> bool:
    return work.csl_type == "legislation" and work.year in work.title


def label(people: Sequence[NameParts], one: str, several: str) -> str:
    return one if len(people) == 1 else several
