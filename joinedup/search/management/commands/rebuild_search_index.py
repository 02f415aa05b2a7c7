from django.core.management.base import BaseCommand, CommandError

from joinedup.search import indexing
from sources import statistics


class Command(BaseCommand):
    help = "Bring the search index in line with the entries. Searches find what they found until each part is done."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail if the index is not sound")

    def handle(self, *, check, verbosity, **options):
        if not check:
            indexing.rebuild(report=self._report if verbosity else lambda done, total: None)
            statistics.refresh()
        faults = indexing.faults()
        if faults:
            raise CommandError("\n".join(faults))
        if verbosity:
            self.stdout.write("The search index is sound.")

    def _report(self, done, total):
        self.stdout.write(f"{done} of {total} entries", ending="\r" if done < total else "\n")
        self.stdout.flush()
