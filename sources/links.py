"""What became of the addresses that sources are cited with: the record of checks, and the acts that make it."""

import datetime
import time

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from sources.bibliography.identifiers import doi_url
from sources.linkcheck import SECONDS, Checker, Outcome

# A day, less what the clock of a daily job and summer time take from it.
A_DAY = datetime.timedelta(hours=22)
SECONDS_NEEDED = 5  # with less, a slow site would be taken for one that does not answer
CHECKED_EVERY = datetime.timedelta(days=30)


class Part(models.TextChoices):
    """The fields of a source that lead to an address."""

    URL = "url", "Address"
    DOI = "doi", "DOI"
    RETRACTION_URL = "retraction_url", "Retraction notice"


def address_of(part, value):
    return doi_url(value) if part == Part.DOI else value


def _still_cited(path):
    """Rows of what the source says now, not of what it said before somebody changed it."""
    return Q(*(Q(part=part, value=F(f"{path}{part}")) for part in Part.values), _connector=Q.OR)


class LinkCheckQuerySet(models.QuerySet):
    def current(self):
        return self.filter(_still_cited("source__"))

    def dead(self):
        """Gone by the site's own word, or not working for a day and more: a fault of an hour is no news."""
        lasting = Q(outcome=Outcome.FAILED, failing_since__lte=F("checked_at") - A_DAY)
        return self.current().filter(Q(outcome=Outcome.GONE) | lasting)

    def to_look_at(self):
        """Those that answer well, though perhaps not with the work."""
        return self.current().filter(outcome=Outcome.LOOK)

    def fresh(self, now):
        """What need not be looked at again yet: all of the last month, but failures only for a day."""
        failing = Q(outcome=Outcome.FAILED, checked_at__lte=now - A_DAY)
        return self.current().filter(checked_at__gt=now - CHECKED_EVERY).exclude(failing)


class LinkCheck(models.Model):
    """What the last check of one address of a source told, and since when it has been so."""

    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="link_checks")
    part = models.CharField(max_length=20, choices=Part)
    value = models.CharField("as the source had it", max_length=1000)
    checked_at = models.DateTimeField()
    last_good_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField("what is the matter", max_length=300, blank=True)
    leads_to = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField("times failed in a row", default=0)
    failing_since = models.DateTimeField(null=True, blank=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        ordering = ["source", "part"]
        constraints = [
            models.UniqueConstraint(fields=["source", "part"], name="an_address_has_one_check"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="a_check_has_a_known_outcome"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="a_check_is_of_a_known_part"),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True) | Q(failures__gte=1, failing_since__isnull=False),
                name="failures_have_a_beginning",
            ),
        ]

    def __str__(self):
        return f"{self.url}: {self.get_outcome_display().lower()}"

    @property
    def url(self):
        return address_of(self.part, self.value)

    def take(self, answer, at):
        """Note an Answer. Only what fails time after time is told as failing: any other answer begins anew."""
        self.checked_at = at
        self.outcome, self.status = answer.outcome, answer.status
        self.words, self.leads_to = answer.words[:300], answer.leads_to
        if answer.outcome == Outcome.ALIVE:
            self.last_good_on = timezone.localdate(at)
        if answer.outcome in (Outcome.GONE, Outcome.FAILED):
            self.failures += 1
            self.failing_since = self.failing_since or at
        else:
            self.failures, self.failing_since = 0, None


def checker():
    """A Checker that says who we are."""
    about = [settings.SITE_NAME, getattr(settings, "SITE_URL", "")]
    name = " ".join(filter(None, about)).encode("ascii", "replace").decode()
    return Checker(f"Mozilla/5.0 (compatible; link check of {name})", settings.LINK_CHECK_PORTS)


def addresses(source):
    """(part, address) of all that lead somewhere."""
    return [(part, address_of(part, getattr(source, part))) for part in Part if getattr(source, part)]


def check(source, checker, seconds=20):
    """Look at every address of `source` and note what came of it, in `seconds` at most.

    Returns the LinkChecks of the addresses that there was time for. Changes nothing of the source itself: its wording,
    dates and place in the search index stay as they are.
    """
    end = time.monotonic() + seconds
    answers, found = {}, []
    for part, url in addresses(source):
        left = end - time.monotonic()
        if url not in answers:
            if left < SECONDS_NEEDED:
                continue
            answers[url] = checker.check(url, min(SECONDS, left)), timezone.now()
        found.append((part, *answers[url]))
    return note(source, found)


def note(source, found):
    """Keep (part, answer, when) of `found`, and nothing of addresses that the source no longer has."""
    with transaction.atomic():
        if not type(source).objects.select_for_update().filter(pk=source.pk).exists():
            return []  # deleted while we were looking
        held = {row.part: row for row in source.link_checks.all()}
        noted = []
        for part, answer, at in found:
            row, value = held.get(part), getattr(source, part)
            if row is None or row.value != value:
                row = LinkCheck(pk=row and row.pk, source=source, part=part, value=value)
            row.take(answer, at)
            row.save()
            noted.append(row)
        source.link_checks.exclude(part__in=[part for part, _ in addresses(source)]).delete()
    return noted
