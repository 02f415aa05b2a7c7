"""A source as a reference in a reading list. Pure: takes any object with the fields of `sources.models.Source`.

Harvard as in *Cite Them Right* (12th edition, 2022). A reference is a list of ``(text, is_italic)`` parts, so that
each output escapes and marks them in its own way.
"""

from sources.identifiers import doi_url
from sources.names import curly, inverted, listed

PART_OF_SOMETHING = {"article-journal", "article-magazine", "article-newspaper", "chapter", "paper-conference"}


def harvard(source):
    """`source` as a list of ``(text, is_italic)``; joined, the parts end with a full stop or an address."""
    editors = source.people("editor")
    people = source.people("author") or source.people("compiler") or editors
    lead = listed(inverted(person) for person in people)
    if people and people == editors:
        lead += " (ed.)" if len(editors) == 1 else " (eds)"
    if not lead:
        lead = source.publisher
    parts = [(f"{lead} {year_in_brackets(source)} ", False)] if lead else []
    if source.csl_type in PART_OF_SOMETHING:
        parts += [(f"‘{curly(source.title)}’, ", False)]
        if source.container_title:
            if source.csl_type in {"chapter", "paper-conference"}:
                parts.append((f"in {_editors_of(editors)}", False))
            parts.append((curly(source.container_title), True))
        parts.append((_volume(source) + _pages(source), False))
        if source.csl_type in {"chapter", "paper-conference"}:
            imprint = _imprint(source)
            parts.append((f". {imprint}" if imprint else "", False))
        parts.append((".", False))
    else:
        parts.append((curly(source.title), True))
        if not lead:
            parts.append((f" {year_in_brackets(source)}", False))
        if source.edition:
            parts.append((f". {source.edition}", False))
        if source.series:
            parts.append((f" ({source.series})", False))
        parts.append(("" if parts[-1][0].endswith(("?", "!")) else ".", False))
        imprint = _imprint(source, already=lead)
        parts.append((f" {imprint}." if imprint else "", False))
    if source.doi:
        parts.append((f" Available at: {doi_url(source.doi)}", False))
    elif source.url:
        accessed = f" (Accessed: {source.accessed_on:%-d %B %Y})" if source.accessed_on else ""
        parts.append((f" Available at: {source.url}{accessed}.", False))
    return [(text, italic) for text, italic in parts if text]


def as_text(parts):
    return "".join(text for text, _ in parts)


def year_in_brackets(source):
    """``(2003)``, ``[2005]`` when it is approximate, ``(no date)``."""
    if not source.issued:
        return "(no date)"
    return f"[{source.year}]" if source.issued_is_approximate else f"({source.year})"


def _editors_of(editors):
    if not editors:
        return ""
    return f"{listed(inverted(person) for person in editors)} {'(ed.)' if len(editors) == 1 else '(eds)'} "


def _volume(source):
    if source.volume and source.issue:
        return f", {source.volume}({source.issue})"
    return f", {source.volume}" if source.volume else f", ({source.issue})" if source.issue else ""


def page_range(pages):
    return pages.replace("-", "–")


def _pages(source):
    if not source.pages:
        return ""
    several = any(sign in source.pages for sign in "-–,")
    return f", {'pp.' if several else 'p.'} {page_range(source.pages)}"


def _imprint(source, already=""):
    return ": ".join(filter(None, [source.place, "" if source.publisher == already else source.publisher]))
