from django.db import migrations, models

from joinedup.pagecache import triggers


def make_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(triggers.FUNCTION)


def take_away(apps, schema_editor):
    triggers.take_away(schema_editor.connection)


class Migration(migrations.Migration):
    """The triggers themselves are put after every `migrate`."""

    initial = True

    dependencies = []
    while_old_code_runs = "It knows nothing of the new table and function, and what it changes has its stamp too."

    operations = [
        migrations.CreateModel(
            name="ContentStamp",
            fields=[("token", models.CharField(max_length=32, primary_key=True, serialize=False))],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(make_function, take_away),
    ]
