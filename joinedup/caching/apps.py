from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CachingConfig(AppConfig):
    name = "joinedup.caching"
    label = "caching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from joinedup.caching import checks, triggers  # noqa: F401
        from joinedup.operations.signals import restored

        # After every `migrate`: SQLite drops the triggers of a table whose columns change, and new tables have none.
        post_migrate.connect(triggers.install, sender=self)
        restored.connect(triggers.install)
