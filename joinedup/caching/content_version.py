"""The content version, as this process knows it.

The rule that all rests on: **what is kept as true of a version was read while that version stood.** The version is
known before an answer is made and read again afterwards; if it is another by then, the answer is sent and not kept. A
version never comes back, so nothing changed in between.
"""

import secrets
import threading
import time

from django.conf import settings
from django.db import Error, connections

from joinedup.caching.models import ContentVersion
from joinedup.operations.routing import reading_from

TRUSTED_WITHOUT_DATABASE = 60 * 60  # seconds for which the last known version holds while the database is away
UNKNOWN = "", 0.0, float("-inf")

_known = {}  # alias of a database -> the version, when it was read, when it was last asked for
_reading = threading.Lock()


def current():
    """The version, read at most once in `CONTENT_VERSION_SECONDS`; "" if it is not known.

    While one thread reads it, which may take long, others go on with what is known.
    """
    alias, now = reading_from(), time.monotonic()
    version, read_at, asked_at = _known.get(alias, UNKNOWN)
    if now - asked_at >= settings.CONTENT_VERSION_SECONDS and _reading.acquire(blocking=False):
        try:
            latest()
        finally:
            _reading.release()
        version, read_at, _ = _known.get(alias, UNKNOWN)
    return version if now - read_at < TRUSTED_WITHOUT_DATABASE else ""


def latest():
    """The version, read now; None if the database is away."""
    alias = reading_from()
    try:
        with connections[alias].cursor() as cursor:  # for every page that is made: a QuerySet takes ten times as long
            cursor.execute(f"SELECT token FROM {ContentVersion._meta.db_table} ORDER BY token")
            version = "".join(token for (token,) in cursor)
    except Error:
        version, read_at, _ = _known.get(alias, UNKNOWN)
        _known[alias] = version, read_at, time.monotonic()
        return None
    now = time.monotonic()
    _known[alias] = version, now, now
    return version


def forget():
    """Read it when it is next asked for: this process may have changed something."""
    _known.clear()


def renew(alias):
    """Make a new version, after changes that no trigger sees. The next change clears up."""
    ContentVersion.objects.using(alias).create(token=secrets.token_hex(16))
    forget()
