"""Pages of the desk about the account of whoever is logged in, and one by which an editor helps a colleague."""

import pyotp
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from findings.qrcodes import drawn
from joinedup import sessions
from joinedup.accounts import two_step as steps
from joinedup.accounts.log_in import CodeField, CodeForm
from joinedup.accounts.models import ClosedTour, SecondStep
from joinedup.sent import KEPT, what_was_sent

SECRET = "two_step_secret"  # in the session, until a code shows that the telephone has it
RETURNING = "returning"  # in the session: the page of the codes sends on what was kept


class FirstCodeForm(forms.Form):
    code = CodeField(label="Code that your telephone shows now")


def _shown(request, template, title, **context):
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})


# The two-step log-in


def set_up_first(request, sent):
    """For somebody who has to: the page, with what she sent, or the way to it."""
    if sent:
        return _set_up(request, FirstCodeForm(), sent)
    return redirect(f"{admin.site.name}:two_step")


def two_step(request):
    sent = what_was_sent(request) if KEPT in request.POST else None
    step = SecondStep.objects.filter(user=request.user).first()
    if step is None:
        return _switch_on(request, sent)
    form = CodeForm(request.user, request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        if "new_codes" in request.POST:
            return _codes(request, steps.new_recovery_codes(request.user), None)
        if "off" in request.POST and steps.may_switch_off(request.user):
            steps.switch_off(request.user, request.user)
            messages.success(request, "The two-step log-in is off. Your password alone opens the desk.")
            return redirect("admin:two_step")
    may = steps.may_switch_off(request.user)
    return _shown(request, "admin/two_step_on.html", "Two-step log-in", step=step, form=form, may_switch_off=may)


def _switch_on(request, sent):
    secret = request.session.get(SECRET)
    form = FirstCodeForm(request.POST if secret and "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        codes = steps.switch_on(request.user, secret, form.cleaned_data["code"], request.session.session_key)
        if codes:
            del request.session[SECRET]
            return _codes(request, codes, sent)
        form.add_error(
            "code", "That is not the code for now. Wait for the next one, and look at the telephone’s clock."
        )
    return _set_up(request, form, sent)


def _set_up(request, form, sent):
    secret = request.session.setdefault(SECRET, pyotp.random_base32())
    size, path = drawn(steps.address(request.user, secret))
    return _shown(
        request,
        "admin/two_step_set_up.html",
        "Set up the two-step log-in",
        form=form,
        size=size,
        path=path,
        typed_key=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        is_required=not steps.may_switch_off(request.user),
        sent=sent,
        kept_as=KEPT,
    )


def _codes(request, codes, sent):
    request.session[RETURNING] = bool(sent)
    context = {"codes": codes, "sent": sent, "kept_as": KEPT}
    return _shown(request, "admin/recovery_codes.html", "Your recovery codes", **context)


def reset_two_step(request, pk):
    """An editor switches it off for a colleague who lost her telephone."""
    accounts = admin.site.get_model_admin(get_user_model())
    colleague = accounts.get_queryset(request).filter(pk=pk).first()
    if not accounts.has_change_permission(request, colleague) or colleague == request.user:
        raise PermissionDenied
    if colleague is None:
        raise Http404("No such account.")
    if request.method == "POST":
        if steps.switch_off(colleague, request.user, "The two-step log-in was reset."):
            messages.success(
                request, f"“{colleague}” logs in by the password alone now. Every log-in of that account was ended."
            )
        return redirect("admin:auth_user_change", pk)
    title = f"Reset the two-step log-in of “{colleague}”"
    return _shown(request, "admin/two_step_reset.html", title, colleague=colleague)


# Log-ins


def log_ins(request):
    """Where the person is logged in. One log-in can be ended, or all but this."""
    this = request.session.session_key
    if request.method == "POST":
        ended = sessions.end(request.user, request.POST.get("end") or None, but=this)
        messages.success(request, f"{ended} log-in{'' if ended == 1 else 's'} ended.")
        return redirect("admin:log_ins")
    context = {"log_ins": sessions.of(request.user, this), "two_step_is_on": steps.is_on(request.user)}
    return _shown(request, "admin/log_ins.html", "Your log-ins", **context)


# The tour


@require_POST
def close_tour(request):
    ClosedTour.objects.get_or_create(user=request.user)
    return redirect("admin:index")


PAGES = [
    ("two-step/", two_step),
    ("log-ins/", log_ins),
    ("tour/close/", close_tour),
    ("auth/user/<int:pk>/two-step/", reset_two_step),
]
