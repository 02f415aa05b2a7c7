from django.apps import AppConfig, apps


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        from curation.changelog import followers
        from findings import changelog  # noqa: F401 - it hears of every change
        from findings.oai import stamping

        apps.get_app_config("taggit").verbose_name = "Tags"
        followers.append(stamping.follow)
