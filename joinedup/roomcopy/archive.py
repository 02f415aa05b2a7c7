"""The room copy as one ZIP, kept beside the database and made anew when something has changed."""

import os
import shutil
import tempfile
import time
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from findings.models import EntryImport
from joinedup.roomcopy.building import RoomCopy
from joinedup.search.models import IndexEntry
from sources.models import Act, ImportBatch, Revision

NAME = "joined-up.zip"
A_DAY = 24 * 60 * 60  # after which it is made anew whatever the record says: dates on pages pass too
STALE_LOCK = 60 * 60
MOST_ENTRIES = 2000  # of which a copy is made while somebody waits; a larger one is made by the command


class NotReady(Exception):
    """There is no copy, and none is made now."""


def archive():
    """The path of a copy that is up to date, made now if need be. Raises NotReady, and building.CannotBuild."""
    path = folder() / NAME
    if _is_fresh(path):
        return path
    if IndexEntry.objects.count() > MOST_ENTRIES:
        if path.exists():
            return path
        raise NotReady("The copy of so large a site is made from time to time. Ask the site's editors for it.")
    return make()


def make():
    """Make the ZIP and return its path. While another process does so, the earlier one, or NotReady."""
    path = folder() / NAME
    with _alone() as ours:
        if not ours:
            if path.exists():
                return path
            raise NotReady("The copy is being made. Try again in a minute.")
        with tempfile.TemporaryDirectory(dir=folder()) as scratch:
            RoomCopy(Path(scratch) / "joined-up").build()
            fresh = Path(scratch) / NAME
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as written:
                for file in sorted(Path(scratch, "joined-up").rglob("*")):
                    if file.is_file():
                        written.write(file, file.relative_to(scratch))
            fresh.replace(path)
    return path


def folder():
    path = Path(settings.STATE_DIR) / "room-copy"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _is_fresh(path):
    if not path.exists():
        return False
    made = path.stat().st_mtime
    return time.time() - made < A_DAY and made > _changed_at().timestamp()


def _changed_at():
    moments = [
        Act.objects.aggregate(at=Max("at"))["at"],
        Revision.objects.aggregate(at=Max("at"))["at"],
        ImportBatch.objects.aggregate(at=Max("applied_at"))["at"],
        EntryImport.objects.aggregate(at=Max("applied_at"))["at"],
    ]
    return max(filter(None, moments), default=datetime.fromtimestamp(0, UTC)).astimezone(
        timezone.get_current_timezone()
    )


@contextmanager
def _alone():
    """Whether this process is the one that makes the copy."""
    lock = folder() / "being-made"
    if lock.exists() and time.time() - lock.stat().st_mtime > STALE_LOCK:
        lock.unlink(missing_ok=True)
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        lock.unlink(missing_ok=True)
        for left in folder().glob("tmp*"):
            shutil.rmtree(left, ignore_errors=True)
