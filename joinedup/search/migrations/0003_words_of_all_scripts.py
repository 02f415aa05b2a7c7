from django.db import migrations

from joinedup.search.backends import sqlite

TOGETHER = 1000


def index_anew(apps, schema_editor):
    """SQLite's index took letters of some scripts for the end of a word: make it anew from what it was made of."""
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute(sqlite.DROP)
    schema_editor.execute(sqlite.CREATE)
    backend, rows = sqlite.SqliteBackend(), []
    for row in apps.get_model("search", "IndexEntry").objects.order_by("pk").iterator(chunk_size=TOGETHER):
        rows.append(row)
        if len(rows) == TOGETHER:
            backend.add(rows)
            rows = []
    backend.add(rows)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_tokens")]

    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
