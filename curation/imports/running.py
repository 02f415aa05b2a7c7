"""Long work on an import: begun by a page, done by a process of its own, shown by every page and stopped by any.

The work is one transaction, all or nothing; how far it is has to be told outside of it. PostgreSQL lets a second
connection write that into the row of the run, for all machines. SQLite has one writer, and that one is at work; but
then all processes are on one machine, and a file in STATE_DIR tells it.

A process that is killed leaves nothing done, since its transaction goes with it. It is known by its silence.
"""

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from curation.imports import importing
from curation.imports.filetypes import ImportRefused
from curation.imports.models import Import, ImportRun
from curation.imports.progress import Progress, Stopped

MANY = 1000  # records, from which on the work is a process's own: below, it takes about a second
TOLD_EVERY = 0.5  # seconds
SILENCE = timedelta(seconds=30)  # after which a process is gone: it speaks from a thread of its own
CUT_OFF = "It was cut off before the end, perhaps since the server was started anew. Try again."
STOPPED = "It was stopped before the end, as somebody asked."
BROKE = "Something went wrong on the server. Try again, and tell whoever runs the site if it happens again."
GIVEN_UP = {CUT_OFF, STOPPED, BROKE}
NOT_BEGUN = "The server has no room to begin this. Try again in a minute."

Act, Phase = ImportRun.Act, Import.Status
WORK = {
    Act.APPLY: importing.apply,
    Act.PUBLISH: partial(importing.apply, publishes=True),
    Act.UNDO: importing.undo,
}
BEFORE = {Act.APPLY: Phase.PREVIEW, Act.PUBLISH: Phase.PREVIEW, Act.UNDO: Phase.APPLIED}


def takes_long(batch):
    return batch.record_count >= MANY


def begin(batch, act, user):
    """Let a process do an act to an import. Raises ImportRefused if that cannot be done, or is being done."""
    with transaction.atomic():
        batch = importing.locked(batch, BEFORE[act])
        earlier = of(batch)
        if earlier and is_alive(earlier):
            raise ImportRefused(f"This import is {earlier.get_act_display()} already.")
        forget(batch)
        run = ImportRun.objects.create(batch=batch, act=act, user=user)
    try:
        start(run)
    except OSError as error:
        run.delete()
        raise ImportRefused(NOT_BEGUN) from error
    return run


def start(run):
    """Start the process. It gives way to readers."""
    subprocess.Popen(
        ["nice", sys.executable, "-m", "django", "work_on_import", str(run.pk)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "joinedup.settings")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def of(batch):
    """The run on an import, at work or given up; None if there is none, or if it is done."""
    run = ImportRun.objects.select_related("batch", "user").filter(batch=batch).first()
    return run if run and run.batch.status == BEFORE[run.act] else None


def forget(batch):
    """Forget what became of a run that was given up."""
    for run in ImportRun.objects.filter(batch=batch):
        _place(run).forget()
        run.delete()


def is_alive(run):
    return run.refused is None and timezone.now() - max(run.begun_at, _place(run).told()[1]) < SILENCE


def share(run):
    """How much of a run is done, from 0 to 1."""
    return _place(run).told()[0]


def why_not(run):
    """Why a run that is not alive did nothing, in sentences."""
    return [CUT_OFF] if run.refused is None else run.refused


def is_to_stop(run):
    return _place(run).is_to_stop()


def stop(run):
    """Ask a run to stop. It may be done before it hears of it."""
    _place(run).stop()


def work(pk):
    """Do what a run is for, in this process. What refuses it is kept with the run."""
    run = ImportRun.objects.select_related("batch", "user").get(pk=pk)
    refused = [BROKE]
    try:
        progress = Progress()
        with _telling(run, progress):
            WORK[run.act](run.batch, user=run.user, progress=progress)
        refused = None
    except ImportRefused as refusal:
        refused = refusal.messages
    except Stopped:
        refused = [STOPPED]
    finally:
        _place(run).forget()
        if refused is None:
            run.delete()
        else:
            ImportRun.objects.filter(pk=pk).update(refused=refused)


@contextmanager
def _telling(run, progress):
    """Tell beside the work how far it is, and let it stop when somebody asks."""
    is_done, place = Event(), _place(run)

    def tell():
        try:
            while not is_done.wait(TOLD_EVERY):
                with suppress(DatabaseError, OSError):  # one time of many
                    progress.is_to_stop = progress.is_to_stop or place.tell(progress.share)
        finally:
            connection.close()

    thread = Thread(target=tell, name="progress")
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def _place(run):
    return (_File if connection.vendor == "sqlite" else _Row)(run)


class _Row:
    """How a run is going, in its row."""

    def __init__(self, run):
        self.run, self.row = run, ImportRun.objects.filter(pk=run.pk)

    def tell(self, share):
        """Whether it is to stop."""
        self.row.update(share=share, told_at=timezone.now())
        return self.is_to_stop()

    def told(self):
        return self.run.share, self.run.told_at

    def is_to_stop(self):
        return not self.row.filter(is_to_stop=False).exists()

    def stop(self):
        self.row.update(is_to_stop=True)

    def forget(self):
        pass


class _File:
    """How a run is going, in a file that is named for it; another asks it to stop."""

    def __init__(self, run):
        self.run = run
        folder = Path(settings.STATE_DIR) / "imports"
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.asked = folder / f"{run.pk}.share", folder / f"{run.pk}.stop"

    def tell(self, share):
        """Whether it is to stop."""
        written = self.path.with_suffix(".new")  # whoever looks meanwhile finds the earlier one whole
        written.write_text(str(share))
        written.replace(self.path)
        return self.is_to_stop()

    def told(self):
        try:
            return float(self.path.read_text()), datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except (OSError, ValueError):
            return 0.0, self.run.begun_at

    def is_to_stop(self):
        return self.asked.exists() or not ImportRun.objects.filter(pk=self.run.pk).exists()

    def stop(self):
        self.asked.touch()

    def forget(self):
        for path in (self.path, self.asked):
            path.unlink(missing_ok=True)
