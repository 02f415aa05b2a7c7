from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from curation.imports import importing
from curation.imports.filetypes import ImportRefused
from curation.imports.matching import said_by
from curation.imports.models import ImportRow
from findings.review_files.filetype import REVIEW_FILE

Choice, Match = ImportRow.Choice, ImportRow.Match


class Command(BaseCommand):
    help = (
        "Take in a file that export_review wrote, or a workbook or CSV file of entries: all of it or nothing. What is "
        "perhaps held already is left out; to decide on it, import the file in the admin."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--as-drafts", action="store_true", help="leave out the status and dates of the file")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def handle(self, *, file, as_drafts, dry_run, **options):
        path = Path(file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        try:
            with transaction.atomic():
                batch = importing.upload(REVIEW_FILE, data, path.name, keeps_status=not as_drafts)
                self._tell(batch)
                batch = importing.apply(batch)
                transaction.set_rollback(dry_run)
        except ImportRefused as refused:
            raise CommandError("\n".join(["Nothing was imported.", *refused.messages])) from refused
        done = "would be " if dry_run else ""
        self.stdout.write(f"{done}created: {batch.created_count}, {done}updated: {batch.updated_count}".capitalize())

    def _tell(self, batch):
        """What of the file is not simply taken in or held already. Raises ImportRefused for what cannot be taken in."""
        for place, message, _ in batch.problems:
            self.stderr.write(importing.told(place, message))
        faults = []
        for row in batch.rows.filter(choice=Choice.SKIP).order_by("position"):
            where = said_by(row).where
            faults += [importing.told(where, fault) for fault in row.faults]
            if row.match == Match.MAYBE:
                self.stderr.write(f"{where} is left out: it is perhaps held already.")
            elif row.differences:
                names = ", ".join(difference["label"].lower() for difference in row.differences)
                self.stderr.write(f"{where} is used as it is held here, which differs: {names}.")
        if faults:
            raise ImportRefused(*faults)
