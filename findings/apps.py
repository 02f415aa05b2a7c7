from django.apps import AppConfig, apps


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        from findings import changelog  # noqa: F401 - it hears of every change
        from findings.oai import stamping
        from sources.changelog import followers

        apps.get_app_config("taggit").verbose_name = "Tags"
        followers.append(stamping.follow)
