"""A whole SQLite database as a file, and such a file as the database, while others use it."""

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from joinedup.operations.exceptions import Failed

ALIAS = "opened"
PATIENCE = 30  # seconds to wait for somebody who writes


@contextmanager
def opened(path):
    """A connection of Django's to an SQLite file, which it cannot change."""
    connection = DatabaseWrapper(
        {
            "NAME": f"{Path(path).absolute().as_uri()}?mode=rw",
            "OPTIONS": {"uri": True, "timeout": PATIENCE, "init_command": "PRAGMA query_only=1"},
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
        },
        alias=ALIAS,
    )
    connections[ALIAS] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[ALIAS]


def copy(database, path):
    """Write the database as it is at this moment into a file, empty or not there yet. Others go on writing.

    Raises Failed if there is no database, no room, or if it is damaged.
    """
    try:
        with closing(_connect(database)) as connection:
            connection.execute("VACUUM INTO ?", [str(path)])
        examine(path)
    except sqlite3.Error as error:
        raise Failed(f"The database {database} cannot be copied: {error}.") from error


def examine(path):
    """Go through an SQLite file. Raises Failed if it is damaged."""
    try:
        with closing(_connect(path)) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            problems += [
                f"{row[0]} refers to {row[2]}" for row in connection.execute("PRAGMA foreign_key_check").fetchmany(3)
            ]
    except sqlite3.Error as error:
        raise Failed(f"The database in it is damaged: {error}.") from error
    if problems != ["ok"]:
        raise Failed(f"The database in it is damaged: {'; '.join(problems)}.")


def create(database):
    """Make the file if there is none, for its owner only."""
    os.close(os.open(database, os.O_CREAT, 0o600))


def replace(database, path):
    """Put the content of the file `path` in the place of the database's, in one transaction: whoever reads meanwhile
    sees all of the one or all of the other.

    Raises Failed, with nothing changed, if somebody goes on writing or if there is no room.
    """
    try:
        with closing(_connect(path)) as new, closing(_connect(database)) as live:
            live.execute("PRAGMA journal_mode=WAL")
            new.backup(live)
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise Failed(
            f"Nothing was restored: {error}. Stop the site, see that the disk has room for the database twice,"
            " and try again."
        ) from error


def _connect(path):
    address = f"{Path(path).absolute().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)
