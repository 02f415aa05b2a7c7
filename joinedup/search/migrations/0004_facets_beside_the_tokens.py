from django.db import migrations


def add_facets(apps, schema_editor):
    """PostgreSQL keeps the facets beside the tokens. Until a row is written anew they are read where they were."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_tokens ADD COLUMN IF NOT EXISTS facets text")


class Migration(migrations.Migration):
    dependencies = [("search", "0003_words_of_all_scripts")]
    while_old_code_runs = "it adds rows without facets, which are then read elsewhere"

    operations = [migrations.RunPython(add_facets, migrations.RunPython.noop)]
