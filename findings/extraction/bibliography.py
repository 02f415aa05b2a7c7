"""The list of references of a text: its lines as records, matched against what is held, looked up where they have an
identifier, for an import."""

import dataclasses
from dataclasses import dataclass

from findings.extraction import references
from findings.extraction.references import Reference
from sources import lookup
from sources.bibliography.matching import NEAR, likeness
from sources.bibliography.pasted import Identifier, recognise
from sources.imports import keep_records, matched, said_otherwise
from sources.lookup import Result
from sources.models import Source


@dataclass(frozen=True)
class Found:
    """A line of the list, with what it is matched with: “same”, “maybe” or “new”, and the source held. `identifier` is
    what it can be looked up by; `result` what came of that."""

    number: int  # its place in the list, from 1
    reference: Reference
    verdict: str
    source: Source | None
    identifier: Identifier | None
    result: Result | None = None

    @property
    def answer(self):
        """The record that was found, or None."""
        return self.result and self.result.record

    @property
    def differences(self):
        """What the answer says otherwise than the line."""
        return said_otherwise(self.reference.record, self.answer) if self.answer else []

    @property
    def is_another_work(self):
        """Whether the answer has another title: then the identifier of the line is probably wrong."""
        return bool(self.answer) and likeness(self.reference.record.title, self.answer.title) < NEAR


def found_in(text):
    """The references of a text, matched, in a few queries."""
    sections = {}
    for one in text.sentences.select_related("section").order_by("number", "part"):
        sections.setdefault(one.section, []).append((one.kind, one.wording))
    lines = references.find([(section.title, passages) for section, passages in sections.items()])
    parsed = [references.parse(line) for line in lines]
    matches = matched([reference.record for reference in parsed])
    held = Source.objects.in_bulk({match.pk for match in matches} - {None})
    identifiers = [next(iter(recognise(line).identifiers), None) for line in lines]
    rows = zip(parsed, matches, identifiers, strict=True)
    return [
        Found(number, one, match.match, held.get(match.pk), identifier)
        for number, (one, match, identifier) in enumerate(rows, 1)
    ]


def looked_up(found, numbers):
    """The same, with what the services answer for those lines among `numbers` that have an identifier, the first so
    many. Only identifiers are sent."""
    asked = [one for one in found if one.number in numbers and one.identifier][: lookup.MOST]
    results = lookup.look_up([one.identifier for one in asked])
    answered = {one.number: result for one, result in zip(asked, results, strict=True)}
    return [dataclasses.replace(one, result=answered.get(one.number)) for one in found]


def to_import(found, answers, name, by):
    """Hand lines to the import of bibliographies, where each is looked at before it is saved: the Import. Of the lines
    whose numbers are among `answers`, what was looked up is taken.

    This is all that joins the two. Raises curation.imports.filetypes.ImportRefused.
    """
    records = [one.result.with_words if one.number in answers else one.reference.with_doubts for one in found]
    return keep_records(records, f"References of {name}", by)
