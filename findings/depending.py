"""What leads readers to an entry, and what it still rests on without it: for whoever withdraws it."""

from curation.entries import Status
from curation.history import recording
from curation.tasks import depending
from curation.text import listed
from findings.models import Finding, PracticeImplication

# Kind -> what is linked to one of it, and by which field: as it is called from the other side, and there.
LINKED = {
    Finding: [("implications", "findings"), ("key_messages", "findings")],
    PracticeImplication: [("key_messages", "implications")],
}


def on_finding(finding):
    """Practice points, key messages and the theme of a finding."""
    points = finding.implications.published().prefetch_related("findings")
    messages = finding.key_messages.published().prefetch_related("findings")
    others = finding.theme.findings.published().exclude(pk=finding.pk).count()
    theme = depending(finding.theme, f"Theme. {_left(others)} of its findings stay{'s' if others == 1 else ''} public.")
    return [*(_resting(one, finding) for one in [*points, *messages]), theme]


def on_point(point):
    """Key messages that name a practice point."""
    return [depending(message, "Key message.") for message in point.key_messages.published()]


def _resting(entry, without):
    """A practice point or key message, with the public findings that it still rests on."""
    left = [one.code for one in entry.findings.all() if one.is_public and one != without]
    still = f"Still rests on {listed(left)}." if left else "Rests on no public finding then."
    return depending(entry, f"{entry._meta.verbose_name.capitalize()}. {still}")


def _left(count):
    return "None" if count == 0 else f"{count:,}"


def linked_to(entry):
    """Practice points and key messages that are linked to `entry` and are not withdrawn."""
    return [other for others, _ in _linked(entry) for other in others]


def put_in_place(new, old, by):
    """Link `new` to what is linked to `old`, where it is not yet, with history; return what was changed.

    The links of `old` stay, for the day it is put back.
    """
    changed = []
    for others, field in _linked(old):
        rows = list(others.exclude(**{field: new}))
        if rows:
            note = f"{new.code} in the place of {old.code}, which was withdrawn."
            with recording(type(rows[0]), [row.pk for row in rows], by, note):
                for row in rows:
                    getattr(row, field).add(new)
        changed += rows
    return changed


def _linked(entry):
    for name, field in LINKED.get(type(entry), []):
        yield getattr(entry, name).exclude(status=Status.WITHDRAWN).order_by("number"), field
