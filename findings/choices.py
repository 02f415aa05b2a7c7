from django.db import models


class Stance(models.TextChoices):
    """What a finding says happens to joint work. The values are also anchors and class names."""

    BARRIER = "barrier", "Barrier"
    FACILITATOR = "facilitator", "Facilitator"
    MIXED = "mixed", "Mixed"
    CONTEXT = "context", "Context"

    @property
    def meaning(self):
        return {
            Stance.BARRIER: "makes joint work harder",
            Stance.FACILITATOR: "helps joint work along",
            Stance.MIXED: "helps in some ways, not in others",
            Stance.CONTEXT: "worth knowing; points neither way",
        }[self]

    def counted(self, count):
        """“2 barriers”, “1 mixed”."""
        takes_s = self in (Stance.BARRIER, Stance.FACILITATOR) and count != 1
        return f"{count} {self.label.lower()}{'s' if takes_s else ''}"


class WengerElement(models.TextChoices):
    """The three headings under which reviews group practice implications, after Wenger (1998). The values are also
    parts of addresses and class names."""

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
