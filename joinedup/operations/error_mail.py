"""Errors by mail, without what a reader typed or what is secret."""

import time

from django.utils.log import AdminEmailHandler

MAX_AN_HOUR = 10


class ErrorMail(AdminEmailHandler):
    """Mails what is logged to ADMINS: the message and the traceback, not the request and the settings that Django would
    add. At most `MAX_AN_HOUR` from a process: an outage must not become a flood."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def emit(self, record):
        now = time.monotonic()
        self.sent = [at for at in self.sent if now - at < 60 * 60]
        if len(self.sent) < MAX_AN_HOUR:
            self.sent.append(now)
            # Where the mail server is away, the log still has it.
            self.send_mail(self.format_subject(f"Error: {record.name}"), self.format(record), fail_silently=True)
