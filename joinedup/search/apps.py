from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "joinedup.search"
    label = "search"
    verbose_name = "Search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from joinedup.search import checks, indexing, signals  # noqa: F401
        from sources import importing

        importing.around_writing.append(indexing.held)
        post_migrate.connect(indexing.clear_with_the_entries, sender=self)
