import fcntl
import time
from contextlib import closing, contextmanager

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from sources import statistics

LOCK = 5_071_963_210  # any number, the same for all who migrate
PATIENCE = 10 * 60  # seconds
LOCK_TIMEOUT = "3s"
LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """Django's migrate, for a site that goes on answering: one at a time, however many machines start at once, and
    never long in the way of readers."""

    def handle(self, *args, **options):
        connection = connections[options["database"]]
        ends = time.monotonic() + PATIENCE
        with ALONE[connection.vendor](self, connection, ends):
            while True:
                try:
                    super().handle(*args, **options)
                    break
                except OperationalError as error:
                    if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                        raise
                    # What was applied so far stays; this one was rolled back and is tried again.
                    self._wait(ends, "A table is in use", error)
            statistics.refresh(options["database"])

    def _wait(self, ends, why, error=None):
        if time.monotonic() > ends:
            raise CommandError(f"{why}, for {PATIENCE // 60} minutes now. Run migrate again later.") from error
        self.stderr.write(f"{why}: trying again.")
        time.sleep(1)


@contextmanager
def _alone_on_postgresql(command, connection, ends):
    """While a change of a table waits for somebody's long transaction, everybody else waits behind it: so it gives up
    soon and is tried again. The lock is the connection's, and goes with it if we are killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', '0', false)", [LOCK_TIMEOUT]
        )
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                break
            command._wait(ends, "Somebody else is migrating")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
                cursor.execute("RESET lock_timeout")
                cursor.execute("RESET statement_timeout")


@contextmanager
def _alone_on_sqlite(command, connection, ends):
    name = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():
        yield
        return
    with closing(open(f"{name}.migrating", "w")) as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                command._wait(ends, "Somebody else is migrating")
        yield


ALONE = {"postgresql": _alone_on_postgresql, "sqlite": _alone_on_sqlite}
