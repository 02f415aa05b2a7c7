from django.apps import AppConfig, apps


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        apps.get_app_config("taggit").verbose_name = "Tags"
