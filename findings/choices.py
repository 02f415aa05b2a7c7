from typing import NamedTuple

from django.db import models


class StanceWords(NamedTuple):
    """What pages, the search and files say of a stance."""

    counted: str  # “2 barriers”: of any number but one
    meaning: str
    heading: str  # of its findings on the page of a theme
    asked_as: str  # how readers ask for it, by which the search finds it
    colours: tuple[str, str]  # of a slide: ground and ink, as in static/css/tokens.css
    absence: str = ""  # said on the page of a theme that has none of it, where that is worth saying


class Stance(models.TextChoices):
    """What a finding says happens to joint work. The values are also anchors, class names, names of colours
    (static/css) and, after “s-”, of symbols (templates/includes/sprite.html)."""

    BARRIER = (
        "barrier",
        StanceWords(
            counted="barriers",
            meaning="makes joint work harder",
            heading="What gets in the way",
            asked_as="barrier: what gets in the way, obstacle, hinders, stops, difficult, problem",
            colours=("FAE8E2", "98301A"),
            absence="Nothing here is reported to get in the way.",
        ),
        "Barrier",
    )
    FACILITATOR = (
        "facilitator",
        StanceWords(
            counted="facilitators",
            meaning="helps joint work along",
            heading="What helps",
            asked_as="facilitator: what helps, enables, encourages, supports, good for",
            colours=("E1F1EA", "17604A"),
            absence="Nothing here is reported to help.",
        ),
        "Facilitator",
    )
    MIXED = (
        "mixed",
        StanceWords(
            counted="mixed",
            meaning="helps in some ways, not in others",
            heading="Mixed",
            asked_as="mixed: helps in some ways and not in others",
            colours=("FAEECF", "6E4E00"),
        ),
        "Mixed",
    )
    CONTEXT = (
        "context",
        StanceWords(
            counted="context",
            meaning="worth knowing; points neither way",
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
        """“2 barriers”, “1 mixed”."""
        return f"{count} {self.label.lower() if count == 1 else self.words.counted}"

    @classmethod
    def sides(cls):
        """Every stance in the order of a theme's page: the two that face each other, then the rest."""
        facing = [cls.FACILITATOR, cls.BARRIER]
        return facing + [stance for stance in cls if stance not in facing]


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
                "People work side by side and settle, differences and all, what their work means."
            ),
            WengerElement.JOINT_ENTERPRISE: (
                "Members shape an undertaking of their own, in answer to their situation, and hold one another to it."
            ),
            WengerElement.SHARED_REPERTOIRE: (
                "Stories, tools, habits and turns of phrase gather over time and become everyone’s."
            ),
        }[self]

    @property
    def explanation(self):
        """Wenger's idea, and where the review's use of the heading differs from it."""
        return {
            WengerElement.MUTUAL_ENGAGEMENT: (
                "For Wenger, a group holds together first of all because its members do things with one another and "
                "keep working out what those things mean. Nobody has to be alike: different skills, and conflict too, "
                "are part of it. The review files more formal matters here as well, such as lines of accountability, "
                "terms of employment and who decides on procedures."
            ),
            WengerElement.JOINT_ENTERPRISE: (
                "For Wenger, members make an undertaking their own by negotiating it: it is their answer to the "
                "situation they are in, whatever they were told to do, and it makes them accountable to each other. "
                "The review places shared aims here, and with them the arrangements between agencies, the shared "
                "base and the people at the edge of a team."
            ),
            WengerElement.SHARED_REPERTOIRE: (
                "For Wenger, a group that goes on together builds up a stock of stories, tools, concepts and ways "
                "of speaking on which its members can draw. The review places learning, reflection and specialist "
                "skills here, and also what change brings for the people who use the service."
            ),
        }[self]


class EvidenceBasis(models.TextChoices):
    """What a finding's citations show it rests on: computed, never typed, and never a score."""

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
