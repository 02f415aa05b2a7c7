"""Times of a call: on the clock, and of the processors, PostgreSQL's share told apart."""

import statistics
import time
from pathlib import Path
from typing import NamedTuple


class Times(NamedTuple):
    """In milliseconds: on the clock, of the processors in this process, and in the database's process for us."""

    wall: float
    own: float
    served: float

    @property
    def cpu(self):
        return self.own + self.served


def measure(call):
    """The Times of a call. PostgreSQL's share is 0 where the system does not tell it."""
    before, wall, own = backend(), time.perf_counter(), time.process_time()
    call()
    own, wall, after = time.process_time() - own, time.perf_counter() - wall, backend()
    served = sum(seconds - before.get(process, 0) for process, seconds in after.items())
    return Times(1000 * wall, 1000 * own, 1000 * served)


def backend():
    """The seconds of processor that PostgreSQL's process at the other end of our connection has had, by its number."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return {}
    process = connection.connection.info.backend_pid
    schedule = Path(f"/proc/{process}/schedstat")
    return {process: int(schedule.read_text().split()[0]) / 1e9} if schedule.exists() else {}


def quantile(times, share):
    """The value below which that share of `times` lies."""
    if len(times) < 2:
        return times[0]
    return statistics.quantiles(times, n=100, method="inclusive")[round(100 * share) - 1]
