from django.db import migrations

from sources.tagging import ADDRESS, address_for


def give_addresses(apps, schema_editor):
    """Tags without an address, or with one that leads nowhere, took every list down that names them."""
    tags = apps.get_model("taggit", "Tag").objects.using(schema_editor.connection.alias)
    taken = dict(tags.values_list("pk", "slug"))
    for tag in tags.filter(pk__in=[pk for pk, slug in taken.items() if not ADDRESS.fullmatch(slug)]).order_by("pk"):
        del taken[tag.pk]
        tag.slug = taken[tag.pk] = address_for(tag, set(taken.values()))
        tag.save(update_fields=["slug"])


class Migration(migrations.Migration):
    while_old_code_runs = "It reads the addresses of tags as they stand, and failed for those that are changed here."

    dependencies = [
        ("findings", "0008_lists_by_index"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [migrations.RunPython(give_addresses, migrations.RunPython.noop)]
