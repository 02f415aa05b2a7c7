"""Browsers in which somebody has logged in before, told by a signed cookie that only the desk is sent."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from curation.routes import site_url
from joinedup.accounts.mail import tell
from joinedup.sessions import browser

COOKIE = "known-here"
SALT = "joinedup.known_here"
AGE = 400 * 24 * 60 * 60  # seconds, the most that browsers keep one
MOST = 20  # people who share a browser


def greet(request, response, user):
    """Tell `user` by mail of a log-in from a browser that she has not used for it; from then on it is known."""
    known = _known(request)
    if str(user.pk) not in known:
        tell(
            user,
            "a log-in from a new browser",
            "admin/mail_new_browser.txt",
            browser=browser(request),
            at=timezone.now(),
            log_ins=f"{site_url(request)}{reverse('admin:log_ins')}",
        )
    people = [str(user.pk), *(pk for pk in known if pk != str(user.pk))][:MOST]
    response.set_signed_cookie(
        COOKIE,
        ".".join(people),
        salt=SALT,
        max_age=AGE,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request):
    return request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=AGE).split(".")
