"""The offline copy as one ZIP, kept in STATE_DIR and made again when something has changed.

It takes a twentieth of a second an entry, so nobody's request makes it: a process of its own does, one at a time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from curation.models import Import, LogEntry, Revision
from findings import provenance
from findings.models import Review
from joinedup.offline.building import CannotBuild, OfflineCopy
from joinedup.search.documents import KINDS

NAME = "joined-up.zip"
MAX_AGE = 24 * 60 * 60  # seconds after which it is made again even if nothing changed: dates on pages pass too
STALE_LOCK = 5 * 60  # without another page: the process that made it is gone
LOCK, FAILED = "being-made", "failed"
MAX_ENTRIES = 2000  # of a copy that a reader's request may start; a larger one is made by the command
RESTART_AFTER = 60  # seconds between two starts


class NotReady(Exception):
    """There is no copy yet."""


@dataclass(frozen=True)
class State:
    """How it stands with the copy: the `path` of the newest, whether one is being made and how many pages of it are
    done, and in words why none is."""

    path: Path | None
    is_being_made: bool = False
    pages: int = 0
    problem: str = ""

    @property
    def name(self):
        """What the file is called: it names the review and the day."""
        with zipfile.ZipFile(self.path) as written:
            return f"{written.comment.decode() or self.path.stem}.zip"

    @property
    def made_at(self):
        return datetime.fromtimestamp(self.path.stat().st_mtime, timezone.get_current_timezone())

    @property
    def megabytes(self):
        return max(self.path.stat().st_size / 1_000_000, 0.1)


def state():
    """The State, and a newer copy is begun if need be."""
    path = folder() / NAME
    kept = path if path.exists() else None
    if _is_fresh(path):
        return State(path)
    if sum(kind.public().count() for kind in KINDS.values()) > MAX_ENTRIES:
        told = "The copy of so large a site is made from time to time. Ask the site’s editors for it."
        return State(kept, problem="" if kept else told)
    failed = folder() / FAILED
    if _younger(failed, RESTART_AFTER):
        return State(kept, problem=failed.read_text())
    _start_once()
    return State(kept, is_being_made=True, pages=_pages_done())


def archive():
    """The path of the newest copy, and a newer one is begun if need be. Raises NotReady."""
    found = state()
    if found.path:
        return found.path
    raise NotReady(found.problem or "The copy is being made. Try again in a minute.")


def _start_once():
    started = folder() / "started"
    if not _younger(folder() / LOCK, STALE_LOCK) and not _younger(started, RESTART_AFTER):
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
        (folder() / FAILED).unlink(missing_ok=True)
        try:
            with tempfile.TemporaryDirectory(dir=folder()) as scratch:
                _write(Path(scratch)).replace(path)
        except (CannotBuild, OSError) as error:
            (folder() / FAILED).write_text(f"The copy could not be made: {error}")
            raise
    return path


def _write(scratch):
    """Make the ZIP in a folder of its own, telling after each page how many there are; its path."""
    done, told = count(1), scratch / "pages"

    def tell(address):
        told.write_text(str(next(done)))
        told.replace(folder() / LOCK)  # at once: who reads it never finds it empty

    OfflineCopy(scratch / "joined-up", tell).build()
    fresh = scratch / NAME
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(Path(scratch, "joined-up").rglob("*")):
            if file.is_file():
                written.write(file, file.relative_to(scratch))
        written.comment = _called().encode()
    return fresh


def _called():
    """“joined-up-signposts-2026-11-29”: the site, its review or how many there are, and the day."""
    reviews = list(Review.objects.published()[:2])
    of = provenance.short_name(reviews[0]) if len(reviews) == 1 else f"{Review.objects.published().count()} reviews"
    return f"{slugify(settings.SITE_NAME) or 'copy'}-{slugify(of)[:60]}-{timezone.localdate().isoformat()}"


def _pages_done():
    try:
        return int((folder() / LOCK).read_text() or 0)
    except (OSError, ValueError):
        return 0


def _younger(path, seconds):
    """Whether there is such a file, written to less than `seconds` ago."""
    try:
        return time.time() - path.stat().st_mtime < seconds
    except FileNotFoundError:
        return False


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
    lock = folder() / LOCK
    if not _younger(lock, STALE_LOCK):
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
