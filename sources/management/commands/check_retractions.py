from django.core.management.base import BaseCommand, CommandError

from sources import watching
from sources.notices import in_words
from sources.services import CROSSREF


class Command(BaseCommand):
    help = (
        "Ask Crossref whether works that we hold were retracted, corrected or put in doubt. What it reports waits on "
        "the desk until somebody confirms it. Run it every day, say from cron."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only tell how many works would be asked about")

    def handle(self, *, dry_run, verbosity, **options):
        if not CROSSREF.url:
            self.stdout.write("Nobody is asked: LOOKUP_CROSSREF_URL is off.")
            return
        sources = list(watching.watched())
        if dry_run:
            self.stdout.write(f"Works with a DOI: {len(sources)}.")
            return
        report = watching.check(sources)
        for reported in report.made if verbosity else ():
            self.stdout.write(f"{reported.source.code}: {in_words(reported.plain)}")
        if verbosity:
            self.stdout.write(f"Works asked about: {report.asked}. New reports on the desk: {len(report.made)}.")
        if report.unanswered:
            why = "; ".join(dict.fromkeys(report.unanswered.values()))
            raise CommandError(f"Works without an answer: {len(report.unanswered)}. {why}")
