"""Where answers are kept: in the memory of the process, and beside it in the cache that machines share, if there is
one.

An answer is a function of its key. So the two never disagree, and nothing has to be taken out but for room.
"""

import threading
from collections import OrderedDict
from typing import NamedTuple

from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

SHARED_FOR = 60 * 60  # seconds
BESIDES = 1_000  # bytes that a kept answer takes for its key, its headers and its place


class Answer(NamedTuple):
    status: int
    headers: tuple
    body: bytes


class Store:
    def __init__(self, most_bytes):
        self.most_bytes = most_bytes
        self.bytes = 0
        self._held = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key):
        """The Answer kept under `key`, or None."""
        with self._lock:
            answer = self._held.get(key)
            if answer is not None:
                self._held.move_to_end(key)
                return answer
        shared = self._shared()
        answer = shared and shared.get(key)
        if answer is not None:
            answer = Answer(*answer)
            self._keep(key, answer)
        return answer

    def set(self, key, answer):
        self._keep(key, answer)
        if shared := self._shared():
            shared.set(key, tuple(answer), SHARED_FOR)

    def _keep(self, key, answer):
        with self._lock:
            if key not in self._held:
                self.bytes += len(answer.body) + BESIDES
            self._held[key] = answer
            while self.bytes > self.most_bytes:
                _, oldest = self._held.popitem(last=False)
                self.bytes -= len(oldest.body) + BESIDES

    def _shared(self):
        """The site's cache, where it reaches further than this process."""
        cache = caches["default"]
        return None if isinstance(cache, LocMemCache | DummyCache) else cache
