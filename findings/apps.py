from django.apps import AppConfig, apps


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        from curation.changelog import followers
        from findings import changelog  # noqa: F401 - it hears of every change
        from findings.oai import stamping
        from findings.review_files import filetype  # noqa: F401 - which registers what it takes in

        apps.get_app_config("taggit").verbose_name = "Tags"
        followers.append(stamping.follow)
