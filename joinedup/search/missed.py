"""Searches that found little: counted by their words and the day, nothing about the person."""

import logging

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from joinedup.databases import primary_answers

logger = logging.getLogger(__name__)

FEW = 2
LONGEST = 200


def note(query, count):
    """Count a search that found `FEW` entries or none; return whether it was one. No reader goes without an answer
    because it cannot be counted."""
    text = query.normalised[:LONGEST]
    if count > FEW or not text:
        return False
    if primary_answers():
        _count(text, count)
    return True


def _count(text, count):
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_missedsearch (text, day, times, results) VALUES (%s, %s, 1, %s) "
                "ON CONFLICT (text, day) DO UPDATE"
                " SET times = search_missedsearch.times + 1, results = excluded.results",
                [text, timezone.localdate(), count],
            )
    except (OperationalError, InterfaceError, InternalError) as error:  # away, read-only or full
        logger.warning("A search that found little was not counted: %s", error)
