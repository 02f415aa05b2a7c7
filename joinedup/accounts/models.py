"""What is known of people who curate, beside their accounts. None of it is public, exported or recorded elsewhere."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

MOST_WRONG = 5
CLOSED_FOR = timedelta(minutes=15)


class SecondStep(models.Model):
    """What a person proves at the log-in beside her password: that she holds her telephone (TOTP, RFC 6238)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="second_step")
    secret = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)
    last_timecode = models.BigIntegerField(default=0)  # of the code that was taken last: none is taken twice
    recovery_codes = models.JSONField(default=list)  # as checksums
    wrong_codes = models.PositiveSmallIntegerField(default=0)  # one after another
    wrong_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"Two-step log-in of {self.user}"

    @property
    def is_closed(self):
        """Whether there were too many wrong codes, from wherever: who tries them knows the password."""
        return self.wrong_codes >= MOST_WRONG and timezone.now() < self.wrong_at + CLOSED_FOR

    def count_wrong(self):
        is_over = self.wrong_codes >= MOST_WRONG
        self.wrong_codes, self.wrong_at = 1 if is_over else self.wrong_codes + 1, timezone.now()


class ClosedTour(models.Model):
    """That somebody needs the tour of the desk no more."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="closed_tour")

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.user} has seen the tour"
