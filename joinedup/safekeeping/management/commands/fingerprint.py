from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from joinedup.safekeeping import backups
from joinedup.safekeeping.errors import Failed
from joinedup.safekeeping.fingerprints import fingerprint, one_moment


class Command(BaseCommand):
    help = (
        "Print, for each table, how many rows there are and a sum of all that they hold: the same lines say that two"
        " databases, or a database and a backup, hold the same."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", nargs="?", type=Path, help="a backup (default: the database as it is now)")

    def handle(self, *, backup, **options):
        try:
            if backup:
                found = backups.read(backup)["tables"]
            else:
                with one_moment() as connection:
                    found = fingerprint(connection)
        except Failed as failed:
            raise CommandError(str(failed)) from failed
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        for table, told in found.items():
            self.stdout.write(f"{told.digest}  {told.rows:>9}  {table}")
