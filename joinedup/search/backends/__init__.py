"""All that is particular to a database. Both hold the same sets of tokens and answer the same boolean questions, so
that a query finds the same entries on either."""

from functools import cache

from django.db import connection

from joinedup.search.backends.postgres import PostgresBackend
from joinedup.search.backends.sqlite import SqliteBackend

BACKENDS = {"sqlite": SqliteBackend, "postgresql": PostgresBackend}


@cache
def _backend(vendor):
    return BACKENDS[vendor]()


def backend():
    return _backend(connection.vendor)
