"""A line in the log for each query that took long: its SQL, never what was asked for with it."""

import logging
import time

from django.conf import settings

LONGEST = 2000  # characters of SQL

logger = logging.getLogger(__name__)


def log_slow(execute, sql, params, many, context):
    """A wrapper for `connection.execute_wrapper`. What failed after long, such as by a timeout, is told too."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = round((time.perf_counter() - started) * 1000, 1)
        if ms >= settings.SLOW_QUERY_MS:
            text = " ".join(str(sql).split())[:LONGEST]
            alias = context["connection"].alias
            logger.warning("slow query on %s: %s ms: %s", alias, ms, text, extra={"ms": ms})
