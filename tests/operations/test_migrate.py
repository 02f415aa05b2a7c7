"""Migrations while the site goes on: one at a time, and never long in the way of others."""

import fcntl
import threading
import time

import pytest
from axes.models import AccessLog
from django.core.management import CommandError, call_command
from django.db import connection, connections

from joinedup.operations.management.commands import migrate

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def other():
    """Somebody else who is connected."""
    found = connections.create_connection("default")
    yield found
    found.close()


def test_only_one_migrates_at_a_time_and_who_waits_says_so(other, monkeypatch, capsys):
    monkeypatch.setattr(migrate, "PATIENCE", 0)
    monkeypatch.setattr(migrate.time, "sleep", lambda seconds: None)
    if connection.vendor == "postgresql":
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK])
        with pytest.raises(
            CommandError, match=r"Somebody else is migrating, for 0 minutes now\. Run migrate again later"
        ):
            call_command("migrate", verbosity=0)
        # Closing would not do: the server lets go some time after the client has gone.
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [migrate.LOCK])
    else:
        with open(f"{connection.settings_dict['NAME']}.migrating", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(CommandError, match="Somebody else is migrating"):
                call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)


def test_a_migration_waits_for_a_long_transaction_without_others_waiting_behind_it(other, monkeypatch, capsys):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time and readers never wait")
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "100ms")
    entry = AccessLog.objects.create(username="somebody")
    call_command("migrate", "axes", "0008", verbosity=0)  # ours have no second migration yet
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE axes_accesslog SET username = 'Being written.'")
        writing = other.connection.info.backend_pid

    waited = []

    def go_on_for_a_while():
        third = connections.create_connection("default")
        with third.cursor() as cursor:
            for _ in range(20):
                started = time.monotonic()
                cursor.execute("SELECT username FROM axes_accesslog FOR KEY SHARE")
                waited.append(time.monotonic() - started)
                time.sleep(0.1)
            cursor.execute("SELECT pg_terminate_backend(%s)", [writing])
        third.close()

    meanwhile = threading.Thread(target=go_on_for_a_while)
    meanwhile.start()
    try:
        call_command("migrate", verbosity=0)
    finally:
        meanwhile.join()
    assert "A table is in use: trying again." in capsys.readouterr().err
    assert max(waited) < 1
    assert AccessLog.objects.get() == entry
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
        columns = connection.introspection.get_table_description(cursor, "axes_accesslog")
    assert "session_hash" in {column.name for column in columns}
