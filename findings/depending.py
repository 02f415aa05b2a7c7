"""What leads readers to an entry, and what it still rests on without it: for whoever withdraws it."""

from curation.tasks import depending
from curation.text import listed


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
