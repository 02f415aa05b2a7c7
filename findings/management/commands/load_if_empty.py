from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from findings.models import Review


class Command(BaseCommand):
    help = "Load a fixture, unless the database holds a review already."

    def add_arguments(self, parser):
        parser.add_argument("fixture", help="the name of a file in fixtures/, without .json")

    def handle(self, *, fixture, **options):
        if Review.objects.exists():
            return
        path = settings.BASE_DIR / "fixtures" / f"{fixture}.json"
        if not path.is_file():
            raise CommandError(f"There is no fixture {path}.")
        call_command("loaddata", path, verbosity=options["verbosity"])
