"""Which of the entries that the site holds does a file speak of?

The same code with the same address or title is the same entry: a code alone is not, since every site counts from one.
Sources are compared as works are (`sources.bibliography.matching`). What is only near is for a librarian to decide.
"""

from collections import defaultdict
from typing import NamedTuple

from curation.entries import Entry
from findings.models import KeyMessage, PracticeImplication
from findings.review_files.form import KINDS
from sources.bibliography.matching import MAYBE, NEAR, NEW, SAME, Holdings, Work, likeness, normal
from sources.importing import held_works
from sources.models import Source


class Match(NamedTuple):
    match: str
    pk: int | None = None


def match_all(said):
    """A Match for each of a list of Said, which has parents before what belongs to them. Queries: a few a kind."""
    held = {}
    reviews = {}  # code in the file: id of the review that is held
    found = []
    for one in said:
        review = one.values.get("review")
        if review and review not in reviews:
            reviews[review] = _held(held, KINDS["reviews"]).named(review)
        match = _held(held, one.kind).find(one.values, reviews.get(review))
        if one.kind.name == "reviews" and one.code:
            reviews[one.code] = match.pk
        found.append(match)
    return found


def _held(held, kind):
    if kind.name not in held:
        held[kind.name] = HeldSources(kind) if kind.model is Source else Held(kind)
    return held[kind.name]


class Held:
    """The entries of a kind that the site holds."""

    def __init__(self, kind):
        self.kind = kind
        self._rows = {}  # pk: (slug, normal title, pk of the review)
        self._by_key = {}
        self._by_address = {}
        self._by_title = defaultdict(list)
        key = "number" if issubclass(kind.model, Entry) else "slug"
        review = "review_id" if "review" in kind.references else "pk"
        element = "element" if "element" in kind.columns else "pk"
        columns = ["pk", key, "slug", kind.title, review, element]
        for pk, key, slug, title, review, element in kind.model._base_manager.order_by("pk").values_list(*columns):
            self._rows[pk] = slug, normal(title), review
            self._by_key[key] = pk
            self._by_address[self._address(slug, review, element)] = pk
            self._by_title[normal(title)].append(pk)
        self._near = Holdings(self._works())

    def _works(self):
        return (Work(pk, title) for pk, (_, title, _) in self._rows.items())

    def _address(self, slug, review, element):
        """An address is unique with these."""
        return slug, {KeyMessage: review, PracticeImplication: element}.get(self.kind.model)

    def by_code(self, code):
        """The id of the entry with a code (a term's slug), or None."""
        return self._by_key.get(self.kind.number(code) if self.kind.letter else code) if code else None

    def named(self, name):
        """The id of the entry with a code or, if it is no code, with a title; None if there is not one."""
        titled = self._by_title.get(normal(name), [])
        return self.by_code(name) or (titled[0] if self.kind.number(name) is None and len(titled) == 1 else None)

    def find(self, values, review=None):
        """The Match for what a file says; `review` is the id of the held review that it names."""
        slug, title = values.get("slug"), normal(values.get(self.kind.title, ""))
        pk = self.by_code(values.get(self.kind.key))
        if pk is not None and self._is_same(pk, slug, title):
            return Match(SAME, pk)
        match, pk = self._alike(values, slug, title, review)
        if match != SAME:
            pk = self._by_address.get(self._address(slug, review, values.get("element")), pk)
            match = NEW if pk is None else MAYBE
        return Match(match, pk)

    def _is_same(self, pk, slug, title):
        """Whether what has our code is what we have."""
        ours = self._rows[pk]
        return not (slug or title) or slug == ours[0] or bool(title and title == ours[1])

    def _alike(self, values, slug, title, review):
        """(SAME, MAYBE or NEW, id) by what it says, whatever its code."""
        for pk in self._by_title.get(title, ()) if title else ():
            ours = self._rows[pk]
            same_address = not slug or slug == ours[0] or not self.kind.letter
            if same_address and ("review" not in self.kind.references or review == ours[2]):
                return SAME, pk
        _, near = self._near.find(Work(None, title))
        return (MAYBE, near.ref) if near else (NEW, None)


class HeldSources(Held):
    """Sources are the same by DOI, ISBN, or title, year and first author too. By what was merged into a source, that
    source is found."""

    def __init__(self, kind):
        super().__init__(kind)
        self._merged = dict(Source.objects.exclude(merged_into=None).values_list("pk", "merged_into"))

    def _works(self):
        return held_works()

    def find(self, values, review=None):
        match, pk = super().find(values, review)
        return Match(match, self._merged.get(pk, pk))

    def _is_same(self, pk, slug, title):
        # The address of a source is a name and a year, which another work may have as well.
        ours = self._rows[pk]
        return title == ours[1] or (slug in (None, ours[0]) and (not title or likeness(title, ours[1]) >= NEAR))

    def _alike(self, values, slug, title, review):
        match, work = self._near.find(work_of(values))
        return match, work.ref[1] if work else None


def work_of(values):
    people = values.get("contributors") or [{}]
    author = people[0].get("family") or people[0].get("literal") or ""
    place = tuple(values.get(name, "") for name in ("volume", "issue", "pages"))
    return Work.of(
        None,
        values.get("title", ""),
        values.get("issued", ""),
        author,
        values.get("doi", ""),
        values.get("isbn", ""),
        values.get("container_title", ""),
        place,
    )
