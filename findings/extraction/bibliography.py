"""The list of references of a text: its lines as records, matched against what is held, for an import."""

from dataclasses import dataclass

from findings.extraction import references
from findings.extraction.references import Reference
from sources.imports import keep_records, matched
from sources.models import Source


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
    matches = matched([reference.record for reference in parsed])
    held = Source.objects.in_bulk({match.pk for match in matches} - {None})
    return [Found(one, match.match, held.get(match.pk)) for one, match in zip(parsed, matches, strict=True)]


def to_import(found, name, by):
    """Hand records to the import of bibliographies, where each is looked at before it is saved: the address of that.

    This is all that joins the two. Raises curation.imports.filetypes.ImportRefused.
    """
    return keep_records([one.reference.record for one in found], f"References of {name}", by)
