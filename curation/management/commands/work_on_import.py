from django.core.management.base import BaseCommand

from curation.imports import running


class Command(BaseCommand):
    help = "Do a long act on an import that a librarian began at the desk. The site starts it by itself."

    def add_arguments(self, parser):
        parser.add_argument("run", type=int, help="id of the run")

    def handle(self, *args, run, **options):
        running.work(run)
