"""The list of references of a text: its lines as records, matched against what is held, for an import."""

from dataclasses import dataclass

from findings.extraction import references
from findings.extraction.references import Reference
from sources.bibliography.matching import NEW, Holdings, Work
from sources.imports import keep_records
from sources.models import Contributor, Source


@dataclass(frozen=True)
class Found:
    """A line of the list, with what it is matched with: “same”, “maybe” or “new”, and the source held."""

    reference: Reference
    verdict: str
    source: Source | None


def found_in(text):
    """The references of a text, matched, in a few queries."""
    sections = {}
    for one in text.sentences.select_related("section").order_by("number", "part"):
        sections.setdefault(one.section, []).append((one.kind, one.wording))
    lines = references.find([(section.title, passages) for section, passages in sections.items()])
    parsed = [references.parse(line) for line in lines]
    holdings = Holdings(_works(Source.objects.all()))
    return [_matched(reference, holdings) for reference in parsed]


def _works(sources):
    first = {}
    for person in Contributor.objects.filter(source__in=sources, role="author").order_by("source", "-order"):
        first[person.source_id] = person.family or person.literal
    for source in sources:
        place = (source.volume, source.issue, source.pages)
        name = first.get(source.pk, "")
        yield Work.of(source, source.title, source.issued, name, source.doi, source.isbn, source.container_title, place)


def _matched(reference, holdings):
    record = reference.record
    people = record.people("author") or record.contributors
    author = (people[0].family or people[0].literal) if people else ""
    place = (record.volume, record.issue, record.pages)
    work = Work.of(None, record.title, record.issued, author, record.doi, record.isbn, record.container_title, place)
    verdict, held = holdings.find(work)
    return Found(reference, verdict, held.ref if held else None)


def to_import(found, name, by):
    """Hand records to the import of bibliographies, where each is looked at before it is saved: the address of that.

    This is all that joins the two. Raises curation.imports.filetypes.ImportRefused.
    """
    return keep_records([one.reference.record for one in found], f"References of {name}", by)


def is_new(found):
    return found.verdict == NEW
