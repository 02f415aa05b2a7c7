from typing import NamedTuple

from django.db import models


class StanceWords(NamedTuple):
    """What pages, the search and files say of a stance."""

    meaning: str
    heading: str  # of its findings on the page of a theme
    asked_as: str  # how readers ask for it, by which the search finds it
    colours: tuple[str, str]  # of a slide: ground and ink, as in static/css/tokens.css


class Stance(models.TextChoices):
    """What a finding says of joint work, in our sorting. The values are also anchors, class names, names of colours
    (static/css) and, after “s-”, of symbols (templates/includes/sprite.html). Pages keep to this order."""

    FACILITATOR = (
        "facilitator",
        StanceWords(
            meaning="something helps joint work along",
            heading="What helps",
            asked_as="facilitator: what helps, enables, encourages, supports, good for",
            colours=("E1F1EA", "17604A"),
        ),
        "Helps",
    )
    BARRIER = (
        "barrier",
        StanceWords(
            meaning="something makes joint work harder",
            heading="What gets in the way",
            asked_as="barrier: what gets in the way, obstacle, hinders, stops, difficult, problem",
            colours=("FAE8E2", "98301A"),
        ),
        "Gets in the way",
    )
    MIXED = (
        "mixed",
        StanceWords(
            meaning="something helps in some ways or places, and not in others",
            heading="What works both ways",
            asked_as="mixed: works both ways, helps in some ways and not in others",
            colours=("FAEECF", "6E4E00"),
        ),
        "Works both ways",
    )
    CONDITION = (
        "condition",
        StanceWords(
            meaning="joint work is said to need something",
            heading="What it takes",
            asked_as="condition: what it takes, needs, requires, depends on, must have",
            colours=("ECE7F8", "5A3F94"),
        ),
        "What it takes",
    )
    EFFECT = (
        "effect",
        StanceWords(
            meaning="joint work is said to lead to something",
            heading="What it leads to",
            asked_as="effect: what it leads to, outcome, result, difference, does it work",
            colours=("DDEFF5", "0A5871"),
        ),
        "What it leads to",
    )
    CONTEXT = (
        "context",
        StanceWords(
            meaning="worth knowing; about joint work itself, not about what helps or hinders it",
            heading="Context",
            asked_as="context",
            colours=("E6ECF2", "3A5069"),
        ),
        "Context",
    )

    def __new__(cls, value, words):
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member

    def counted(self, count):
        """“2 gets in the way”, “1 context”."""
        return f"{count} {self.label.lower()}"


class WengerElement(models.TextChoices):
    """The three headings under which reviews group practice implications, after Wenger (1998). The values are also
    parts of addresses, class names and, after “e-”, names of symbols (templates/includes/sprite.html)."""

    MUTUAL_ENGAGEMENT = "mutual-engagement", "Mutual engagement"
    JOINT_ENTERPRISE = "joint-enterprise", "Joint enterprise"
    SHARED_REPERTOIRE = "shared-repertoire", "Shared repertoire"

    @property
    def gloss(self):
        return {
            WengerElement.MUTUAL_ENGAGEMENT: "Doing things together",
            WengerElement.JOINT_ENTERPRISE: "Working to a shared purpose",
            WengerElement.SHARED_REPERTOIRE: "Building up common ways",
        }[self]

    @property
    def meaning(self):
        """What Wenger meant, in a sentence."""
        return {
            WengerElement.MUTUAL_ENGAGEMENT: (
                "People do things together and work out what they mean, differences included."
            ),
            WengerElement.JOINT_ENTERPRISE: (
                "People work out together what they are trying to do, and answer to each other for it."
            ),
            WengerElement.SHARED_REPERTOIRE: (
                "Stories, tools, habits and turns of phrase build up over time and become everyone’s."
            ),
        }[self]

    @property
    def explanation(self):
        """Wenger's idea; reviews use the heading in ways of their own."""
        return {
            WengerElement.MUTUAL_ENGAGEMENT: (
                "For Wenger, a group holds together first of all because its members do things with one another. "
                "They keep working out what those things mean. Nobody has to be alike: different skills are part of "
                "it, and so is conflict."
            ),
            WengerElement.JOINT_ENTERPRISE: (
                "For Wenger, members make a task their own by working out what it is for them. It is their answer to "
                "the situation they are in, whatever they were told to do. So they answer to each other for it."
            ),
            WengerElement.SHARED_REPERTOIRE: (
                "For Wenger, a group that goes on together builds up a stock of stories, tools, ideas and ways of "
                "speaking. Its members can draw on it."
            ),
        }[self]


class ReviewKind(models.TextChoices):
    """What a review's own publication is."""

    REVIEW = "review", "Research review"
    SUMMARY = "summary", "Summary of a research review"

    @property
    def gloss(self):
        """What such a text can and cannot show."""
        return {
            ReviewKind.REVIEW: "One author’s or team’s reading of many studies. It is as strong as its method.",
            ReviewKind.SUMMARY: (
                "It passes on what one author found in many studies. It does not let you see which studies."
            ),
        }[self]

    @property
    def short_name(self):
        return "summary" if self is ReviewKind.SUMMARY else "review"


class Audience(models.TextChoices):
    """Who can take a practice point up, in our reading."""

    TEAM = "team", "Teams"
    POLICY = "policy", "Those who make policy, fund or employ"
    BOTH = "both", "Teams, and those who make policy, fund or employ"


class EvidenceBasis(models.TextChoices):
    """What a finding's citations name: computed, never typed, and never a score."""

    SYSTEMATIC_REVIEW = "systematic-review", "Names a systematic review"
    NAMED_SOURCE = "named-source", "Names a source"
    REVIEW_ONLY = "review-only", "Names no source"


class LocatorLabel(models.TextChoices):
    """Locator terms of CSL 1.0.2."""

    PAGE = "page", "page"
    CHAPTER = "chapter", "chapter"
    SECTION = "section", "section"
    PARAGRAPH = "paragraph", "paragraph"
    FIGURE = "figure", "figure"
    TABLE = "table", "table"
    APPENDIX = "appendix", "appendix"
    PART = "part", "part"
    VOLUME = "volume", "volume"
    LINE = "line", "line"
    NOTE = "note", "note"
