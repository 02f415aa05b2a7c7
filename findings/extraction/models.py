"""The text of a review and what was made of each of its sentences. All of it is for the desk alone: rights in the text
are others’, and no public page, feed, file or index reads these tables."""

import hashlib
import re

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from findings.extraction.blocks import KINDS, without_marks
from findings.extraction.checks import words


class State(models.TextChoices):
    OPEN = "open", "Open"
    COVERED = "covered", "Covered"
    ASIDE = "aside", "Set aside"


class Use(models.TextChoices):
    """What can be made of a passage."""

    FINDING = "finding", "Finding"
    KEY_MESSAGE = "key-message", "Key message"
    PRACTICE_POINT = "practice-point", "Practice point"
    THEME = "theme", "Theme"
    CITATION = "citation", "Citation"
    TERM = "term", "Term"
    ABOUT = "about", "About the review"
    ASIDE = "aside", "Set aside"


WORDS_LEFT = 2  # in no passage, in a sentence that is done


def digest(text):
    """The same for passages that differ only in marks, stops and capitals."""
    return hashlib.sha256(" ".join(words(without_marks(text))).encode()).hexdigest()[:32]


def desk_address(entry):
    """Of its form at the desk."""
    return reverse(f"admin:{entry._meta.app_label}_{entry._meta.model_name}_change", args=[entry.pk])


class ReviewText(models.Model):
    """The text of a review as it was brought in."""

    review = models.OneToOneField("findings.Review", models.CASCADE, related_name="source_text")
    filename = models.CharField(max_length=200)
    brought_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Why the review was published though passages were open.
    open_because = models.TextField(blank=True)
    open_because_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    open_because_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [("work_on_text", "Can read the text of a review and make entries of it")]

    def __str__(self):
        return f"The text of {self.review}"


class TextSection(models.Model):
    """A heading of the text with what stands below it, up to the next."""

    text = models.ForeignKey(ReviewText, models.CASCADE, related_name="sections")
    order = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["text", "order"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["text", "order"], name="sections_of_a_text_stand_in_order")]

    def __str__(self):
        return self.title


class SentenceQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=State.OPEN)

    def after(self, sentence):
        later = Q(number__gt=sentence.number) | Q(number=sentence.number, part__gt=sentence.part)
        return self.filter(later)

    def with_passages(self):
        return self.select_related("section").prefetch_related("passages__entry", "passages__by")

    def settle(self):
        """Give each the state that its passages make: call it after any change of them."""
        changed = []
        for sentence in self.prefetch_related("passages"):
            state = sentence.state_by_passages()
            if sentence.state != state:
                sentence.state = state
                changed.append(sentence)
        self.model.objects.bulk_update(changed, ["state"], batch_size=500)


class Sentence(models.Model):
    """A sentence with a number that never changes. What a correction divides keeps it, with a letter: 64, 64b."""

    text = models.ForeignKey(ReviewText, models.CASCADE, related_name="sentences")
    section = models.ForeignKey(TextSection, models.CASCADE, related_name="sentences")
    number = models.PositiveIntegerField()
    part = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    paragraph = models.PositiveIntegerField(default=0)
    page = models.PositiveIntegerField(default=0)
    wording = models.TextField()
    digest = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        ordering = ["text", "number", "part"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["text", "state", "number", "part"], name="sentences_by_state"),
            models.Index(fields=["text", "digest"], name="sentences_by_digest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["text", "number", "part"], name="a_sentence_has_its_own_number"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="a_sentence_has_a_known_state"),
        ]

    def __str__(self):
        return f"Sentence {self.label}"

    def save(self, *args, **kwargs):
        self.digest = digest(self.wording)
        super().save(*args, **kwargs)

    def state_by_passages(self):
        """Open without a passage, and as long as more than a word or two is in none."""
        left = list(self.wording)
        passages = list(self.passages.all())
        for passage in passages:
            start, end = passage.start or 0, len(left) if passage.end is None else passage.end
            left[start:end] = " " * (min(end, len(left)) - start)
        if not passages or len(words("".join(left))) > WORDS_LEFT:
            return State.OPEN
        return State.ASIDE if all(passage.use == Use.ASIDE for passage in passages) else State.COVERED

    @property
    def is_begun(self):
        """Whether a part of it is in a passage and the rest is open."""
        return self.state == State.OPEN and bool(self.passages.all())

    @property
    def label(self):
        return f"{self.number}{chr(ord('a') + self.part)}" if self.part else str(self.number)

    @property
    def place(self):
        """(section, paragraph, page) as entries say it: the section’s title, a number or None, a page or nothing."""
        return self.section.title, self.paragraph or None, str(self.page or "")


class PassageQuerySet(models.QuerySet):
    def of(self, entry):
        kind = ContentType.objects.get_for_model(entry)
        rows = self.filter(content_type=kind, object_id=entry.pk)
        return rows.select_related("sentence__section", "sentence__text").order_by(
            "sentence__number", "sentence__part", "start"
        )

    def of_all(self, model, ids):
        kind = ContentType.objects.get_for_model(model)
        rows = self.filter(content_type=kind, object_id__in=ids)
        return rows.select_related("sentence__section", "sentence__text").order_by(
            "sentence__number", "sentence__part", "start"
        )


class Passage(models.Model):
    """A sentence, or a part of it, and what was made of it: an entry, something about the review, or nothing."""

    sentence = models.ForeignKey(Sentence, models.CASCADE, related_name="passages")
    start = models.PositiveIntegerField(null=True, help_text="Of a part: its first character.")
    end = models.PositiveIntegerField(null=True, help_text="Of a part: where it ends.")
    use = models.CharField(max_length=20, choices=Use)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    object_id = models.PositiveBigIntegerField(null=True)
    entry = GenericForeignKey()
    reason = models.CharField("why it is set aside", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["sentence", "start", "pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["content_type", "object_id"], name="passages_of_an_entry")]
        constraints = [
            models.CheckConstraint(condition=Q(use__in=Use.values), name="a_passage_has_a_known_use"),
            models.CheckConstraint(
                condition=~Q(use=Use.ASIDE) | ~Q(reason=""),
                name="a_passage_set_aside_says_why",
                violation_error_message="Say why it is set aside.",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gt=F("start")),
                name="a_part_of_a_sentence_ends_behind_its_start",
            ),
        ]

    def __str__(self):
        return f"{self.sentence} → {self.entry or self.get_use_display()}"

    @property
    def entry_url(self):
        return desk_address(self.entry)

    @property
    def wording(self):
        whole = self.sentence.wording
        return whole if self.start is None else whole[self.start : self.end]


class Reviewed(models.Model):
    """What was said of an entry’s wording, and what that wording was."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    entry = GenericForeignKey()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        default_permissions = ()


class KeptRemark(Reviewed):
    """A remark of the checks that whoever worded the entry does not follow, and why."""

    key = models.CharField(max_length=250)
    says = models.CharField(max_length=250)
    reason = models.CharField(max_length=300)

    class Meta(Reviewed.Meta):
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "key"], name="a_remark_is_kept_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_remark_is_kept_for_a_reason"),
        ]

    def __str__(self):
        return f"{self.says} ({self.reason})"


class SecondReading(Reviewed):
    """What a second reader said: it holds for the wording and the passages that were read, and no others."""

    class Verdict(models.TextChoices):
        AGREED = "agreed", "Agreed"
        SENT_BACK = "sent-back", "Sent back"

    verdict = models.CharField(max_length=10, choices=Verdict)
    note = models.TextField(blank=True)
    read = models.CharField("what was read, as a digest", max_length=64)

    class Meta(Reviewed.Meta):
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id", "-at"], name="second_readings_of_an_entry")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="sent-back") | ~Q(note=""), name="what_is_sent_back_says_what_is_to_be_done"
            )
        ]

    def __str__(self):
        return f"{self.get_verdict_display()} {self.at:%Y-%m-%d}"


class Placed(models.Model):
    """Where in the review an entry is from. Public: the passage itself is not."""

    place_section = models.CharField(
        "section",
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="The heading of the review that it stands under.",
    )
    place_paragraph = models.PositiveIntegerField("paragraph", null=True, blank=True)
    place_page = models.CharField(
        "page", max_length=20, blank=True, default="", db_default="", help_text="If the review has pages."
    )

    class Meta:
        abstract = True

    @property
    def place_in_words(self):
        """“Co-location, paragraph 1, page 4”; empty if nothing is known."""
        paragraph = self.place_paragraph and f"paragraph {self.place_paragraph}"
        is_range = re.search(r"[-–,]", self.place_page)
        page = self.place_page and f"page{'s' if is_range else ''} {self.place_page}"
        return ", ".join(filter(None, [self.place_section, paragraph, page]))


def open_the_passages_of_what_is_deleted(sender, instance, **kwargs):
    ids = {"content_type": ContentType.objects.get_for_model(instance), "object_id": instance.pk}
    sentences = list(Passage.objects.filter(**ids).values_list("sentence", flat=True))
    for model in (Passage, KeptRemark, SecondReading):
        model.objects.filter(**ids).delete()
    if sentences:
        Sentence.objects.filter(pk__in=sentences).settle()
