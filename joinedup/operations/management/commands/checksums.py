from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from joinedup.operations.backup import read
from joinedup.operations.checksums import checksums, one_moment
from joinedup.operations.exceptions import Failed


class Command(BaseCommand):
    help = (
        "Print, for each table, a checksum of its content and the number of its rows: two databases, or a database and"
        " a backup, have the same content if the lines are the same."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", nargs="?", type=Path, help="a backup (default: the database as it is now)")

    def handle(self, *, backup, **options):
        try:
            if backup:
                sums = read(backup)["tables"]
            else:
                with one_moment() as connection:
                    sums = checksums(connection)
        except Failed as failed:
            raise CommandError(str(failed)) from failed
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        for table, checksum in sums.items():
            self.stdout.write(f"{checksum.digest}  {checksum.rows:>9}  {table}")
