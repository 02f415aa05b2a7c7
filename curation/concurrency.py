"""Work that costs seconds of a processor: little of it at once in each process of the site, so that other readers keep
threads of it. Who comes too late is asked to come again: waiting would take a thread too. Pure."""

from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = BoundedSemaphore(2)
PATIENCE = 0.2  # seconds: enough for a short handout to be done


class Busy(Exception):
    """As much as may be done at once is being done."""


@contextmanager
def a_turn():
    """Raises Busy."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        AT_ONCE.release()
