"""A backup: one ZIP file with the database's own copy, and a manifest that says what it is and proves it whole."""

import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from joinedup.operations import postgres, sqlite
from joinedup.operations.checksums import Checksum, checksums, differences, one_moment, tables
from joinedup.operations.copy_database import copy_database
from joinedup.operations.exceptions import Failed
from joinedup.operations.signals import restored

FORMAT = "joined-up backup 1"
MANIFEST = "manifest.json"
DATA = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
LONGEST_MANIFEST = 2**20
# What is in a database that has been migrated and nothing else.
MADE_BY_MIGRATIONS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}
NAME = "joined-up-{:%Y-%m-%dT%H%M%SZ}.zip"
NAMED = re.compile(r"joined-up-\d{4}-\d\d-\d\dT\d{6}Z\.zip")


def name_for_now():
    return NAME.format(datetime.now(UTC))


def thin_out(folder, keep):
    """Of the backups with a name of ours in the folder, delete all but the newest `keep`; return their names."""
    old = sorted(path for path in folder.iterdir() if NAMED.fullmatch(path.name))[:-keep]
    for path in old:
        path.unlink()
    return [path.name for path in old]


def create(path, using="default"):
    """Write the database as it is at one moment to a new file and read it again; return its manifest.

    The file has its name when it is whole and nobody but its owner may read it. Raises Failed.
    """
    if path.exists():
        raise Failed(f"{path} is there already: choose another name.")
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w+b") as file:
                manifest = _write(file, using)
                file.flush()
                os.fsync(file.fileno())
                read(file)
            os.rename(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.") from error
    except DatabaseError as error:
        raise Failed(f"The database cannot be read: {error}") from error
    return manifest


def _write(file, using):
    connection = connections[using]
    manifest = {
        "format": FORMAT,
        "database": connection.vendor,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest |= COPYING[connection.vendor](connection, archive)
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def _scratch(prefix):
    """A folder for a copy of the database, beside it rather than where temporary files may have little room."""
    return tempfile.TemporaryDirectory(dir=settings.STATE_DIR if settings.STATE_DIR.is_dir() else None, prefix=prefix)


def _copy_sqlite(connection, archive):
    with _scratch("backup-") as folder:
        path = Path(folder, "copy")
        sqlite.copy(connection.settings_dict["NAME"], path)
        with sqlite.opened(path) as copy:
            content = _content(copy)
        with path.open("rb") as copied, _entry(archive, zipfile.ZIP_DEFLATED, "sqlite") as out:
            shutil.copyfileobj(copied, out, 2**20)
        return content | out.summary()


def _copy_postgresql(connection, archive):
    with one_moment(connection.alias):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        with _entry(archive, zipfile.ZIP_STORED, "postgresql") as out:  # pg_dump has compressed it
            postgres.dump(connection, snapshot, out)
        return _content(connection) | out.summary() | {"version": postgres.major(connection)}


COPYING = {"sqlite": _copy_sqlite, "postgresql": _copy_postgresql}


def _content(connection):
    applied = sorted(".".join(migration) for migration in MigrationRecorder(connection).applied_migrations())
    return {
        "migrations": applied,
        "tables": {name: asdict(checksum) for name, checksum in checksums(connection).items()},
    }


class _Summed:
    """What is written to a file, or read from it, with its length and checksum."""

    def __init__(self, file):
        self.file, self.bytes, self.sum = file, 0, sha256()

    def write(self, data):
        self._count(data)
        return self.file.write(data)

    def read(self, size):
        data = self.file.read(size)
        self._count(data)
        return data

    def _count(self, data):
        self.bytes += len(data)
        self.sum.update(data)

    def summary(self):
        return {"bytes": self.bytes, "sha256": self.sum.hexdigest()}


@contextmanager
def _entry(archive, compression, vendor):
    entry = zipfile.ZipInfo(DATA[vendor], datetime.now(UTC).timetuple()[:6])
    entry.compress_type = compression
    with archive.open(entry, "w", force_zip64=True) as out:
        yield _Summed(out)


def read(file):
    """The manifest of a backup (a path, or an open file) of which every byte was looked at. Raises Failed."""
    with _unpacking(file) as (manifest, data), _read_errors(file):
        while data.read(2**20):
            pass
    if data.summary() != {name: manifest[name] for name in data.summary()}:
        raise Failed("The backup is damaged: its content does not fit its checksum.")
    return manifest


@contextmanager
def _unpacking(file):
    """The manifest, and the data, which count what is read of them."""
    with ExitStack() as stack:
        with _read_errors(file):
            archive = stack.enter_context(zipfile.ZipFile(file))
            entry = archive.getinfo(MANIFEST)
            if entry.file_size > LONGEST_MANIFEST:
                raise ValueError
            manifest = json.loads(archive.read(entry))
            if manifest["format"] != FORMAT:
                raise Failed("This backup is in a format that this release does not know: install a newer release.")
            manifest["tables"] = {name: Checksum(**values) for name, values in manifest["tables"].items()}
            data = stack.enter_context(archive.open(DATA[manifest["database"]]))
        yield manifest, _Summed(data)


@contextmanager
def _read_errors(file):
    name = file if isinstance(file, Path) else "The backup"
    try:
        yield
    except OSError as error:
        raise Failed(f"{name} cannot be read: {error.strerror or error}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise Failed(f"{name} is no backup of this site.") from error
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise Failed(f"{name} is no backup, or it is damaged: {error}.") from error


def restore(path, *, replace=False, using="default"):
    """Make the database what the backup holds, all of it or nothing, and compare the two; return the manifest.

    The database has to be empty unless it is to be replaced. A backup from SQLite may be put into PostgreSQL. Raises
    Failed.
    """
    manifest = read(path)
    connection = connections[using]
    _check_release(manifest)
    try:
        if connection.vendor == "sqlite":
            sqlite.create(connection.settings_dict["NAME"])
        if not replace and (filled := _filled_tables(connection)):
            raise Failed(
                f"The database is not empty (there is something in {', '.join(filled[:3])}). Nothing was changed."
                " Restore into an empty one, or add --replace to lose what is in this one."
            )
        connection.close()
        with _unpacking(path) as (_, data):
            RESTORING[manifest["database"], connection.vendor](connection, manifest, data)
        connection.close()
        restored.send(sender=None, using=using)
        with one_moment(using) as now:
            different = differences(manifest["tables"], checksums(now))
    except OSError as error:
        raise Failed(f"Nothing was restored: {error.strerror or error}.") from error
    except DatabaseError as error:
        raise Failed(f"The database did not do what was asked of it: {error}") from error
    if different:
        raise Failed(
            f"The database was restored, and is not the same as the backup in {', '.join(different)}: if somebody"
            " wrote to it meanwhile, stop the site and restore again."
        )
    return manifest


def _check_release(manifest):
    known = {".".join(migration) for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if unknown := [name for name in manifest["migrations"] if name not in known]:
        raise Failed(
            f"The backup is of a newer release ({unknown[-1]} is not known here). Nothing was changed. Install that"
            " release and try again."
        )


def _filled_tables(connection):
    """The tables in which is more than migrations make."""
    filled = []
    with connection.cursor() as cursor:
        for table in tables(connection):
            if table not in MADE_BY_MIGRATIONS:
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
                filled += [table] if cursor.fetchone() else []
    return filled


@contextmanager
def _unpacked(data):
    """An SQLite file of what is read, looked through."""
    with _scratch("restore-") as folder:
        path = Path(folder, "database")
        with path.open("wb") as out:
            shutil.copyfileobj(data, out, 2**20)
        sqlite.examine(path)
        yield path


def _sqlite_to_sqlite(connection, manifest, data):
    with _unpacked(data) as path:
        sqlite.replace(connection.settings_dict["NAME"], path)


def _sqlite_to_postgresql(connection, manifest, data):
    with _unpacked(data) as path, sqlite.opened(path) as source:
        copy_database(source, connection)


def _postgresql_to_postgresql(connection, manifest, data):
    postgres.restore(connection, data, manifest["version"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _postgresql_to_sqlite(connection, manifest, data):
    raise Failed("This backup is from PostgreSQL and can only be restored into PostgreSQL. Nothing was changed.")


RESTORING = {
    ("sqlite", "sqlite"): _sqlite_to_sqlite,
    ("sqlite", "postgresql"): _sqlite_to_postgresql,
    ("postgresql", "postgresql"): _postgresql_to_postgresql,
    ("postgresql", "sqlite"): _postgresql_to_sqlite,
}
