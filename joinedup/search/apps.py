from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "joinedup.search"
    label = "search"
    verbose_name = "Search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from joinedup.search import checks, missed  # noqa: F401 - they are heard of where they register
