"""The log-in: closed after wrong passwords, for that name and address only; passwords and sessions within bounds."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

pytestmark = pytest.mark.django_db
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
