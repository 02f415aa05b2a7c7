from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from joinedup.operations import backup
from joinedup.operations.exceptions import Failed
from joinedup.operations.health import missing_migrations
from joinedup.search import index


class Command(BaseCommand):
    help = "Put a backup into the database, all of it or nothing, and compare the two: docs/backup.md."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="what manage.py backup wrote")
        parser.add_argument("--replace", action="store_true", help="lose what the database holds now")
        parser.add_argument("--check", action="store_true", help="only read the file and say whether it is whole")

    def handle(self, *, file, replace, check, verbosity, **options):
        try:
            manifest = backup.read(file) if check else backup.restore(file, replace=replace)
        except Failed as failed:
            raise CommandError(str(failed)) from failed
        rows = sum(table.rows for table in manifest["tables"].values())
        summary = (
            f"{rows} rows of {len(manifest['tables'])} tables, from {manifest['database']} at {manifest['made_at']}"
        )
        if check:
            self.stdout.write(f"The backup is whole: {summary}.")
            return
        is_older = bool(missing_migrations())
        if not is_older and index.faults():
            call_command("rebuild_search_index", verbosity=verbosity, stdout=self.stdout)
        if verbosity:
            self.stdout.write(f"Restored, and equal by a full export of both: {summary}.")
            if is_older:
                self.stdout.write("It is of an older release. Now run: manage.py migrate")
