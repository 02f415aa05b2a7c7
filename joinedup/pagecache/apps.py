from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PageCacheConfig(AppConfig):
    name = "joinedup.pagecache"
    label = "pagecache"
    verbose_name = "Page cache"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from joinedup.pagecache import checks, stamp, triggers  # noqa: F401
        from joinedup.safekeeping import restored
        from joinedup.seeing.queries import around_every_query

        around_every_query(stamp.forgetting)

        # After every `migrate`: SQLite drops the triggers of a table whose columns change, and new tables have none.
        post_migrate.connect(triggers.put_back, sender=self)
        restored.connect(triggers.put_back)
