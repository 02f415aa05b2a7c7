"""Which checks fall due and when, for the desk and as a calendar file (iCalendar, RFC 5545)."""

from datetime import UTC, timedelta

from django.db.models import F

from curation.tasks import Task

LONGEST_LINE = 75  # octets, section 3.1


def falling_due(user, kinds, most=1000):
    """The next checks of published entries that `user` may see, the first first: `Row`s, `since` their day."""
    task = Task("", "", "", _due, tuple(kinds), {})
    seen = task.seen_by(user)
    return task.rows(user, seen, most) if seen else []


def _due(entries, user):
    checked_since = entries.filter(last_checked_on__gte=F("review_due_on"))
    due = entries.published().filter(review_due_on__isnull=False).exclude(pk__in=checked_since.values("pk"))
    return due.annotate(since=F("review_due_on"))


def calendar(rows, host, now, address_of):
    """The text of a calendar with an all-day event for each of `rows`; `address_of` gives the whole address of one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{_text(host)}//Checks that fall due//EN"]
    for row in rows:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{row.model._meta.label_lower}-{row.pk}@{host}",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{row.since:%Y%m%d}",
            f"DTEND;VALUE=DATE:{row.since + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'Check {row.name}: {row.title}')}",
            f"URL:{address_of(row)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _text(value):
    """TEXT, section 3.3.11."""
    plain = " ".join(value.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line):
    """In lines of 75 octets, no letter divided (section 3.1)."""
    pieces, piece = [], ""
    for letter in line:
        if len((piece + letter).encode()) > LONGEST_LINE:
            pieces.append(piece)
            piece = " "
        piece += letter
    return "\r\n".join([*pieces, piece])
