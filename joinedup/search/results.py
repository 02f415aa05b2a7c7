"""Found entries as a page or the API shows them: the objects, one query a kind, with marked title and snippet."""

from dataclasses import dataclass

from joinedup.search.documents import KINDS
from joinedup.search.models import IndexEntry
from joinedup.search.snippets import Marker


@dataclass(frozen=True)
class Result:
    kind: str
    entry: object
    title: str  # safe HTML
    snippet: str  # safe HTML

    @property
    def code(self):
        return getattr(self.entry, "code", "")

    @property
    def url(self):
        return self.entry.get_absolute_url()


TEXTS = {
    "finding": lambda finding: (finding.bottom_line, finding.body),
    "implication": lambda point: (point.summary, point.body),
    "key-message": lambda message: (message.body,),
    "theme": lambda theme: (theme.summary,),
    "source": lambda source: (source.summary, source.abstract, source.reference_text),
    "term": lambda term: (term.definition, "Also: " + ", ".join(str(label) for label in term.labels.all())),
    "review": lambda review: (review.summary, review.method),
}
LOADS = {
    "finding": lambda rows: rows.select_related("theme"),
    "key-message": lambda rows: rows.select_related("review"),
    "source": lambda rows: rows.with_contributors(),
    "term": lambda rows: rows.prefetch_related("labels"),
}


def results(query, ids):
    """The entries of these index rows, in order; one that is no longer public is left out."""
    rows = {row.pk: row for row in IndexEntry.objects.filter(pk__in=ids).only("kind", "object_id")}
    entries = {}
    for name, kind in KINDS.items():
        wanted = [row.object_id for row in rows.values() if row.kind == name]
        if wanted:
            load = LOADS.get(name, lambda rows: rows)
            entries |= {(name, entry.pk): entry for entry in load(kind.public()).filter(pk__in=wanted)}
    marker = Marker(query)
    found = []
    for i in ids:
        row = rows.get(i)
        entry = row and entries.get((row.kind, row.object_id))
        if entry:
            snippet = marker.snippet(*TEXTS[row.kind](entry))
            found.append(Result(row.kind, entry, marker.marked(str(entry)), snippet))
    return found
