from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from joinedup.offline import archive
from joinedup.offline.building import CannotBuild, OfflineCopy


class Command(BaseCommand):
    help = "Write the whole public site into a folder, as files that work from a disk with no network."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", help="a new or empty folder")
        parser.add_argument("--zip", action="store_true", help="make the ZIP that the site offers anew instead")

    def handle(self, *args, folder, **options):
        if bool(folder) == options["zip"]:
            raise CommandError("Name a folder, or say --zip: one of the two.")
        try:
            if options["zip"]:
                self.stdout.write(f"{archive.make()} is ready.")
            else:
                self.into(Path(folder), options["verbosity"])
        except (CannotBuild, OSError, archive.NotReady) as error:
            raise CommandError(f"The copy could not be made: {error}") from error

    def into(self, target, verbosity):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is not an empty folder: name another, or empty it first.")
        target.mkdir(parents=True, exist_ok=True)
        count = OfflineCopy(target, self.stdout.write if verbosity > 1 else lambda address: None).build()
        if verbosity:
            self.stdout.write(f"{count} pages written to {target}. Open index.html in it.")
