"""Words of degree: how sure, how often, how many, who says so; and words that leave no doubt. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Group(NamedTuple):
    """Words that stand for each other. `means` is what a wording loses without them."""

    means: str
    pattern: re.Pattern[str]


def _group(means: str, words: str) -> Group:
    return Group(means, re.compile(rf"\b(?:{words})\b", re.I))


HEDGES = [
    _group(
        "that it is possible, not certain",
        "may|might|could|can|possibly|perhaps|potential(?:ly)?|(?:un)?likely|probab(?:le|ly|ility)|appears?|seems?",
    ),
    _group(
        "how often",
        "(?:more |less |most )?often|common(?:ly)?|frequent(?:ly)?|sometimes|usual(?:ly)?|typically|generally"
        "|tends?(?: to)?|mostly|occasional(?:ly)?|seldom|rarely|easily|at times|in (?:many|some|most) cases",
    ),
    _group(
        "how many",
        "many|some|most|several|few|fewer|(?:a |the )?(?:minority|majority)|a number of|not everyone|particular"
        "|(?:large|small|high|low|greater) (?:percentage|proportion|share|number)s?",
    ),
    _group(
        "who says so, or that it is evidence and no fact",
        "(?:one|a|an|in one|each|the|two|three|some|several|few|interview|[0-9]{4}) (?:\\w+ )?(?:study|review)"
        "|studies"
        "|research(?:ers)? (?:suggests?|shows?|found|finds)|(?:there is |the |some )?evidence|found|finds? that"
        "|reports?|reported"
        "|argues?|argued|suggests?|suggested|identif(?:y|ies|ied)(?: as)?|assumed|is (?:seen|said|thought|felt)"
        "|(?:was|were|are) (?:seen|said|thought|felt|described)|says?|said|felt|believed?|according to|critics?|authors"
        "|claims?|claimed|emphasises?|emphasised|stress|indicators?|(?:drawing|drew) on|links|describes?|described",
    ),
    _group(
        "where it stops",
        "not (?:\\w+ )?(?:always|necessarily|entirely|everyone|all|every|solve)|n[’']t (?:always|necessarily|solve all)"
        "|need not|not the only|not only|far from|part(?:ly|ially)|in part|to (?:some|a certain) (?:extent|degree)"
        "|unless|only (?:if|when|where)|depend(?:s|ent) on|never entirely|neither|not (?:always )?straightforward"
        "|not (?:always )?significant|particularly(?: so)? (?:if|where|when)|above all (?:if|where|when)|sometimes"
        "|some|may|can",
    ),
]
# What limits a claim only where it says so outright.
STOPS = re.compile(
    r"\b(?:not (?:\w+ )?(?:always|necessarily|entirely|everyone|all)|n[’']t (?:always|necessarily|solve all)|far from"
    r"|part(?:ly|ially)|in part|to (?:some|a certain) (?:extent|degree)|unless|only (?:if|when|where))\b",
    re.I,
)

CERTAIN = [
    _group(
        "without exception",
        "always|never|every|everyone|everybody|nobody|no one"
        "|(?<!above )(?<!at )(?<!after )(?<![-])all(?! by| the same)|none"
        "|invariably"
        "|whenever",
    ),
    _group(
        "as proven",
        "prove[snd]?|proof|demonstrates?|demonstrated|confirms?|confirmed|establish(?:es|ed)|conclusive(?:ly)?",
    ),
    _group("without doubt", "certainly|clearly|undoubtedly|definitely|obviously|of course|without (?:a )?doubt|indeed"),
    _group("as sure to happen", "ensures?|guarantees?|guaranteed|will|inevitabl[ey]|causes?|caused|bound to"),
    _group(
        "as weighty",
        "essential|vital|crucial|critical|key|central|decisive|acid test|real test|major|significant(?:ly)?|main"
        "|strong(?:ly)?|strongest|best|most effective|fundamental|primary",
    ),
    _group(
        "as an order",
        "must|has to|have to|should|ought to|needs? to|requires?|required|necessary|needs?|need for|calls for",
    ),
]
# “Not always” and “not all” are no certainty; “the agency will” is no more than a future.
NEGATED = re.compile(r"(?:(?:\bnot|n[’']t|\bno|\bnever)(?:\s+\w+){0,2}|\b[Nn]either\b[^.!?]{0,80})\s+$", re.I)


def hedges_in(text: str) -> list[tuple[int, int]]:
    """Where the words of degree stand in a text, in order, none within another: to be underlined."""
    spans = sorted((match.span() for group in HEDGES for match in group.pattern.finditer(text)), key=_longest_first)
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _longest_first(span: tuple[int, int]) -> tuple[int, int]:
    return span[0], -span[1]


def lost(passage: str, wording: str) -> Iterator[tuple[str, str]]:
    """(the words of the passage, what they mean) of each kind of hedge that a wording has nothing for."""
    *simple, stops = HEDGES
    for group in simple:
        match = group.pattern.search(passage)
        if match and not group.pattern.search(wording):
            yield match[0], group.means
    match = STOPS.search(passage)
    if match and not stops.pattern.search(wording):
        yield match[0], stops.means


def added(passage: str, wording: str) -> Iterator[tuple[str, str]]:
    """(the words of the wording, how it puts the claim) of each certainty that the passage does not have."""
    for group in CERTAIN:
        found = _not_denied(group, wording)
        if found and not _not_denied(group, passage):
            yield found, group.means


def _not_denied(group: Group, text: str) -> str:
    """The first words of a group that a text does not deny; empty if there are none."""
    places = group.pattern.finditer(text)
    return next((match[0] for match in places if not NEGATED.search(text[: match.start()])), "")


def is_hedged(text: str) -> bool:
    return any(group.pattern.search(text) for group in HEDGES)
