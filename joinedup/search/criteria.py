"""What a reader asked of the search: words, filters, order and page, read from the address and written back into it."""

from heapq import nlargest

from django.http import QueryDict
from taggit.models import Tag

from curation.entries import parse_code
from curation.facets import Facet, Option, with_values
from findings.choices import Stance, WengerElement
from findings.codes import plain_code
from findings.models import Review, Theme
from joinedup.search.documents import KINDS
from sources.models import Source

SORTS = {"relevance": "Best match", "newest": "Newest first"}
LEGENDS = {
    "review": "Review",
    "kind": "Kind",
    "theme": "Theme",
    "stance": "What they say (our sorting)",
    "element": "Practice points (our links)",
    "tag": "Tag",
    "source": "Source",
}
OPTIONS_SHOWN = 12


def _entries(model, label):
    def named(**wanted):
        rows = model.objects.published().filter(**wanted).values_list("slug", "number", label)
        return [(slug, f"{model.LETTER}{number}", name) for slug, number, name in rows]

    return named


def _sources(**wanted):
    sources = Source.objects.published().for_short_citations().filter(**wanted)
    return [(source.slug, source.code, source.short_citation) for source in sources]


def _tags(**wanted):
    return [(slug, slug, name) for slug, name in Tag.objects.filter(**wanted).values_list("slug", "name")]


# In addresses a theme, source or review is named by its slug, in the index by its code, which never changes: each
# function gives the slug, the value in the index and the label of those for which a condition of a QuerySet is true.
NAMES = {"theme": _entries(Theme, "name"), "source": _sources, "review": _entries(Review, "title"), "tag": _tags}
FIXED = {
    "kind": {name: kind.label for name, kind in KINDS.items()},
    "stance": dict(Stance.choices),
    "element": {element.value: element.gloss for element in WengerElement},
}


class Criteria:
    """`filters` holds known values as the index knows them; `unknown` the pairs of facet and value that are not.

    `params` is a QueryDict.
    """

    def __init__(self, params):
        self.params = params
        text = " ".join(params.get("q", "").replace("\0", " ").split())
        self.text = plain_code(text) or text
        self.as_typed = params.get("typed") in ("1", self.text or "1")
        self.sort = params.get("sort") or "relevance"
        self.unknown = []
        if self.sort not in SORTS:
            self.unknown.append(("sort", self.sort))
            self.sort = "relevance"
        self.filters, self.labels = {}, {}
        for name in LEGENDS:
            self._read(name, list(dict.fromkeys(filter(None, params.getlist(name))))[:50])

    def _read(self, name, values):
        clean = [value for value in values if "\0" not in value]
        if name in FIXED:
            known = {value: (value, FIXED[name][value]) for value in clean if value in FIXED[name]}
        else:
            known = {slug: (held, label) for slug, held, label in NAMES[name](slug__in=clean)} if clean else {}
        self.unknown += [(name, value) for value in values if value not in known]
        chosen = [value for value in values if value in known]
        if chosen:
            self.filters[name] = [known[value][0] for value in chosen]
            self.labels[name] = {value: known[value][1] for value in chosen}

    @property
    def is_empty(self):
        return not self.text and not self.filters

    @property
    def notices(self):
        for name, value in self.unknown:
            shown = value[:40].replace("\0", "�")
            if name == "sort":
                yield f"Results cannot be sorted by “{shown}”, so the best match comes first."
            else:
                yield f"“{LEGENDS[name]}” has no choice “{shown}”, so that filter was left out."

    @property
    def query(self):
        """What is asked for as parameters, each as it was understood; with the reading list that goes along."""
        params = QueryDict(mutable=True)
        if self.text:
            params["q"] = self.text
        for name, labels in self.labels.items():
            params.setlist(name, list(labels))
        if self.as_typed:
            params["typed"] = "1"
        if self.sort != "relevance":
            params["sort"] = self.sort
        return params

    def link(self, **changes):
        """The query string of these criteria with parameters set, or removed by None; the page starts over."""
        params = self.query
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        return params.urlencode()

    @property
    def feed_query(self):
        """The query string of what is asked for and nothing else: of a feed of what is found."""
        return self.link(sort=None, items=None)

    def hidden(self, *but):
        """The parameters to carry along in a form, as pairs, without those the form has itself."""
        return [(name, value) for name, values in self.query.lists() if name not in but for value in values]

    @property
    def hidden_beside_words(self):
        """What goes along with words that are typed next: new words are a new search, so no filter does. That words are
        taken as typed is said of these words, and counts for no others."""
        as_typed = [("typed", self.text)] if self.as_typed else []
        return as_typed + self.hidden("q", "typed", *LEGENDS)

    @property
    def hidden_beside_filters(self):
        return self.hidden(*LEGENDS)

    def removals(self):
        """For each chosen value: legend, label, and the query string without it."""
        for name, labels in self.labels.items():
            for value, label in labels.items():
                left = [other for other in labels if other != value]
                yield LEGENDS[name], label, with_values(self.query, name, left)

    def without_filters(self):
        return self.link(**dict.fromkeys(LEGENDS))

    def facets(self, counted, least=2):
        """The facets with `least` options or more, or one chosen.

        `counted` maps facet -> value in the index -> count.
        """
        shown = []
        for name, legend in LEGENDS.items():
            counts, chosen = counted.get(name, {}), self.labels.get(name, {})
            if len(counts) < least and not chosen:
                continue
            if name in FIXED:
                rows = [(value, label, counts.get(value, 0)) for value, label in FIXED[name].items()]
            else:
                rows = self._named(name, counts)
            options = [Option(value, label, n, value in chosen) for value, label, n in rows if n or value in chosen]
            options = [option for i, option in enumerate(options) if i < OPTIONS_SHOWN or option.chosen]
            if len(options) >= least or any(option.chosen for option in options):
                shown.append(Facet(name, legend, options))
        return shown

    def _named(self, name, counts):
        least = min(nlargest(OPTIONS_SHOWN, counts.values()), default=0)  # told first: a facet may have thousands
        commonest = sorted((-count, value) for value, count in counts.items() if count >= least)
        most = {value: -count for count, value in commonest[:OPTIONS_SHOWN]}
        wanted = {value: 0 for value in self.filters.get(name, [])} | most
        if not wanted:
            return []
        asked = {"slug__in": wanted} if name == "tag" else {"number__in": [parse_code(code)[1] for code in wanted]}
        rows = [(slug, label, wanted[value]) for slug, value, label in NAMES[name](**asked)]
        return sorted(rows, key=lambda row: (-row[2], row[1]))
