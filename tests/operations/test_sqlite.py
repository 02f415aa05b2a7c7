"""SQLite as several workers at once can use it."""

import threading

import pytest
from django.db import connection, transaction

from sources.models import Source
from tests.factories import make_source

pytestmark = [pytest.mark.databases, pytest.mark.skipif(connection.vendor != "sqlite", reason="settings of SQLite")]


def pragma(name):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name, value",
    [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 20_000), ("journal_size_limit", 64 * 1024 * 1024)],
)
def test_each_connection_is_made_for_several_writers(name, value):
    assert pragma(name) == value


def in_a_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_one_who_reads_before_writing_waits_for_the_other_writer():
    """A transaction that began as a reader could not go on to write: “database is locked” at once, however patient."""
    source = make_source(title="0")
    inside = threading.Barrier(2, timeout=10)

    def add_one():
        inside.wait()
        for _ in range(20):
            with transaction.atomic():
                row = Source.objects.get(pk=source.pk)
                row.title = str(int(row.title) + 1)
                row.save(update_fields=["title"])

    threads = [in_a_thread(add_one) for _ in range(2)]
    for thread in threads:
        thread.join()
    source.refresh_from_db()
    assert source.title == "40"


@pytest.mark.django_db(transaction=True)
def test_a_reader_does_not_wait_for_a_writer():
    source = make_source(title="before")
    read = []
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(title="after")
        in_a_thread(lambda: read.append(Source.objects.get(pk=source.pk).title)).join()
    assert read == ["before"]
