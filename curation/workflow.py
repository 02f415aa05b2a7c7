"""What may be done to an entry, by whom and in which state; each act is one transaction and leaves a record.

``draft`` → ``in review`` → ``published`` → ``withdrawn``, with a way back from review and from withdrawal.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from curation.entries import Status
from curation.log import LogEntry
from curation.versions import make_version


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


def offered(entry, user):
    """The acts that `user` may do to `entry` as it is, in order of the work. What was merged is done with."""
    if entry.leads_to != entry:
        return []
    return [
        name for name, rule in TRANSITIONS.items() if entry.status in rule.before and user.has_perm(rule.permission)
    ]


def perform(name, entry, by, note="", replacement=None):
    """Do an act of `TRANSITIONS` and return the entry as it is then.

    `note` is the public reason of a withdrawal, for which `replacement` names an entry to use instead. Raises `Refused`
    if the entry's state or `by` does not allow it, if a needed note is missing, or if the entry breaks a rule.
    """
    rule = TRANSITIONS[name]
    with transaction.atomic():
        held = type(entry).objects.select_for_update(of=("self",)).filter(pk=entry.pk).first()
        if held is None:
            raise Refused(f"“{entry}” was deleted or merged meanwhile.")
        entry = held
        if not by.has_perm(rule.permission):
            raise Refused(f"You may not do this: {rule.label.lower()}.")
        if entry.status not in rule.before:
            raise Refused(f"“{entry}” is {entry.get_status_display().lower()}: it cannot be done now.")
        if rule.note_is != "optional" and not note.strip():
            raise Refused(f"Write {rule.note_is}.")
        CHANGES.get(name, _nothing_else)(entry, note.strip(), replacement)
        entry.status = rule.after
        _save(entry)
        LogEntry.objects.create(entry=entry, name=name, by=by, note=note.strip())
    return entry


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


CHANGES = {Name.PUBLISH: _publish, Name.CHECK: _check, Name.WITHDRAW: _withdraw, Name.RESTORE: _restore}


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
