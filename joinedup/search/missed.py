"""Searches that found little: counted by their words and the day, nothing about the person."""

from django.db import connection
from django.utils import timezone

FEW = 2
LONGEST = 200


def note(query, count):
    """Count a search that found `FEW` entries or none; return whether it was one."""
    text = query.normalised[:LONGEST]
    if count > FEW or not text:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_missedsearch (text, day, times, results) VALUES (%s, %s, 1, %s) "
            "ON CONFLICT (text, day) DO UPDATE SET times = search_missedsearch.times + 1, results = excluded.results",
            [text, timezone.localdate(), count],
        )
    return True
