from django.core.management.base import BaseCommand, CommandError

from joinedup.search import index
from sources import statistics


class Command(BaseCommand):
    help = "Make the search index of this machine anew. Searches go on meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail if the index is not sound")

    def handle(self, *, check, verbosity, **options):
        if not check:
            try:
                index.rebuild(report=self._report if verbosity else lambda done, total: None)
            except index.Busy as busy:
                raise CommandError(f"{busy} Wait for it to end.") from busy
            except (OSError, ValueError) as error:
                raise CommandError(f"The search index could not be written: {error}. Nothing was changed.") from error
            statistics.refresh()
        if faults := index.faults():
            raise CommandError("\n".join(faults))
        if verbosity:
            self.stdout.write("The search index is sound.")

    def _report(self, done, total):
        self.stdout.write(f"{done} of {total} entries", ending="\r" if done < total else "\n")
        self.stdout.flush()
