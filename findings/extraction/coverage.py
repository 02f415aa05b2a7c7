"""How much of a text is covered, set aside or open; and where the next open passage is."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from findings.extraction.models import Sentence, State


@dataclass(frozen=True)
class Cover:
    """Counts of sentences: of a section, or of all."""

    covered: int = 0
    aside: int = 0
    open: int = 0
    section: object = None

    @property
    def total(self):
        return self.covered + self.aside + self.open

    @property
    def done(self):
        return self.covered + self.aside

    @property
    def bar(self):
        """(class, start, width) of each piece of a bar that is 100 wide."""
        pieces, start = [], 0.0
        for name, count in [("done", self.covered), ("aside", self.aside), ("open", self.open)]:
            width = 100 * count / (self.total or 1)
            if count:
                pieces.append((name, f"{start:.2f}", f"{width:.2f}"))
            start += width
        return pieces

    @property
    def in_words(self):
        if self.open:
            return f"{self.open} open of {self.total}"
        aside = f", {self.aside} set aside" if self.aside else ""
        return f"All {self.total} done{aside}"


def by_section(text):
    """The cover of each section that has sentences, in order, in two queries."""
    counts = {}
    rows = text.sentences.order_by().values_list("section", "state").annotate(n=Count("pk"))
    for section, state, number in rows:
        counts.setdefault(section, Counter())[state] = number
    return [
        Cover(found[State.COVERED], found[State.ASIDE], found[State.OPEN], section)
        for section in text.sections.all()
        if (found := counts.get(section.pk))
    ]


def of_all(covers):
    return Cover(*(sum(getattr(cover, name) for cover in covers) for name in ["covered", "aside", "open"]))


def next_open(text, after=None):
    """The first open sentence behind `after`, or else from the start; None if all are done."""
    waiting = text.sentences.open().select_related("section").order_by("number", "part")
    behind = waiting.after(after).first() if after else None
    return behind or waiting.first()


def repeated(text, sentences):
    """Digest -> labels of all sentences of `text` that say the same, for those of `sentences` that are not alone."""
    wanted = {one.digest for one in sentences if one.kind != "heading" and len(one.wording.split()) > 3}
    found = {}
    for one in Sentence.objects.filter(text=text, digest__in=wanted).order_by("number", "part"):
        found.setdefault(one.digest, []).append(one.label)
    return {key: labels for key, labels in found.items() if len(labels) > 1}
