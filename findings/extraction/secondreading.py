"""A second reader compares each wording with its passages: agrees, or sends it back with a note.

What is agreed holds for the wording that was read. A later change of it waits for a second reader again.
"""

from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from curation import history, workflow
from curation.entries import Status
from curation.history import Revision
from curation.log import LogEntry
from findings.extraction.models import Passage, SecondReading
from findings.extraction.remarks import digest_of, kept_of, remarks_of
from findings.models import Finding, KeyMessage, PracticeImplication

Verdict = SecondReading.Verdict
KINDS = (Finding, KeyMessage, PracticeImplication)
TO_READ, SENT_BACK, AGREED, KEPT = "to-read", "sent-back", "agreed", "kept"


@dataclass
class Pair:
    """An entry with its passages, and what a second reader last said of it as it is."""

    entry: object
    passages: list
    read: str  # a digest of both
    reading: SecondReading | None = None
    state: str = TO_READ
    kept: dict = field(default_factory=dict)

    @property
    def remarks(self):
        """(remark, what is kept of it or None) of each."""
        return [(remark, self.kept.get(remark.key)) for remark in remarks_of(self.entry, self.passages)]


def pairs(review):
    """A Pair for each entry of a review that has passages and is not withdrawn, in the order of the text."""
    found = []
    for model in KINDS:
        rows = model.objects.filter(review=review).exclude(status=Status.WITHDRAWN).select_related("review")
        if model is Finding:
            rows = rows.prefetch_related("citations__source__contributors")
        found += _pairs(model, {entry.pk: entry for entry in rows})
    return sorted(found, key=lambda pair: (pair.passages[0].sentence.number, pair.passages[0].sentence.part))


def _pairs(model, entries):
    kind = ContentType.objects.get_for_model(model)
    passages, readings = {}, {}
    for passage in Passage.objects.of_all(model, entries):
        passages.setdefault(passage.object_id, []).append(passage)
    for reading in SecondReading.objects.filter(content_type=kind, object_id__in=passages).select_related("by"):
        readings.setdefault(reading.object_id, reading)  # the newest
    states, kept = history.states(model, passages), kept_of(model, passages)
    for pk, own in passages.items():
        reading, read = readings.get(pk), digest_of(states[pk], own)
        holds = reading is not None and reading.read == read
        state = TO_READ if not holds else AGREED if reading.verdict == Verdict.AGREED else SENT_BACK
        yield Pair(entries[pk], own, read, reading, state, kept.get(pk, {}))


def is_own(entry, user):
    """Whether the wording is `user`’s own: then somebody else has to read it."""
    last = Revision.objects.of(entry).order_by("-at", "-pk").first()
    return last is not None and last.by_id == user.pk


@transaction.atomic
def agree(pair, by, note="", publish=False):
    """Record that the wording is what the review says, today; with `publish` on its way to readers too.

    Raises workflow.Refused.
    """
    if is_own(pair.entry, by):
        raise workflow.Refused("You wrote this wording yourself: somebody else has to compare it with the review.")
    _record(pair, Verdict.AGREED, by, note)
    entry = type(pair.entry).objects.get(pk=pair.entry.pk)
    if publish and entry.status == Status.DRAFT:
        entry = workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, entry, by)
    if publish and entry.status == Status.IN_REVIEW:
        entry = workflow.perform(LogEntry.Name.PUBLISH, entry, by, note)
    if entry.status == Status.PUBLISHED:
        if entry.last_checked_on != timezone.localdate():
            workflow.perform(LogEntry.Name.CHECK, entry, by, note or "Compared with the review, passage by passage.")
    else:
        type(entry).objects.filter(pk=entry.pk).update(last_checked_on=timezone.localdate())


@transaction.atomic
def send_back(pair, by, note):
    """Record that the wording is not what the review says, and why. Raises workflow.Refused."""
    if not note.strip():
        raise workflow.Refused("Write what is to be done: whoever wrote it needs to know.")
    _record(pair, Verdict.SENT_BACK, by, note)
    if pair.entry.status == Status.IN_REVIEW:
        workflow.perform(LogEntry.Name.SEND_BACK, pair.entry, by, note)


def _record(pair, verdict, by, note):
    if not by.has_perm("curation.publish_entries"):
        raise workflow.Refused("Only an editor is a second reader.")
    SecondReading.objects.create(entry=pair.entry, verdict=verdict, by=by, note=note.strip(), read=pair.read)
