"""APA as in the *Publication Manual* (7th edition, 2020)."""

from collections.abc import Sequence

from sources.bibliography import names
from sources.bibliography.identifiers import doi_url
from sources.bibliography.record import Citable, NameParts
from sources.bibliography.references import shared

DATED_TO_THE_DAY = {"article-magazine", "article-newspaper", "webpage"}


def reference(work: Citable, mark: str) -> str:
    people, role = shared.lead(work)
    lead = named(people)
    if role != "author" and people:
        label = {"editor": ("(Ed.)", "(Eds.)"), "compiler": ("(Compiler)", "(Compilers)")}[role]
        lead += f" {shared.label(people, *label)}"
    issued = "" if shared.year_is_in_title(work) else f"({_date_of(work, mark)})"
    title, container = title_of(work), shared.italic(shared.container(work, 1, after_colon=True))
    edition = shared.ordinal(work.edition, "ed.")
    publisher = "" if work.publisher == lead else shared.publisher(work)
    editors = [] if role == "editor" else work.people("editor")
    if shared.is_part(work) and work.csl_type in shared.ARTICLES:
        volume = shared.italic(work.volume) + (f"({work.issue})" if work.issue else "")
        pages = f"Article {work.pages}" if shared.is_article_number(work) else shared.page_range(work.pages)
        rest = [shared.join(", ", container, volume, pages)]
    elif shared.is_part(work):
        shown = f"{_in_order(editors)} {shared.label(editors, '(Ed.)', '(Eds.)')}, " if editors else ""
        rest = [
            shared.join(
                " ", f"In {shown}{container}", shared.bracketed(shared.join(", ", edition, shared.pages(work)))
            ),
            publisher,
        ]
    else:
        secondary = [(editors, ("Ed.", "Eds.")), (work.people("translator"), ("Trans.", "Trans."))]
        others = [f"{_in_order(found)}, {shared.label(found, *label)}" for found, label in secondary if found]
        volume = f"Vol. {work.volume}" if work.volume else ""
        version = shared.entry(work, "Version") or shared.version(work)
        details = shared.join("; ", *others, shared.join(", ", edition, volume, version, work.series))
        title = shared.join(" ", title, shared.bracketed(details))
        site = shared.container(work, 1)
        rest = ["" if site == lead else site, "" if work.csl_type == "legislation" else publisher]
        rest.append(f"Based on {shared.basis(work)}" if shared.basis(work) else "")
    text = shared.sentences(*([lead, issued, title] if people else [title, issued]), *rest, american=True)
    if work.doi:
        return f"{text} {doi_url(work.doi)}"
    if work.url and work.accessed_on and not work.issued:
        return f"{text} Retrieved {work.accessed_on:%B %-d, %Y}, from {work.url}"
    return shared.join(" ", text, work.url)


def title_of(work: Citable) -> str:
    title = shared.cased(work, 1, after_colon=True)
    return title if shared.is_part(work) or work.csl_type == "legislation" else shared.italic(title)


def named(people: Sequence[NameParts]) -> str:
    shown = [names.inverted(name, suffix_last=True, between=" ") for name in people]
    if len(shown) > 20:
        return f"{', '.join(shown[:19])}, … {shown[-1]}"
    return ", & ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _in_order(people: Sequence[NameParts]) -> str:
    shown = [names.in_order(name, between=" ") for name in people]
    return " & ".join(shown) if len(shown) < 3 else f"{', '.join(shown[:-1])}, & {shown[-1]}"


def year_of(work: Citable, mark: str) -> str:
    if not work.issued:
        return shared.join("-", "n.d.", mark)
    return f"{'ca. ' if work.issued_is_approximate else ''}{work.year}{mark}"


def _date_of(work: Citable, mark: str) -> str:
    day = shared.dated(work)[1:] if work.csl_type in DATED_TO_THE_DAY else []
    words = shared.join(" ", *[shared.month(part, "%B") for part in day[:1]], *[str(part) for part in day[1:]])
    return shared.join(", ", year_of(work, mark), words)
