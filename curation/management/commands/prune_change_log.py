from django.core.management.base import BaseCommand

from curation import changelog


class Command(BaseCommand):
    help = "Delete the rows of the change log that are older than 30 days. A search index that is older is made anew."

    def handle(self, **options):
        changelog.prune()
