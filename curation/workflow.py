"""What may be done to an entry, by whom and in which state; each act is one transaction and leaves a record.

``draft`` → ``in review`` → ``published`` → ``withdrawn``, with a way back from review and from withdrawal.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from curation.changelog import gathered
from curation.comments import sent_back, write
from curation.entries import Status
from curation.log import LogEntry
from curation.versions import make_version

TOGETHER = 500


class Refused(Exception):
    """The act is not possible: the message says why, in words for a librarian."""


@dataclass(frozen=True)
class Transition:
    label: str  # on the button
    before: tuple
    after: str
    permission: str
    note_is: str = "optional"


Name = LogEntry.Name
TRANSITIONS = {
    Name.SEND_FOR_REVIEW: Transition("Send for review", (Status.DRAFT,), Status.IN_REVIEW, "curation.send_for_review"),
    Name.SEND_BACK: Transition(
        "Send back", (Status.IN_REVIEW,), Status.DRAFT, "curation.publish_entries", note_is="what is to be done"
    ),
    Name.PUBLISH: Transition("Publish", (Status.IN_REVIEW,), Status.PUBLISHED, "curation.publish_entries"),
    Name.CHECK: Transition(
        "Record a check", (Status.PUBLISHED,), Status.PUBLISHED, "curation.record_check", note_is="what was looked at"
    ),
    Name.WITHDRAW: Transition(
        "Withdraw", (Status.PUBLISHED,), Status.WITHDRAWN, "curation.publish_entries", note_is="the public reason"
    ),
    Name.RESTORE: Transition(
        "Put back", (Status.WITHDRAWN,), Status.PUBLISHED, "curation.publish_entries", note_is="why it is put back"
    ),
}


# Send for review and publish in one: for an editor, who could do one after the other.
SEND_AND_PUBLISH = "send-and-publish"
ACTS = {
    Name.SEND_FOR_REVIEW: TRANSITIONS[Name.SEND_FOR_REVIEW],
    SEND_AND_PUBLISH: Transition(
        "Send for review and publish", (Status.DRAFT, Status.IN_REVIEW), Status.PUBLISHED, "curation.publish_entries"
    ),
    **TRANSITIONS,
}
# What an act may change of an entry, besides the log.
CHANGED = (
    *("status", "published_on", "last_checked_on", "review_due_on"),
    *("withdrawn_on", "withdrawal_reason", "replaced_by"),
)


def offered(entry, user):
    """The acts that `user` may do to `entry` as it is, in order of the work. What was merged is done with."""
    if entry.leads_to != entry:
        return []
    allowed = [name for name, rule in ACTS.items() if entry.status in rule.before and user.has_perm(rule.permission)]
    # Of what is in review already, “Publish” says it better.
    return [name for name in allowed if name != SEND_AND_PUBLISH or entry.status == Status.DRAFT]


def why_not(name, entry):
    """Why an act cannot be done to an entry as it is, and what to do instead; empty if it can."""
    return "" if entry.status in ACTS[name].before else in_words(name, entry.status)


def in_words(name, status, count=1):
    """Why an act is not done to what has this status: “drafts: send them for review first”."""
    one = count == 1
    what = {Status.DRAFT: "a draft" if one else "drafts"}.get(status, Status(status).label.lower())
    if status == ACTS[name].after:
        return f"{what} already"
    instead = INSTEAD.get((name, status), "it cannot be done now" if one else "they cannot be done now")
    return f"{what}: {instead.format(it='it' if one else 'them')}"


INSTEAD = {
    (Name.PUBLISH, Status.DRAFT): "send {it} for review first",
    (Name.PUBLISH, Status.WITHDRAWN): "use “Put back”",
    (SEND_AND_PUBLISH, Status.WITHDRAWN): "use “Put back”",
    (Name.SEND_BACK, Status.PUBLISHED): "change {it} as published, or withdraw {it}",
    (Name.CHECK, Status.DRAFT): "publish {it} first",
    (Name.CHECK, Status.IN_REVIEW): "publish {it} first",
    (Name.WITHDRAW, Status.DRAFT): "no reader has seen {it}, so an editor can delete {it}",
    (Name.WITHDRAW, Status.IN_REVIEW): "no reader has seen {it}, so send {it} back",
}


def perform(name, entry, by, note="", replacement=None):
    """Do an act of `ACTS` and return the entry as it is then.

    `note` is the public reason of a withdrawal, for which `replacement` names an entry to use instead. Raises `Refused`
    if the entry's state or `by` does not allow it, if a needed note is missing, or if the entry breaks a rule.
    """
    return perform_all(name, [entry], by, note, replacement, names_which=False)[0]


def perform_all(name, entries, by, note="", replacement=None, *, names_which=True):
    """Do an act to all of `entries`, of one kind, or to none; return them as they are then. Raises as `perform`, and
    says which entry breaks a rule, unless told not to."""
    rule, note, model = ACTS[name], note.strip(), type(entries[0])
    with transaction.atomic(), gathered():
        held = model.objects.select_for_update(of=("self",)).select_related().order_by("pk")
        held = list(held.filter(pk__in=[entry.pk for entry in entries]))
        _refuse_gone(entries, held)
        if not by.has_perm(rule.permission):
            raise Refused(f"You may not do this: {rule.label.lower()}.")
        if rule.note_is != "optional" and not note:
            raise Refused(f"Write {rule.note_is}.")
        acts = []
        for entry in held:
            if entry.status not in rule.before:
                raise Refused(f"“{entry}” is {why_not(name, entry)}.")
            acts += [LogEntry(entry=entry, name=step, by=by, note=note) for step in _steps(name, entry)]
            CHANGES.get(name, _nothing_else)(entry, note, replacement)
            entry.status = rule.after
            _clean(entry, names_which)
        _save_all(model, held)
        acts = LogEntry.objects.bulk_create(acts, batch_size=TOGETHER)
        if name == Name.SEND_BACK:
            write([sent_back(entry, act) for entry, act in zip(held, acts, strict=True)])
    return held


def _refuse_gone(entries, held):
    left = {entry.pk for entry in held}
    for entry in entries:
        if entry.pk not in left:
            raise Refused(f"“{entry}” was deleted or merged meanwhile.")


def _steps(name, entry):
    """What the log says of an act."""
    if name != SEND_AND_PUBLISH:
        return [name]
    return [Name.SEND_FOR_REVIEW, Name.PUBLISH] if entry.status == Status.DRAFT else [Name.PUBLISH]


def _clean(entry, names_which):
    """Ask for its rules, but for those that the database keeps: of these, `_save_all` hears."""
    parents = {field.name for field in entry._meta.concrete_fields if field.is_relation}
    try:
        entry.clean_fields(exclude=parents)
        entry.clean()
    except ValidationError as error:
        told = " ".join(error.messages)
        which = " ".join(filter(None, [getattr(entry, "code", ""), f"“{entry}”"]))
        raise Refused(f"{which}: {told}" if names_which else told) from error


def _save_all(model, entries):
    """Save what acts change: one statement for all entries that get the same."""
    fields = [name for name in CHANGED if hasattr(model, name)]
    alike = defaultdict(list)
    for entry in entries:
        alike[tuple(getattr(entry, model._meta.get_field(name).attname) for name in fields)].append(entry)
    try:
        with transaction.atomic():
            for values, some in alike.items():
                rows = model._base_manager.filter(pk__in=[entry.pk for entry in some])
                rows.update(**dict(zip(fields, values, strict=True)))
    except IntegrityError:
        for entry in entries:
            _say_which_rule(entry)
        raise
    for entry in entries:
        post_save.send(model, instance=entry, created=False, raw=False, using=entry._state.db, update_fields=None)


def _say_which_rule(entry):
    try:
        entry.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error


def _save(entry):
    try:
        entry.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    entry.save()


def _nothing_else(entry, note, replacement):
    pass


def _publish(entry, note, replacement):
    today = timezone.localdate()
    entry.published_on = entry.published_on or today
    entry.last_checked_on = entry.last_checked_on or today
    entry.review_due_on = entry.review_due_on or entry.next_check(today)


def _check(entry, note, replacement):
    entry.last_checked_on = timezone.localdate()


def _withdraw(entry, note, replacement):
    if replacement is not None:
        if replacement.pk == entry.pk:
            raise Refused("An entry cannot replace itself.")
        if not replacement.is_public:
            raise Refused(f"“{replacement}” is not public, so it cannot be used instead.")
        entry.replaced_by = replacement
    entry.withdrawn_on = timezone.localdate()
    entry.withdrawal_reason = note


def _restore(entry, note, replacement):
    entry.withdrawn_on, entry.withdrawal_reason = None, ""
    if hasattr(entry, "replaced_by"):
        entry.replaced_by = None


CHANGES = {
    Name.PUBLISH: _publish,
    SEND_AND_PUBLISH: _publish,
    Name.CHECK: _check,
    Name.WITHDRAW: _withdraw,
    Name.RESTORE: _restore,
}


def record_change(entry, by, *, before, changes_meaning, note=""):
    """Record that the wording of a public entry was changed: a correction, or a change of meaning and a public note,
    which makes a public version. `before` is the state that readers saw until now (`curation.history`)."""
    if not entry.is_public:
        raise Refused("Only a public entry's change has to be told.")
    if changes_meaning and not note.strip():
        raise Refused("Say in a sentence what the change means: readers see it.")
    with transaction.atomic():
        if changes_meaning:
            entry.wording_changed_on = timezone.localdate()
            _save(entry)
            if hasattr(entry, "code"):
                make_version(entry, before, note.strip())
        name = Name.CHANGE_MEANING if changes_meaning else Name.CORRECT
        LogEntry.objects.create(entry=entry, name=name, by=by, note=note.strip())
