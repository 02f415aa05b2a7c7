"""A forgotten password: a link by mail to whoever curates, where mail is set; else whom to ask."""

from datetime import timedelta
from threading import Thread
from urllib.parse import urlsplit

from axes.utils import reset as forget_wrong_passwords
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model, views
from django.contrib.auth.forms import PasswordResetForm
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone

from curation.routes import site_url
from findings.usernames import key

# A mailbox is not flooded: and as a link holds for a day, whoever is sent no fourth one has three that hold.
MOST = 3
WITHIN = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
NOTED = "A link to set a new password was sent by mail."


class LinkForm(PasswordResetForm):
    def get_users(self, email):
        return [user for user in super().get_users(email) if user.is_staff and _may_be_mailed(user)]

    def send_mail(self, *args, **kwargs):
        """On the side: how long the answer takes must not tell whether somebody was mailed."""
        Thread(target=super().send_mail, args=args, kwargs=kwargs).start()


@transaction.atomic
def _may_be_mailed(user):
    """Whether it is not too often; if so, that is noted in the account's history."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    noted = LogEntry.objects.filter(user=user, change_message=NOTED, action_time__gt=timezone.now() - WITHIN)
    if noted.count() >= MOST:
        return False
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, NOTED, single_object=True)
    return True


class OnTheDesk:
    def get_context_data(self, **kwargs):
        site = {**admin.site.each_context(self.request), "is_nav_sidebar_enabled": False}
        return {**site, **super().get_context_data(**kwargs)}


class Forgotten(OnTheDesk, views.PasswordResetView):
    form_class = LinkForm
    template_name = "admin/password_forgotten.html"
    title = "Forgotten your password?"

    def get_context_data(self, **kwargs):
        return super().get_context_data(sends_mail=settings.SENDS_MAIL, **kwargs)

    def form_valid(self, form):
        if settings.SENDS_MAIL:
            site = urlsplit(site_url(self.request))  # and not the host that was asked: anybody can ask with another
            form.save(
                domain_override=site.netloc,
                use_https=site.scheme == "https",
                subject_template_name="admin/password_mail_subject.txt",
                email_template_name="admin/password_mail.txt",
                extra_email_context={"site_name": settings.SITE_NAME},
            )
        return redirect("password_reset_done")


class Done(OnTheDesk, views.PasswordResetDoneView):
    title = "Look into your mail"


class Confirm(OnTheDesk, views.PasswordResetConfirmView):
    title = "Choose a new password"

    def form_valid(self, form):
        forget_wrong_passwords(username=key(form.user.get_username()))
        return super().form_valid(form)


class Complete(OnTheDesk, views.PasswordResetCompleteView):
    title = "Your password is changed"
