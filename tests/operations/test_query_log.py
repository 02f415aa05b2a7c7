"""Queries are watched on every connection; slow ones are logged without what they ask for."""

import logging

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.signals import connection_created

from joinedup.operations.query_log import around_every_query, log_slow
from sources.models import Source

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_a_slow_query_is_logged_with_its_sql_alone(settings, caplog):
    settings.SLOW_QUERY_MS = 0
    with connection.execute_wrapper(log_slow):
        list(Source.objects.filter(title="hidden"))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT no_column FROM sources_source WHERE title = %s", ["hidden"])
    settings.SLOW_QUERY_MS = 10_000
    with connection.execute_wrapper(log_slow):
        list(Source.objects.all())
    messages = [record.getMessage() for record in caplog.records if "SAVEPOINT" not in record.getMessage()]
    assert len(messages) == 2
    assert messages[0].startswith("slow query on default: ")
    assert '."title" = %s' in messages[0]
    assert "no_column" in messages[1]
    assert "hidden" not in "".join(messages)
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_a_connection_that_is_made_anew_is_watched_once(monkeypatch):
    monkeypatch.setattr(connection_created, "receivers", [])
    around_every_query(log_slow)
    fresh = connection.copy()
    for _ in range(2):
        connection_created.send(type(fresh), connection=fresh)
    assert fresh.execute_wrappers == [log_slow]
