from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from findings.usernames import as_held
from joinedup.accounts import two_step


class Command(BaseCommand):
    help = "Switch off the two-step log-in of somebody who lost telephone and recovery codes, and end her log-ins."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the name at the log-in")

    def handle(self, *, name, **options):
        user = get_user_model().objects.filter(username=as_held(name)).first()
        if user is None:
            raise CommandError(f"There is no account with the name “{name}”.")
        if not two_step.switch_off(user, note="The two-step log-in was reset from the server."):
            raise CommandError(f"“{user}” has no two-step log-in: her password alone opens the desk.")
        # Her own sessions end too, as by a colleague: whoever asks is not the one who is logged in.
        self.stdout.write(f"“{user}” logs in by the password alone now.")
