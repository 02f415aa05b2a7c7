"""When entries last changed for their readers.

Whatever changes an entry in public is an act on record, to the second. An entry that came without one, in a fixture, is
known by its dates, to the day.
"""

from datetime import datetime, time

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from curation.log import LogEntry

DATES = ("published_on", "wording_changed_on", "last_checked_on", "withdrawn_on")


def last_changes(entries):
    """{pk: moment} of entries of one kind that were ever public: one query."""
    if not entries:
        return {}
    kind = ContentType.objects.get_for_model(entries[0])
    acts = LogEntry.objects.filter(content_type=kind, object_id__in=[entry.pk for entry in entries])
    done = dict(acts.order_by().values_list("object_id").annotate(Max("at")))
    return {entry.pk: max(_last_day(entry), done.get(entry.pk, _last_day(entry))) for entry in entries}


def _last_day(entry):
    day = max(filter(None, (getattr(entry, name) for name in DATES)))
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def changed_since(entries, moment):
    """Those of `entries`, a QuerySet of one kind, that changed at `moment` or later. A date stands for its whole day:
    rather one too many than one too few."""
    acts = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(entries.model), at__gte=moment)
    changed = Q(Exists(acts.filter(object_id=OuterRef("pk"))))
    for name in DATES:
        changed |= Q(**{f"{name}__gte": timezone.localdate(moment)})
    return entries.filter(changed)
