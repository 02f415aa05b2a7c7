"""Triggers that give the content a new stamp in the transaction that changes it, whatever changes it: a form, an
import, `QuerySet.update()`, SQL typed by hand. They stand on every table of the content but those named as private.
"""

from django.apps import apps
from django.db import connections

from joinedup.pagecache import stamp
from joinedup.pagecache.models import ContentStamp

CONTENT = ["sources", "findings", "search", "taggit"]
# What no public page reads. A model that is not named here is taken for public.
PRIVATE = {
    "findings.EntryImport",
    "findings.EntryImportRow",
    "search.MissedSearch",
    "sources.Change",
    "sources.CodeSeries",
    "sources.Different",
    "sources.ImportBatch",
    "sources.ImportRow",
}
NAME = "content_stamp"
STAMPS = ContentStamp._meta.db_table
WRITES = ["INSERT", "UPDATE", "DELETE"]
# A transaction has one row, known by a setting that ends, and is rolled back, with it. Rows that another transaction is
# replacing are left to a later one, so that nobody waits.
FUNCTION = f"""
CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made text := replace(gen_random_uuid()::text, '-', '');
BEGIN
    UPDATE {STAMPS} SET token = made WHERE token = current_setting('joinedup.stamp', true);
    IF NOT FOUND THEN
        DELETE FROM {STAMPS} WHERE token IN (SELECT token FROM {STAMPS} FOR UPDATE SKIP LOCKED);
        INSERT INTO {STAMPS} VALUES (made);
    END IF;
    PERFORM set_config('joinedup.stamp', made, true);
    RETURN NULL;
END $$
"""


def tables():
    """The names of the tables that public pages read."""
    models = [model for label in CONTENT for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return sorted(model._meta.db_table for model in models if model._meta.label not in PRIVATE)


def put(connection):
    """Put the triggers on those tables that have none, and a new stamp. What is there is left: a table is locked while
    it gets one."""
    with connection.cursor() as cursor:
        if STAMPS not in connection.introspection.table_names(cursor):
            return
        for table in _without(connection, cursor):
            for statement in _statements(table, connection.vendor):
                cursor.execute(statement)
    stamp.renew(connection.alias)


def _statements(table, vendor):
    if vendor == "postgresql":
        yield (
            f'CREATE OR REPLACE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
        )
        return
    for write in WRITES:
        # No INSERT OR REPLACE: a statement that says OR IGNORE says it for its triggers too.
        yield (
            f'CREATE TRIGGER IF NOT EXISTS "{_name(table, write)}" AFTER {write} ON "{table}" '
            f"BEGIN DELETE FROM {STAMPS}; INSERT INTO {STAMPS} VALUES (lower(hex(randomblob(16)))); END"
        )


def _name(table, write):
    return f"{NAME}_{write.lower()}_{table}"


def take_away(connection):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {NAME}() CASCADE")
        else:
            for name in _held(cursor, "sqlite"):
                cursor.execute(f'DROP TRIGGER "{name}"')


def faults(connection):
    """Which tables lack the triggers, in sentences."""
    with connection.cursor() as cursor:
        without = _without(connection, cursor)
    return [f"Changes of the table {table} give no new content stamp: run manage.py migrate." for table in without]


def _without(connection, cursor):
    there = set(connection.introspection.table_names(cursor))
    held = _held(cursor, connection.vendor)
    if connection.vendor == "postgresql":
        wanted = {table: {table} for table in tables()}
    else:
        wanted = {table: {_name(table, write) for write in WRITES} for table in tables()}
    return [table for table in wanted if table in there and wanted[table] - held]


def _held(cursor, vendor):
    """The tables that have the trigger (PostgreSQL), or the names of the triggers (SQLite)."""
    if vendor == "postgresql":
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE tgname = %s AND tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)",
            [NAME],
        )
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{NAME}_%"])
    return {name for (name,) in cursor.fetchall()}


def put_back(sender, using, **kwargs):
    """The same, for signals."""
    put(connections[using])
