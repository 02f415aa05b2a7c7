"""The stamp of the content, as this process knows it.

The rule that all rests on: **what is kept as true of a stamp was read while that stamp stood.** The stamp is known
before an answer is built and read again afterwards; if it is another by then, the answer is sent and not kept. A stamp
never comes back, so that nothing changed in between.
"""

import secrets
import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connections, transaction
from django.utils import timezone

from joinedup.pagecache.models import ContentStamp

TRUSTED_WITHOUT_DATABASE = 60 * 60  # seconds for which what was last known holds while the database is away

WRITES = {"INSERT", "UPDATE", "DELETE", "TRUNCA"}


class Known(NamedTuple):
    tokens: str
    stamp: str  # the tokens and the day: some pages show what is due by today
    at: float  # when it was read
    until: float  # when it is to be read again

    def still(self, now):
        return self.stamp if now - self.at < TRUSTED_WITHOUT_DATABASE else ""


_known = {}  # by alias
_reading = threading.Lock()


def current(alias):
    """The stamp, read at most once in `STAMP_SECONDS`; "" if it is not known.

    While the database is away, or slow to answer, the last one that was known goes on for an hour.
    """
    known, now = _known.get(alias), time.monotonic()
    if known and now < known.until:
        return known.still(now)
    if not _reading.acquire(blocking=not known):
        return known.still(now)
    try:
        return _read(alias)[0].still(now)
    finally:
        _reading.release()


def latest(alias):
    """The same, read now; "" if it cannot be."""
    known, is_read = _read(alias)
    return known.stamp if is_read else ""


def day_of(known):
    """The day that is part of a stamp."""
    return known.rpartition(" ")[2]


def _read(alias):
    now = time.monotonic()
    known = _known.get(alias, Known("", "", now, now))
    try:
        with connections[alias].cursor() as cursor:  # each page that is made asks; a QuerySet would take far longer
            cursor.execute(f"SELECT token FROM {ContentStamp._meta.db_table} ORDER BY token")
            tokens = "".join(token for (token,) in cursor.fetchall())
        known, is_read = known._replace(tokens=tokens, at=now), True
    except Error:
        is_read = False
    stamp = known.tokens and f"{known.tokens} {timezone.localdate()}"
    known = _known[alias] = known._replace(stamp=stamp, until=now + settings.STAMP_SECONDS)
    return known, is_read


def forget():
    """Read it anew when it is next asked for: this process may have changed something."""
    _known.clear()


def forgetting(execute, sql, *rest):
    """A wrapper for `connection.execute_wrapper`: forget it with each write of this process. Others learn of that
    within `STAMP_SECONDS`."""
    try:
        return execute(sql, *rest)
    finally:
        if str(sql).lstrip()[:6].upper() in WRITES:
            forget()


def renew(alias):
    """Give the content a new stamp, after changes that no trigger sees: what is kept is not asked for any more."""
    stamps = ContentStamp.objects.using(alias)
    with transaction.atomic(using=alias):
        held = list(stamps.select_for_update(skip_locked=True))
        stamps.filter(pk__in=[one.pk for one in held]).delete()
        stamps.create(token=secrets.token_hex(16))
    forget()
