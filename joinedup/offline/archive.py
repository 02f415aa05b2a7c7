"""The offline copy as one ZIP, kept in STATE_DIR and made again when something has changed.

It takes a tenth of a second an entry, so nobody's request makes it: a process of its own does, one at a time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from curation.models import Import, LogEntry, Revision
from joinedup.offline.building import OfflineCopy
from joinedup.search.documents import KINDS

NAME = "joined-up.zip"
MAX_AGE = 24 * 60 * 60  # seconds after which it is made again even if nothing changed: dates on pages pass too
STALE_LOCK = 60 * 60
MAX_ENTRIES = 2000  # of a copy that a reader's request may start; a larger one is made by the command
RESTART_AFTER = 60  # seconds between two starts


class NotReady(Exception):
    """There is no copy yet."""


def archive():
    """The path of the newest copy, and a newer one is begun if need be. Raises NotReady."""
    path = folder() / NAME
    if _is_fresh(path):
        return path
    is_small = sum(kind.public().count() for kind in KINDS.values()) <= MAX_ENTRIES
    if is_small:
        _start_once()
    if path.exists():
        return path
    if is_small:
        raise NotReady("The copy is being made. Try again in a minute.")
    raise NotReady("The copy of so large a site is made from time to time. Ask the site's editors for it.")


def _start_once():
    started = folder() / "started"
    if not started.exists() or time.time() - started.stat().st_mtime > RESTART_AFTER:
        started.touch()
        start()


def start():
    """Let a process of its own, which gives way to readers, make the copy."""
    subprocess.Popen(
        ["nice", sys.executable, "-m", "django", "export_site", "--zip"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "joinedup.settings")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def make():
    """Make the ZIP and return its path. While another process does so, the earlier one, or NotReady."""
    path = folder() / NAME
    with _alone() as ours:
        if not ours:
            if path.exists():
                return path
            raise NotReady("The copy is being made. Try again in a minute.")
        with tempfile.TemporaryDirectory(dir=folder()) as scratch:
            OfflineCopy(Path(scratch) / "joined-up").build()
            fresh = Path(scratch) / NAME
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as written:
                for file in sorted(Path(scratch, "joined-up").rglob("*")):
                    if file.is_file():
                        written.write(file, file.relative_to(scratch))
            fresh.replace(path)
    return path


def folder():
    path = Path(settings.STATE_DIR) / "offline-copy"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _is_fresh(path):
    if not path.exists():
        return False
    made = path.stat().st_mtime
    return time.time() - made < MAX_AGE and made > _changed_at().timestamp()


def _changed_at():
    moments = [
        LogEntry.objects.aggregate(at=Max("at"))["at"],
        Revision.objects.aggregate(at=Max("at"))["at"],
        Import.objects.aggregate(at=Max("applied_at"))["at"],
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
