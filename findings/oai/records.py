"""What harvesters are told of an entry, as data for the templates: Dublin Core and MODS (https://www.loc.gov/mods/)."""

from collections import defaultdict

from findings import cautions, metadata, provenance
from findings.codes import KINDS
from findings.metadata import dublin_core
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.records import with_records
from sources.bibliography.metadata import page_span
from sources.models import Source

# The public entries of each kind, with all that is told of them.
LOADED = {
    Review: lambda: with_records(Review.objects.published().with_sources()),
    Theme: lambda: Theme.objects.published(),
    KeyMessage: lambda: with_records(KeyMessage.objects.of_published_reviews()),
    Finding: lambda: with_records(Finding.objects.published().whole()),
    PracticeImplication: lambda: with_records(PracticeImplication.objects.published().with_findings()),
    Source: lambda: Source.objects.published().with_records(),
}

# The genres of MARC that fit; the types of `Record` that are not here have none.
GENRES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "legislation": "legislation",
    "paper-conference": "conference publication",
    "report": "technical report",
    "thesis": "thesis",
    "webpage": "web site",
}
RELATORS = {"author": "aut", "compiler": "com", "editor": "edt", "translator": "trl"}


def entries_of(stamps):
    """Code -> public entry of these stamps: a constant number of queries for each kind."""
    numbers = defaultdict(list)
    for stamp in stamps:
        if not stamp.is_deleted:
            numbers[stamp.letter].append(stamp.number)
    found = [entry for letter, some in numbers.items() for entry in LOADED[KINDS[letter]]().filter(number__in=some)]
    provenance.load_behind(found)
    cautions.load(found)
    return {entry.code: entry for entry in found}


def oai_dc_of(entry, site):
    return {"elements": dublin_core(entry, site), "language": metadata.language_of(entry)}


def mods_of(entry, site):
    known = metadata.record(entry, site)
    first, last = page_span(known.pages)
    return {
        "record": known,
        "people": [(name, RELATORS[name.role]) for name in known.contributors],
        "genre": GENRES.get(known.csl_type, ""),
        "first_page": first,
        "last_page": last,
        "address": site + entry.short_url,
        "references": sorted(site + other.short_url for other in metadata.rests_on(entry)),
        "notes": [*map(provenance.line, provenance.behind(entry))],
        "places": sorted({review.country for review in provenance.behind(entry)} - {""}),
        "rights": " ".join(metadata.rights(entry)),
        "language": metadata.language_of(entry),
    }
