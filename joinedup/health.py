"""Liveness and readiness, for whatever watches the process."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse

from joinedup.caching import triggers
from joinedup.databases import passed_over
from joinedup.search import index

LOOKED_AT_EVERY = 15  # seconds: balancers ask every second, and looking takes counting

logger = logging.getLogger(__name__)

_seen = {"until": 0, "warnings": []}
_looking = threading.Lock()


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
        faults, warnings = _wrong()
    except (DatabaseError, InterfaceError):
        faults, warnings = ["The database does not answer."], []
    status = "not ready" if faults else "degraded" if warnings else "ok"
    told = {"status": status, "faults": faults, "warnings": warnings, "passed_over": passed_over()}
    return JsonResponse(told, status=503 if faults else 200)


def _wrong():
    """Faults and warnings, each in sentences. Of what is no fault it is looked for now and then."""
    with _looking:
        if time.monotonic() < _seen["until"]:
            return [], _seen["warnings"]
        if faults := [f"{migration} is not applied." for migration in missing_migrations()]:
            return faults, []
        warnings = [*triggers.faults(connection), *index.faults()]
        if warnings != _seen["warnings"]:
            logger.warning("/readyz: %s", " ".join(warnings) or "what it warned of is mended.")
        _seen.update(until=time.monotonic() + LOOKED_AT_EVERY, warnings=warnings)
        return [], warnings


def missing_migrations():
    """Those of this release that the database has not had, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def forget():
    """Look again when next asked."""
    _seen["until"] = 0
