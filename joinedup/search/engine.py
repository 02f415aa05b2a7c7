"""A query and filters -> the entries that answer, best first, with exact counts (docs/search.md).

One weighed query: each group of words brings its BM25, summed over the fields, and something for being met at all. The
more of a query's sense an entry covers, the higher it stands, and none has to cover all of it.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from math import log

from tantivy import Occur, Order
from tantivy import Query as Tantivy

from findings.models import Term, TermLabel
from joinedup.search import index
from joinedup.search.expansion import Thesaurus
from joinedup.search.index import ANYWHERE, FIELDS, SCHEMA
from joinedup.search.query import Alternative, Query, identifier_key, name_key, parse
from joinedup.search.spelling import correct

COVER = 3.0  # what it is worth to meet a group at all, in its rarity; BM25 of a word is at most 2.2 of that
CUT = 0.3  # the part of what the best entry covers that others must cover to be counted
HONEST = 0.6  # the part of a query that the best entry must cover, or it is said that nothing matches all of it
FEW = 5  # of fewer entries with all words the page says so
FEW_BEFORE_PREFIX = 3  # with fewer the last word may be the beginning of others
BEGINNINGS = 12
BEGINNING_WEIGHT = 0.8
SHORTEST_BEGINNING = 3  # letters, of a word without a star
NAMED = 1000.0  # an entry whose code, heading, authors and year … were typed comes before all others
MOST_WEIGHED = 8  # groups, the rarest, by which it is told whether an entry covers enough
MOST_RANKED = 12  # groups, the rarest, by which entries are ranked
MOST_VALUES = 10_000  # of all facets together


class Hits:
    """What was found, in order, read as it is asked for: a slice is a list of pairs of kind and id."""

    def __init__(self, snapshot=None, query=None, count=0, by_date=False):
        self.snapshot, self.query, self.count, self.by_date = snapshot, query, count, by_date

    def __len__(self):
        return self.count

    def __getitem__(self, wanted):
        start, stop, _ = wanted.indices(self.count)
        if start >= stop:
            return []
        found = self._newest(start, stop) if self.by_date else self._best(start, stop)
        return self.snapshot.keys([address for *_, address in found])

    def _newest(self, start, stop):
        return self.snapshot.searcher.search(
            self.query, stop - start, count=False, offset=start, order_by_field="newest", order=Order.Desc
        ).hits

    def _best(self, start, stop):
        """Equal scores stand in the order of codes, so that all machines agree: those beyond the slice are read too."""
        limit = stop + 1
        while True:
            hits = self.snapshot.searcher.search(self.query, limit, count=False, weight_by_field="weight").hits
            if len(hits) < limit or hits[-1][0] < hits[stop - 1][0]:
                break
            limit *= 2
        orders = self.snapshot.values("order", [address for _, address in hits])
        ranked = sorted(zip(hits, orders, strict=True), key=lambda pair: (-pair[0][0], pair[1]))
        return [hit for hit, _ in ranked[start:stop]]


@dataclass
class Found:
    """What a search found and how it came to it.

    `query` is what was searched in the end; `typed` is what the reader wrote, if a spelling was corrected. `term` is
    the id of the term of the glossary that the words name, if they name one. `with_all` is the number of entries that
    have all of the words. `left_out` are the words that the nearest entry lacks; if it covers too little,
    `matches_all` is False. `is_current` is False while the index has not followed the last changes.
    """

    query: Query
    hits: Hits = field(default_factory=Hits)
    facets: dict = field(default_factory=dict)
    typed: str = ""
    term: int = None
    with_all: int = 0
    left_out: tuple = ()
    matches_all: bool = True
    is_current: bool = True

    @property
    def count(self):
        return self.hits.count

    @property
    def is_partial(self):
        """Whether few entries have all of the words, and others are listed with them."""
        return self.with_all < FEW and self.with_all < self.count and len(self.query.groups) > 1


def search(text, filters=None, *, as_typed=False, newest=False, with_facets=True):
    """Search for `text` among the entries that fit `filters` (facet name -> allowed values).

    `as_typed` searches for entries with all the words as typed, in any spelling: no other names, no corrections, no
    missing words. With no word at all the filters alone choose. Raises `index.NotReady`.
    """
    filters = {name: list(values) for name, values in (filters or {}).items() if values}
    snapshot, is_current = index.snapshot()
    thesaurus, words = load_thesaurus(), Words(snapshot)
    query, typed = parse(text), ""
    if as_typed:
        query = words.begun(thesaurus.spelled_otherwise(query), starred_only=True)
    else:
        if corrected := words.corrected(query.text, thesaurus.spelled_otherwise(query), thesaurus):
            typed, query = query.text, parse(corrected)
        query = words.begun(thesaurus.also_called(query))
    found = Found(query, typed=typed, term=thesaurus.named(query.text), is_current=is_current)
    if not query.groups and not filters:
        return found
    wanted = ranked = None
    if query.groups:
        weighed = Weighed(query, words, as_typed)
        wanted = weighed.wanted(found, filters)
        ranked = weighed.ranked(wanted)
    chosen = _filtered(wanted, filters)
    if with_facets:
        count, found.facets = _facets(snapshot, wanted, filters, chosen)
    else:
        count = snapshot.count(chosen)
    if wanted and weighed.takes_all:
        found.with_all, found.left_out = count, () if count else tuple(group.text for group in query.groups)
    by_date = newest or ranked is None
    found.hits = Hits(snapshot, chosen if by_date else _filtered(ranked, filters), count, by_date)
    return found


class Words:
    """The words of a Snapshot: how rare they are, and how they are written."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.counted = {}

    def entries(self, alternative):
        """How many entries may meet it: those that have its rarest token."""
        return min((self.snapshot.holding(token) for token in alternative.tokens), default=0)

    def is_held(self, group):
        return any(self.entries(alternative) for alternative in group.alternatives)

    def rarity(self, group):
        """How much of a query's sense a group carries: by the rarity of what was typed, or of its commonest other name
        if nobody uses that, and by the number of words in it."""
        typed = self.entries(group.alternatives[0])
        held = typed or max(self.entries(alternative) for alternative in group.alternatives)
        return max(log(1 + (self.snapshot.entries - held + 0.5) / (held + 0.5)), 0.1) * max(len(group.forms), 1) ** 0.5

    def begun(self, query, starred_only=False):
        """`query` with the commonest words that begin as a word typed with a star does; and as its last word does, if
        few entries have all of the words."""
        groups = list(query.groups)
        for i, group in enumerate(groups):
            may_be_begun = i == len(groups) - 1 and not starred_only and _is_long_enough(group)
            if group.is_beginning or (may_be_begun and self.with_all(tuple(groups)) < FEW_BEFORE_PREFIX):
                groups[i] = replace(group, alternatives=(*group.alternatives, *self._others_begun(group)))
        return query.with_groups(groups)

    def _others_begun(self, group):
        return self.beginnings(group, {token for alternative in group.alternatives for token in alternative.tokens})

    def with_all(self, groups):
        """How many entries meet all of these groups."""
        if groups not in self.counted:
            self.counted[groups] = self.snapshot.count(_all([_meets_group(group) for group in groups]))
        return self.counted[groups]

    def beginnings(self, group, but=()):
        """The commonest words that begin as a group does, as Alternatives, without the tokens `but`."""
        begun = {}
        if not group.forms:
            return []
        for _, token, entries in self.snapshot.words_beginning(group.forms[-1]):
            if token not in but:
                begun[token] = begun.get(token, 0) + entries
        commonest = sorted(begun, key=lambda token: (-begun[token], token))[:BEGINNINGS]
        return [Alternative((token,), weight=BEGINNING_WEIGHT) for token in commonest]

    def corrected(self, text, query, thesaurus):
        """`text` with each word put right that finds nothing, or "" if nothing can or need be."""
        for group in query.groups:
            if self.is_held(group) or thesaurus.knows(group) or self._beginnings_of_last(group, query):
                continue
            better = group.text
            for form in group.forms:
                correction = correct(form, group.text, self.snapshot)
                if correction:
                    better = better.casefold().replace(form, correction, 1)
            text = text.replace(group.text, better, 1)
        return text if text != query.text else ""

    def _beginnings_of_last(self, group, query):
        may_be_begun = group == query.groups[-1] and _is_long_enough(group)
        return (group.is_beginning or may_be_begun) and self.beginnings(group)


def _is_long_enough(group):
    return len(group.forms) == 1 and not group.is_required and len(group.forms[0]) >= SHORTEST_BEGINNING


class Weighed:
    """A Query as one of tantivy's."""

    def __init__(self, query, words, as_typed):
        self.groups, self.excluded, self.text = query.groups, query.excluded, query.text
        self.words, self.snapshot = words, words.snapshot
        self.takes_all = as_typed or len(query.groups) == 1  # all of the words, or nothing
        self.rarity = {group: words.rarity(group) for group in self.groups}
        self.meets = {group: _meets_group(group) for group in self.groups}

    def wanted(self, found, filters):
        """What is counted and listed, in no order; tells `found` what of the words is met."""
        if self.takes_all:
            return self._without_excluded(_any([_all(self.meets.values()), self._named()]))
        required = [self.meets[group] for group in self.groups if group.is_required]
        with_all = found.with_all = self.words.with_all(self.groups)
        if with_all and (filters or self.excluded):
            all_words = self._without_excluded(_all(self.meets.values()))
            found.with_all = self.snapshot.count(_filtered(all_words, filters))
        share = 1.0
        if not with_all:
            found.left_out, share = self._best_share(required)
        found.matches_all = share >= HONEST
        least = self._covers(CUT * share) if found.matches_all else _any(self.meets.values())
        return self._without_excluded(_all([*required, _any([least, self._named()])]))

    def ranked(self, wanted):
        """The same with scores."""
        named = Tantivy.boost_query(self._named(), NAMED)
        if len(self.groups) == 1:
            return self._without_excluded(_any([self._score(self.groups[0]), named]))
        scored = [named]
        for group in sorted(self.groups, key=self.rarity.get, reverse=True)[:MOST_RANKED]:
            scored += [self._score(group), self._cover(group)]
        clauses = [(Occur.Should, query) for query in scored]
        return Tantivy.boolean_query([(Occur.Must, Tantivy.const_score_query(wanted, 0.0)), *clauses])

    def _without_excluded(self, query):
        excluded = [(Occur.MustNot, _meets(alternative)) for alternative in self.excluded]
        return Tantivy.boolean_query([(Occur.Must, query), *excluded])

    def _named(self):
        keys = [key for key in (identifier_key(self.text), name_key(self.text)) if key]
        return Tantivy.const_score_query(_any([Tantivy.term_query(SCHEMA, "names", key) for key in keys]), 1.0)

    def _score(self, group):
        """The best of its alternatives: BM25 of a word is summed over the fields, that of several is of the whole."""
        scored = []
        for alternative in group.alternatives:
            fields = FIELDS if len(alternative.tokens) == 1 else [ANYWHERE]
            scored.append(Tantivy.boost_query(_any([_meets(alternative, name) for name in fields]), alternative.weight))
        return Tantivy.disjunction_max_query(scored)

    def _cover(self, group):
        worth = COVER * self.rarity[group]
        return Tantivy.disjunction_max_query(
            [Tantivy.const_score_query(_meets(a), a.weight * worth) for a in group.alternatives]
        )

    def _best_share(self, required):
        """The words that the entry lacks which covers most of the query, and the part of it that it covers."""
        worth = [Tantivy.const_score_query(self.meets[group], self.rarity[group]) for group in self.groups]
        wanted = [(Occur.Must, Tantivy.const_score_query(query, 0.0)) for query in required]
        query = Tantivy.boolean_query([*wanted, *((Occur.Should, query) for query in worth)])
        hits = self.snapshot.searcher.search(self._without_excluded(query), 1, count=False).hits
        if not hits:
            return tuple(group.text for group in self.groups), 0.0
        score, address = hits[0]
        [nearest] = self.snapshot.keys([address])
        key = Tantivy.term_query(SCHEMA, "key", index.key_of(*nearest))
        lacking = [g for g in self.groups if not self.snapshot.count(_all([key, self.meets[g]]))]
        return tuple(group.text for group in lacking), score / sum(self.rarity.values())

    def _covers(self, share):
        """What meets groups that are worth `share` of the query together: any of the smallest sets of them."""
        least = share * sum(self.rarity.values())
        rarest = sorted(self.groups, key=lambda group: -self.rarity[group])[:MOST_WEIGHED]
        smallest = []
        for size in range(1, len(rarest) + 1):
            for some in combinations(rarest, size):
                covers = sum(self.rarity[group] for group in some) >= least
                if covers and not any(known <= set(some) for known in smallest):
                    smallest.append(set(some))
        return _any([_all([self.meets[group] for group in some]) for some in smallest])


def _meets(alternative, name=ANYWHERE):
    tokens = list(alternative.tokens)
    if len(tokens) == 1:
        return Tantivy.term_query(SCHEMA, name, tokens[0])
    if alternative.is_phrase:
        return Tantivy.phrase_query(SCHEMA, name, tokens)
    return _all([Tantivy.term_query(SCHEMA, name, token) for token in tokens])


def _meets_group(group):
    """What meets any alternative. What has a phrase has its words: where they will do, it need not be looked for."""
    apart = [set(alternative.tokens) for alternative in group.alternatives if not alternative.is_phrase]
    telling = [a for a in group.alternatives if not (a.is_phrase and any(some <= set(a.tokens) for some in apart))]
    return _any([_meets(alternative) for alternative in telling])


def _any(queries):
    return Tantivy.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries):
    return Tantivy.boolean_query([(Occur.Must, query) for query in queries])


def _filtered(query, filters):
    clauses = [(Occur.Must, query)] if query else []
    for name, values in filters.items():
        facets = Tantivy.term_set_query(SCHEMA, "facets", [f"{name}={value}" for value in values])
        clauses.append((Occur.Must, Tantivy.const_score_query(facets, 0.0)))
    return Tantivy.boolean_query(clauses)


def _facets(snapshot, query, filters, chosen):
    """How many are found, and facet -> value -> how many would be; a facet's own choice does not narrow its counts."""
    counted = _count_facets(snapshot, chosen)
    count = sum(counted.get("kind", {}).values())
    for name in filters:
        others = {other: values for other, values in filters.items() if other != name}
        if query or others:
            counted[name] = _count_facets(snapshot, _filtered(query, others)).get(name, {})
    return count, counted


def _count_facets(snapshot, query):
    terms = {"field": "facets", "size": MOST_VALUES, "segment_size": MOST_VALUES}
    buckets = snapshot.searcher.aggregate(query, {"facets": {"terms": terms}})["facets"]["buckets"]
    counted = {}
    for bucket in buckets:
        name, _, value = bucket["key"].partition("=")
        counted.setdefault(name, {})[value] = bucket["doc_count"]
    return counted


def headings_begun(text, kinds):
    """The Hits of these kinds that have the words of `text` in their heading, of which the last may be begun only."""
    snapshot, _ = index.snapshot()
    *whole, last = parse(text).groups or [None]
    begun = last and Words(snapshot).beginnings(last)
    if not begun:
        return Hits()
    wanted = [_meets(group.alternatives[0], "heading") for group in whole]
    wanted.append(_any([_meets(alternative, "heading") for alternative in begun]))
    query = _filtered(_all(wanted), {"kind": kinds})
    return Hits(snapshot, query, snapshot.count(query))


def words_that_find(query, most=6):
    """For a query that found too little: those of its first words that find something alone, with how much."""
    if len(query.groups) < 2:
        return []
    snapshot, _ = index.snapshot()
    groups = load_thesaurus().spelled_otherwise(parse(query.text)).groups[:most]
    counted = [(group.text, snapshot.count(_meets_group(group))) for group in groups]
    return [(word, count) for word, count in counted if count]


def nearest_findings(query, most=3):
    """The ids of the findings that cover most of the words of a query, whatever it left out or put together."""
    apart = " ".join(group.text.strip("“”") for group in query.groups)
    return [pk for _, pk in search(apart, {"kind": ["finding"]}, with_facets=False).hits[:most]] if apart else []


def load_thesaurus():
    """The published glossary: read each time, so that it is never stale, and prepared anew when it has changed."""
    labels = Term.objects.published().order_by()
    return _thesaurus(frozenset(labels.values_list("pk", "preferred_label", "labels__label", "labels__kind")))


@lru_cache(maxsize=2)
def _thesaurus(labels):
    named = {}
    for term, preferred, label, kind in sorted(labels, key=_by_kind_and_label):
        names = named.setdefault(term, [(preferred, True)])
        if label:
            names.append((label, kind == TermLabel.Kind.SPELLING))
    return Thesaurus(named)


def _by_kind_and_label(row):
    term, _, label, kind = row
    return term, kind or "", (label or "").casefold()
