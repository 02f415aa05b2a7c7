from django.core.management.base import BaseCommand

from findings.oai import stamping


class Command(BaseCommand):
    help = "Bring the datestamps of OAI-PMH in line with the entries, after changes made behind the site's back (SQL)."

    def handle(self, **options):
        stamping.refresh()
