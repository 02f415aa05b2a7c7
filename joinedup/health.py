"""Liveness and readiness, for whatever watches the process."""

import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse

from joinedup.databases import passed_over
from joinedup.pagecache import triggers
from joinedup.search import indexing

# Seconds for which a process takes it that nothing is missing. Balancers ask every second, and looking takes counting.
SOUND_FOR = 15

_sound_until = 0
_looking = threading.Lock()


def healthz(request):
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request):
    """200 when the database answers, every migration is applied, every change gives a new content stamp and the search
    index is sound; else 503 and why.

    It is the primary that is looked at. Replicas that are not read are named, and are no reason to be not ready.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        wrong = _wrong()
    except (DatabaseError, InterfaceError):
        wrong = ["The database does not answer."]
    told = {"status": "not ready" if wrong else "ok", "faults": wrong, "passed_over": passed_over()}
    return JsonResponse(told, status=503 if wrong else 200)


def _wrong():
    global _sound_until
    with _looking:
        if time.monotonic() < _sound_until:
            return []
        wrong = [f"{migration} is not applied." for migration in missing_migrations()]
        wrong = wrong or [*triggers.faults(connection), *indexing.faults()]
        if not wrong:
            _sound_until = time.monotonic() + SOUND_FOR
        return wrong


def missing_migrations():
    """Those of this release that the database has not had, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def forget():
    """Look again when next asked."""
    global _sound_until
    _sound_until = 0
