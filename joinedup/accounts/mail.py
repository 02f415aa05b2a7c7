"""What a person is told by mail of her account, where mail is set."""

from threading import Thread

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string


def tell(user, subject, template, **context):
    """On the side: a mail server that is slow or away keeps nobody from her work."""
    if settings.SENDS_MAIL and user.email:
        text = render_to_string(template, {"user": user, "site": settings.SITE_NAME, **context})
        Thread(target=send_mail, args=(f"{settings.SITE_NAME}: {subject}", text, None, [user.email])).start()
