"""Vancouver as in *Citing Medicine* (2nd edition, 2015)."""

import re
from collections.abc import Sequence

from sources.bibliography import names
from sources.bibliography.record import Citable, NameParts
from sources.bibliography.references import shared
from sources.bibliography.titles import abbreviated


def reference(work: Citable, mark: str) -> str:
    people, role = shared.lead(work)
    title, container = shared.cased(work, 1), shared.container(work, 1)
    edition = shared.join(". ", shared.ordinal(work.edition, "ed."), "" if shared.entry(work) else shared.version(work))
    is_site = work.csl_type == "webpage" and container
    internet = "[Internet]" if _is_read_online(work) else ""
    lead = _named(people, role)
    sentences = ["" if is_site and lead == container else lead]
    others = [
        _named(work.people(other), other) for other in ("editor", "translator") if work.people(other) and other != role
    ]
    if work.csl_type in shared.ARTICLES and container:
        sentences += [title, shared.join(" ", abbreviated(container), internet), _place(work)]
    else:
        if is_site:
            sentences += [shared.join(" ", container, internet), edition]
        elif shared.is_part(work):
            sentences += [title, *_within(others, [shared.join(" ", container, internet), edition])]
        else:
            volume = f"Vol. {work.volume}" if work.volume else ""
            sentences += [shared.join(" ", title, internet), edition, volume, *others]
        sentences.append(shared.join("; ", shared.join(": ", work.place, work.publisher), _date_of(work)))
        if work.csl_type in shared.IN_A_BOOK and work.pages:
            sentences.append(f"p. {_shortened(work.pages)}")
        sentences += [
            shared.join(" ", title, shared.bracketed(shared.entry(work))) if is_site else "",
            shared.bracketed(work.series),
        ]
        sentences.append(f"Based on {shared.basis(work)}" if shared.basis(work) else "")
    text = shared.join(" ", f"{mark}." if mark else "", shared.sentences(*sentences, american=True))
    if internet:
        text += f" Available from: {work.url}"
    return f"{text} doi: {work.doi}" if work.doi else text


def _is_read_online(work: Citable) -> bool:
    """Whether the address says where it was read: the DOI of an article says enough."""
    return bool(work.url) and not (work.csl_type == "article-journal" and work.doi)


def _within(others: list[str], book: list[str]) -> list[str]:
    first, *rest = [part for part in [*others, *book] if part]
    return [f"In: {first}", *rest]


def _named(people: Sequence[NameParts], role: str) -> str:
    shown = [names.inverted(name, " ", suffix_last=True, stop="") for name in people]
    shown = [*shown[:6], "et al"] if len(shown) > 6 else shown
    label = "" if role == "author" or not people else shared.label(people, role, f"{role}s")
    return shared.join(", ", *shown, label)


def _date_of(work: Citable) -> str:
    parts = shared.dated(work)
    known = {"report": 2}.get(work.csl_type, 3 if work.csl_type in shared.ARTICLES | {"legislation"} else 1)
    month = [shared.month(part, "%b") for part in parts[1:2]]
    issued = " ".join([*filter(None, [work.year]), *month, *map(str, parts[2:])][:known])
    if not issued:
        issued = "" if work.csl_type in shared.ARTICLES else "[date unknown]"
    elif work.issued_is_approximate:
        issued = f"[{issued}?]"
    cited = f"[cited {work.accessed_on:%Y %b %-d}]" if _is_read_online(work) and work.accessed_on else ""
    return shared.join(" ", issued, cited)


def _place(work: Citable) -> str:
    volume = work.volume + (f"({work.issue})" if work.issue else "")
    pages = _shortened(work.pages)
    if work.csl_type == "article-newspaper":
        return shared.join(":", _date_of(work), pages)
    return shared.join(";", _date_of(work), shared.join(":", volume, pages))


def _shortened(pages: str) -> str:
    """``201-219`` -> ``201-19``: of the last page only the digits that differ."""

    def short(match: re.Match[str]) -> str:
        first, last = match[1], match[2]
        if len(first) == len(last) and first < last:
            last = last[next(place for place in range(len(last)) if first[place] != last[place]) :]
        return f"{first}-{last}"

    return re.sub(r"\b([0-9]+)[-–]([0-9]+)\b", short, pages)
