from django.apps import AppConfig, apps
from django.db.models.signals import post_delete


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = "Findings"

    def ready(self):
        from curation.changelog import followers
        from curation.entries import Curated
        from findings import changelog  # noqa: F401 - it hears of every change
        from findings.extraction.models import open_the_passages_of_what_is_deleted
        from findings.oai import stamping
        from findings.review_files import filetype  # noqa: F401 - which registers what it takes in

        for model in apps.get_models():
            if issubclass(model, Curated):
                post_delete.connect(open_the_passages_of_what_is_deleted, sender=model)
        apps.get_app_config("taggit").verbose_name = "Tags"
        followers.append(stamping.follow)
