from django.db import migrations

from joinedup.search.backends import postgres, sqlite

SQL = {"sqlite": sqlite, "postgresql": postgres}


def create(apps, schema_editor):
    schema_editor.execute(SQL[schema_editor.connection.vendor].CREATE)


def drop(apps, schema_editor):
    schema_editor.execute(SQL[schema_editor.connection.vendor].DROP)


class Migration(migrations.Migration):
    """The database's own index over the tokens: the one step that differs between databases."""

    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
