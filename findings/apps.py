from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        from sources import statistics

        apps.get_app_config("taggit").verbose_name = "Tags"
        post_migrate.connect(statistics.refresh, sender=self)
