"""Found entries as a page or the API shows them: the objects, one query a kind, with marked title and snippet."""

from dataclasses import dataclass

from findings.choices import WengerElement
from findings.models import TermLabel
from findings.records import records_to_cite, with_records
from joinedup.search.documents import KINDS, since
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


def _asked(entry):
    return entry.questions_answered.replace("\n", " ")


TEXTS = {
    "finding": lambda finding: (finding.bottom_line, finding.body, since(finding), finding.not_known, _asked(finding)),
    "implication": lambda point: (point.summary, point.body, since(point), point.questions, _asked(point)),
    "key-message": lambda message: (message.body, message.note, since(message), _asked(message)),
    "theme": lambda theme: (theme.summary, since(theme), _asked(theme)),
    "source": _texts_of_source,
    "term": lambda term: (term.definition, _names_of(term)),
    "review": lambda review: (review.summary, review.method, since(review), review.bear_in_mind),
}
LOADED_WITH = {
    "finding": lambda findings: findings.select_related("theme", "review"),
    "implication": lambda points: points.select_related("review"),
    "key-message": lambda messages: messages.select_related("review"),
    "source": lambda sources: sources.with_contributors(),
    "term": lambda terms: terms.prefetch_related("labels"),
}


def _shown(kind, keys):
    entries = KINDS[kind].public().filter(pk__in=keys)
    return LOADED_WITH[kind](entries) if kind in LOADED_WITH else entries


def entries_of(keys, load):
    """The kind and the entry of each pair of kind and id, in order; one that is no longer public is left out.

    `load(kind, ids)` gives the public entries of a kind that have these ids.
    """
    entries = {}
    for name in KINDS:
        wanted = [pk for kind, pk in keys if kind == name]
        if wanted:
            entries |= {(name, entry.pk): entry for entry in load(name, wanted)}
    return [(key[0], entries[key]) for key in keys if key in entries]


def results(query, keys):
    """The entries of these keys as Results, in order, with what `query` found marked."""
    marker = Marker(query)
    return [
        Result(kind, entry, marker.marked(str(entry)), marker.snippet(TEXTS[kind](entry)))
        for kind, entry in entries_of(keys, _shown)
    ]


def records(keys, site_url):
    """What the entries of these keys are for a reference manager."""
    entries = [entry for _, entry in entries_of(keys, recorded)]
    return records_to_cite(entries, site_url)


def recorded(kind, keys):
    """The public entries of a kind that have these keys, with what a record of each takes; no terms of the glossary,
    which have none."""
    return with_records(KINDS[kind].public()).filter(pk__in=keys) if kind != "term" else []
