"""A work as a reference in a reading list, in three styles.

Harvard as in *Cite Them Right* (12th edition, 2022), APA (7th edition, 2020), and Vancouver as in *Citing Medicine*
(2nd edition, 2015).

A reference is a list of runs of letters, italic or not, so that each output escapes and marks them in its own way.
docs/references.md says what each style does and where we leave it.
"""

import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from curation.text import without_accents
from sources.bibliography import names
from sources.bibliography.record import Citable
from sources.bibliography.references import apa, harvard, shared, vancouver
from sources.bibliography.references.shared import ITALIC, ROMAN, page_range

__all__ = ["ITALIC", "ROMAN", "STYLES", "Listed", "Run", "as_text", "citation", "page_range", "reference"]
__all__ += ["reference_list", "title", "year_in_brackets"]

STYLES = {"harvard": "Harvard", "apa": "APA", "vancouver": "Vancouver"}
WRITERS = {"harvard": harvard.reference, "apa": apa.reference, "vancouver": vancouver.reference}

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
    return _runs(WRITERS[style](work, mark))


def title(work: Citable) -> list[Run]:
    """The title of `work` as it is held, typeset, as runs."""
    return _runs(shared.marked(names.curly(work.title), work.title, work.title_italics))


def citation(work: Citable, style: str, mark: str = "") -> list[Run]:
    """What running text says of the work: ``(Hudson, 2002)``, or in Vancouver the number that is its mark; as runs."""
    if style == "vancouver":
        return [Run(f"({mark})", False)]
    people, _ = shared.lead(work)
    if style == "harvard":
        who = harvard.named(people, names.short) if people else harvard.lead_of(work)
        return _runs(f"({who}, {harvard.year_of(work, mark).strip('()')})")
    year = apa.year_of(work, mark)
    if people:
        shown = [names.without_suffix(names.short(name)) for name in people]
        who = " & ".join(shown) if len(shown) < 3 else f"{shown[0]} et al."
    elif shared.is_part(work):
        return _runs(f"(“{shared.cased(work, 1, after_colon=True)},” {year})")
    else:
        who = apa.title_of(work)
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
    return harvard.year_of(work)


def _runs(text: str) -> list[Run]:
    """`text` in runs: each mark says how what follows it is set."""
    runs, is_italic = [], False
    for part in re.split(f"([{ITALIC}{ROMAN}])", text):
        if part in (ITALIC, ROMAN):
            is_italic = part == ITALIC
        elif part:
            runs.append(Run(part, is_italic))
    return runs


def _named(work: Citable, style: str) -> str:
    """The names as the reference begins with them, or what stands in their place."""
    people, _ = shared.lead(work)
    return apa.named(people) if style == "apa" and people else harvard.lead_of(work)


def _sort_key(work: Citable, style: str) -> tuple[list[str], str, str]:
    people, _ = shared.lead(work)
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
