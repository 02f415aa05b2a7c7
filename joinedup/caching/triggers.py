"""Triggers that make a new content version in the transaction that changes the content, whatever changes it: a form,
an import, `QuerySet.update()`, SQL typed by hand.
"""

from django.apps import apps
from django.db import connections

from joinedup.caching import content_version
from joinedup.caching.models import ContentVersion

CONTENT = ["curation", "sources", "findings", "search", "taggit"]
# What no public page reads. A model that is not named here is taken for public.
PRIVATE = {
    "curation.Change",
    "curation.CodeSeries",
    "curation.Comment",
    "curation.Import",
    "curation.ImportFile",
    "curation.ImportRow",
    "curation.ImportRun",
    "curation.SavedView",
    "findings.KeptRemark",
    "findings.Passage",
    "findings.ReviewText",
    "findings.SecondReading",
    "findings.Sentence",
    "findings.TextSection",
    "search.MissedSearch",
    "sources.Different",
    "sources.Remark",
}
NAME = "content_version"
VERSIONS = ContentVersion._meta.db_table
# A transaction has one row, known by a setting that ends, and is rolled back, with it. Rows that another transaction is
# replacing are left to a later one, so that nobody waits.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made text := replace(gen_random_uuid()::text, '-', '');
BEGIN
    UPDATE {VERSIONS} SET token = made WHERE token = current_setting('joinedup.content_version', true);
    IF NOT FOUND THEN
        DELETE FROM {VERSIONS} WHERE token IN (SELECT token FROM {VERSIONS} FOR UPDATE SKIP LOCKED);
        INSERT INTO {VERSIONS} VALUES (made);
    END IF;
    PERFORM set_config('joinedup.content_version', made, true);
    RETURN NULL;
END $$
"""
PRESENT = {  # (table, trigger)
    "postgresql": "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)",
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
}


def install(using, **kwargs):
    """Put the triggers on those tables that lack them, and make a new version: what changed meanwhile is not known.

    A receiver of signals. Triggers that are there are left, since a table is locked while it gets one.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if VERSIONS not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for statement in _missing(connection, cursor).values():
            cursor.execute(statement)
    content_version.renew(using)


def faults(connection):
    """Which tables lack triggers, in sentences."""
    with connection.cursor() as cursor:
        without = sorted({table for table, _ in _missing(connection, cursor)})
    return [f"Changes of the table {table} make no new content version: run manage.py migrate." for table in without]


def tables():
    """The names of the tables that public pages read."""
    models = [model for label in CONTENT for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return sorted(model._meta.db_table for model in models if model._meta.label not in PRIVATE)


def _missing(connection, cursor):
    """(table, trigger) -> the statement that makes it."""
    existing = set(connection.introspection.table_names(cursor))
    cursor.execute(PRESENT[connection.vendor])
    present = set(cursor.fetchall())
    wanted = _for_postgresql if connection.vendor == "postgresql" else _for_sqlite
    statements = {key: sql for table in tables() if table in existing for key, sql in wanted(table)}
    return {key: sql for key, sql in statements.items() if key not in present}


def _for_postgresql(table):
    yield (
        (table, NAME),
        f'CREATE OR REPLACE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"'
        f" FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()",
    )


def _for_sqlite(table):
    for write in ["insert", "update", "delete"]:
        name = f"{NAME}_{write}_{table}"
        # No INSERT OR REPLACE: a statement that says OR IGNORE says it for its triggers too.
        yield (
            (table, name),
            f'CREATE TRIGGER "{name}" AFTER {write} ON "{table}" BEGIN'
            f" DELETE FROM {VERSIONS}; INSERT INTO {VERSIONS} VALUES (lower(hex(randomblob(16)))); END",
        )
