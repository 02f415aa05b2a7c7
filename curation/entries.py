"""What every entry has, whatever it says: a permanent code, a slug that may change, a status and four dates."""

import calendar
import itertools
import re
from datetime import timedelta

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from curation.routes import path

# A file may bring its own numbers up to this, so that no file can use them up.
HIGHEST_KEPT = 999_999
SOON = timedelta(days=30)  # before its day, a check is a task of the desk
CODE = re.compile(r"(?P<letter>[A-Za-z])(?P<number>[1-9][0-9]{0,8})")


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


HIDDEN = (Status.DRAFT, Status.IN_REVIEW)  # from readers


def parse_code(text):
    """Split a code such as ``F23`` or ``f23`` into ``("F", 23)``; ValueError when it is not one."""
    match = CODE.fullmatch(text)
    if not match:
        raise ValueError(f"“{text}” is not a code: a code is a letter and a number, such as F23.")
    return match["letter"].upper(), int(match["number"])


class CuratedQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Status.PUBLISHED)

    def published_or_withdrawn(self):
        """What was ever public, where a withdrawn entry still says what became of it."""
        return self.filter(status__in=[Status.PUBLISHED, Status.WITHDRAWN])

    def visible_to(self, user):
        """All that is not withdrawn for staff, for anybody else what is published."""
        return self.exclude(status=Status.WITHDRAWN) if user.is_staff else self.published()

    def due_for_review(self, on):
        """Published entries whose day for a check has come and that were not checked since."""
        due = self.published().filter(review_due_on__lte=on)
        return due.exclude(last_checked_on__gte=F("review_due_on")).order_by("review_due_on")


class EntryQuerySet(CuratedQuerySet):
    def with_codes(self, codes):
        """Those of the entries that `codes`, all of this kind, name."""
        return self.filter(number__in=[parse_code(code)[1] for code in codes])

    def around(self, entry):
        """The one before `entry` by number and the one after it, or None."""
        before = self.filter(number__lt=entry.number).order_by("-number").first()
        return before, self.filter(number__gt=entry.number).order_by("number").first()

    def get_by_natural_key(self, code):
        letter, number = parse_code(code)
        if letter != self.model.LETTER:
            raise self.model.DoesNotExist(f"{code} is not the code of a {self.model._meta.verbose_name}.")
        return self.get(number=number)


def curated_constraints():
    """The rules of status and dates, for the Meta of each concrete model (constraints of an abstract Meta are lost
    when a child adds its own)."""
    return [
        models.CheckConstraint(condition=~Q(slug=""), name="%(app_label)s_%(class)s_has_a_slug"),
        models.CheckConstraint(condition=Q(status__in=Status.values), name="%(app_label)s_%(class)s_status_is_known"),
        models.CheckConstraint(
            condition=~Q(status__in=[Status.PUBLISHED, Status.WITHDRAWN]) | Q(published_on__isnull=False),
            name="%(app_label)s_%(class)s_public_has_a_date",
            violation_error_message="A published or withdrawn entry needs the date it was published.",
        ),
        models.CheckConstraint(
            condition=~Q(status=Status.WITHDRAWN) | (Q(withdrawn_on__isnull=False) & ~Q(withdrawal_reason="")),
            name="%(app_label)s_%(class)s_withdrawn_says_why",
            violation_error_message="A withdrawn entry needs the date and the reason.",
        ),
        models.CheckConstraint(
            condition=Q(wording_changed_on__isnull=True)
            | Q(published_on__isnull=False, wording_changed_on__gte=F("published_on")),
            name="%(app_label)s_%(class)s_wording_changed_later",
            violation_error_message="The wording cannot have changed before it was published.",
        ),
    ]


def entry_constraints():
    return [
        *curated_constraints(),
        models.CheckConstraint(condition=Q(number__gte=1), name="%(app_label)s_%(class)s_number_from_one"),
    ]


class Curated(models.Model):
    PARTS = ()  # reverse relations that are part of what it says

    slug = models.SlugField(max_length=120, help_text="The last part of the address. Earlier ones keep leading here.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, db_index=True)
    published_on = models.DateField(null=True, blank=True)
    wording_changed_on = models.DateField(
        null=True, blank=True, help_text="When the meaning last changed after publication; empty if it never did."
    )
    last_checked_on = models.DateField("evidence last checked on", null=True, blank=True)
    review_due_on = models.DateField(
        null=True, blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes."
    )
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawal_reason = models.TextField(
        blank=True, help_text="Shown to the public, who may have the entry on a slide."
    )
    comments = GenericRelation("curation.Comment")  # which go with it

    class Meta:
        abstract = True

    @property
    def is_public(self):
        return self.status == Status.PUBLISHED

    @property
    def worded_on(self):
        """The day from which its words are, if they were published."""
        return self.wording_changed_on or self.published_on

    @property
    def is_due(self):
        checked_since = self.last_checked_on and self.review_due_on and self.last_checked_on >= self.review_due_on
        return bool(self.review_due_on and self.review_due_on <= timezone.localdate() and not checked_since)

    @property
    def months_between_checks(self):
        """None where nobody said."""
        return None

    def next_check(self, after):
        """The day of the check that follows one on the day `after`, or None."""
        if not self.months_between_checks:
            return None
        years, month = divmod(after.month - 1 + self.months_between_checks, 12)
        first = after.replace(year=after.year + years, month=month + 1, day=1)
        return first.replace(day=min(after.day, calendar.monthrange(first.year, first.month)[1]))

    @property
    def is_withdrawn(self):
        return self.status == Status.WITHDRAWN

    def may_be_changed_by(self, user):
        """Whether `user` may change it; what readers can see only those who may publish. Nobody (None) is a command."""
        if user is None:
            return True
        is_shown = self.status in (Status.PUBLISHED, Status.WITHDRAWN)
        may_change = user.has_perm(f"{self._meta.app_label}.change_{self._meta.model_name}")
        return may_change and (not is_shown or user.has_perm("curation.publish_entries"))

    @property
    def told_apart(self):
        """What a chooser says of it, to tell it apart from others of its name."""
        return f"{self}, {self.get_status_display().lower()}"

    @property
    def leads_to(self):
        """What stands at this one's addresses: itself, unless it was merged into another."""
        return self


class Entry(Curated):
    """A curated row with a permanent code: the letter of its kind and a number given once and never used again."""

    LETTER = ""

    number = models.PositiveIntegerField(
        "code number",
        unique=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Given when it is first saved. It never changes and is never used again.",
    )
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        help_text="If it is withdrawn: what to use instead.",
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic():
            if self.number is None:
                self.number = CodeSeries.take(type(self))
            super().save(*args, **kwargs)
            before = getattr(self, "_loaded_slug_path", self.slug_path)
            if before != self.slug_path and self.published_on:
                EarlierSlug.objects.update_or_create(letter=self.LETTER, slug=before, defaults={"number": self.number})
                EarlierSlug.objects.filter(letter=self.LETTER, slug=self.slug_path, number=self.number).delete()
            self._loaded_slug_path = self.slug_path

    @property
    def code(self):
        return f"{self.LETTER}{self.number}"

    @property
    def kind(self):
        return self._meta.verbose_name

    @property
    def told_apart(self):
        return f"{self}, {self.code}, {self.get_status_display().lower()}"

    @property
    def short_url(self):
        return path("code", self.code)

    @property
    def slug_path(self):
        """The part of the address that may change, unique among entries of the kind."""
        return self.slug

    def natural_key(self):
        return (self.code,)

    @classmethod
    def from_db(cls, db, field_names, values):
        entry = super().from_db(db, field_names, values)
        if len(values) == len(cls._meta.concrete_fields):  # none is deferred
            entry._loaded_slug_path = entry.slug_path
        return entry

    def clean(self):
        super().clean()
        if self.slug:
            taken = EarlierSlug.objects.filter(letter=self.LETTER, slug=self.slug_path).exclude(number=self.number)
            if taken.exists():
                raise ValidationError(
                    {
                        "slug": f"This address once led to {taken[0].code} and still does, for everybody who has it "
                        "on a slide. Choose another."
                    }
                )


class CodeSeries(models.Model):
    """The highest number given so far to entries of a kind, deleted ones included."""

    letter = models.CharField(max_length=1, primary_key=True)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "code series"

    def __str__(self):
        return f"{self.letter}{self.last_number}"

    @classmethod
    def take(cls, model, count=1):
        """The next free number for `model`, the first of `count`, recorded as given. Call inside a transaction."""
        series, _ = cls.objects.select_for_update().get_or_create(letter=model.LETTER)
        highest = model._base_manager.aggregate(highest=Max("number"))["highest"] or 0
        first = max(series.last_number, highest) + 1
        series.last_number = first + count - 1
        series.save()
        return first

    @classmethod
    def keep(cls, model, wanted):
        """A number for each of `wanted` (a number or None), recorded as given: the same one if it was never given,
        otherwise a new one. Call inside a transaction."""
        first = cls.take(model, 0)
        free = {number for number in wanted if number and first <= number <= HIGHEST_KEPT}
        after = itertools.count(max(free, default=first - 1) + 1)
        numbers = []
        for number in wanted:
            kept = number in free
            free.discard(number)
            numbers.append(number if kept else next(after))
        cls.objects.filter(letter=model.LETTER).update(last_number=max(numbers, default=first - 1))
        return numbers


def never_give_a_deleted_number_again(sender, instance, **kwargs):
    series, _ = CodeSeries.objects.select_for_update().get_or_create(letter=instance.LETTER)
    if series.last_number < instance.number:
        series.last_number = instance.number
        series.save()


class EarlierSlugQuerySet(models.QuerySet):
    def get_by_natural_key(self, letter, slug):
        return self.get(letter=letter, slug=slug)


class EarlierSlug(models.Model):
    """An address that an entry had before: it keeps leading to the entry."""

    letter = models.CharField(max_length=1)
    slug = models.CharField(max_length=250)
    number = models.PositiveIntegerField()

    objects = EarlierSlugQuerySet.as_manager()

    class Meta:
        verbose_name = "earlier address"
        verbose_name_plural = "earlier addresses"
        constraints = [models.UniqueConstraint(fields=["letter", "slug"], name="an_earlier_slug_leads_to_one_entry")]

    def __str__(self):
        return f"{self.slug} → {self.code}"

    @property
    def code(self):
        return f"{self.letter}{self.number}"

    def natural_key(self):
        return (self.letter, self.slug)
