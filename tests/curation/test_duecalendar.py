"""What falls due, as a list and as a calendar that other programs read (RFC 5545)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from curation.duecalendar import calendar, falling_due
from curation.tasks import Row
from findings.models import Finding, Term
from sources.models import Source
from tests.factories import make_finding, make_source, make_term

pytestmark = pytest.mark.django_db
KINDS = [Finding, Source, Term]


def unfolded(text):
    """The lines as a program reads them."""
    return text.replace("\r\n ", "").split("\r\n")


def due(day, **values):
    return make_finding(review_due_on=day, last_checked_on=date(2020, 1, 1), **values)


def test_checks_fall_due_in_order_of_their_day_whatever_the_kind(admin_user):
    today = timezone.localdate()
    due(today + timedelta(days=9), heading="Later")
    make_term("Between", review_due_on=today + timedelta(days=3), last_checked_on=None)
    due(today - timedelta(days=9), heading="Late")
    due(None)
    due(today, status="draft", published_on=None)
    make_source(review_due_on=today, last_checked_on=today)
    rows = falling_due(admin_user, KINDS)
    assert [row.title for row in rows] == ["Late", "Between", "Later"]
    assert [row.name for row in rows] == ["F2", "“Between”", "F1"]
    assert falling_due(AnonymousUser(), KINDS) == []


def test_an_event_is_a_whole_day_with_an_address_and_what_is_typed_breaks_nothing():
    title = "Trust; teams, and \\ slashes\nin two lines " + "é" * 90
    row = Row(Finding, 7, "F7", title, date(2026, 12, 31), "")
    text = calendar([row], "example.org", datetime(2026, 11, 29, 8, 30, tzinfo=UTC), lambda row: "https://x.org/7/")
    lines = unfolded(text)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert {
        "UID:findings.finding-7@example.org",
        "DTSTAMP:20261129T083000Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "URL:https://x.org/7/",
    } <= {*lines}
    assert f"SUMMARY:Check F7: Trust\\; teams\\, and \\\\ slashes in two lines {'é' * 90}" in lines
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")


def test_the_calendar_is_for_whoever_is_logged_in_and_for_nobody_else(desk, client):
    due(date(2026, 12, 31), heading="Trust grows")
    response = desk["Librarian"].get(reverse("admin:due_calendar"))
    assert response["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Check F1: Trust grows" in unfolded(response.content.decode())
    assert "Trust grows" in desk["Librarian"].get(reverse("admin:due")).content.decode()
    assert client.get(reverse("admin:due_calendar")).status_code == 302
    assert "VEVENT" not in desk[None].get(reverse("admin:due_calendar")).content.decode()
