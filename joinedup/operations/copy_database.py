"""Copy the content of an SQLite database into a PostgreSQL database that has the same tables."""

from django.db import DatabaseError, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg2.extras import execute_values

from joinedup.operations.checksums import columns, rows, tables
from joinedup.operations.exceptions import Failed


def copy_database(source, target):
    """Replace the content of `target` by that of `source`, connections to PostgreSQL and to SQLite, in one transaction.

    Keys stay what they are. Raises Failed, with nothing changed.
    """
    here, there = (set(MigrationRecorder(one).applied_migrations()) for one in [target, source])
    if here != there:
        which = ".".join(sorted(here ^ there)[0])
        raise Failed(
            f"The backup and this database are not migrated alike ({which}). Nothing was changed. Run manage.py migrate"
            " on both, and take the backup again."
        )
    quoted = target.ops.quote_name
    table = None
    try:
        with transaction.atomic(using=target.alias), target.cursor() as cursor:
            names = tables(source)
            cursor.execute(f"TRUNCATE {', '.join(map(quoted, names))}")
            for table in names:
                described = list(columns(source, table))
                insert = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, described))}) VALUES %s"
                for chunk in rows(source, table, described):
                    execute_values(cursor.cursor, insert, chunk, page_size=len(chunk))
                for sequence in target.introspection.get_sequences(cursor, table):
                    column = quoted(sequence["column"])
                    cursor.execute(
                        f"SELECT setval(%s, max({column})) FROM {quoted(table)} HAVING max({column}) IS NOT NULL",
                        [sequence["name"]],
                    )
    except (DatabaseError, ValueError) as error:
        raise Failed(f"PostgreSQL does not take what is in {table}. Nothing was changed. It says: {error}") from error
