"""A work as a reference in a reading list, in three styles.

Harvard as in *Cite Them Right* (12th edition, 2022), APA (7th edition, 2020), and Vancouver as in *Citing Medicine*
(2nd edition, 2015).

A reference is a list of runs of letters, italic or not, so that each output escapes and marks them in its own way.
docs/references.md says what each style does and where we leave it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from curation.text import without_accents
from sources.bibliography import names
from sources.bibliography.identifiers import doi_url
from sources.bibliography.names import curly
from sources.bibliography.record import Citable, NameParts
from sources.bibliography.titles import abbreviated, sentence_case

STYLES = {"harvard": "Harvard", "apa": "APA", "vancouver": "Vancouver"}

ARTICLES = {"article-journal", "article-magazine", "article-newspaper"}
IN_A_BOOK = {"chapter", "paper-conference"}
DATED_TO_THE_DAY = {"article-magazine", "article-newspaper", "webpage"}
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
EDITION = re.compile(rf"(?:([0-9]{{1,3}})(?:st|nd|rd|th)?|({'|'.join(ORDINALS)}))(?: ?(?:edn|ed|edition)\.?)?", re.I)

# While a reference is put together, these stand around what is italic.
ITALIC, ROMAN = "\ud800", "\ud801"  # which no database keeps, and so no work has
ENDED = (".", "?", "!")


W = TypeVar("W", bound=Citable)


class Run(NamedTuple):
    text: str
    is_italic: bool


class Listed(NamedTuple, Generic[W]):
    """A reference of a list. `mark` tells it from the others: the letter after its year, or its number."""

    work: W
    mark: str
    runs: list[Run]


def reference(work: Citable, style: str, mark: str = "") -> list[Run]:
    """`work` as runs in `style`, one of STYLES; joined, they end with a full stop or an address.

    `mark` is the letter that goes after the year (Harvard, APA), or the number before it all (Vancouver).
    """
    return _runs({"harvard": _harvard, "apa": _apa, "vancouver": _vancouver}[style](work, mark))


def citation(work: Citable, style: str, mark: str = "") -> list[Run]:
    """What running text says of the work: ``(Hudson, 2002)``, or in Vancouver the number that is its mark; as runs."""
    if style == "vancouver":
        return [Run(f"({mark})", False)]
    apa = style == "apa"
    people, _ = _lead(work)
    if people:
        shown = [names.short(name) for name in people]
        if apa:
            who = " & ".join(shown) if len(shown) < 3 else f"{shown[0]} et al."
        else:
            who = _harvard_names(people, names.short)
    elif apa and _is_part(work):
        return _runs(f"(“{_cased(work, 1, after_colon=True)},” {_apa_year(work, mark)})")
    else:
        who = _apa_title(work) if apa else _harvard_lead(work)
    year = _apa_year(work, mark) if apa else _harvard_year(work, mark).strip("()")
    return _runs(f"({who}, {year})")


def reference_list(works: Iterable[W], style: str) -> list[Listed[W]]:
    """`works` as Listed, as `style` orders them: by author, year and title; in Vancouver as they come, numbered.

    Works that Harvard and APA could not tell apart in running text get letters after their years.
    """
    works = list(works)
    if style == "vancouver":
        numbered = [(work, str(number)) for number, work in enumerate(works, start=1)]
        return [Listed(work, number, reference(work, style, number)) for work, number in numbered]
    alike: dict[tuple[str, str], list[W]] = {}
    for work in sorted(works, key=lambda work: _sort_key(work, style)):
        alike.setdefault((_named(work, style), work.year), []).append(work)
    listed = [
        Listed(work, mark, reference(work, style, mark))
        for group in alike.values()
        for work, mark in zip(group, _letters(len(group)), strict=True)
    ]
    return sorted(listed, key=lambda one: _sort_key(one.work, style))


def as_text(runs: Iterable[Run]) -> str:
    return "".join(text for text, _ in runs)


def year_in_brackets(work: Citable) -> str:
    """``(2003)``, ``[2005]`` when it is approximate, ``(no date)``."""
    return _harvard_year(work)


def page_range(pages: str) -> str:
    return pages.replace("-", "–")


# What the styles share


def _italic(text: str) -> str:
    return f"{ITALIC}{text}{ROMAN}" if text else ""


def _runs(text: str) -> list[Run]:
    runs = re.findall(f"{ITALIC}([^{ITALIC}{ROMAN}]*){ROMAN}|([^{ITALIC}{ROMAN}]+)", text)
    return [Run(italic or roman, bool(italic)) for italic, roman in runs if italic or roman]


def _stopped(text: str, american: bool = False) -> str:
    """`text` with a full stop, unless it ends with a mark that does for one."""
    bare = text.rstrip(ROMAN)
    if bare.rstrip("”").endswith(ENDED):
        return text
    if american and bare.endswith("”"):
        return f"{bare[:-1]}.”{text[len(bare) :]}"
    return f"{text}."


def _sentences(*parts: str, american: bool = False) -> str:
    return " ".join(_stopped(part, american) for part in parts if part)


def _join(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


def _bracketed(text: str) -> str:
    return f"({text})" if text else ""


def _is_part(work: Citable) -> bool:
    return work.csl_type in ARTICLES | IN_A_BOOK and bool(work.container_title)


def _lead(work: Citable) -> tuple[Sequence[NameParts], str]:
    """The people under whose name the work is listed, and their role."""
    for role in ("author", "compiler", "editor"):
        people = work.people(role)
        if people:
            return people, role
    return [], ""


def _date(work: Citable) -> list[int]:
    """The parts of the date that are known: year, month, day."""
    return [int(part) for part in work.issued.split("-")] if work.issued else []


def _month(number: int, form: str) -> str:
    return date(2000, number, 1).strftime(form)


def _ordinal(edition: str, word: str) -> str:
    """``2``, ``2nd``, ``2nd edition``, ``Second`` -> ``2nd``, with the word that the style uses; others as they are."""
    match = EDITION.fullmatch(edition.strip())
    if not match:
        return edition
    number = int(match[1]) if match[1] else ORDINALS.index(match[2].lower()) + 1
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} {word}"


def _unstopped(title: str) -> str:
    """`title` without a full stop at its end, which the style sets; that of an abbreviation such as “U.K.” stays."""
    title = title.rstrip()
    last = title.rsplit(maxsplit=1)[-1:]
    return title[:-1] if last and last[0].endswith(".") and last[0].count(".") == 1 else title


def _cased(work: Citable, level: int, after_colon: bool = False, title: str | None = None) -> str:
    """The title of `work`, or another `title` in its reference, in sentence case and typeset; of a law as it is."""
    title = _unstopped(work.title if title is None else title)
    language = getattr(work, "language", "").lower()
    if work.csl_type != "legislation" and (not language or language.startswith("en")):
        title = sentence_case(title, after_colon)
    return curly(title, level)


def _container(work: Citable, level: int, after_colon: bool = False) -> str:
    """What the work is part of: a book in sentence case; a journal, a meeting and a site by their names."""
    if work.csl_type == "chapter":
        return _cased(work, level, after_colon, work.container_title)
    return curly(_unstopped(work.container_title), level)


# The works on record have neither a code nor a version here, and are based on nothing of ours.


def _version(work: Citable) -> str:
    version = getattr(work, "version", "")
    return f"Version {version}" if version else ""


def _entry(work: Citable, version: str = "version") -> str:
    """What a page of this site is among its others and its earlier wordings: ``F23, version 1``."""
    code, number = getattr(work, "entry_code", ""), getattr(work, "version", "")
    return code and _join(", ", code, f"{version} {number}" if number else "")


def _basis(work: Citable) -> str:
    return getattr(work, "based_on", "")


def _publisher(work: Citable) -> str:
    """The publisher, unless the site or series that it is part of says so already."""
    return "" if work.publisher == work.container_title else work.publisher


def _several_pages(work: Citable) -> bool:
    return any(sign in work.pages for sign in "-–,")


def _pages(work: Citable, several: str = "pp.", one: str = "p.") -> str:
    return f"{several if _several_pages(work) else one} {page_range(work.pages)}" if work.pages else ""


def _year_is_in_title(work: Citable) -> bool:
    return work.csl_type == "legislation" and work.year in work.title


def _named(work: Citable, style: str) -> str:
    """The names as the reference begins with them, or what stands in their place."""
    people, _ = _lead(work)
    return _apa_names(people) if style == "apa" and people else _harvard_lead(work)


def _sort_key(work: Citable, style: str) -> tuple[list[str], str, str]:
    people, _ = _lead(work)
    shown = [names.inverted(name) for name in people] or [_named(work, style)]
    return [_plain(name) for name in shown], work.issued[:4], _plain(work.title)


def _plain(text: str) -> str:
    """`text` as a reader looks it up: without accents, capitals and signs."""
    return re.sub(r"[^\w\s]", "", without_accents(text.casefold()))


def _letters(count: int) -> list[str]:
    """``a``, ``b`` … ``z``, ``aa``; nothing for a single one."""
    if count == 1:
        return [""]
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return [(alphabet[place // 26 - 1] if place >= 26 else "") + alphabet[place % 26] for place in range(count)]


# Harvard


def _harvard(work: Citable, mark: str) -> str:
    _, role = _lead(work)
    lead, title = _harvard_lead(work), _harvard_title(work)
    is_article, is_in_a_book = work.csl_type in ARTICLES, work.csl_type in IN_A_BOOK
    year = "" if _year_is_in_title(work) else _harvard_year(work, mark)
    first = _join(" ", lead, year, "" if title == lead else title)
    if work.volume and not is_article and not is_in_a_book:
        first += f", vol. {work.volume}"
    container = _italic(_container(work, 0))
    editors = [] if role == "editor" else work.people("editor")
    if is_in_a_book and container and editors:
        shown = _harvard_names(editors, names.in_order)
        container = f"in {shown} {_label(editors, '(ed.)', '(eds)')} {container}"
    elif container in (lead, _italic(lead)):
        container = ""
    secondary = {"Edited by": [] if is_in_a_book else editors, "Translated by": work.people("translator")}
    others = [f"{words} {_harvard_names(found, names.in_order)}" for words, found in secondary.items() if found]
    separator = " " if title == lead and work.csl_type == "webpage" else ", "
    text = _sentences(
        _join(separator, first, container, f"based on {_basis(work)}" if _basis(work) else ""),
        _ordinal(work.edition, "edn"),
        *others,
        "" if _entry(work) else _version(work),
        work.series if work.csl_type == "report" else "",
        _harvard_imprint(work),
    )
    where = _harvard_place(work)
    if where:
        text = f"{text.removesuffix('.')}, {where}."
    if work.doi:
        return f"{text} Available at: {doi_url(work.doi)}"
    if work.url and work.accessed_on:
        return f"{text} Available at: {work.url} (Accessed: {work.accessed_on:%-d %B %Y})."
    return f"{text} Available at: {work.url}" if work.url else text


def _harvard_year(work: Citable, mark: str = "") -> str:
    if not work.issued:
        return f"({_join(' ', 'no date', mark)})"
    return f"[{work.year}{mark}]" if work.issued_is_approximate else f"({work.year}{mark})"


def _harvard_lead(work: Citable) -> str:
    people, role = _lead(work)
    if people:
        label = {"editor": ("(ed.)", "(eds)"), "compiler": ("(comp.)", "(comps)")}.get(role, ("", ""))
        return _join(" ", _harvard_names(people, names.inverted), _label(people, *label))
    if work.csl_type in ARTICLES and work.container_title:
        return _italic(_container(work, 0))
    return _harvard_title(work)


def _harvard_title(work: Citable) -> str:
    if work.csl_type in ARTICLES | IN_A_BOOK or _entry(work):
        return _join(" ", f"‘{_cased(work, 1)}’", _bracketed(_entry(work)))
    return _italic(_cased(work, 0))


def _harvard_names(people: Sequence[NameParts], form: Callable[[NameParts], str]) -> str:
    shown = [form(name) for name in people]
    return names.listed(shown) if len(shown) <= 3 else f"{shown[0]} {_italic('et al.')}"


def _label(people: Sequence[NameParts], one: str, several: str) -> str:
    return one if len(people) == 1 else several


def _harvard_imprint(work: Citable) -> str:
    if work.csl_type in ARTICLES:
        return ""
    place = "" if work.csl_type == "thesis" else work.place
    series = f"({work.series})" if work.series and work.csl_type != "report" else ""
    return _join(" ", _join(": ", place, _publisher(work)), series)


def _harvard_place(work: Citable) -> str:
    """Where in the whole a part is found."""
    if work.csl_type not in ARTICLES | IN_A_BOOK:
        return ""
    volume = issued = ""
    if work.csl_type == "article-journal":
        volume = work.volume + (f"({work.issue})" if work.issue else "")
    elif work.csl_type in ARTICLES:
        day = _date(work)[1:]
        issued = _join(" ", *[str(part) for part in day[1:]], *[_month(part, "%B") for part in day[:1]])
    return _join(", ", volume, issued, _pages(work))


# APA


def _apa(work: Citable, mark: str) -> str:
    people, role = _lead(work)
    lead = _apa_names(people)
    if role != "author" and people:
        label = {"editor": ("(Ed.)", "(Eds.)"), "compiler": ("(Compiler)", "(Compilers)")}[role]
        lead += f" {_label(people, *label)}"
    issued = "" if _year_is_in_title(work) else f"({_apa_date(work, mark)})"
    title, container = _apa_title(work), _italic(_container(work, 1, after_colon=True))
    edition = _ordinal(work.edition, "ed.")
    publisher = "" if work.publisher == lead else _publisher(work)
    editors = [] if role == "editor" else work.people("editor")
    if _is_part(work) and work.csl_type in ARTICLES:
        volume = _italic(work.volume) + (f"({work.issue})" if work.issue else "")
        rest = [_join(", ", container, volume, page_range(work.pages))]
    elif _is_part(work):
        shown = f"{_apa_in_order(editors)} {_label(editors, '(Ed.)', '(Eds.)')}, " if editors else ""
        rest = [_join(" ", f"In {shown}{container}", _bracketed(_join(", ", edition, _pages(work)))), publisher]
    else:
        secondary = [(editors, ("Ed.", "Eds.")), (work.people("translator"), ("Trans.", "Trans."))]
        others = [f"{_apa_in_order(found)}, {_label(found, *label)}" for found, label in secondary if found]
        volume = f"Vol. {work.volume}" if work.volume else ""
        version = _entry(work, "Version") or _version(work)
        details = _join("; ", *others, _join(", ", edition, volume, version, work.series))
        title = _join(" ", title, _bracketed(details))
        site = _container(work, 1)
        rest = ["" if site == lead else site, "" if work.csl_type == "legislation" else publisher]
        rest.append(f"Based on {_basis(work)}" if _basis(work) else "")
    text = _sentences(*([lead, issued, title] if people else [title, issued]), *rest, american=True)
    if work.doi:
        return f"{text} {doi_url(work.doi)}"
    if work.url and work.accessed_on and not work.issued:
        return f"{text} Retrieved {work.accessed_on:%B %-d, %Y}, from {work.url}"
    return _join(" ", text, work.url)


def _apa_title(work: Citable) -> str:
    title = _cased(work, 1, after_colon=True)
    return title if _is_part(work) or work.csl_type == "legislation" else _italic(title)


def _apa_names(people: Sequence[NameParts]) -> str:
    shown = [names.inverted(name, between=" ") for name in people]
    if len(shown) > 20:
        return f"{', '.join(shown[:19])}, … {shown[-1]}"
    return ", & ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _apa_in_order(people: Sequence[NameParts]) -> str:
    shown = [names.in_order(name, between=" ") for name in people]
    return " & ".join(shown) if len(shown) < 3 else f"{', '.join(shown[:-1])}, & {shown[-1]}"


def _apa_year(work: Citable, mark: str) -> str:
    if not work.issued:
        return _join("-", "n.d.", mark)
    return f"{'ca. ' if work.issued_is_approximate else ''}{work.year}{mark}"


def _apa_date(work: Citable, mark: str) -> str:
    day = _date(work)[1:] if work.csl_type in DATED_TO_THE_DAY else []
    words = _join(" ", *[_month(part, "%B") for part in day[:1]], *[str(part) for part in day[1:]])
    return _join(", ", _apa_year(work, mark), words)


# Vancouver


def _vancouver(work: Citable, mark: str) -> str:
    people, role = _lead(work)
    title, container = _cased(work, 1), _container(work, 1)
    edition = _join(". ", _ordinal(work.edition, "ed."), "" if _entry(work) else _version(work))
    is_site = work.csl_type == "webpage" and container
    internet = "[Internet]" if _is_read_online(work) else ""
    lead = _vancouver_names(people, role)
    sentences = ["" if is_site and lead == container else lead]
    others = [
        _vancouver_names(work.people(other), other)
        for other in ("editor", "translator")
        if work.people(other) and other != role
    ]
    if work.csl_type in ARTICLES and container:
        sentences += [title, _join(" ", abbreviated(container), internet), _vancouver_place(work)]
    else:
        if is_site:
            sentences += [_join(" ", container, internet), edition]
        elif _is_part(work):
            sentences += [title, *_within(others, [_join(" ", container, internet), edition])]
        else:
            volume = f"Vol. {work.volume}" if work.volume else ""
            sentences += [_join(" ", title, internet), edition, volume, *others]
        sentences.append(_join("; ", _join(": ", work.place, work.publisher), _vancouver_date(work)))
        if work.csl_type in IN_A_BOOK and work.pages:
            sentences.append(f"p. {_shortened(work.pages)}")
        sentences += [_join(" ", title, _bracketed(_entry(work))) if is_site else "", _bracketed(work.series)]
        sentences.append(f"Based on {_basis(work)}" if _basis(work) else "")
    text = _join(" ", f"{mark}." if mark else "", _sentences(*sentences, american=True))
    if internet:
        text += f" Available from: {work.url}"
    return f"{text} doi: {work.doi}" if work.doi else text


def _is_read_online(work: Citable) -> bool:
    """Whether the address says where it was read: the DOI of an article says enough."""
    return bool(work.url) and not (work.csl_type == "article-journal" and work.doi)


def _within(others: list[str], book: list[str]) -> list[str]:
    first, *rest = [part for part in [*others, *book] if part]
    return [f"In: {first}", *rest]


def _vancouver_names(people: Sequence[NameParts], role: str) -> str:
    shown = [names.inverted(name, " ", stop="") for name in people]
    shown = [*shown[:6], "et al"] if len(shown) > 6 else shown
    label = "" if role == "author" or not people else _label(people, role, f"{role}s")
    return _join(", ", *shown, label)


def _vancouver_date(work: Citable) -> str:
    parts = _date(work)
    known = {"report": 2}.get(work.csl_type, 3 if work.csl_type in ARTICLES | {"legislation"} else 1)
    month = [_month(part, "%b") for part in parts[1:2]]
    issued = " ".join([*filter(None, [work.year]), *month, *map(str, parts[2:])][:known])
    if not issued:
        issued = "" if work.csl_type in ARTICLES else "[date unknown]"
    elif work.issued_is_approximate:
        issued = f"[{issued}?]"
    cited = f"[cited {work.accessed_on:%Y %b %-d}]" if _is_read_online(work) and work.accessed_on else ""
    return _join(" ", issued, cited)


def _vancouver_place(work: Citable) -> str:
    volume = work.volume + (f"({work.issue})" if work.issue else "")
    pages = _shortened(work.pages)
    if work.csl_type == "article-newspaper":
        return _join(":", _vancouver_date(work), pages)
    return _join(";", _vancouver_date(work), _join(":", volume, pages))


def _shortened(pages: str) -> str:
    """``201-219`` -> ``201-19``: of the last page only the digits that differ."""

    def short(match: re.Match[str]) -> str:
        first, last = match[1], match[2]
        if len(first) == len(last) and first < last:
            last = last[next(place for place in range(len(last)) if first[place] != last[place]) :]
        return f"{first}-{last}"

    return re.sub(r"\b([0-9]+)[-–]([0-9]+)\b", short, pages)
