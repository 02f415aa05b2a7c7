"""The admin as our desk, whose forms outlive the session.

A form that comes after the session ended, or with a stale token, is never saved. It is kept in the page of the log-in
and then shown again, in its own form where that can be (`curation.givenback`), else on a page with a button that sends
it again. Nothing is kept of what comes from another site.
"""

from contextlib import contextmanager
from functools import update_wrapper

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, site
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse

from joinedup import sessions
from joinedup.accounts import pages as accountpages
from joinedup.accounts import two_step
from joinedup.accounts.log_in import LogIn
from joinedup.sent import KEPT, what_was_sent

BEFORE_SET_UP = {"two_step", "logout"}  # what can be asked for by somebody who has to set up the two-step log-in


class Desk(AdminSite):
    enable_nav_sidebar = False

    # The desk's own pages are loaded with the first request: they need the models, and these are not loaded yet.

    def get_urls(self):
        from joinedup import deskpages

        pages = [
            path("find/", self.admin_view(deskpages.find), name="find"),
            path("work/<slug:name>/", self.admin_view(deskpages.work), name="work"),
            path("due/", self.admin_view(deskpages.due), name="due"),
            path("due.ics", self.admin_view(deskpages.due_calendar), name="due_calendar"),
        ]
        pages += [path(at, self.admin_view(view), name=view.__name__) for at, view in accountpages.PAGES]
        return [*pages, *super().get_urls()]

    def each_context(self, request):
        from joinedup import deskpages

        context = {**super().each_context(request), "desk_name": settings.SITE_NAME}
        if context["has_permission"]:
            context["desk_sections"] = deskpages.sections(request)
        return context

    def index(self, request, extra_context=None):
        from joinedup import deskpages

        return super().index(request, {**deskpages.home(request), **(extra_context or {})})

    def autocomplete_view(self, request):
        from curation.choosing import Choices

        return Choices.as_view(admin_site=self)(request)

    def app_index(self, request, app_label, extra_context=None):
        """All that an app has is on the first page."""
        return redirect("admin:index")

    def login(self, request, extra_context=None):
        """All log-ins are sent here, where whoever stands in front of the site can count them."""
        context = self.log_in_context(request) | (extra_context or {})
        if request.method == "GET" and self.has_permission(request):
            response = redirect("admin:index")
        else:
            response = LogIn.as_view(extra_context=context)(request)
        if context["sent"] and response.status_code == 302:
            response.status_code, response["Location"] = 307, context["sent"].path  # with what was sent, as it is
        return response

    def log_in_context(self, request):
        context = {
            **self.each_context(request),
            "title": "Log in",
            "username": request.user.get_username(),
            "app_path": reverse("admin:login"),
            "sent": _kept(request),
            "kept_as": KEPT,
        }
        if REDIRECT_FIELD_NAME not in {*request.GET, *request.POST}:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        return context

    def admin_view(self, view, cacheable=False):
        asks_first = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            name = request.resolver_match.url_name
            if self.has_permission(request):
                sessions.renew(request)
                if name not in BEFORE_SET_UP and two_step.is_lacking(request.user):
                    return accountpages.set_up_first(request, what_was_sent(request))
                if request.session.pop(accountpages.RETURNING, False) and (sent := _kept(request)):
                    return self.give_back(request, sent, status=200)
            elif request.method == "POST" and name != "logout" and _is_from_here(request):
                if sent := what_was_sent(request):
                    return self.log_in_first(request, sent=sent)
                messages.error(request, "You are no longer logged in, and what you sent could not be kept.")
            return asks_first(request, *args, **kwargs)

        return update_wrapper(inner, asks_first)

    def stale(self, request):
        """A form with a token that is not, or no longer, that of the browser; after a log-in, what it kept is such."""
        if request.resolver_match.url_name == "login":
            return self.log_in_first(request, sent=_kept(request), is_stale=True)
        if (sent := what_was_sent(request)) is None:
            return None
        if self.has_permission(request):
            return self.give_back(request, sent, status=200 if KEPT in request.POST else 403)
        return self.log_in_first(request, sent=sent)

    def log_in_first(self, request, **context):
        with _as_get(request):
            response = self.login(request, context)
        return _with_status(403, response) if response.status_code == 200 else response

    def give_back(self, request, sent, status):
        match = request.resolver_match
        request.given_back = QueryDict(mutable=True)
        for name, value in sent.fields:
            request.given_back.appendlist(name, value)
        request.POST = QueryDict()
        messages.warning(request, notice(sent, request.user), extra_tags="given-back")
        with _as_get(request), transaction.atomic():
            try:
                response = match.func(request, *match.args, **match.kwargs)
                if hasattr(response, "render"):
                    response.render()
            except (Http404, PermissionDenied):
                response = None
            transaction.set_rollback(True)
        is_shown = hasattr(request, "shows_given_back") or sent.lacks_passwords or sent.is_bare
        if response is not None and response.status_code == 200 and is_shown:
            return _with_status(status, response)
        context = {**self.each_context(request), "title": "Please send it again", "sent": sent}
        return render(request, "admin/send_again.html", context, status=status)


@contextmanager
def _as_get(request):
    method, request.method = request.method, "GET"
    try:
        yield
    finally:
        request.method = method


def notice(sent, user):
    told = ["Nothing is saved yet, for the page that you sent this from was out of date."]
    if not sent.is_bare:
        told.append("What you had typed is below: look it through, then save it.")
    if sent.account and sent.account != user.get_username():
        told.append(f"It was typed by “{sent.account}”; you are logged in as “{user}”.")
    if sent.lacks_passwords:
        told.append("Passwords are never kept: type them again.")
    if sent.lacks_files:
        told.append("Choose the file again.")
    return " ".join(told)


def csrf_failure(request, reason=""):
    """CSRF_FAILURE_VIEW."""
    is_desk = request.resolver_match is not None and request.resolver_match.namespace == site.name
    response = site.stale(request) if is_desk and _is_from_here(request) else None
    return response or render(request, "403_csrf.html", status=403)


def _is_from_here(request):
    """Browsers say from which site a form comes; of what does not say so, nothing is kept."""
    page = request.headers.get("Origin") or request.headers.get("Referer", "")
    origin = "/".join(page.split("/")[:3])
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


def locked_out(request, response, credentials):
    """AXES_LOCKOUT_CALLABLE."""
    return render(request, "admin/locked.html", {"sent": _kept(request), "kept_as": KEPT}, status=429)


def _kept(request):
    """What a log-in carries."""
    return what_was_sent(request) if KEPT in request.POST else None


def _with_status(status, response):
    response.status_code = status
    return response
