"""The log-in: closed after wrong passwords, for that name and address only; passwords and sessions within bounds."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def librarian(django_user_model):
    return django_user_model.objects.create_user("librarian", password=PASSWORD, is_staff=True)


def log_in(client, password, **extra):
    return client.post(reverse("admin:login"), {"username": "librarian", "password": password}, **extra)


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
