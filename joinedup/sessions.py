"""Sessions of the desk: each lasts while somebody works, and a while longer (SESSION_COOKIE_AGE), but not for ever.

Only people who log in have one, so that all of them are soon looked through for those of a person.
"""

import time
from datetime import UTC, datetime
from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import salted_hmac

RENEWED_EVERY = 5 * 60  # seconds: a write each
LONGEST = 7 * 24 * 60 * 60  # after which somebody who works on and on logs in again
TIMES = "times"  # in the session: when it began, when it was renewed
BROWSER = "browser"
# The first that a browser names is it: each says that it is those after it too.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox"}
BROWSERS |= {"FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS"}
SYSTEMS |= {"CrOS": "ChromeOS", "Linux": "Linux"}


class LogIn(NamedTuple):
    """A session, for the person whose it is. `handle` names it and, unlike its key, opens nothing."""

    handle: str
    browser: str
    began: datetime | None
    last_used: datetime | None  # within RENEWED_EVERY
    is_this: bool


def begin(request):
    """Somebody logged in."""
    now = int(time.time())
    request.session[TIMES] = now, now
    request.session[BROWSER] = browser(request)


def browser(request):
    """What a person calls the browser that asks: “Firefox on Windows”."""
    told = request.headers.get("User-Agent", "")
    name = next((name for mark, name in BROWSERS.items() if mark in told), "Another browser")
    system = next((name for mark, name in SYSTEMS.items() if mark in told), "")
    return f"{name} on {system}" if system else name


def of(user, this=None):
    """The log-ins of `user` that hold, the last used first; `this` is the key of the session that asks."""
    found = [
        LogIn(_handle(key), data.get(BROWSER, "A browser"), *map(_moment, data.get(TIMES, (0, 0))), key == this)
        for key, data in _holding(user)
    ]
    return sorted(found, key=lambda log_in: (log_in.is_this, log_in.last_used or log_in.began or EPOCH), reverse=True)


def end(user, handle=None, but=None):
    """End the log-in with this handle, or all of them, and leave the session with the key `but`. Returns how many."""
    keys = [key for key, _ in _holding(user) if key != but and handle in (None, _handle(key))]
    for key in keys:
        _store()(key).delete()
    return len(keys)


EPOCH = datetime.fromtimestamp(0, UTC)


def _store():
    return import_module(settings.SESSION_ENGINE).SessionStore


def _holding(user):
    """(key, data) of each session that `user` is logged in by: not by a password of before."""
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    for session in _store().get_model_class().objects.filter(expire_date__gt=timezone.now()):
        data = session.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk) and data.get(HASH_SESSION_KEY) in hashes:
            yield session.session_key, data


def _handle(key):
    return salted_hmac("joinedup.sessions", key).hexdigest()[:32]


def _moment(seconds):
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


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
