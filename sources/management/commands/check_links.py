from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources import links
from sources.linkcheck import Outcome
from sources.models import Source


class Command(BaseCommand):
    help = (
        "Look whether the addresses that sources are cited with still work, those first that nobody looked at for "
        "longest. Run it every day with --only-due, say from cron."
    )

    def add_arguments(self, parser):
        parser.add_argument("--only-due", action="store_true", help="leave out what was looked at lately and worked")
        parser.add_argument("--limit", type=int, default=200, metavar="N", help="at most N sources (default: 200)")
        parser.add_argument("--dry-run", action="store_true", help="only list what would be looked at")

    def handle(self, *, only_due, limit, dry_run, verbosity, **options):
        if limit < 1:
            raise CommandError("--limit is a number from 1.")
        sources = Source.objects.due_for_link_check(timezone.now()) if only_due else Source.objects.with_links()
        waiting = sources.count()
        chosen = list(sources[:limit])
        checker = links.checker()
        looked_at, not_good = 0, 0
        for source in chosen:
            if dry_run:
                for part, address in links.addresses(source):
                    self.stdout.write(f"{source.code} {part.label}: {address}")
                continue
            for row in links.check(source, checker):
                looked_at += 1
                not_good += row.outcome != Outcome.ALIVE
                if verbosity > 1 or (verbosity and row.outcome != Outcome.ALIVE):
                    told = f"{source.code} {row.get_part_display()}: {row.url}: {row.get_outcome_display().lower()}"
                    self.stdout.write(" ".join(filter(None, [f"{told}.", row.words])))
        if verbosity:
            if not dry_run:
                self.stdout.write(f"Addresses looked at: {looked_at}. Not in order: {not_good}.")
            if waiting > len(chosen):
                self.stdout.write(
                    f"Sources that still wait: {waiting - len(chosen)}. Run it again, or with a higher --limit."
                )
