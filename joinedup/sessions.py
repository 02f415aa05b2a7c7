"""Sessions of the desk: each lasts while somebody works, and a while longer (SESSION_COOKIE_AGE), but not for ever."""

import time

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError

RENEWED_EVERY = 5 * 60  # seconds: a write each
LONGEST = 7 * 24 * 60 * 60  # after which somebody who works on and on logs in again
TIMES = "times"  # in the session: when it began, when it was renewed


def begin(request):
    """Somebody logged in."""
    now = int(time.time())
    request.session[TIMES] = now, now


def renew(request):
    now = int(time.time())
    began, renewed = request.session.get(TIMES, (now, 0))
    if now - renewed >= RENEWED_EVERY and now - began < LONGEST:
        request.may_lose_session_data = not request.session.modified
        request.session[TIMES] = began, now


class Sessions(SessionMiddleware):
    """While nothing can be written, the desk can still be read: a renewal that fails is tried again later."""

    def process_response(self, request, response):
        try:
            return super().process_response(request, response)
        except (DatabaseError, SessionInterrupted):
            if getattr(request, "may_lose_session_data", False):
                return response
            raise
