"""Liveness and readiness, for whatever watches the process."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse

from joinedup.databases import passed_over
from joinedup.pagecache import triggers
from joinedup.search import indexing


def healthz(request):
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request):
    """200 when the database answers, every migration is applied, every change gives a new content stamp and the search
    index is sound; else 503 and why.

    It is the primary that is looked at. Replicas that are not read are named, and are no reason to be not ready.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        wrong = [f"{migration} is not applied." for migration, _ in missing]
        wrong = wrong or [*triggers.faults(connection), *indexing.faults()]
    except DatabaseError:
        wrong = ["The database does not answer."]
    told = {"status": "not ready" if wrong else "ok", "faults": wrong, "passed_over": passed_over()}
    return JsonResponse(told, status=503 if wrong else 200)
