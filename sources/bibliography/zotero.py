"""What Zotero makes of the tags on a source's page, and what a librarian should know of it.

`seen` does as Zotero's translator “Embedded Metadata” does: it reads Highwire Press tags, `z.itemType`, `og:type` and
`prism.publicationName`, and nothing of a page's JSON-LD.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from curation.text import listed
from sources.bibliography.formats.ris import WRITTEN_AS
from sources.bibliography.metadata import (
    INSTITUTIONAL,
    NO_DATE,
    ZOTERO_KINDS,
    highwire,
    makers,
    organisations,
    persons,
    written,
)
from sources.bibliography.names import spaced
from sources.bibliography.record import Citable

KIND_LABELS = {
    "book": "Book",
    "bookSection": "Book section",
    "conferencePaper": "Conference paper",
    "document": "Document",
    "journalArticle": "Journal article",
    "magazineArticle": "Magazine article",
    "manuscript": "Manuscript",
    "newspaperArticle": "Newspaper article",
    "report": "Report",
    "statute": "Statute",
    "thesis": "Thesis",
    "webpage": "Web page",
}

SETTLED = {
    "citation_journal_title": "journalArticle",
    "citation_technical_report_institution": "report",
    "citation_conference_title": "conferencePaper",
    "citation_book_title": "bookSection",
    "citation_inbook_title": "bookSection",
    "citation_dissertation_institution": "thesis",
}
OPEN_GRAPH = {"website": "webpage", "book": "book"}  # “article” is as good as nothing

# What Zotero takes a type of RIS for. It knows no GEN.
RIS_KINDS = {
    "BOOK": "book",
    "CHAP": "bookSection",
    "CPAPER": "conferencePaper",
    "ELEC": "webpage",
    "GEN": "journalArticle",
    "JOUR": "journalArticle",
    "MGZN": "magazineArticle",
    "NEWS": "newspaperArticle",
    "PAMP": "manuscript",
    "RPRT": "report",
    "STAT": "statute",
    "THES": "thesis",
}


@dataclass(frozen=True)
class Creator:
    family: str
    given: str
    role: str

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.family, self.given]))


@dataclass(frozen=True)
class Item:
    kind: str = ""
    is_guess: bool = False  # of the kind
    title: str = ""
    creators: tuple[Creator, ...] = ()
    date: str = ""
    container: str = ""
    publisher: str = ""  # of a report or thesis, the institution
    series: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    isbn: str = ""
    issn: str = ""
    url: str = ""

    @property
    def kind_label(self) -> str:
        return KIND_LABELS.get(self.kind, self.kind)


def seen(tags: Sequence[tuple[str, str]], first_time: str = "") -> Item:
    """The Item that would be saved from a page with these (name, content) of meta tags.

    `first_time` is the page's first ``<time datetime>``, which is the date for want of a better.
    """

    def all_of(name: str) -> list[str]:
        return [" ".join(content.split()) for tag, content in tags if tag.endswith(name) and content.strip()]

    def first(*names: str) -> str:
        return next((values[0] for name in names if (values := all_of(name))), "")

    kind, is_guess = kind_of(tags)
    pages, last = first("citation_firstpage").split("-")[0].strip(), first("citation_lastpage")
    return Item(
        kind=kind,
        is_guess=is_guess,
        title=first("citation_title"),
        creators=(*people(all_of("citation_author"), "author"), *people(all_of("citation_editor"), "editor")),
        date=first("citation_publication_date", "citation_date", "citation_online_date", "citation_year") or first_time,
        container=first(
            "citation_journal_title",
            "citation_book_title",
            "citation_inbook_title",
            "citation_conference_title",
            "prism.publicationName",
        ),
        publisher=first(
            "citation_technical_report_institution", "citation_dissertation_institution", "citation_publisher"
        ),
        series=first("citation_series_title"),
        volume=first("citation_volume"),
        issue=first("citation_issue"),
        pages=f"{pages}-{last}" if pages and last else pages,
        doi=first("citation_doi"),
        isbn=", ".join(all_of("citation_isbn")),
        issn=", ".join(all_of("citation_issn") or all_of("citation_eIssn")),
        url=first("citation_public_url"),
    )


def kind_of(tags: Iterable[tuple[str, str]]) -> tuple[str, bool]:
    """The kind of item, and whether it is only a guess."""
    settled = declared = guess = ""
    for name, content in tags:
        highwire_name = name[name.rfind("citation_") :] if "citation_" in name else ""
        if highwire_name in SETTLED:
            settled = SETTLED[highwire_name]
        elif name == "z.itemType":
            declared = content
        elif name == "og:type":
            declared = declared or OPEN_GRAPH.get(content, "")
        elif highwire_name == "citation_isbn":
            guess = "book"
        elif highwire_name in ("citation_title", "citation_series_title"):
            guess = guess or "journalArticle"
    return settled or declared or guess, not (settled or declared)


def people(contents: Sequence[str], role: str) -> Iterator[Creator]:
    """The Creators of tags that each name one, or several with semicolons."""
    for content in contents:
        names = re.split(r"\s*;\s*", content)
        if len(names) == 1 and len(contents) == 1:
            parts = re.split(r"\s*,\s*", content)
            if len(parts) > 1 and " " in parts[0] and " " in parts[1]:
                names = parts
        for name in names:
            if re.search(r"[^\s,\-.;]", name):
                yield creator(name, role)


def creator(name: str, role: str) -> Creator:
    """A name taken apart: at the comma, else before the last word."""
    has_comma = "," in name
    name = name.strip(" .,/[]:\xa0")
    if has_comma:
        name = re.sub(r"\.([^ ])", r". \1", name, count=1)
        family, *rest = re.split(", ?", name)
        given = rest[0] if rest else ""
    else:
        given, _, family = name.rpartition(" ")
    if not given:
        return Creator(family, "", role)
    if re.fullmatch("[A-ZЀ-Я]{1,3}", given) and (len(given) == 1 or family.upper() != family):
        given = " ".join(given)
    words = re.split(r"[\s.]+|(?=-)", given.strip(" .,"))
    given = " ".join(f"{word}." if re.fullmatch("-?[A-ZЀ-Я]", word) else word for word in words).replace(" -", "-")
    return Creator(capitalised(family), capitalised(given), role)


SMALL = set(
    """
    a an and as at but by down for from in into nor of on or so the to up with yet
    """.split()
)


def capitalised(name: str) -> str:
    """A name all in capitals or all in small letters gets a capital for each word, but for small words inside."""
    if name not in (name.upper(), name.lower()):
        return name
    words = re.split(r"([ /\-‐-―])", name.lower())
    last = len(words) - 1
    return "".join(
        word if re.sub("[^a-z]", "", word) in SMALL and place not in (0, last) else word[:1].upper() + word[1:]
        for place, word in enumerate(words)
    )


@dataclass(frozen=True)
class Preview:
    item: Item
    warnings: list[str]


def preview(source: Citable) -> Preview:
    """What Zotero would save from the page of `source`, and what to do about it."""
    item = seen(highwire(source))
    return Preview(item, [*_of_kind(source, item), *_of_people(source, item), *_of_the_rest(source, item)])


PART_OF = {
    "article-journal": "the journal",
    "article-magazine": "the magazine",
    "article-newspaper": "the newspaper",
    "chapter": "the book that the chapter is in",
    "paper-conference": "the conference or its proceedings",
}


def _of_kind(source: Citable, item: Item) -> Iterator[str]:
    wanted = ZOTERO_KINDS[source.csl_type]
    if source.csl_type == "pamphlet":
        yield "Zotero has no pamphlets: it is saved as a document. If it is a book or a report, change its type."
    elif item.kind != wanted or item.is_guess:
        yield f"It would be saved as a {item.kind_label.lower()}. Check its type."
    in_ris = RIS_KINDS[WRITTEN_AS[source.csl_type]]
    if in_ris != item.kind:
        label = KIND_LABELS[in_ris].lower()
        yield f"From a RIS file, Zotero saves it as a {label}. If another type fits as well, choose that."
    if source.csl_type in PART_OF and not source.container_title:
        yield f"Nothing names {PART_OF[source.csl_type]}. Fill in “Journal or book it is part of”."
    if source.csl_type in INSTITUTIONAL and not item.publisher:
        what = "report has no institution" if source.csl_type == "report" else "thesis has no university"
        yield f"The {what}. Fill in the publisher."


def _of_people(source: Citable, item: Item) -> Iterator[str]:
    names, editors = makers(source), persons(source.people("editor"))
    corporate = organisations(names)
    field = "institution" if source.csl_type in INSTITUTIONAL else "publisher"
    if not names and not editors:
        yield "It has no author. Add the people or the organisation who wrote it, if they are known."
    if corporate and not persons(names):
        yield (
            f"“{listed(corporate)}” is saved as the {field}, since Zotero would cut up an organisation like the name "
            "of a person. Those who save it can make it the author there."
        )
        if source.publisher and source.publisher != item.publisher:
            yield f"The publisher, “{source.publisher}”, is not saved."
    elif corporate and listed(corporate) != item.publisher:
        yield f"“{listed(corporate)}” is not saved: Zotero takes only people from a page."
    for role, listed_people in [("author", persons(names)), ("editor", editors)]:
        taken = [creator for creator in item.creators if creator.role == role]
        sent = written(listed_people)
        for person, text in zip(listed_people, sent, strict=True):
            if person.given and not text.endswith(spaced(person.given)):
                yield (
                    f"The given names are sent as initials, “{text}”: written out, Zotero would make two people of "
                    f"“{person.family}, {person.given}”."
                )
        if len(taken) != len(sent):
            yield f"Zotero makes {len(taken)} people of {len(sent)}. Look for a comma or semicolon in a name."
        for text, creator_ in zip(sent, taken, strict=False):
            if _letters(text) != _letters(str(creator_)):
                yield f"Zotero writes “{creator_}” for “{text}”. Those who save it should look at the name."


def _letters(name: str) -> str:
    return re.sub(r"[\s.]", "", name)


def _of_the_rest(source: Citable, item: Item) -> Iterator[str]:
    if item.date == NO_DATE:
        yield f"It has no date and is saved with “{NO_DATE}”. Fill in the date if it is known."
    elif source.issued_is_approximate:
        yield f"That the date is approximate cannot be told: it is saved as {item.date}."
    if not item.url:
        yield "It has neither a DOI nor an address, so the address of our page is saved with it."
    lost = [
        label
        for label, value in [
            ("the edition", source.edition),
            ("the place", source.place),
            ("the translators", source.people("translator")),
        ]
        if value
    ]
    if lost:
        yield f"Pages cannot tell {listed(lost)}. Those who need it can use the RIS or BibTeX file."
