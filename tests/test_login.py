"""The log-in: closed after wrong passwords, for that name and address only; passwords and sessions within bounds."""

import re
import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
PASSWORD = "correct horse battery"


@pytest.fixture
def librarian(django_user_model):
    return django_user_model.objects.create_user("librarian", password=PASSWORD, is_staff=True)


def log_in(client, password, name="librarian", **extra):
    return client.post(reverse("admin:login"), {"username": name, "password": password}, **extra)


def test_the_right_password_opens_the_desk(client, librarian):
    assert log_in(client, PASSWORD).status_code == 302


def test_five_wrong_passwords_close_it_even_to_the_right_one_and_say_so(client, librarian):
    for _n in range(settings.AXES_FAILURE_LIMIT):
        response = log_in(client, "wrong")
    assert response.status_code == 429
    response = log_in(client, PASSWORD)
    assert response.status_code == 429
    assert "Wait fifteen minutes" in response.content.decode()


def test_the_librarian_is_not_locked_out_from_another_address(client, librarian):
    for _n in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "wrong", REMOTE_ADDR="192.0.2.1")
    assert log_in(client, PASSWORD, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client, librarian):
    for _n in range(2):
        for _n in range(settings.AXES_FAILURE_LIMIT - 1):
            log_in(client, "wrong")
        assert log_in(client, PASSWORD).status_code == 302


def test_wrong_passwords_of_anybody_leave_rows_that_are_small_and_go_after_a_while(client):
    page = reverse("admin:login")
    for number in range(3):
        client.post(page, {"username": f"made-up-{number}", "password": "wrong", "more": "x" * 10_000})
    assert AccessAttempt.objects.count() == 3
    assert all(len(kept.post_data) <= 1100 and "wrong" not in kept.post_data for kept in AccessAttempt.objects.all())
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1))
    client.post(page, {"username": "another", "password": "wrong"})
    assert [kept.username for kept in AccessAttempt.objects.all()] == ["another"]
    assert not (AccessLog.objects.exists() or AccessFailureLog.objects.exists() or Session.objects.exists())


@pytest.mark.parametrize("password", ["short", "123456789012345", "password", "librarian123"])
def test_weak_passwords_are_refused(librarian, password):
    with pytest.raises(ValidationError):
        validate_password(password, librarian)


def test_a_session_lasts_a_working_day(client, librarian):
    response = log_in(client, PASSWORD)
    assert response.cookies["sessionid"]["max-age"] == 8 * 60 * 60


class TestNames:
    @pytest.mark.parametrize("typed", ["librarian", "Librarian", "LIBRARIAN", " librarian ", "ｌｉｂｒａｒｉａｎ"])
    def test_a_name_is_the_same_whatever_its_case(self, client, librarian, typed):
        assert log_in(client, PASSWORD, typed).status_code == 302

    @pytest.mark.parametrize(
        ("held", "typed"), [("Zoë", "ZOË"), ("Zoë", "zoe\u0308"), ("ÄNNE", "änne"), ("Straße", "STRASSE")]
    )
    def test_letters_outside_english_too(self, client, django_user_model, held, typed):
        django_user_model.objects.create_user(held, password=PASSWORD, is_staff=True)
        assert log_in(client, PASSWORD, typed).status_code == 302

    def test_another_name_is_another(self, client, librarian):
        for typed in ["librarians", "", "librar%", "l.brarian", "librarian\x00"]:
            assert log_in(client, PASSWORD, typed).status_code == 200

    def test_no_spelling_gives_another_try_at_the_password(self, client, librarian):
        for name in ["librarian", "Librarian", "LIBRARIAN", "lIbrarian", "ｌibrarian"]:
            response = log_in(client, "wrong", name)
        assert response.status_code == 429
        assert log_in(client, PASSWORD).status_code == 429

    def test_nor_does_a_right_password_in_one_spelling_leave_the_others_counted(self, client, librarian):
        for name in ["librarian", "LIBRARIAN"] * 2:
            log_in(client, "wrong", name)
        assert log_in(client, PASSWORD, "Librarian").status_code == 302
        for _n in range(settings.AXES_FAILURE_LIMIT - 1):
            assert log_in(client, "wrong").status_code == 200

    def test_of_two_accounts_from_before_each_logs_in_by_its_own_spelling_alone(self, client, django_user_model):
        for name in ["lib", "LIB"]:
            django_user_model.objects.create_user(name, password=f"{PASSWORD} {name}", is_staff=True)
        for name in ["lib", "LIB"]:
            assert log_in(Client(), f"{PASSWORD} {name}", name).status_code == 302
        assert log_in(client, f"{PASSWORD} lib", "Lib").status_code == 200

    @pytest.mark.parametrize("name", ["Librarian", "LIBRARIAN", "ｌibrarian"])
    def test_no_second_account_is_made_or_renamed_that_differs_in_case_only(self, admin_client, librarian, name):
        passwords = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        page = admin_client.post(reverse("admin:auth_user_add"), {"username": name, **passwords})
        assert "already exists" in page.content.decode()
        other = type(librarian).objects.create_user("other")
        change = reverse("admin:auth_user_change", args=[other.pk])
        form = {"username": name, "date_joined_0": "2026-01-01", "date_joined_1": "10:00", "is_active": "on"}
        assert "already exists" in admin_client.post(change, form).content.decode()
        own = reverse("admin:auth_user_change", args=[librarian.pk])
        assert admin_client.post(own, {**form, "username": "Librarian", "is_staff": "on"}).status_code == 302


@pytest.fixture
def mailed(settings):
    settings.SENDS_MAIL = True
    settings.SITE_URL = "https://evidence.example.org"
    settings.ALLOWED_HOSTS = ["*"]


@pytest.fixture
def with_mail(librarian, mailed):
    librarian.email = "Lib@Example.org"
    librarian.save()
    return librarian


def ask(client, email="lib@example.org", **headers):
    response = client.post(reverse("admin_password_reset"), {"email": email}, headers=headers)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(5)
    return response


def link(message):
    return re.search(r"https://evidence\.example\.org(/admin/reset/\S+)", message.body)[1]


class TestForgottenPasswords:
    def test_the_log_in_leads_there(self, client):
        assert f'href="{reverse("admin_password_reset")}"' in client.get(reverse("admin:login")).content.decode()

    def test_where_no_mail_is_set_the_page_says_whom_to_ask(self, client, librarian, settings):
        settings.CONTACT_EMAIL = "library@example.org"
        page = client.get(reverse("admin_password_reset")).content.decode()
        assert "Ask an editor" in page and "manage.py changepassword" in page and "library@example.org" in page
        assert 'name="email"' not in page
        librarian.email = "lib@example.org"
        librarian.save()
        ask(client)
        assert mail.outbox == []

    @pytest.mark.parametrize("email", ["lib@example.org", "LIB@EXAMPLE.ORG", "Lib@Example.org"])
    def test_a_link_by_mail_sets_a_new_one_and_ends_every_session(self, client, with_mail, email):
        elsewhere = Client()
        elsewhere.force_login(with_mail)
        ask(client, email)
        message = mail.outbox[0]
        assert message.to == ["Lib@Example.org"] and "librarian" in message.body
        response = client.get(link(message), follow=True)
        form = response.redirect_chain[0][0]
        assert "set-password" in form, "the address with the secret is left at once"
        assert "too short" in client.post(form, {"new_password1": "short", "new_password2": "short"}).content.decode()
        new = {"new_password1": "another long word", "new_password2": "another long word"}
        assert "log in" in client.post(form, new, follow=True).content.decode()
        assert elsewhere.get("/admin/").status_code == 302
        assert log_in(Client(), PASSWORD).status_code == 200
        assert log_in(Client(), "another long word").status_code == 302
        assert "is invalid" not in client.get("/admin/").content.decode()
        used = Client().get(link(message), follow=True).content.decode()
        assert 'name="new_password1"' not in used

    def test_it_opens_a_log_in_that_wrong_passwords_had_closed(self, client, with_mail):
        for _n in range(settings.AXES_FAILURE_LIMIT):
            log_in(client, "wrong")
        ask(client)
        form = client.get(link(mail.outbox[0]), follow=True).redirect_chain[0][0]
        client.post(form, {"new_password1": "another long word", "new_password2": "another long word"})
        assert log_in(client, "another long word").status_code == 302

    def test_the_answer_is_the_same_whether_an_address_is_known(self, client, with_mail):
        known, unknown = ask(client), ask(client, "nobody@example.org")
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert known.cookies.keys() == unknown.cookies.keys()
        assert len(mail.outbox) == 1

    def test_no_mailbox_is_flooded_and_a_link_in_it_still_holds(self, client, with_mail):
        for _n in range(10):
            ask(client)
        assert len(mail.outbox) == 3
        assert 'name="new_password1"' in client.get(link(mail.outbox[0]), follow=True).content.decode()
        LogEntry.objects.update(action_time=timezone.now() - timedelta(days=1, seconds=1))
        ask(client)
        assert len(mail.outbox) == 4

    def test_a_link_holds_for_a_day(self, client, with_mail, settings):
        assert settings.PASSWORD_RESET_TIMEOUT == 24 * 60 * 60
        ask(client)
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert 'name="new_password1"' not in client.get(link(mail.outbox[0]), follow=True).content.decode()

    def test_only_who_may_log_in_here_is_mailed(self, client, with_mail, django_user_model):
        for change in [{"is_staff": False}, {"is_active": False}, {"password": "!unusable"}]:
            django_user_model.objects.filter(pk=with_mail.pk).update(
                **{"is_staff": True, "is_active": True, "password": with_mail.password, **change}
            )
            ask(client)
        assert mail.outbox == []

    def test_a_made_up_host_is_in_no_link(self, client, with_mail):
        ask(client, host="evil.example")
        assert "evil" not in mail.outbox[0].body
        assert link(mail.outbox[0])

    def test_a_mail_server_that_is_away_is_no_error_of_the_page(self, client, with_mail, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", 1
        assert ask(client).status_code == 302

    def test_that_a_link_was_sent_is_in_the_history_of_the_account(self, client, admin_client, with_mail):
        ask(client)
        history = admin_client.get(reverse("admin:auth_user_history", args=[with_mail.pk])).content.decode()
        assert "A link to set a new password was sent by mail." in history

    def test_none_of_its_pages_is_kept_or_leads_elsewhere(self, client, with_mail, page_cache):
        client = Client()
        ask(client)
        for address in [reverse("admin_password_reset"), link(mail.outbox[0])]:
            for _n in range(2):
                response = client.get(address, follow=True)
                assert response.status_code == 200
                assert "public" not in response.get("Cache-Control", "")
                assert "ETag" not in response
                assert response["Referrer-Policy"] == "same-origin"
