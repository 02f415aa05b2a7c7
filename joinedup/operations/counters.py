"""Counters in memory that all workers of a server share: each adds to its own part, and any can add up the whole.

Whoever imports this first makes the memory, and the processes that it forks see the same. Each worker writes in a part
of its own, which outlives it: the next worker that takes the part counts on from there. No file is written, nothing is
left behind, and no process waits for another.
"""

import mmap
import os
import threading
import time
from bisect import bisect_left

PARTS = 64  # workers that may run at once, those on their way out included
SERIES = 2000  # in a part
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)  # seconds

# All in cells of eight bytes. A part is its head, and then its series: a name, seconds, and how often by bucket.
PID, RUNNING, USED, HEAD = range(4)
NAME = 20
ROW = NAME + 1 + len(BUCKETS) + 1
PART = HEAD + SERIES * ROW
CELL = 8


class Counters:
    def __init__(self):
        self.bytes = memoryview(mmap.mmap(-1, PARTS * PART * CELL))  # takes no memory until it is written
        self.cells = self.bytes.cast("d")
        self.lock = threading.Lock()
        self.maker, self.since = os.getpid(), time.time()
        self.claim(0)

    def claim(self, part):
        """Count in `part` from now on, as the only process that does."""
        self.head = part * PART
        self.places = dict(self._names(part))
        self.cells[self.head + PID] = os.getpid()

    def release(self, part):
        """The process that counted in `part` has ended, and with it what it was at."""
        self.cells[part * PART + PID] = self.cells[part * PART + RUNNING] = 0

    def begin(self):
        with self.lock:
            self.cells[self.head + RUNNING] += 1

    def end(self):
        with self.lock:
            self.cells[self.head + RUNNING] -= 1

    def add(self, name, seconds):
        """One more of `name`, a tuple of texts, that took so long."""
        with self.lock:
            place = self.places.get(name) or self._new(name)
            if place:
                self.cells[place] += seconds
                self.cells[place + 1 + bisect_left(BUCKETS, seconds)] += 1

    def _new(self, name):
        """A place for `name`; None where none is left: names are of our own making, and few."""
        used = int(self.cells[self.head + USED])
        text = "\t".join(name).encode()
        if used == SERIES or len(text) > NAME * CELL:
            return None
        row = self.head + HEAD + used * ROW
        self.bytes[row * CELL : row * CELL + len(text)] = text
        self.cells[self.head + USED] = used + 1
        self.places[name] = row + NAME
        return row + NAME

    def _names(self, part):
        head = part * PART
        for row in range(head + HEAD, head + HEAD + int(self.cells[head + USED]) * ROW, ROW):
            text = bytes(self.bytes[row * CELL : (row + NAME) * CELL]).rstrip(b"\0")
            yield tuple(text.decode().split("\t")), row + NAME

    def totals(self):
        """(name, seconds, how often by bucket) of all parts together, by name."""
        totals = {}
        for part in range(PARTS):
            for name, place in self._names(part):
                numbers = self.cells[place : place + ROW - NAME].tolist()
                totals[name] = [a + b for a, b in zip(totals.get(name, [0] * len(numbers)), numbers, strict=True)]
        return [(name, seconds, counts) for name, (seconds, *counts) in sorted(totals.items())]

    def running(self):
        """How many requests are being answered."""
        return int(sum(self.cells[part * PART + RUNNING] for part in range(PARTS)))

    def processes(self):
        """Part -> pid of whoever counts in it."""
        pids = {part: int(self.cells[part * PART + PID]) for part in range(PARTS)}
        return {part: pid for part, pid in pids.items() if pid}


counters = Counters()
