from django.contrib.auth.management import create_permissions
from django.db import migrations

from findings.accounts import EDITOR, LIBRARIAN, make_groups


def make(apps, schema_editor):
    # Permissions are made when all migrations are done; the groups need theirs now.
    for label in ["auth", "taggit", "sources", "findings"]:
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    make_groups(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=[LIBRARIAN, EDITOR]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0002_initial"),
        ("sources", "0002_acts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [migrations.RunPython(make, remove)]
