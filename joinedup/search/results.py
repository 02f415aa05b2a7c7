"""Found entries as a page or the API shows them: the objects, one query a kind, with marked title and snippet."""

from dataclasses import dataclass

from findings.choices import WengerElement
from findings.models import SOURCE_MARK, TermLabel
from findings.records import records_to_cite, with_records
from joinedup.search.backends import backend
from joinedup.search.documents import KINDS
from joinedup.search.snippets import Marker
from sources.prepared import Prepared, hold
from sources.reading import hold_contributors


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

    @property
    def about(self):
        """Where the entry belongs, or what sort of thing it is, in words; "" if its kind says it all."""
        return ABOUT[self.kind](self.entry) if self.kind in ABOUT else ""


ABOUT = {
    "finding": lambda finding: finding.theme.name,
    "implication": lambda point: WengerElement(point.element).gloss,
    "key-message": lambda message: str(message.review),
    "source": lambda source: f"{source.short_citation}, {source.kind_label.lower()}",
}


def _names_of(term):
    """What else it goes by, without the words that only lead to it."""
    names = [label.label for label in term.labels.all() if label.kind != TermLabel.Kind.LEADS_HERE]
    return f"Also: {', '.join(names)}" if names else ""


def _texts_of_source(source):
    yield from (source.summary, source.abstract)
    yield source.reference_text


def _since(entry):
    return SOURCE_MARK.sub("", entry.since_then)


TEXTS = {
    "finding": lambda finding: (finding.bottom_line, finding.body, _since(finding), finding.not_known),
    "implication": lambda point: (point.summary, point.body, _since(point), point.questions),
    "key-message": lambda message: (message.body, message.note, _since(message)),
    "theme": lambda theme: (theme.summary, _since(theme)),
    "source": _texts_of_source,
    "term": lambda term: (term.definition, _names_of(term)),
    "review": lambda review: (review.summary, review.method, _since(review), review.bear_in_mind),
}
BELONGS_TO = {"finding": ["theme"], "key-message": ["review"]}


def _prepared(name, kind):
    return Prepared(lambda keys: kind.public().select_related(*BELONGS_TO.get(name, [])).filter(pk__in=keys))


SHOWN = {name: _prepared(name, kind) for name, kind in KINDS.items()}
_labels = Prepared(lambda terms: TermLabel.objects.filter(term__in=terms))


def _shown(kind, keys):
    entries = SHOWN[kind](keys)
    if kind == "source":
        hold_contributors(entries)
    elif kind == "term":
        labels = _labels(keys)
        for term in entries:
            hold(term, "labels", [label for label in labels if label.term_id == term.pk])
    return entries


def entries_of(ids, load, rows=()):
    """The kind and the entry behind each of these index rows, in order; one that is no longer public is left out.

    `load(kind, keys)` gives the public entries of a kind that have these keys. `rows` were read already, by id.
    """
    keys = {i: (rows[i].kind, rows[i].object_id) for i in ids if i in rows}
    unread = [i for i in ids if i not in keys]
    read = backend().read("search_indexentry", ["id", "kind", "object_id"], "id", unread)
    keys |= {row: (kind, pk) for row, kind, pk in read}
    entries = {}
    for name in KINDS:
        wanted = [pk for held, pk in keys.values() if held == name]
        if wanted:
            entries |= {(name, entry.pk): entry for entry in load(name, wanted)}
    return [(keys[i][0], entries[keys[i]]) for i in ids if keys.get(i) in entries]


def results(found, ids):
    """These index rows of what was `found` as Results, in order."""
    marker = Marker(found.query)
    return [
        Result(kind, entry, marker.marked(str(entry)), marker.snippet(TEXTS[kind](entry)))
        for kind, entry in entries_of(ids, _shown, found.rows)
    ]


def records(ids, site_url):
    """What these index rows are for a reference manager."""
    entries = [entry for _, entry in entries_of(ids, recorded)]
    return records_to_cite(entries, site_url)


def recorded(kind, keys):
    """The public entries of a kind that have these keys, with what a record of each takes; no terms of the glossary,
    which have none."""
    return with_records(KINDS[kind].public()).filter(pk__in=keys) if kind != "term" else []
