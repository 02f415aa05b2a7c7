"""Whether an error says that the database cannot serve now, and in which way: it is away, busy, full or read-only.

Mistakes of the program, such as a column that is not there, are none of these.
"""

import errno
import shutil
import sqlite3
from enum import Enum
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError, connection


class Trouble(Enum):
    AWAY = "away"
    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read only"


SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_INTERRUPT: Trouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: Trouble.BUSY,
    sqlite3.SQLITE_NOMEM: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.AWAY,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_CORRUPT: Trouble.AWAY,
    sqlite3.SQLITE_NOTADB: Trouble.AWAY,
    sqlite3.SQLITE_PERM: Trouble.AWAY,
    sqlite3.SQLITE_AUTH: Trouble.AWAY,
}
POSTGRESQL = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "40001": Trouble.BUSY,  # two transactions in each other's way
    "40P01": Trouble.BUSY,
    "55P03": Trouble.BUSY,  # a lock was not to be had in time
    "57014": Trouble.BUSY,  # a statement took too long
}


NO_ROOM = 100_000  # bytes: less than SQLite takes for its smallest piece of work


def _disk_is_full():
    """SQLite that has no room for the files beside the database only says that it cannot read or write."""
    try:
        return shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free < NO_ROOM
    except OSError:
        return False


def trouble(error):
    """The `Trouble` that an exception tells of; None if it is something else."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble.FULL
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        kind = SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)  # the rest says more of the same
        return Trouble.FULL if kind is Trouble.AWAY and _disk_is_full() else kind
    is_away = isinstance(error, OperationalError | InterfaceError)
    return POSTGRESQL.get(getattr(cause, "pgcode", None)) or (Trouble.AWAY if is_away else None)
