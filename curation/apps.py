from django.apps import AppConfig, apps
from django.db.models.signals import post_delete


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"

    def ready(self):
        from curation.entries import Entry, never_give_a_deleted_number_again

        # Heard of those models alone: what nobody listens to is deleted in one statement.
        for model in apps.get_models():
            if issubclass(model, Entry):
                post_delete.connect(never_give_a_deleted_number_again, sender=model)
