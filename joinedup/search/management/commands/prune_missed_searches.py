from django.core.management.base import BaseCommand

from joinedup.search import missed


class Command(BaseCommand):
    help = "Delete counts of searches that are older than 90 days, and those of texts that look like somebody's number."

    def handle(self, **options):
        missed.delete_old()
        missed.delete_personal()
