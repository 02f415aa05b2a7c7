"""Liveness and readiness, for whatever watches the process."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse

from joinedup.caching import triggers
from joinedup.operations.routing import passed_over
from joinedup.search import index

CHECK_SECONDS = 15  # balancers ask every second, and a check counts rows

logger = logging.getLogger(__name__)

_last = {"until": 0, "warnings": []}
_lock = threading.Lock()


def healthz(request):
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request):
    """200 when the database answers and every migration is applied; else 503 and why.

    What is wrong on every machine alike, and leaves pages to be read, is a warning: no machine goes for it. It is the
    primary that is looked at. Replicas that are not read are named, and are no reason to be not ready.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        faults, warnings = _problems()
    except (DatabaseError, InterfaceError):
        faults, warnings = ["The database does not answer."], []
    status = "not ready" if faults else "degraded" if warnings else "ok"
    answer = {"status": status, "faults": faults, "warnings": warnings, "passed_over": passed_over()}
    return JsonResponse(answer, status=503 if faults else 200)


def _problems():
    """Faults and warnings, each in sentences. Warnings are looked for once in CHECK_SECONDS."""
    with _lock:
        if time.monotonic() < _last["until"]:
            return [], _last["warnings"]
        if faults := [f"{migration} is not applied." for migration in missing_migrations()]:
            return faults, []
        warnings = [*triggers.faults(connection), *index.faults()]
        if warnings != _last["warnings"]:
            logger.warning("/readyz: %s", " ".join(warnings) or "what it warned of is mended.")
        _last.update(until=time.monotonic() + CHECK_SECONDS, warnings=warnings)
        return [], warnings


def missing_migrations():
    """Those of this release that the database has not had, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def forget():
    """Look again when next asked."""
    _last["until"] = 0
