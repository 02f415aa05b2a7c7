"""What a second reader would look at first: a wording beside the passages that it was made from. Pure.

A remark never forbids. Whoever keeps the wording says why, and the second reader sees it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from findings.extraction import degree
from findings.extraction.blocks import without_marks
from findings.extraction.sentences import split

MOST_IN_A_ROW = 7
RUN = MOST_IN_A_ROW + 1
QUOTED = re.compile(r"‘((?:[^‘’]|’(?=\w))+)’|“([^“”]+)”")
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
SHORT_QUOTATION = 2  # words: so few are a way of speaking
LOST_CONTENT = 0.2  # of the words that carry a sentence
FEWEST = 5
SMALL_WORDS = frozenset(
    "about above after again against also although always among another because been before being below between "
    "both could does doing down during each either else even ever every from further have having hence here into "
    "itself just many more most much must need never often only other otherwise over people rather same says "
    "should since some such than that their them then there these they thing things this those through thus under "
    "until upon very well were what when where whether which while will with within without would your ours make "
    "makes made".split()
)
NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "thousand": "1000", "half": "1/2"}
FIGURE = re.compile(r"\b[0-9]+(?:[.,][0-9]+)*\b")
NAME = re.compile(r"(?<![.!?:…“‘(\"'] )(?<!^)(?<=[\s(‘“/])[A-Z][\w’'-]+", re.M)
OUR_MARK = re.compile(r"\[S?[0-9]+\]")


class Check(NamedTuple):
    """`fine` says what was found where there is no remark."""

    name: str
    fine: str


CHECKS = [
    Check("passage", "Nothing without a passage: each sentence has words of one."),
    Check("hedge", "Hedges kept: what the passage says of degree, the wording says too."),
    Check("certainty", "No surer than the passage."),
    Check("number", "Numbers agree."),
    Check("name", "Names agree."),
    Check("copied", f"Own words: no more than {MOST_IN_A_ROW} in a row are the review’s."),
    Check("quotation", "What stands in quotation marks is the review’s, letter for letter."),
]


@dataclass(frozen=True)
class Remark:
    """What to look at. `words` are those that it is about; with `check` they tell it from others."""

    check: str
    words: str
    says: str
    why: str

    @property
    def key(self) -> str:
        return f"{self.check}:{' '.join(self.words.lower().split())}"[:250]


def remarks(passages: Sequence[str], heading: str, texts: Sequence[str], names: Iterable[str] = ()) -> list[Remark]:
    """What to look at in a wording, given as its heading and its further texts, beside its passages. `names` are those
    that a wording may have besides: of the works it cites, and of the review."""
    said = [text for text in [heading, *texts] if text.strip()]
    if not said:
        return []
    if not any(passage.strip() for passage in passages):
        why = "Nothing of the review is linked to it. Choose the sentences that say it, or leave it out."
        return [Remark("passage", "", "A claim with no passage.", why)]
    passage = without_marks(" ".join(passages))
    wording = OUR_MARK.sub("", "\n".join(said))
    found = [
        *_without_passage(passage, texts),
        *_degrees(passage, heading, wording),
        *_numbers(passage, wording, names),
        *_names(passage, wording, names),
        *copied(passage, said),
        *misquoted(passage, said),
    ]
    return list(dict.fromkeys(found))  # two texts may say the same


def _without_passage(passage: str, texts: Sequence[str]) -> Iterable[Remark]:
    held = stems(passage)
    for text in texts:
        for sentence in split(" ".join(text.split())):
            own = stems(OUR_MARK.sub("", sentence))
            if len(own) >= FEWEST and len(own & held) < LOST_CONTENT * len(own):
                why = "Hardly a word of it is in the passage. Choose the sentence that says it, or leave it out."
                yield Remark("passage", sentence, "A claim with no passage.", why)


def stems(text: str) -> set[str]:
    """The beginnings of the words that carry a text."""
    return {word[:5] for word in words(text) if len(word) > 3 and word not in SMALL_WORDS}


def _degrees(passage: str, heading: str, wording: str) -> Iterable[Remark]:
    for found, means in degree.lost(passage, wording):
        why = f"The passage says “{found}”. The wording has nothing that says {means}."
        yield Remark("hedge", found, "A hedge is gone.", why)
    if degree.is_hedged(passage) and not degree.is_hedged(heading) and _claims(passage, heading):
        why = "Alone, as on a slide, it is surer than the passage: it has no word of degree, nor says who says so."
        yield Remark("hedge", heading, "The heading has no hedge.", why)
    for found, puts in degree.added(passage, wording):
        why = f"The wording says “{found}”, and so puts it {puts}. The passage does not."
        yield Remark("certainty", found, "Surer than the passage.", why)


def _claims(passage: str, heading: str) -> bool:
    """Whether a heading says what a hedged sentence of the passage says, and not only names a matter."""
    hedged = [sentence for sentence in split(passage) if degree.is_hedged(sentence)]
    return len(hedged) == len(split(passage)) and bool(stems(heading) & stems(" ".join(hedged)))


def _numbers(passage: str, wording: str, names: Iterable[str]) -> Iterable[Remark]:
    held = _figures(" ".join([passage, *names]))
    for figure, written in _figures(wording).items():
        if figure not in held and figure != "1":
            why = "The passage does not have this number. A mistake in typing, or from somewhere else?"
            yield Remark("number", written, "Another number.", why)


def _figures(text: str) -> dict[str, str]:
    """Number -> as it is written."""
    found = {match[0].replace(",", ""): match[0] for match in FIGURE.finditer(text)}
    return found | {NUMBERS[word]: word for word in words(text) if word in NUMBERS}


def _names(passage: str, wording: str, names: Iterable[str]) -> Iterable[Remark]:
    held = set(words(" ".join([passage, *names])))
    for name in dict.fromkeys(match[0] for match in NAME.finditer(wording)):
        parts = [part.removesuffix("'s") for part in words(name)]
        if not set(parts) <= held | {f"{part}'s" for part in held} and name not in ("I",):
            why = "The passage does not have this name, and no work that is cited."
            yield Remark("name", name, "Another name.", why)


# Words of the review


def words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("’", "'").replace("‘", "'"))


def runs(text: str) -> set[tuple[str, ...]]:
    """Each `RUN` words in a row of a text."""
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def quotations(text: str) -> list[str]:
    """What stands in quotation marks and is longer than two words."""
    found = (one or other for one, other in QUOTED.findall(text))
    return [quotation for quotation in found if len(quotation.split()) > SHORT_QUOTATION]


def plain(text: str) -> str:
    """A text without emphasis and note marks, with straight quotation marks and single blanks."""
    return " ".join(re.sub(r"[*]", "", without_marks(text)).replace("’", "'").replace("‘", "'").split())


def copied(passage: str, texts: Iterable[str]) -> Iterable[Remark]:
    """Where more than seven words in a row are the passage’s, outside quotation marks."""
    held = runs(passage)
    for text in texts:
        for part in QUOTED.split(text)[:: QUOTED.groups + 1]:
            for run in _longest(words(part), held):
                why = f"{MOST_IN_A_ROW} is the most without quotation marks: put it in our words, or quote it."
                yield Remark("copied", " ".join(run), f"{len(run)} words in a row are the review’s.", why)


def _longest(said: list[str], held: set[tuple[str, ...]]) -> Iterable[list[str]]:
    start = None
    for place in range(len(said) - RUN + 2):
        is_held = tuple(said[place : place + RUN]) in held
        if is_held and start is None:
            start = place
        elif not is_held and start is not None:
            yield said[start : place + RUN - 1]
            start = None


def misquoted(text: str, texts: Iterable[str]) -> Iterable[Remark]:
    """Quotations that the text does not have letter for letter."""
    held = plain(text)
    for quotation in (quotation for said in texts for quotation in quotations(said)):
        if plain(quotation) not in held:
            why = "The passage does not have it letter for letter. Copy it again, or take the quotation marks away."
            yield Remark("quotation", quotation, "Not what the review says.", why)
