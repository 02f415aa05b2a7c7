"""The log-in: a password, then a code where the person has switched that on. Between the two nobody is logged in.

That the password was right is told by a signed text in the page of the second step. It holds for ten minutes, for one
log-in and until the password changes.
"""

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model, login
from django.contrib.auth.views import LoginView
from django.core import signing
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac

from findings.usernames import as_held
from joinedup import sessions
from joinedup.accounts import devices, two_step

PROOF = "proof"
SALT = "joinedup.log_in"
HOLDS = 10 * 60  # seconds


class LogInForm(AdminAuthenticationForm):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "There is no such name with that password here. In the password, capitals count.",
    }

    def clean_username(self):
        return as_held(self.cleaned_data["username"])


class CodeField(forms.CharField):
    def __init__(self, **options):
        attributes = {
            "autocomplete": "one-time-code",
            "autocapitalize": "off",
            "spellcheck": "false",
            "autofocus": True,
        }
        super().__init__(
            max_length=40,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": "Type the code that your telephone shows."},
            **options,
        )


class CodeForm(forms.Form):
    """A code of the person who has it switched on."""

    code = CodeField(label="Code from your telephone, or a recovery code")

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self):
        try:
            is_right = two_step.takes(self.user, self.cleaned_data["code"])
        except two_step.Closed:
            raise forms.ValidationError(
                "There were too many wrong codes. Wait fifteen minutes, then type one. Recovery codes wait too."
            ) from None
        if not is_right:
            raise forms.ValidationError(
                "That is not the code for now, or it was used before. Wait for the next one and type that. "
                "If it is refused again, set the clock of your telephone."
            )
        return self.cleaned_data["code"]


class LogIn(LoginView):
    template_name = "admin/login.html"
    authentication_form = LogInForm

    def post(self, request, *args, **kwargs):
        if PROOF not in request.POST:
            return super().post(request, *args, **kwargs)
        if (user := proven(request.POST[PROOF])) is None:
            form = LogInForm(request)
            return self.render_to_response(self.get_context_data(form=form, took_long=True))
        form = CodeForm(user, request.POST)
        return self.enter(user) if form.is_valid() else self.ask(user, form)

    def form_valid(self, form):
        user = form.get_user()
        return self.ask(user, CodeForm(user)) if two_step.is_on(user) else self.enter(user)

    def ask(self, user, form):
        context = self.get_context_data(form=form, title="Log in: second step", proof=proof(user), proof_as=PROOF)
        return render(self.request, "admin/login_code.html", context)

    def enter(self, user):
        login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        sessions.begin(self.request)
        response = redirect(self.get_success_url())
        devices.greet(self.request, response, user)
        return response


def proof(user):
    return signing.dumps([user.pk, _fingerprint(user)], salt=SALT)


def proven(told):
    """The person of a proof; None if it does not hold."""
    try:
        pk, fingerprint = signing.loads(told, salt=SALT, max_age=HOLDS)
    except signing.BadSignature:
        return None
    user = get_user_model().objects.filter(pk=pk, is_active=True, is_staff=True).first()
    holds = user and constant_time_compare(fingerprint, _fingerprint(user)) and two_step.is_on(user)
    return user if holds else None


def _fingerprint(user):
    """Another after each log-in, and for each password."""
    return salted_hmac(SALT, f"{user.password} {user.last_login}").hexdigest()
