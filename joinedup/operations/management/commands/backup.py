from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from joinedup.operations import backup
from joinedup.operations.exceptions import Failed


class Command(BaseCommand):
    help = "Write the whole database to a file while people go on working, and read the file again: docs/backup.md."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="a new file, or a folder in which it gets a name with the time")
        parser.add_argument(
            "--keep", type=int, help="in a folder: delete all but the newest so many backups afterwards"
        )

    def handle(self, *, path, keep, verbosity, **options):
        is_folder = path.is_dir()
        if keep is not None and (keep < 1 or not is_folder):
            raise CommandError("--keep takes a number from 1 up, and a folder to keep so many backups in.")
        file = path / backup.name_for_now() if is_folder else path
        try:
            manifest = backup.create(file)
        except Failed as failed:
            raise CommandError(str(failed)) from failed
        gone = backup.thin_out(path, keep) if keep else []
        if verbosity:
            rows = sum(table["rows"] for table in manifest["tables"].values())
            self.stdout.write(f"{file}: {rows} rows of {len(manifest['tables'])} tables, written and read again.")
            for name in gone:
                self.stdout.write(f"{name}: deleted, {keep} newer ones are kept.")
