"""Mail about notes to colleagues: which entries, not what they say; one message for what was written at once."""

from collections import defaultdict

from django.conf import settings
from django.dispatch import receiver

from curation.comments import written
from joinedup.accounts.mail import tell

NAMED_AT_MOST = 10  # entries in a message


@receiver(written)
def tell_by_mail(sender, notes, **context):
    """Tell those whom the notes are for by name; what is for whoever works on an entry waits at the desk."""
    if not settings.SENDS_MAIL:
        return
    notes_of = defaultdict(list)
    for note in notes:
        for person in note.people:
            if person.is_active and person.is_staff:
                notes_of[person].append(note)
    for person, some in notes_of.items():
        tell(
            person,
            "a note at the desk" if len(some) == 1 else f"{len(some):,} notes at the desk",
            "admin/mail_notes.txt",
            by=some[0].by,
            count=len(some),
            shown=[(_name(note.entry), f"{settings.SITE_URL}{note.address}") for note in some[:NAMED_AT_MOST]],
            more=len(some) - NAMED_AT_MOST,
        )


def _name(entry):
    """Its code; the title of what is not public yet does not leave the desk."""
    return getattr(entry, "code", None) or f"A {entry._meta.verbose_name}"
