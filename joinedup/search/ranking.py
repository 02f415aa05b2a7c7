"""How well an entry answers a query: BM25F over four fields, the same numbers on either database. Pure.

Robertson, S. and Zaragoza, H. (2009) The Probabilistic Relevance Framework: BM25 and Beyond, section 3.6.
"""

from itertools import compress
from math import log
from typing import NamedTuple

from joinedup.search.query import name_key

FIELDS = {  # weight, usual length in tokens
    "heading": (5.0, 8),
    "summary": (2.5, 20),
    "labels": (2.0, 20),
    "body": (1.0, 60),
}
SATURATION = 1.2
LENGTH_MATTERS = 0.6

# What answers stands above what mentions: a finding or a practice point before the page that gathers it.
KIND_WEIGHT = {
    "finding": 1.0,
    "implication": 1.0,
    "key-message": 0.95,
    "theme": 0.75,
    "source": 0.85,
    "review": 0.6,
    "term": 0.2,
}
NAMED = 1000  # an entry whose code, heading, authors and year … were typed comes before all others


class Met(NamedTuple):
    """Which groups of a query an entry meets anywhere, and in its heading, as booleans; if it has what is unwanted."""

    anywhere: tuple
    heading: tuple
    is_excluded: bool


def rarity(entries, total):
    return log(1 + (total - entries + 0.5) / (entries + 0.5))


class Ranker:
    """Scores entries for one query. `entries` maps a token to the number of entries that hold it, of `total`."""

    def __init__(self, query, entries, total):
        self.groups = query.groups
        self.entries = entries
        self.needles = [needles_of(group.alternatives) for group in query.groups]
        self.unwanted = needles_of(query.excluded)
        typed = [token for group in query.groups for token in group.alternatives[0].tokens]
        self.together = f" {' '.join(typed)} "
        self.name = name_key(query.text)
        self.rarity = {
            alternative: rarity(min((entries.get(token, 0) for token in alternative.tokens), default=0), total)
            for group in query.groups
            for alternative in group.alternatives
        }
        self.worth = [self.worth_of(group) for group in query.groups]
        self.shares = {}

    def worth_of(self, group):
        """How much of the query's sense a group carries: by the rarity of what was typed, so that a rare synonym does
        not outweigh it, and by the number of words in it. A word that no entry holds could tell none apart."""
        if all(self.unheld(alternative) for alternative in group.alternatives):
            return 0.01
        return max(self.rarity[group.alternatives[0]], 0.1) * max(len(group.forms), 1) ** 0.5

    def unheld(self, alternative):
        return any(not self.entries.get(token) for token in alternative.tokens)

    def share(self, covered):
        """The part of the query's worth that the covered groups carry, from 0 to 1."""
        if covered not in self.shares:  # of a thousand entries most cover the same
            self.shares[covered] = sum(compress(self.worth, covered)) / sum(self.worth)
        return self.shares[covered]

    def met(self, row):
        """What of the query the text of an entry meets, as Met."""
        text, heading = text_of(row), row.heading
        anywhere = tuple([meets_any(text, needles) for needles in self.needles])
        in_heading = [met and meets_any(heading, needles) for met, needles in zip(anywhere, self.needles, strict=True)]
        return Met(anywhere, tuple(in_heading), meets_any(text, self.unwanted))

    def promise(self, met):
        """How likely an entry is to score high, quickly told: what it covers at all, then in its heading."""
        return self.share(met.anywhere), self.share(met.heading)

    def score(self, row):
        fields = []
        for name, (weight, usual) in FIELDS.items():
            text = getattr(row, name)
            if text:
                length = 1 - LENGTH_MATTERS + LENGTH_MATTERS * text.count(" ") / usual
                fields.append((text, weight, length))
        whole, total, covered = text_of(row), 0.0, 0.0
        for group, worth in zip(self.groups, self.worth, strict=True):
            best = 0.0
            for alternative in group.alternatives:
                if alternative.weight * worth <= best or not meets(whole, alternative.needles):
                    continue
                frequency = 0.0
                for text, weight, length in fields:
                    times = count(text, alternative.needles)
                    if times:
                        frequency += weight * times / length
                if frequency:
                    strength = worth * frequency / (SATURATION + frequency)
                    best = max(best, alternative.weight * strength)
            if best:
                total += best
                covered += worth
        if not total:
            return 0.0
        share = covered / sum(self.worth)
        if len(self.groups) > 1:
            if self.together in row.heading:
                total *= 1.4
            elif any(self.together in text for text in (row.summary, row.labels, row.body)):
                total *= 1.15
        # A glossary entry explains the word; the evidence on it is what was looked for.
        exact = NAMED if f"|{self.name}|" in row.names and row.kind != "term" else 0
        return exact + total * share**2 * KIND_WEIGHT[row.kind]


def text_of(row):
    return row.heading + row.summary + row.labels + row.body


def needles_of(alternatives):
    """What a text has to hold for one of these: any of some needles, or all of any of some sets of needles."""
    several = [alternative.needles for alternative in alternatives]
    return [needles[0] for needles in several if len(needles) == 1], [some for some in several if len(some) != 1]


# Loops, since generators take half as long again, and of a question a thousand texts are looked at.


def meets(text, needles):
    for needle in needles:  # noqa: SIM110
        if needle not in text:
            return False
    return True


def meets_any(text, needles):
    """Whether a text holds what `needles_of` some alternatives are."""
    single, several = needles
    for needle in single:
        if needle in text:
            return True
    for some in several:  # noqa: SIM110
        if meets(text, some):
            return True
    return False


def count(text, needles):
    """How often; for several tokens that need not stand together, how often the rarest of them."""
    return text.count(needles[0]) if len(needles) == 1 else min(map(text.count, needles))
