"""Harvard as in *Cite Them Right* (12th edition, 2022)."""

from collections.abc import Callable, Sequence

from curation.text import listed
from sources.bibliography import names
from sources.bibliography.identifiers import doi_url
from sources.bibliography.record import Citable, NameParts
from sources.bibliography.references import shared


def reference(work: Citable, mark: str) -> str:
    _, role = shared.lead(work)
    lead, title = lead_of(work), _title_of(work)
    is_article, is_in_a_book = work.csl_type in shared.ARTICLES, work.csl_type in shared.IN_A_BOOK
    year = "" if shared.year_is_in_title(work) else year_of(work, mark)
    first = shared.join(" ", lead, year, "" if title == lead else title)
    if work.volume and not is_article and not is_in_a_book:
        first += f", vol. {work.volume}"
    container = shared.italic(shared.container(work, 0))
    editors = [] if role == "editor" else work.people("editor")
    if is_in_a_book and container and editors:
        shown = named(editors, names.in_order)
        container = f"in {shown} {shared.label(editors, '(ed.)', '(eds)')} {container}"
    elif container in (lead, shared.italic(lead)):
        container = ""
    secondary = {"Edited by": [] if is_in_a_book else editors, "Translated by": work.people("translator")}
    others = [f"{words} {named(found, names.in_order)}" for words, found in secondary.items() if found]
    separator = " " if title == lead and work.csl_type == "webpage" else ", "
    text = shared.sentences(
        shared.join(separator, first, container, f"based on {shared.basis(work)}" if shared.basis(work) else ""),
        shared.ordinal(work.edition, "edn"),
        *others,
        "" if shared.entry(work) else shared.version(work),
        work.series if work.csl_type == "report" else "",
        _imprint(work),
    )
    where = _place(work)
    if where:
        text = f"{text.removesuffix('.')}, {where}."
    if work.doi:
        return f"{text} Available at: {doi_url(work.doi)}"
    if work.url and work.accessed_on:
        return f"{text} Available at: {work.url} (Accessed: {work.accessed_on:%-d %B %Y})."
    return f"{text} Available at: {work.url}" if work.url else text


def year_of(work: Citable, mark: str = "") -> str:
    if not work.issued:
        return f"({shared.join(' ', 'no date', mark)})"
    return f"[{work.year}{mark}]" if work.issued_is_approximate else f"({work.year}{mark})"


def lead_of(work: Citable) -> str:
    people, role = shared.lead(work)
    if people:
        label = {"editor": ("(ed.)", "(eds)"), "compiler": ("(comp.)", "(comps)")}.get(role, ("", ""))
        return shared.join(" ", named(people, names.inverted), shared.label(people, *label))
    if work.csl_type in shared.ARTICLES and work.container_title:
        return shared.italic(shared.container(work, 0))
    return _title_of(work)


def _title_of(work: Citable) -> str:
    if work.csl_type in shared.ARTICLES | shared.IN_A_BOOK or shared.entry(work):
        return shared.join(" ", f"‘{shared.cased(work, 1)}’", shared.bracketed(shared.entry(work)))
    return shared.italic(shared.cased(work, 0))


def named(people: Sequence[NameParts], form: Callable[[NameParts], str]) -> str:
    shown = [form(name) for name in people]
    return listed(shown) if len(shown) <= 3 else f"{shown[0]} {shared.italic('et al.')}"


def _imprint(work: Citable) -> str:
    if work.csl_type in shared.ARTICLES:
        return ""
    place = "" if work.csl_type == "thesis" else work.place
    series = f"({work.series})" if work.series and work.csl_type != "report" else ""
    return shared.join(" ", shared.join(": ", place, shared.publisher(work)), series)


def _place(work: Citable) -> str:
    """Where in the whole a part is found."""
    if work.csl_type not in shared.ARTICLES | shared.IN_A_BOOK:
        return ""
    volume = issued = ""
    if work.csl_type == "article-journal":
        volume = work.volume + (f"({work.issue})" if work.issue else "")
    elif work.csl_type in shared.ARTICLES:
        day = shared.dated(work)[1:]
        issued = shared.join(" ", *[str(part) for part in day[1:]], *[shared.month(part, "%B") for part in day[:1]])
    return shared.join(", ", volume, issued, shared.pages(work))
