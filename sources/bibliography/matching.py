"""Is a work held already? By identifier, then by title, year and first author, then by near spelling.

Works are looked up by blocks (identifier, title, rare words of the title), never each against each: ten thousand
records against ten thousand works take seconds.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple, Self

SAME, MAYBE, NEW = "same", "maybe", "new"

LONGEST_KEY = 250
OPENING = 40  # characters at the start of a title that, when equal, make it near
NEAR = 0.92
WORDS_OF_A_TITLE = 3  # fewer are too few to tell a title without its subtitle
NEAR_NAME = 0.8
RARE_WORDS = 4
COMMON_WORD = 300  # a word in more titles than this says nothing
LOOKED_AT = 20  # works in a block that are compared letter by letter

ARTICLE = re.compile(r"(?:the|an?) (?=\S)")
APOSTROPHES = str.maketrans("", "", "'’‘ʼ`")


def normal(text: str) -> str:
    """`text` without case, accents and punctuation, and without an article at its start."""
    text = (
        unicodedata.normalize("NFKD", text[: 4 * LONGEST_KEY]).casefold().translate(APOSTROPHES).replace("&", " and ")
    )
    letters = "".join(char if char.isalnum() else " " for char in text if not unicodedata.combining(char))
    return ARTICLE.sub("", " ".join(letters.split()), count=1)[:LONGEST_KEY] if letters.strip() else ""


@dataclass(frozen=True, eq=False)
class Work:
    """What of a work is compared. `ref` is the caller's own name for it."""

    ref: Any
    title: str
    year: str = ""
    author: str = ""
    doi: str = ""
    isbn: str = ""
    container: str = ""
    place: tuple[str, ...] = ()  # volume, issue, pages

    @classmethod
    def of(
        cls,
        ref: Any,
        title: str,
        issued: str,
        author: str = "",
        doi: str = "",
        isbn: str = "",
        container: str = "",
        place: Iterable[str] = (),
    ) -> Self:
        return cls(ref, normal(title), issued[:4], normal(author), doi, isbn, normal(container), tuple(place))


class Match(NamedTuple):
    """SAME and the work, MAYBE and the nearest work, or NEW and None."""

    verdict: str
    work: Work | None


class Holdings:
    """Works, to be asked whether they hold another."""

    def __init__(self, works: Iterable[Work] = ()) -> None:
        self._by_doi: dict[str, Work] = {}
        self._by_isbn: defaultdict[str, list[Work]] = defaultdict(list)
        self._exact: defaultdict[tuple[str, str, str], list[Work]] = defaultdict(list)
        self._by_title: defaultdict[str, list[Work]] = defaultdict(list)
        self._by_opening: defaultdict[str, list[Work]] = defaultdict(list)
        self._by_word: defaultdict[tuple[str, str | None], list[Work]] = defaultdict(list)
        self._titles_with: Counter[str] = Counter()
        for work in works:
            self.add(work)

    def add(self, work: Work) -> None:
        if work.doi:
            self._by_doi.setdefault(work.doi, work)
        if work.isbn:
            self._by_isbn[work.isbn].append(work)
        if not work.title:
            return
        self._exact[work.title, work.year, work.author].append(work)
        self._by_title[work.title].append(work)
        if len(work.title) >= OPENING:
            self._by_opening[work.title[:OPENING]].append(work)
        for word in set(work.title.split()):
            self._titles_with[word] += 1
            for year in {work.year, None}:
                self._by_word[word, year].append(work)

    def find(self, work: Work) -> Match:
        same = self.find_same(work)
        if same:
            return Match(SAME, same)
        near = self._nearest(work) if work.title else None
        return Match(MAYBE, near) if near else Match(NEW, None)

    def find_same(self, work: Work) -> Work | None:
        """The work that has the same identifier, or the same title, year and first author; else None."""
        return next(self._same(work), None)

    def find_all(self, work: Work) -> list[Work]:
        """Every work that `find` could give, each once: the same ones first."""
        near = self._near(work) if work.title else ()
        return list(dict.fromkeys([*self._same(work), *(held for held, _ in near)]))

    def _same(self, work: Work) -> Iterator[Work]:
        if work.doi in self._by_doi:
            yield self._by_doi[work.doi]
        for held in self._by_isbn.get(work.isbn, [])[:LOOKED_AT]:
            if not _differ(work.doi, held.doi) and likeness(work.title, held.title) >= NEAR:
                yield held
        if work.title:
            for held in self._exact.get((work.title, work.year, work.author), [])[:LOOKED_AT]:
                if not _in_different_places(work, held):
                    yield held

    def _nearest(self, work: Work) -> Work | None:
        near = list(self._near(work))
        return max(near, key=lambda pair: pair[1])[0] if near else None

    def _near(self, work: Work) -> Iterator[tuple[Work, float]]:
        for held in self._candidates(work):
            if _years_apart(work.year, held.year) > 1 or _are_distinct(work, held):
                continue
            like = likeness(work.title, held.title)
            if like >= NEAR:
                yield held, like

    def _candidates(self, work: Work) -> Iterator[Work]:
        yield from self._by_title.get(work.title, [])[:LOOKED_AT]
        yield from self._by_opening.get(work.title[:OPENING], [])[:LOOKED_AT]
        known = sorted((self._titles_with[word], word) for word in set(work.title.split()) if word in self._titles_with)
        shared: Counter[Work] = Counter()
        for _, word in known[:RARE_WORDS]:
            for year in _years_around(work.year):
                held = self._by_word.get((word, year), ())
                if len(held) <= COMMON_WORD:
                    shared.update(held)
        yield from (held for held, _ in shared.most_common(LOOKED_AT))


def likeness(title: str, other: str) -> float:
    """1 for the same normal title, nearly that for the same opening or a title without its subtitle; else the ratio of
    difflib; 0 if the numbers in them differ."""
    if title == other:
        return 1
    if not title or not other or _numbers(title) != _numbers(other):
        return 0
    if len(title) >= OPENING and title[:OPENING] == other[:OPENING]:
        return 0.99
    short, long = sorted((title, other), key=len)
    if len(short.split()) > WORDS_OF_A_TITLE and long.startswith(f"{short} "):
        return 0.95
    # difflib is slow, so that what cannot be near is left out first: by length, then by the letters in common.
    enough = NEAR * (len(title) + len(other)) / 2
    if min(len(title), len(other)) < enough or (Counter(title) & Counter(other)).total() < enough:
        return 0
    return SequenceMatcher(None, other, title, autojunk=False).ratio()


def _numbers(title: str) -> list[str]:
    """Part 1 is not part 2, and a yearly report not that of another year."""
    return re.findall(r"\d+", title)


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _in_different_places(work: Work, held: Work) -> bool:
    """Each editorial has the title of the last one."""
    places = zip(work.place, held.place, strict=False)
    return (
        _differ(work.doi, held.doi)
        or _differ(work.container, held.container)
        or any(_differ(one, other) for one, other in places)
    )


def _are_distinct(work: Work, held: Work) -> bool:
    """“Introduction”, “Editorial”: short titles of different works are often the same."""
    if min(len(work.title), len(held.title)) >= OPENING:
        return False
    if _differ(work.doi, held.doi):
        return True
    if work.author and held.author:
        return SequenceMatcher(None, work.author, held.author).ratio() < NEAR_NAME
    return _differ(work.container, held.container)


def _years_apart(one: str, other: str) -> int:
    return abs(int(one) - int(other)) if one.isdecimal() and other.isdecimal() else 0


def _years_around(year: str) -> list[str | None]:
    if not year.isdecimal():
        return [None]
    return [year, f"{int(year) - 1:04}", f"{int(year) + 1:04}", ""]
