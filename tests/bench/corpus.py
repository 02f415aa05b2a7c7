"""A made-up collection of any size, the same each time: words as Zipf has them, the field's own words among them."""

import datetime
import random
from itertools import accumulate, islice

from django.conf import settings
from django.core.management import call_command
from taggit.models import Tag

from findings.choices import Stance, WengerElement
from findings.models import (
    Citation,
    Finding,
    PracticeImplication,
    Review,
    TaggedFinding,
    Term,
    TermLabel,
    Theme,
)
from sources.models import Contributor, Source

VOCABULARY = 40_000
THEMES, TAGS, SOURCES = 60, 200, 2000
BATCH = 5000
FIRST_NUMBER = 1001  # those below belong to the fixture
PUBLIC = {"status": "published", "published_on": datetime.date(2020, 1, 2)}

# The head of the vocabulary, commonest first: half of it are words that no search passes over.
COMMON = [
    "the",
    "children",
    "of",
    "work",
    "and",
    "staff",
    "to",
    "families",
    "in",
    "services",
    "a",
    "professionals",
    "is",
    "agencies",
    "for",
    "team",
    "with",
    "training",
    "that",
    "social",
    "on",
    "health",
    "as",
    "support",
    "by",
    "school",
    "are",
    "care",
    "from",
    "practice",
    "an",
    "people",
    "this",
    "information",
    "or",
    "working",
    "was",
    "need",
    "be",
    "parents",
    "it",
    "roles",
    "their",
    "time",
    "which",
    "shared",
    "at",
    "different",
    "but",
    "managers",
    "not",
    "local",
    "they",
    "community",
    "have",
    "education",
    "were",
    "others",
    "more",
    "meetings",
    "can",
    "group",
    "when",
    "good",
    "between",
    "early",
    "who",
    "clear",
    "about",
    "young",
]


def make_words(dice, most):
    """`most` different words that can be pronounced."""
    made = {}
    while len(made) < most:
        syllables = dice.choices((2, 3, 4), (3, 5, 2))[0]
        word = "".join(
            dice.choice(("b", "br", "c", "d", "dr", "f", "g", "gl", "h", "k", "l", "m", "n", "p", "pl", "r", "s", "t"))
            + dice.choice(("a", "e", "i", "o", "u", "ea", "oo"))
            + dice.choice(("", "", "n", "r", "l", "m", "sk"))
            for _ in range(syllables)
        )
        made[word] = None
    return list(made)


class Writer:
    """Writes text of any length in a vocabulary of `VOCABULARY` words, with labels of the glossary here and there."""

    def __init__(self, dice, labels):
        self.dice = dice
        self.labels = labels
        field = sorted({word for label in labels for word in label.lower().split()} - set(COMMON))
        made = make_words(dice, VOCABULARY - len(COMMON) - len(field))
        # The field's words are spread over the upper ranks, every fifth from the hundredth on.
        for i, word in enumerate(field):
            made.insert(100 + 5 * i, word)
        self.words = COMMON + made
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def some(self, number):
        return self.dice.choices(self.words, cum_weights=self.weights, k=number)

    def sentence(self, number, label_in=0):
        """`number` words, and once in `label_in` times a label of the glossary among them."""
        words = self.some(number)
        if label_in and not self.dice.randrange(label_in):
            words.insert(number // 2, self.dice.choice(self.labels))
        return " ".join(words).capitalize()

    def text(self, number):
        return "".join(f"{self.sentence(15, label_in=20)}. " for _ in range(number // 15)).rstrip()


def fill(size, seed=1):
    """Make `size` findings and what they hang from, in batches and without signals: nothing is indexed."""
    call_command("loaddata", settings.BASE_DIR / "fixtures" / "signposts.json", verbosity=0)
    dice = random.Random(seed)
    labels = sorted(
        [*Term.objects.values_list("preferred_label", flat=True), *TermLabel.objects.values_list("label", flat=True)]
    )
    writer = Writer(dice, labels)
    review = Review.objects.create(
        number=FIRST_NUMBER, slug="bench", title="A made-up review", summary="All.", **PUBLIC
    )
    themes = _themes(writer)
    tags = Tag.objects.bulk_create(
        Tag(name=f"{word} {i}", slug=f"{word}-{i}") for i, word in enumerate(writer.words[300 : 300 + TAGS])
    )
    sources = make_sources(writer, range(FIRST_NUMBER, FIRST_NUMBER + SOURCES))
    findings = (
        Finding(
            number=number,
            slug=f"bench-{number}",
            review=review,
            theme=themes[number % THEMES],
            stance=dice.choice(Stance.values),
            heading=writer.sentence(8, label_in=10)[:200],
            bottom_line=writer.sentence(25, label_in=10) + ".",
            body=writer.text(150),
            **PUBLIC,
        )
        for number in range(FIRST_NUMBER, FIRST_NUMBER + size)
    )
    while batch := list(islice(findings, BATCH)):
        made = Finding.objects.bulk_create(batch)
        TaggedFinding.objects.bulk_create(
            TaggedFinding(content_object=finding, tag=tag) for finding in made for tag in dice.sample(tags, 2)
        )
        Citation.objects.bulk_create(
            Citation(finding=finding, source=source, order=order)
            for finding in made
            for order, source in enumerate(dice.sample(sources, 2), 1)
        )
    _practice_points(writer, review, size // 100)


def _practice_points(writer, review, number):
    """Each rests on three of the findings."""
    findings = list(Finding.objects.filter(review=review).values_list("pk", flat=True))
    points = PracticeImplication.objects.bulk_create(
        PracticeImplication(
            number=number,
            slug=f"bench-{number}",
            review=review,
            element=writer.dice.choice(WengerElement.values),
            heading=(heading := writer.sentence(8)[:200]),
            summary=writer.sentence(25) + ".",
            body=writer.text(60),
            questions=f"How far is this so where you work: {heading.lower()}?",
            **PUBLIC,
        )
        for number in range(FIRST_NUMBER, FIRST_NUMBER + number)
    )
    links = PracticeImplication.findings.through
    links.objects.bulk_create(
        links(practiceimplication=point, finding_id=pk) for point in points for pk in writer.dice.sample(findings, 3)
    )


def _themes(writer):
    return Theme.objects.bulk_create(
        Theme(number=number, slug=f"bench-{number}", name=writer.sentence(4), summary=writer.sentence(30), **PUBLIC)
        for number in range(FIRST_NUMBER, FIRST_NUMBER + THEMES)
    )


def make_sources(writer, numbers):
    """A made-up work of two authors for each of `numbers`."""
    sources = Source.objects.bulk_create(
        Source(
            number=number,
            slug=f"bench-{number}",
            title=writer.sentence(10),
            issued=str(1990 + number % 30),
            publisher="A press",
            abstract=writer.text(150),
            **PUBLIC,
        )
        for number in numbers
    )
    names = writer.words[1000:]
    Contributor.objects.bulk_create(
        Contributor(source=source, order=order, family=name.capitalize(), given="A")
        for source in sources
        for order, name in enumerate(writer.dice.sample(names, 2), 1)
    )
    return sources


def words(dice, number, least, most):
    """`number` words of the index whose stem is in so large a share of the entries."""
    from joinedup.search import index
    from joinedup.search.analysis import stem

    snapshot, _ = index.snapshot()
    fewest, most = max(least * snapshot.entries, 2), max(most * snapshot.entries, 4)
    plain = sorted(word for word in snapshot.words if len(word) >= 5 and word.isascii() and word.isalpha())
    return dice.sample([word for word in plain if fewest <= snapshot.holding(stem(word)) <= most], number)
