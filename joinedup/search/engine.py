"""A query and filters -> the entries that answer, best first, with honest counts.

Words that stand in nearly every entry cost no more than rare ones: at most `CAP` candidates are taken, and of those at
most `RANKED` are scored, first those with the words in the heading, then heading or summary, then anywhere. Up to the
cap everything is exact; above it counts are lower bounds and say so.
"""

import re
from collections import Counter, defaultdict, namedtuple
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, combinations

from findings.models import Term, TermLabel
from joinedup.search.backends import backend
from joinedup.search.backends.base import ANYWHERE, DATE, HEADING, SUMMARY, TooSlow, dated, facet_token
from joinedup.search.expansion import Thesaurus
from joinedup.search.models import Misspelling, Stem, Word
from joinedup.search.query import Query, parse
from joinedup.search.ranking import Ranker
from joinedup.search.spelling import best_correction, slips, worth_correcting
from sources.prepared import Prepared

CAP = 1000
RANKED = 120
ENOUGH = 8  # a search that finds fewer looks for other names too
FEW = 5  # one that finds fewer still takes entries that lack a word
MOST_WORDS = 8  # of a longer query the commonest are left out first
MOST_READ = 500  # entries that have any of its rare words; the first of these may bring as many as the cap
MOST_OF_IT = 0.25  # the share of a query's worth that an entry must then meet

FIELDS = ["id", "kind", "object_id", "names", "heading", "summary", "labels", "body"]
Row = namedtuple("Row", FIELDS)
AS_WRITTEN = "CAST(date AS text)"  # to make a date of a thousand of them takes longer than to read them

_entries = Prepared(lambda stems: Stem.objects.filter(stem__in=stems).values_list("stem", "entries"))


@dataclass
class Found:
    """What a search found: ids of index entries, best first, and how it came to them.

    `query` is what was searched in the end; `typed` is what the reader wrote, if a spelling was corrected;
    `is_partial` tells that an entry may lack some of its words. Counts are lower bounds unless `is_exact`. `term` is
    the id of the term of the glossary that the words name, if they name one. `rows` are those of the index that were
    read on the way, by id.
    """

    query: Query
    ids: list = field(default_factory=list)
    is_exact: bool = True
    facets: dict = field(default_factory=dict)
    typed: str = ""
    is_partial: bool = False
    term: int = None
    rows: dict = field(default_factory=dict)

    @property
    def count(self):
        return len(self.ids)


def search(text, filters=None, *, as_typed=False, newest=False, with_facets=True):
    """Search for `text` among the entries that fit `filters` (facet name -> allowed values).

    `as_typed` searches the words as typed, in any spelling: no other names, no missing words, no corrections. With no
    word at all, the filters alone choose. Raises `backends.base.TooSlow`.
    """
    filters = {name: list(values) for name, values in (filters or {}).items() if values}
    query = parse(text)
    thesaurus = load_thesaurus()
    searching = _Search(filters)
    with backend().time_limit():
        typed = ""
        asked = thesaurus.spelled_otherwise(query)
        if not as_typed:
            corrected = searching.corrected(query.text, asked, thesaurus)
            if corrected:
                typed, query = query.text, parse(corrected)
                asked = thesaurus.spelled_otherwise(query)
        plan, ids = searching.widen(query, asked, thesaurus, as_typed)
        exact = len(ids) <= CAP
        ids = ids[:CAP]
        by_date = newest or not plan.query.groups
        ordered = searching.newest_first(ids) if by_date else searching.best_first(plan, ids)
        facets = searching.facets(plan, ids) if with_facets else {}
    partial = plan.needed < len(plan.query.groups)
    term = thesaurus.named(plan.query.text)
    return Found(plan.query, ordered, exact, facets, typed, partial, term, searching.rows)


def words_that_find(query, most=6):
    """For a query that found nothing: those of its first words that would find something alone, with how much, at most
    `CAP`; none if there is no time to tell."""
    if len(query.groups) < 2:
        return []
    searching, groups = _Search({}), load_thesaurus().spelled_otherwise(query).groups[:most]
    try:
        with backend().time_limit():
            counted = [(g.text, searching.count_alone(query.with_groups([g], excluded=()))) for g in groups]
    except TooSlow:
        return []
    return [(word, count) for word, count in counted if count]


def load_thesaurus():
    """The published glossary: read each time, so that it is never stale, and prepared anew when it has changed."""
    return _thesaurus(frozenset(_labels()))


_labels = Prepared(
    lambda: Term.objects.published().order_by().values_list("pk", "preferred_label", "labels__label", "labels__kind")
)


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


@dataclass(frozen=True)
class Plan:
    """A query, and what of it an entry must meet: at least `needed` groups, and `share` of their worth together.

    `either` are the sets of groups of which the database is asked for entries with all of one; else any `needed`.
    """

    query: Query
    needed: int
    share: float = 0.0
    either: tuple = ()

    @classmethod
    def all_words(cls, query):
        return cls(query, len(query.groups))

    def expression(self, filters, where=ANYWHERE):
        """The question to the database: the groups in the fields that `where` names, and the filters anywhere."""
        groups = {
            group: ("any", [_token_set(alternative, where) for alternative in group.alternatives])
            for group in self.query.groups
        }
        wanted = [("any", [facet_token(f"{name}={value}") for value in values]) for name, values in filters.items()]
        if groups:
            either = self.either or combinations(self.query.groups, self.needed)
            wanted.append(("any", [("all", [groups[group] for group in some]) for some in either]))
        unwanted = [alternative.tokens[0] for alternative in self.query.excluded if len(alternative.tokens) == 1]
        expression = ("all", wanted)
        return ("not", expression, ("any", unwanted)) if unwanted else expression

    @property
    def must_be_read(self):
        """Whether the database's answer has to be checked against the text: it knows words, not phrases."""
        alternatives = [a for group in self.query.groups for a in group.alternatives]
        return bool(
            self.share or any(a.is_phrase for a in alternatives) or any(len(a.tokens) > 1 for a in self.query.excluded)
        )

    def accepts(self, met, ranker):
        return sum(met.anywhere) >= self.needed and ranker.share(met.anywhere) >= self.share and not met.is_excluded


def _token_set(alternative, where):
    return ("all", [where + token for token in alternative.tokens])


class _Search:
    """One search under `filters`; what it has read of the index it need not read again."""

    def __init__(self, filters):
        self.filters = filters
        self.rows = {}
        self.known = {}
        self.facets_of = {}
        self.entries = {}
        self.rankers = {}

    def hold(self, tokens):
        """Token -> how many entries hold it, if any does; the key "" counts all entries."""
        unread = {"", *tokens} - self.entries.keys()
        if unread:
            self.entries |= dict.fromkeys(unread, 0)
            self.entries |= dict(_entries(list(unread)))
        return self.entries

    def ranker(self, query):
        if query not in self.rankers:
            held = self.hold(token for group in query.groups for a in group.alternatives for token in a.tokens)
            self.rankers[query] = Ranker(query, held, max(held[""], 1))
        return self.rankers[query]

    def read(self, ids):
        """The texts of these index entries, in their order."""
        unread = [i for i in ids if i not in self.rows]
        self.rows |= {row[0]: Row(*row) for row in backend().read("search_indexentry", FIELDS, "id", unread)}
        return [self.rows[i] for i in ids if i in self.rows]

    def met(self, query, ids):
        """What of a query these index entries meet: id -> Met, in their order. The text of each is read if they are few
        enough to be scored anyhow, or if the database cannot tell."""
        known = self.known.setdefault(query, {})
        unknown = [i for i in ids if i not in known]
        ranker = self.ranker(query)  # to find it by its query takes as long as to look at a text
        told = backend().met(query, unknown, ranker.entries) if len(unknown) > RANKED else None
        if told is None:
            told = {row.id: ranker.met(row) for row in self.read(unknown)}
        known |= told
        return {i: known[i] for i in ids if i in known}

    def candidates(self, plan, filters):
        """Ids of entries that fulfil the plan, newest first, one more than `CAP` if there are more."""
        if not plan.query.groups and not filters:
            return []
        ids = self.matching(plan, filters)
        return self.accepted(plan, ids) if plan.must_be_read else ids

    def matching(self, plan, filters, where=ANYWHERE, limit=CAP + 1):
        """Ids of entries that fulfil the plan as far as the database can tell, newest first; their facets, if they come
        with them, are held."""
        found = backend().matching(plan.expression(filters, where), limit)
        self.facets_of = found | self.facets_of  # what was read stays
        return list(found)

    def count_alone(self, query):
        """How many entries a query of one group finds, at most `CAP`."""
        [group] = query.groups
        if len(group.alternatives) == len(group.alternatives[0].tokens) == 1:
            [token] = group.alternatives[0].tokens
            return min(self.hold([token])[token], CAP)
        return len(self.candidates(Plan.all_words(query), {})[:CAP])

    def accepted(self, plan, ids):
        """Those of `ids` whose text fulfils the plan too; what is above the cap stays as a sign of more."""
        ranker = self.ranker(plan.query)
        return [i for i, met in self.met(plan.query, ids[:CAP]).items() if plan.accepts(met, ranker)] + ids[CAP:]

    def widen(self, query, asked, thesaurus, as_typed):
        """The plan that finds enough, taking from the first: all words; their other names; most of the words."""
        plan = Plan.all_words(asked)
        ids = self.candidates(plan, self.filters)
        if as_typed or len(ids) >= ENOUGH or not asked.groups:
            return plan, ids
        wider = thesaurus.also_called(query)
        if wider.also_searched:
            more = self.candidates(Plan.all_words(wider), self.filters)
            if len(more) > len(ids):
                plan, ids = Plan.all_words(wider), more
        else:
            wider = asked
        if len(ids) < FEW and len(asked.groups) > 1:
            partial, more = self.most_words(wider if len(wider.groups) > 1 else asked)
            if len(more) > len(ids):
                plan, ids = partial, more
        return plan, ids

    def most_words(self, query):
        """Entries that meet the weightier part of a query: as few words as may be without finding more than can be
        read."""
        ranker = self.ranker(query)
        rarest = sorted(query.groups, key=lambda group: -ranker.worth_of(group))[:MOST_WORDS]
        query = query.with_groups(group for group in query.groups if group in rarest)
        either = self.rare_or_all_others(rarest)
        if either:
            plan = Plan(query, 1, MOST_OF_IT, either)
            return plan, self.candidates(plan, self.filters)
        for needed in range(1, len(rarest)):
            plan = Plan(query, needed, MOST_OF_IT)
            ids = self.matching(plan, self.filters)
            if len(ids) <= CAP:
                break
        return plan, self.accepted(plan, ids)

    def rare_or_all_others(self, rarest):
        """Each group of words so rare that all entries with any of them can be read, then all other groups together."""
        counts = {g: sum(min(self.entries[token] for token in a.tokens) for a in g.alternatives) for g in rarest}
        held = [group for group in rarest if counts[group]]
        totals = accumulate(counts[group] for group in held)
        rare = [g for g, total in zip(held, totals, strict=True) if total <= (CAP if g is held[0] else MOST_READ)]
        others = tuple(held[len(rare) :])
        return (*((group,) for group in rare), *([others] if others else [])) if rare else ()

    def corrected(self, text, asked, thesaurus):
        """`text` with each unknown word put right, or "" if nothing can or need be."""
        held = self.hold(token for group in asked.groups for a in group.alternatives for token in a.tokens)
        for group in asked.groups:
            if any(all(held[token] for token in a.tokens) for a in group.alternatives) or thesaurus.knows(group):
                continue
            better = group.text
            for form in group.forms:
                known = Word.objects.filter(word=form).exists()
                correction = None if known else self.correction(form)
                if correction:
                    better = re.sub(re.escape(form), correction, better, count=1, flags=re.IGNORECASE)
            text = text.replace(group.text, better, 1)
        return text if text != asked.text else ""

    def correction(self, form):
        if not worth_correcting(form):
            return None
        near = Misspelling.objects.filter(text__in=slips(form)).values_list("word", flat=True).distinct()
        stems = dict(Word.objects.filter(word__in=near).values_list("word", "stem"))
        held = self.hold(stems.values())
        return best_correction(form, [(word, held[stem]) for word, stem in stems.items() if held[stem]])

    def best_first(self, plan, ids):
        ranker = self.ranker(plan.query)
        chosen = ids
        if len(ids) > RANKED and plan.must_be_read:
            promise = {i: (*ranker.promise(met), i) for i, met in self.met(plan.query, ids).items()}
            chosen = sorted(promise, key=promise.get, reverse=True)[:RANKED]
        elif len(ids) > RANKED:
            # Entries beyond the cap may answer in their heading: they take the place of others.
            chosen = self.matching(plan, self.filters, HEADING, RANKED)
            if len(chosen) < RANKED:
                chosen += self.matching(plan, self.filters, SUMMARY, RANKED)
            chosen = list(dict.fromkeys(chosen + ids))[:RANKED]
            ids = list(dict.fromkeys(chosen + ids))[: len(ids)]
        scores = {row.id: ranker.score(row) for row in self.read(chosen)}
        best = sorted(scores, key=lambda i: (-scores[i], i))
        return best + [i for i in ids if i not in scores]

    def facets(self, plan, ids):
        """Facet -> value -> how many would be found; a facet's own choice does not narrow its counts."""
        counted = self.count_facets(ids)
        counted.pop(DATE.strip(" ="), None)
        for name in self.filters:
            others = {other: values for other, values in self.filters.items() if other != name}
            if plan.query.groups or others:
                counted[name] = self.count_facets(self.candidates(plan, others)[:CAP], name)[name]
        return counted

    def count_facets(self, ids, only=""):
        """Facet -> value -> how many of these entries have it; of the facet `only`, if one is named."""
        facets = " ".join(["", *filter(None, self.read_facets(ids))])
        if only:
            return {only: Counter(facet.partition(" ")[0] for facet in facets.split(f" {only}=")[1:])}
        counted = defaultdict(dict)
        for facet, entries in Counter(facets.split()).items():
            name, _, value = facet.partition("=")
            counted[name][value] = entries
        return counted

    def read_facets(self, ids, besides=""):
        """The facets of these entries, in their order, each with what stands `besides` them."""
        unread = [i for i in ids if (known := self.facets_of.get(i)) is None or besides not in known]
        read = backend().read("search_indexentry", ["id", "facets", AS_WRITTEN], "id", unread)
        self.facets_of |= {i: dated(facets, date) for i, facets, date in read}
        return [self.facets_of.get(i) for i in ids]

    def newest_first(self, ids):
        """These entries by their date, those of a day as they were indexed."""
        ids = sorted(ids)
        dates = [(facets or "").partition(DATE)[2] for facets in self.read_facets(ids, DATE)]
        ordered = sorted(zip(dates, ids, strict=True), key=lambda row: row[0], reverse=True)
        return [i for _, i in ordered]
