from django.contrib.auth.management import create_permissions
from django.db import migrations

from findings.accounts import EDITOR, LIBRARIAN


def give(apps, schema_editor):
    # Permissions are made when all migrations are done; the groups need this one now.
    config = apps.get_app_config("curation")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    permission = permissions.get(content_type__app_label="curation", codename="write_comments")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=[LIBRARIAN, EDITOR]):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    while_old_code_runs = "It knows nothing of the permission."

    dependencies = [
        ("accounts", "0001_second_step_and_tour"),
        ("curation", "0003_comments"),
        ("findings", "0001_initial"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
