"""A work as reference managers and search engines read it on our pages.

`highwire` is for the page of one work, `coins` for lists of works. Both are written for the readers there are, Zotero
above all (its translators “Embedded Metadata” and “COinS”), whose traps are named where they are stepped round;
`zotero` tells what it makes of the first. `schema_org` is for search engines, `dublin_core` for harvesters.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from curation.text import listed
from sources.bibliography.identifiers import doi_url
from sources.bibliography.names import initials, spaced
from sources.bibliography.record import Citable, NameParts, Record

# What Zotero calls our types. It has no pamphlets.
ZOTERO_KINDS = {
    "article-journal": "journalArticle",
    "article-magazine": "magazineArticle",
    "article-newspaper": "newspaperArticle",
    "book": "book",
    "chapter": "bookSection",
    "document": "document",
    "legislation": "statute",
    "pamphlet": "document",
    "paper-conference": "conferencePaper",
    "report": "report",
    "thesis": "thesis",
    "webpage": "webpage",
}

# The tag that settles the kind, whatever else the page has. It needs something to say.
SETTLING = {
    "article-journal": "citation_journal_title",
    "chapter": "citation_inbook_title",
    "paper-conference": "citation_conference_title",
    "report": "citation_technical_report_institution",
    "thesis": "citation_dissertation_institution",
}
INSTITUTIONAL = ("report", "thesis")

NO_DATE = "n.d."


def highwire(source: Citable) -> list[tuple[str, str]]:
    """The (name, content) of the meta tags of a source's own page, in order.

    They are those of Highwire Press, which Google Scholar, Mendeley and Zotero read, and for kinds that those cannot
    tell, two that only Zotero knows.
    """
    tags = [("citation_title", source.title)]
    settling = SETTLING.get(source.csl_type)
    settled_by = house(source) if source.csl_type in INSTITUTIONAL else source.container_title
    if settling and settled_by:
        tags.append((settling, settled_by))
    else:
        # A guess from other tags would be “journal article”, or “book” for everything with an ISBN.
        tags.append(("z.itemType", ZOTERO_KINDS[source.csl_type]))
        tags.append(("prism.publicationName", source.container_title))
    tags += [("citation_author", name) for name in written(persons(makers(source)))]
    tags += [("citation_editor", name) for name in written(persons(source.people("editor")))]
    # Without a date, the first <time> of the page would be taken, which says when we checked the record.
    tags.append(("citation_publication_date", source.issued.replace("-", "/") or NO_DATE))
    if source.csl_type not in INSTITUTIONAL:
        tags.append(("citation_publisher", house(source)))
    first, last = page_span(source.pages)
    tags += [
        ("citation_series_title", source.series),
        ("citation_volume", source.volume),
        ("citation_issue", source.issue),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", source.doi),
        ("citation_isbn", source.isbn),
        ("citation_issn", source.issn),
        ("citation_eIssn", source.eissn),
        ("citation_abstract", source.abstract),
        ("citation_public_url", source.url or (doi_url(source.doi) if source.doi else "")),
    ]
    return [(name, " ".join(content.split())) for name, content in tags if content.strip()]


def makers(source: Citable) -> Sequence[NameParts]:
    """Who leads the reference: authors, else compilers. Reference managers have no compilers."""
    return source.people("author") or source.people("compiler")


def persons(names: Iterable[NameParts]) -> list[NameParts]:
    return [name for name in names if not name.literal]


def organisations(names: Iterable[NameParts]) -> list[str]:
    return [name.literal for name in names if name.literal]


def house(source: Citable) -> str:
    """The publisher, or the organisations that wrote it: as authors they would be cut up like names of people."""
    names = makers(source)
    corporate = listed(organisations(names))
    return (corporate if not persons(names) else "") or source.publisher or corporate


def inverted(name: NameParts) -> str:
    return f"{name.family}, {spaced(name.given)}" if name.given else name.family


def written(names: Sequence[NameParts]) -> list[str]:
    """``Family, Given``, one each. A single name with a space on both sides of the comma would be read as two people,
    so its given names are written as initials."""
    if len(names) == 1 and " " in names[0].family and " " in names[0].given:
        return [f"{names[0].family}, {initials(names[0].given)}"]
    return [inverted(name) for name in names]


def page_span(pages: str) -> tuple[str, str]:
    """First and last page; all of it as the first where it is no plain range, and then without the hyphen at which it
    would be cut off."""
    first, hyphen, last = pages.replace("–", "-").partition("-")
    if hyphen and first and last and not any(sign in last for sign in "-,"):
        return first.strip(), last.strip()
    return pages.replace("-", "–"), ""


class Context(NamedTuple):
    """A format of OpenURL, the genre in it, the key of the title and that of what the work is part of."""

    form: str
    genre: str
    title: str
    container: str


BOOK = "info:ofi/fmt:kev:mtx:book"
CONTEXTS = {
    "article-journal": Context("info:ofi/fmt:kev:mtx:journal", "article", "atitle", "jtitle"),
    "book": Context(BOOK, "book", "btitle", ""),
    "chapter": Context(BOOK, "bookitem", "atitle", "btitle"),
    "document": Context(BOOK, "document", "title", ""),
    "pamphlet": Context(BOOK, "document", "title", ""),
    "paper-conference": Context(BOOK, "proceeding", "atitle", "btitle"),
    "report": Context(BOOK, "report", "btitle", ""),
    "thesis": Context("info:ofi/fmt:kev:mtx:dissertation", "", "title", ""),
}
DUBLIN_CORE = Context("info:ofi/fmt:kev:mtx:dc", "", "title", "source")  # for the rest


def coins(source: Citable) -> str:
    """The title of a ``span.Z3988`` (COinS, Z39.88-2004 in a list): to be escaped for HTML like any text.

    It names authors only as ``rft.au``: Zotero would take ``rft.aulast`` beside it for another person where initials
    are written otherwise. It always names somebody, since for a work of nobody Zotero asks other servers.
    """
    form, genre, title, container = CONTEXTS.get(source.csl_type, DUBLIN_CORE)
    people = makers(source)
    editors = source.people("editor")
    corporate = organisations(people) or ([] if people or editors else [source.publisher])
    fields = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", form),
        ("rft.genre", genre),
        ("rft.type", "" if source.csl_type in CONTEXTS else ZOTERO_KINDS[source.csl_type]),
        (f"rft.{title}", source.title),
        (f"rft.{container}", source.container_title if container else ""),
        *[("rft.au", inverted(name)) for name in persons(people)],
        *[("rft.aucorp", name) for name in corporate],
        *[("rft.contributor", inverted(name)) for name in persons(editors) if not people],
        ("rft.date", source.issued),
        ("rft.volume", source.volume),
        ("rft.issue", source.issue),
        ("rft.pages", source.pages),
        ("rft.inst" if source.csl_type == "thesis" else "rft.pub", source.publisher),
        ("rft.place", source.place),
        ("rft.edition", source.edition),
        ("rft.series", source.series),
        ("rft.isbn", source.isbn),
        ("rft.issn", source.issn),
        ("rft.eissn", source.eissn),
        ("rft_id", f"info:doi/{source.doi}" if source.doi else ""),
        ("rft_id", source.url),
    ]
    # Percent signs throughout: a plus would do for a space, and “&” and “=” inside a value end it for good.
    return "&".join(f"{key}={quote(' '.join(value.split()), safe='')}" for key, value in fields if value.strip())


class PublicWork(Citable, Protocol):
    """A work with a page of ours."""

    retracted_on: date | None

    @property
    def short_url(self) -> str: ...
    @property
    def doi_url(self) -> str: ...


WORK_TYPES = {
    "article-journal": "ScholarlyArticle",
    "article-magazine": "Article",
    "article-newspaper": "NewsArticle",
    "book": "Book",
    "chapter": "Chapter",
    "legislation": "Legislation",
    "report": "Report",
    "thesis": "Thesis",
    "webpage": "WebPage",
}


def authors(work: Citable) -> list[dict[str, str]]:
    """Who made it, for schema.org."""
    return [
        {"@type": "Organization", "name": person.literal}
        if person.literal
        else {"@type": "Person", "name": " ".join(filter(None, [spaced(person.given), person.family]))}
        for person in makers(work)
    ]


def schema_org(source: PublicWork, site: str) -> dict[str, Any]:
    """A source for schema.org, to be written as JSON-LD; `site` is where our pages are."""
    work = {
        "@type": WORK_TYPES.get(source.csl_type, "CreativeWork"),
        "@id": site + source.short_url,
        "name": source.title,
        "author": authors(source),
        "datePublished": source.issued,
        "publisher": source.publisher and {"@type": "Organization", "name": source.publisher},
        "sameAs": source.doi_url or source.url,
        "isbn": source.isbn,
        "creativeWorkStatus": "Retracted" if source.retracted_on else "",
    }
    return {name: value for name, value in work.items() if value}


def dublin_core(record: Record, address: str) -> list[tuple[str, str]]:
    """A work in the elements of Dublin Core: (element, value). `address` is where our page about it is."""
    led_by = record.people("author") or record.people("compiler")
    others = [name for name in record.contributors if name not in led_by]
    named = {
        "title": [record.title],
        "creator": [name.literal or inverted(name) for name in led_by],
        "contributor": [name.literal or inverted(name) for name in others],
        "subject": record.keywords,
        "description": [record.notice, record.abstract],
        "publisher": [record.publisher],
        "date": [record.issued],
        "type": ["Text"],
        "identifier": [
            address,
            doi_url(record.doi) if record.doi else "",
            f"urn:isbn:{record.isbn}" if record.isbn else "",
            record.url,
        ],
        "source": [record.container_title],
    }
    return told(named)


def told(named: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    """(name, value) of each of the values by name, on one line; without those that say nothing."""
    return [(name, " ".join(value.split())) for name, values in named.items() for value in values if value.strip()]
