"""The content of an SQLite database into a PostgreSQL database that has the same tables."""

from django.db import DatabaseError, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg2.extras import execute_values

from joinedup.safekeeping.errors import Failed
from joinedup.safekeeping.fingerprints import columns, rows, tables


def move(held, connection):
    """Put what `held`, a connection to SQLite, has in the place of what `connection` has, in one transaction.

    Keys stay what they are. Raises Failed, with nothing changed.
    """
    here, there = (set(MigrationRecorder(one).applied_migrations()) for one in [connection, held])
    if here != there:
        which = ".".join(sorted(here ^ there)[0])
        raise Failed(
            f"The backup and this database are not migrated alike ({which}). Nothing was changed. Run manage.py migrate"
            " on both, and take the backup again."
        )
    quoted = connection.ops.quote_name
    table = None
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            names = tables(held)
            cursor.execute(f"TRUNCATE {', '.join(map(quoted, names))}")
            for table in names:
                described = list(columns(held, table))
                insert = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, described))}) VALUES %s"
                for some in rows(held, table, described):
                    execute_values(cursor.cursor, insert, some, page_size=len(some))
                for sequence in connection.introspection.get_sequences(cursor, table):
                    column = quoted(sequence["column"])
                    cursor.execute(
                        f"SELECT setval(%s, max({column})) FROM {quoted(table)} HAVING max({column}) IS NOT NULL",
                        [sequence["name"]],
                    )
    except (DatabaseError, ValueError) as error:
        raise Failed(f"PostgreSQL does not take what is in {table}. Nothing was changed. It says: {error}") from error
