"""What was said of a work after it came out: that it was retracted, corrected or is in doubt.

A retraction is a state of the work, in the fields of its source. Corrections and expressions of concern, of which there
may be several, are rows of their own. `told` gives them all as one list. What a register reports is a proposal
(`Reported`) until somebody confirms it.
"""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from curation import history
from curation.log import LogEntry
from curation.workflow import Refused
from sources.bibliography import identifiers
from sources.bibliography import notices as told_of

PARTIAL_DATE = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"


class Kind(models.TextChoices):
    """Gravest first."""

    RETRACTED = "retracted", "Retracted"
    CONCERN = "concern", "Expression of concern"
    CORRECTED = "corrected", "Corrected"

    def rests_on(self, count=1):
        """What a list says of an entry that rests on `count` such works."""
        one, many = {
            Kind.RETRACTED: ("a retracted work", "retracted works"),
            Kind.CONCERN: ("a work in doubt", "works in doubt"),
            Kind.CORRECTED: ("a corrected work", "corrected works"),
        }[self]
        return f"Rests on {one if count == 1 else many}"

    @property
    def has_happened(self):
        """What has happened to such a work, as the end of a sentence."""
        return {
            Kind.RETRACTED: "has been retracted",
            Kind.CONCERN: "is in doubt",
            Kind.CORRECTED: "has been corrected",
        }[self]


GRAVEST_FIRST = list(Kind)
KINDS_OF_ROWS = [(kind.value, kind.label) for kind in (Kind.CONCERN, Kind.CORRECTED)]


class NoticeQuerySet(models.QuerySet):
    def get_by_natural_key(self, code, *values):
        sources = self.model._meta.get_field("source").related_model.objects
        return self.get(source=sources.get_by_natural_key(code), **dict(zip(Notice.SAYS, values, strict=True)))


class Said(models.Model):
    """What a notice says of itself."""

    SAYS = ("kind", "date", "doi", "url")

    date = models.CharField(
        max_length=10,
        blank=True,
        validators=[RegexValidator(PARTIAL_DATE, "Write 2003, 2003-05 or 2003-05-12.")],
        help_text="As much as is known: 2003, 2003-05 or 2003-05-12.",
    )
    doi = models.CharField("DOI of the notice", max_length=250, blank=True)
    url = models.URLField(
        "address of the notice", max_length=1000, blank=True, validators=[URLValidator(["http", "https"])]
    )
    detail = models.CharField("what it says", max_length=500, blank=True, help_text="In a sentence.")

    class Meta:
        abstract = True

    def __str__(self):
        return in_words(self.plain)

    @property
    def plain(self):
        """The same as sources.bibliography knows it."""
        return told_of.Notice(self.kind, self.date, self.doi, self.url, self.detail)

    @property
    def in_brief(self):
        """Without its address, for who links to that."""
        return " ".join(filter(None, [head(self), self.detail]))

    @property
    def address(self):
        return address_of(self)

    def clean(self):
        super().clean()
        if self.doi:
            try:
                self.doi = identifiers.normalise_doi(self.doi)
            except ValueError as error:
                raise ValidationError({"doi": str(error)}) from error


class Notice(Said):
    """A correction or an expression of concern."""

    kind = models.CharField(max_length=20, choices=KINDS_OF_ROWS, default=Kind.CORRECTED)
    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["date", "pk"]
        verbose_name = "correction or expression of concern"
        verbose_name_plural = "corrections and expressions of concern"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "date", "doi", "url"],
                name="a_source_has_a_notice_once",
                violation_error_message="This notice stands here twice.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind for kind, _ in KINDS_OF_ROWS]), name="a_notice_is_of_a_known_kind"
            ),
        ]

    def natural_key(self):
        return (*self.source.natural_key(), *(getattr(self, name) for name in self.SAYS))

    natural_key.dependencies = ["sources.source"]


class ReportedQuerySet(models.QuerySet):
    def open(self):
        return self.filter(decision="").exclude(source__status="withdrawn")


class Reported(Said):
    """A notice that a register reports of a work we hold: a proposal, until somebody decides."""

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"

    kind = models.CharField(max_length=20, choices=Kind)
    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="reported_notices")
    reported_by = models.CharField(max_length=100, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=20, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ReportedQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        verbose_name = "reported notice"
        verbose_name_plural = "reported notices"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "doi", "url"], name="a_notice_is_reported_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="a_report_is_of_a_known_kind"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | (Q(decision__in=["confirmed", "dismissed"]) & Q(decided_at__isnull=False)),
                name="a_decision_has_its_time",
            ),
        ]

    @property
    def day(self):
        """Its date as a date, None unless the day is known."""
        return day_of(self.date)


def address_of(notice):
    """Where a notice is to be read; empty if that is not known."""
    return identifiers.doi_url(notice.doi) if notice.doi else notice.url


def day_of(text):
    return datetime.date.fromisoformat(text) if len(text) == 10 else None


def date_in_words(text):
    """“2006”, “January 2006” or “31 January 2006”."""
    if len(text) == 10:
        return date_format(datetime.date.fromisoformat(text), "j F Y")
    return date_format(datetime.date.fromisoformat(f"{text}-01"), "F Y") if len(text) == 7 else text


def head(notice):
    """“Retracted 4 March 2021.”"""
    return " ".join(filter(None, [Kind(notice.kind).label, date_in_words(notice.date)])) + "."


def in_words(notice):
    """“Retracted 4 March 2021. The data were made up. https://example.org/notice”, on one line."""
    return " ".join(" ".join([head(notice), notice.detail, address_of(notice)]).split())


def told(source):
    """All that was said of a source since it came out, gravest first: `bibliography.notices.Notice`s.

    No query if the source was loaded with its `notices`.
    """
    rows = [row.plain for row in source.notices.all()] if source.pk else []
    rows.sort(key=lambda notice: GRAVEST_FIRST.index(notice.kind))  # in each kind they stay by date
    return [*filter(None, [retraction_of(source)]), *rows]


def retraction_of(source):
    """The retraction of a source as a Notice; None if it was not retracted."""
    if not source.retracted_on:
        return None
    day, reason = source.retracted_on.isoformat(), source.retraction_reason
    return told_of.Notice(Kind.RETRACTED.value, day, url=source.retraction_url, detail=reason)


def holds(source, notice):
    """Whether a source says already what `notice` reports. A work is retracted once, whoever reports it."""
    if notice.kind == Kind.RETRACTED:
        return source.retracted_on is not None
    return any(row.kind == notice.kind and (row.doi, row.url) == (notice.doi, notice.url) for row in told(source))


def facts(notices):
    """What a record's notices are for a source that is made of it, in three: the values of its fields, its notices as
    a file has them, and what is only reported.

    A retraction whose day is not told is reported: somebody has to look the day up.
    """
    values, rows, reported = {}, [], []
    for notice in {(one.kind, one.date, one.doi, one.url): one for one in notices}.values():
        said = vars(notice) | {"doi": notice.doi[:250], "url": notice.url[:1000], "detail": notice.detail[:500]}
        if notice.kind != Kind.RETRACTED:
            rows.append(said)
        elif day := day_of(notice.date):
            url = address_of(notice)[:1000]
            values = {"retracted_on": day.isoformat(), "retraction_reason": notice.detail, "retraction_url": url}
        else:
            reported.append(said)
    return values, rows, reported


def report(source, notices, reported_by=""):
    """Keep as proposals those of `notices` that the source does not hold. Returns the new ones.

    What was reported before, and what was dismissed, is not proposed again.
    """
    made = []
    for notice in notices:
        if holds(source, notice):
            continue
        where = {"source": source, "kind": notice.kind, "doi": notice.doi[:250], "url": notice.url[:1000]}
        values = {"date": notice.date, "detail": notice.detail[:500], "reported_by": reported_by[:100]}
        reported, is_new = Reported.objects.get_or_create(**where, defaults=values)
        if is_new:
            made.append(reported)
    return made


def confirm(reported, by, retracted_on=None):
    """Make a proposal a fact of its source, with history, as any edit; on record where readers see the source.

    `retracted_on` is the day of a retraction, if the report does not tell it. Raises Refused.
    """
    with transaction.atomic():
        reported, source = _open(reported)
        note = f"{in_words(reported.plain)} Reported by {reported.reported_by or 'a register'}."
        with history.recording(type(source), [source.pk], by, note[:250]):
            try:
                _take(source, reported, retracted_on)
            except ValidationError as error:
                raise Refused(" ".join(error.messages)) from error
        if source.is_public:
            LogEntry.objects.create(entry=source, name=LogEntry.Name.CORRECT, by=by, note=note)
        _decide(reported, Reported.Decision.CONFIRMED, by)
    return source


def dismiss(reported, by):
    """Say that a proposal is not so, or not of this work: it is not made again. Raises Refused."""
    with transaction.atomic():
        reported, _ = _open(reported)
        _decide(reported, Reported.Decision.DISMISSED, by)


def _open(reported):
    sources = Reported._meta.get_field("source").related_model.objects
    source = sources.select_for_update(of=("self",)).filter(pk=reported.source_id).first()
    held = Reported.objects.open().filter(pk=reported.pk).first()
    if source is None or held is None:
        raise Refused("This was decided in the meantime, or the source is gone.")
    return held, source


def _take(source, reported, retracted_on):
    notice = reported.plain
    if holds(source, notice):
        return
    if notice.kind != Kind.RETRACTED:
        row = Notice(source=source, **vars(notice))
        row.full_clean()
        row.save()
        return
    day = reported.day or retracted_on
    if day is None:
        raise Refused("Give the day of the retraction: the report does not tell it.")
    source.retracted_on, source.retraction_reason = day, notice.detail
    source.retraction_url = address_of(notice)
    source.full_clean()
    source.save()


def _decide(reported, decision, by):
    reported.decision, reported.decided_at, reported.decided_by = decision, timezone.now(), by
    reported.save(update_fields=["decision", "decided_at", "decided_by"])
