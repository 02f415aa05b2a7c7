import threading

import pytest
from django.core import mail


@pytest.fixture
def all_mail(settings):
    """A function: the mail that was sent since it was asked last, also on the side."""
    settings.SENDS_MAIL = True

    def sent():
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join(5)
        messages, mail.outbox[:] = list(mail.outbox), []
        return messages

    return sent
