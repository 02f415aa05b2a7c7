"""Who has an entry in hand, and since when: read from the log of acts and the record of its wordings."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from curation.entries import HIDDEN, Status
from curation.history import Revision
from curation.log import LogEntry

NAMED = Coalesce(NullIf(F("by__first_name"), Value("")), F("by__username"), output_field=CharField())


@dataclass(frozen=True)
class Hold:
    """`who` has it, since when, and what was said when it came to them."""

    who: str = ""
    since: datetime | None = None
    sent_back_by: str = ""
    note: str = ""


def _of(rows, model):
    """Those of `rows` that are about the entry of an outer query, newest first."""
    kind = ContentType.objects.get_for_model(model)
    return rows.filter(content_type=kind, object_id=OuterRef("pk")).order_by("-at", "-pk")


def drafts(entries):
    """Drafts, with who wrote them last (`by`, `by_id`) and when (`since`)."""
    written = _of(Revision.objects.all(), entries.model)
    return entries.filter(status=Status.DRAFT).annotate(
        since=Subquery(written.values("at")[:1]),
        by_id=Subquery(written.values("by")[:1]),
        by=Subquery(written.annotate(named=NAMED).values("named")[:1]),
    )


def drafts_of(entries, user):
    """The drafts that `user` wrote last and nobody sent back."""
    last = _of(LogEntry.objects.all(), entries.model).values("name")[:1]
    mine = drafts(entries).filter(by_id=user.pk)
    return mine.alias(last=Coalesce(Subquery(last), Value(""))).exclude(last=LogEntry.Name.SEND_BACK)


def sent_back(entries):
    """Drafts that an editor sent back and nobody has sent for review since: with `by` whom, `since` when, and `to_id`,
    who had sent them for review."""
    acts = _of(LogEntry.objects.all(), entries.model)
    sent = acts.filter(name=LogEntry.Name.SEND_FOR_REVIEW)
    return (
        entries.filter(status=Status.DRAFT)
        .alias(last=Subquery(acts.values("name")[:1]))
        .filter(last=LogEntry.Name.SEND_BACK)
        .annotate(
            since=Subquery(acts.values("at")[:1]),
            by=Subquery(acts.annotate(named=NAMED).values("named")[:1]),
            to_id=Subquery(sent.values("by")[:1]),
        )
    )


def sent_back_to(entries, user):
    return sent_back(entries).filter(to_id=user.pk)


def in_hand_of(entries, user):
    """What `user` has to go on with: drafts of theirs, and what was sent back to them."""
    mine = drafts_of(entries, user).values("pk")
    return entries.filter(pk__in=mine) | entries.filter(pk__in=sent_back_to(entries, user).values("pk"))


def waiting(entries, user=None):
    """What was sent for review, with `by` whom and `since` when: for any editor, whoever `user` is."""
    sent = _of(LogEntry.objects.filter(name=LogEntry.Name.SEND_FOR_REVIEW), entries.model)
    return entries.filter(status=Status.IN_REVIEW).annotate(
        since=Subquery(sent.values("at")[:1]), by=Subquery(sent.annotate(named=NAMED).values("named")[:1])
    )


def holds(entries):
    """{pk: Hold} of drafts and of what is in review, among `entries` of one kind: two queries."""
    open_ones = [entry for entry in entries if entry.status in HIDDEN]
    if not open_ones:
        return {}
    acts, written = _rows(LogEntry, open_ones, "name", "note"), _rows(Revision, open_ones)
    newest = {row["object_id"]: row for row in acts}
    sent = {row["object_id"]: row for row in acts if row["name"] == LogEntry.Name.SEND_FOR_REVIEW}
    wrote = {row["object_id"]: row for row in written}
    return {pk: _hold(one, newest.get(pk), sent.get(pk), wrote.get(pk)) for one in open_ones if (pk := one.pk)}


def _rows(rows, entries, *fields):
    """Those of `rows` about some of the entries as dicts, the newest last."""
    kind = ContentType.objects.get_for_model(entries[0])
    found = rows.objects.filter(content_type=kind, object_id__in=[entry.pk for entry in entries])
    return list(found.order_by("at", "pk").annotate(named=NAMED).values("object_id", "at", "named", *fields))


def _hold(entry, act, sent, written):
    if entry.status == Status.IN_REVIEW:
        return Hold(act["named"] or "", act["at"], note=act["note"]) if act else Hold()
    if act and act["name"] == LogEntry.Name.SEND_BACK:  # to whoever sent it
        who = sent["named"] if sent else ""
        return Hold(who or "", act["at"], sent_back_by=act["named"] or "an editor", note=act["note"])
    return Hold((written or {}).get("named") or "", written and written["at"])
