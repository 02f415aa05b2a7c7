from django.db import migrations


def add_bits(apps, schema_editor):
    """PostgreSQL keeps of each row which of the commonest tokens it holds. Until a rebuild there is no list of these,
    and all is told by the vectors."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_tokens ADD COLUMN IF NOT EXISTS common bit(512)")
        schema_editor.execute("ALTER TABLE search_tokens ADD COLUMN IF NOT EXISTS list integer")
        schema_editor.execute(
            "CREATE TABLE IF NOT EXISTS search_tokens_common (list integer PRIMARY KEY, tokens text[] NOT NULL)"
        )


class Migration(migrations.Migration):
    dependencies = [("search", "0004_facets_beside_the_tokens")]
    while_old_code_runs = "it adds rows without bits, which are then looked at by their vectors"

    operations = [migrations.RunPython(add_bits, migrations.RunPython.noop)]
