"""The SIGNPOSTS review in the database of a test: loaded once from its file, from then on row by row as it was then."""

from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from curation import changelog
from findings.models import Finding, Review
from sources.models import Source

FILE = settings.BASE_DIR / "fixtures" / "signposts.json"

_written = {}  # table -> columns and rows, of all that the file changed


def load_signposts():
    """What ``loaddata`` makes of the file, in a tenth of the time where nothing else is there."""
    if any(model.objects.exists() for model in (Review, Finding, Source)):
        call_command("loaddata", FILE, verbosity=0)
    elif _written:
        _write_again()
    else:
        before = _tables()
        with _recorded_at_once():
            call_command("loaddata", FILE, verbosity=0)
        _written.update({name: held for name, held in _tables().items() if held != before[name]})


@contextmanager
def _recorded_at_once():
    """Not at the end of the fixture, as tests/conftest.py has it."""
    pending, changelog._state.pending = getattr(changelog._state, "pending", None), None
    try:
        yield
    finally:
        changelog._state.pending = pending


def _tables():
    """Table -> its columns and rows. Content versions are written by triggers."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        return {name: _rows(cursor, name) for name in names if not name.startswith("caching_")}


def _rows(cursor, table):
    cursor.execute(f"SELECT * FROM {table}")
    return [column[0] for column in cursor.description], cursor.fetchall()


@transaction.atomic
def _write_again():
    with connection.cursor() as cursor:
        for table, (columns, rows) in _written.items():
            cursor.execute(f"DELETE FROM {table}")
            names, places = ", ".join(f'"{column}"' for column in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)
