"""Searches that found little: counted by their words and the day, nothing about the person.

A request only puts its words into the memory of the process. They are written after an answer has been sent, at most
once in `MISSED_SEARCHES_SECONDS`, so that no reader waits or meets an error, and no flood of searches is one of writes.
What a process has not written when it ends is lost.
"""

import logging
import re
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, transaction
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone

from joinedup.operations.routing import primary_answers
from joinedup.search.analysis import fold
from joinedup.search.models import MissedSearch
from joinedup.search.query import parse

logger = logging.getLogger(__name__)

FEW = 2
LONGEST = 200
MOST_A_DAY = 500  # texts; of more, those that are known are counted on and new ones are not
MOST_WAITING = 50  # texts in the memory of a process
KEPT_FOR = timedelta(days=90)

MONTHS = (
    r"jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?"
    r"|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
PERSONAL = [
    re.compile(r"@|\bhttps?:|\bwww\."),  # mail, handles, addresses of pages
    re.compile(r"(?<![a-z])[a-z]{1,2}\d[a-z\d]?[\W_]*\d[a-z]{2}(?![a-z\d])"),  # a postcode
    re.compile(r"(?<![a-z])[a-z]{2}\d{2}[\W_]*[a-z]{3}(?![a-z\d])"),  # a vehicle
    # A date, of a birth perhaps.
    re.compile(r"(?<!\d)\d{1,4}[\W_]{1,3}\d{1,2}[\W_]{1,3}\d{2,4}(?!\d)"),
    re.compile(rf"\d(st|nd|rd|th)?\W*(of\W+)?\b({MONTHS})\b|\b({MONTHS})\W+\d{{1,2}}(?!\d)"),
]
YEAR = re.compile(r"\b(19|20)\d\d\b")
# Telephones, NHS, National Insurance, pupils, passports, licences, cases, accounts, cards.
NUMBER = re.compile(r"\d(?:[\W_]{0,3}\d){4}")

_waiting = {}  # (text, day) -> (times, results)
_lock, _writing = threading.Lock(), threading.Lock()
_written_at = float("-inf")


def is_personal(text):
    """Whether a folded text holds what looks like somebody's mail, telephone, postcode, date of birth or number: five
    digits or more that are not years, however they are set apart."""
    return any(pattern.search(text) for pattern in PERSONAL) or bool(NUMBER.search(YEAR.sub("", text)))


def note(found):
    """Count a search that found `FEW` entries or none, or of which nothing matches all, once its answer is sent; return
    whether it was one."""
    text, count = parse(found.typed).normalised if found.typed else found.query.normalised, found.with_all
    if (found.count > FEW and found.matches_all) or not text:
        return False
    key = text[:LONGEST], timezone.localdate()
    if is_personal(text):
        return True
    with _lock:
        if key in _waiting or len(_waiting) < MOST_WAITING:
            times, _ = _waiting.get(key, (0, 0))
            _waiting[key] = times + 1, count
    return True


@receiver(request_finished)
def _write_now_and_then(**kwargs):
    if _waiting and time.monotonic() - _written_at >= settings.MISSED_SEARCHES_SECONDS:
        write()


def write():
    """Write what waits, unless another thread does."""
    global _written_at
    if not _writing.acquire(blocking=False):
        return
    try:
        _written_at = time.monotonic()
        if not primary_answers():
            return
        with _lock:
            counted = dict(_waiting)
            _waiting.clear()
        _add(counted)
    except Error as error:  # away, read-only or full
        logger.warning("Searches that found little were not counted: %s", error)
    finally:
        _writing.release()


def _add(counted):
    """Add these counts, and take out what is too old. Whoever does so at the same time waits for the rows of the day,
    so that all together keep to the bound."""
    rows = MissedSearch.objects.using(PRIMARY)
    with transaction.atomic(using=PRIMARY):
        delete_old()
        for day in {day for _, day in counted}:
            list(rows.select_for_update().filter(day=day).order_by("pk").values_list("pk"))
            known = set(rows.filter(day=day).values_list("text", flat=True))  # those of others who wrote meanwhile too
            new = sorted({text for text, its_day in counted if its_day == day} - known)
            new = new[: max(0, MOST_A_DAY - len(known))]
            rows.bulk_create([MissedSearch(text=text, day=day) for text in new], ignore_conflicts=True)
        for (text, day), (times, results) in sorted(counted.items()):
            rows.filter(text=text, day=day).update(times=F("times") + times, results=results)


def delete_old():
    """Delete the counts that are older than `KEPT_FOR`."""
    MissedSearch.objects.using(PRIMARY).filter(day__lt=timezone.localdate() - KEPT_FOR).delete()


def delete_personal():
    """Delete the counts of texts that are not kept today, but were once."""
    for row in MissedSearch.objects.using(PRIMARY).iterator():
        if is_personal(fold(row.text)):
            row.delete()
