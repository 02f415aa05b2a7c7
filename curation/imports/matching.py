"""Which of the entries that the site holds does a file speak of? Each kind has its own way to compare."""

from typing import NamedTuple

from curation.imports.held import named
from curation.imports.kinds import KINDS
from curation.imports.models import ImportRow
from curation.imports.said import Said, elsewhere

NEW, SAME, MAYBE = ImportRow.Match.NEW, ImportRow.Match.SAME, ImportRow.Match.MAYBE


class Match(NamedTuple):
    """Whether an entry is held: NEW, SAME or MAYBE; the id of what is held, or the position of the row of the same file
    that says it too."""

    match: str
    pk: int | None = None
    repeats: int | None = None


def match_all(said, repeats=False):
    """A Match for each of a list of Said, which has parents before what belongs to them; with `repeats`, what stands
    further up in the list is found too. Queries: a few a kind."""
    matchers = {}
    parents = {}  # (kind, name in the file): id of the parent that is held
    found = []

    def matcher(kind):
        if kind.name not in matchers:
            matchers[kind.name] = kind.matcher()
        return matchers[kind.name]

    for position, one in enumerate(said):
        kind = one.kind.references.get(one.kind.belongs_to)
        parent = kind and (kind.name, one.values.get(one.kind.belongs_to))
        if parent and parent[1] and parent not in parents:
            parents[parent] = matcher(kind).named(parent[1])
        match = matcher(one.kind).find(one.values, parents.get(parent))
        if one.code:
            parents[one.kind.name, one.code] = match.pk
        if repeats and match.match != SAME:
            matcher(one.kind).add(one.values, position)
        found.append(match)
    return found


def said_by(row):
    """What a row kept of the file."""
    return Said(KINDS[row.kind], row.place, row.record, row.remarks)


def found_elsewhere(said):
    """({(kind, code): entry that the site holds}, problems) for the references that a file itself does not define."""
    entries, problems = {}, []
    for name, references_of in elsewhere(said).items():
        held = named(KINDS[name], {code for code, _ in references_of})
        entries |= {(name, code): entry for code, entry in held.items()}
        problems += [
            (where, f"{code} is neither in the file nor here.") for code, where in references_of if code not in held
        ]
    return entries, problems
