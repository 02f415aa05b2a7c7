"""A checksum for each table of a database, from a full export: the same content has the same ones on SQLite and on
PostgreSQL."""

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connections, transaction

from joinedup.operations import sqlite

CHUNK = 2000
# The database's own: statistics, and the random content version.
NOT_CONTENT = ("sqlite_", "caching_")


@dataclass(frozen=True)
class Checksum:
    rows: int
    digest: str


def checksums(connection):
    """Table -> `Checksum` of everything that the database holds.

    A table's digest adds those of its rows, so that their order, which differs between databases, is all the same.
    """
    return {table: _checksum(connection, table) for table in tables(connection)}


def tables(connection):
    """The names of the tables that hold content."""
    with connection.cursor() as cursor:
        return sorted(name for name in connection.introspection.table_names(cursor) if not name.startswith(NOT_CONTENT))


def columns(connection, table):
    """Column -> whether it holds JSON."""
    introspection = connection.introspection
    with connection.cursor() as cursor:
        described = introspection.get_table_description(cursor, table)
    return {
        column.name: introspection.get_field_type(column.type_code, column) == "JSONField"
        for column in sorted(described, key=lambda column: column.name)
    }


def rows(connection, table, names):
    """The values of these columns, in lists of rows."""
    quoted = connection.ops.quote_name
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)}")
        while chunk := cursor.fetchmany(CHUNK):
            yield chunk


def _checksum(connection, table):
    described = columns(connection, table)
    documents = [place for place, is_json in enumerate(described.values()) if is_json]
    count = total = 0
    for chunk in rows(connection, table, described):
        for row in chunk:
            values = list(row)
            for place in documents:
                values[place] = json.loads(values[place]) if isinstance(values[place], str) else values[place]
            written = json.dumps(values, default=_as_text, sort_keys=True, separators=(",", ":"))
            total += int.from_bytes(sha256(written.encode()).digest())
        count += len(chunk)
    return Checksum(count, sha256(f"{' '.join(described)} {total}".encode()).hexdigest()[:32])


def _as_text(value):
    if isinstance(value, datetime):  # SQLite keeps them in UTC without saying so
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def differences(expected, actual):
    """The names of the tables whose checksums differ."""
    return sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))


@contextmanager
def one_moment(using="default"):
    """A connection that sees the database as it is at one moment, and keeps nobody from writing."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        # Transactions of the site's own connection begin by locking out other writers.
        with sqlite.opened(connection.settings_dict["NAME"]) as looking, transaction.atomic(using=looking.alias):
            yield looking
        return
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for limit in ["statement_timeout", "idle_in_transaction_session_timeout"]:
                cursor.execute(f"SET LOCAL {limit} = 0")
        yield connection
