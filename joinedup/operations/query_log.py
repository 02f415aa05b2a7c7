"""Wrappers around queries; one of them logs those that took long: their SQL, never what was asked for with it."""

import logging
import time

from django.conf import settings
from django.db.backends.signals import connection_created

LONGEST = 2000  # characters of SQL

logger = logging.getLogger(__name__)


def around_every_query(wrapper):
    """Have `wrapper` around the queries of every connection, of whichever database and thread."""

    def wrap(connection, **kwargs):
        if wrapper not in connection.execute_wrappers:  # a connection that broke is made anew with what it had
            connection.execute_wrappers.append(wrapper)

    connection_created.connect(wrap, weak=False)


def log_slow(execute, sql, params, many, context):
    """A wrapper for `connection.execute_wrapper`. A query that failed, such as by a timeout, is logged too."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = round((time.perf_counter() - started) * 1000, 1)
        if ms >= settings.SLOW_QUERY_MS:
            text = " ".join(str(sql).split())[:LONGEST]
            alias = context["connection"].alias
            logger.warning("slow query on %s: %s ms: %s", alias, ms, text, extra={"ms": ms})
