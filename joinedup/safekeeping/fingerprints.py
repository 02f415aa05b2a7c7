"""What a database holds as one sum for each table, from a full export of it: the same content has the same sums on
SQLite and on PostgreSQL."""

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connections, transaction

from joinedup.safekeeping import sqlite

AT_ONCE = 2000
# The database's own: statistics, and the random content version.
NOT_CONTENT = ("sqlite_", "caching_")


@dataclass(frozen=True)
class Sum:
    rows: int
    digest: str


def fingerprint(connection):
    """Table -> `Sum` of everything that the database holds.

    A table's digest adds those of its rows, so that their order, which differs between databases, is all the same.
    """
    return {table: _sum(connection, table) for table in tables(connection)}


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
        while some := cursor.fetchmany(AT_ONCE):
            yield some


def _sum(connection, table):
    described = columns(connection, table)
    documents = [place for place, is_json in enumerate(described.values()) if is_json]
    count = total = 0
    for some in rows(connection, table, described):
        for row in some:
            values = list(row)
            for place in documents:
                values[place] = json.loads(values[place]) if isinstance(values[place], str) else values[place]
            written = json.dumps(values, default=_as_text, sort_keys=True, separators=(",", ":"))
            total += int.from_bytes(sha256(written.encode()).digest())
        count += len(some)
    return Sum(count, sha256(f"{' '.join(described)} {total}".encode()).hexdigest()[:32])


def _as_text(value):
    if isinstance(value, datetime):  # SQLite keeps them in UTC without saying so
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def differences(expected, found):
    """The names of tables that two fingerprints do not agree on."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


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
