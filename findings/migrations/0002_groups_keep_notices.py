from django.contrib.auth.management import create_permissions
from django.db import migrations

from findings.accounts import make_groups


def give(apps, schema_editor):
    # Permissions are made when all migrations are done; the groups need theirs now.
    config = apps.get_app_config("sources")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    make_groups(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


class Migration(migrations.Migration):
    while_old_code_runs = "It gives the groups a permission more, of which old code knows nothing."

    dependencies = [("findings", "0001_initial"), ("sources", "0003_notices")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
