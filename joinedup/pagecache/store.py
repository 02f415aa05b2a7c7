"""Where answers are kept: in the memory of the process, and beside it in the cache that machines share, if there is
one.

An answer says of which stamp of the content it is true. So the two may disagree, and nothing has to be taken out but
for room.
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
    """A response, the `stamp` of the content that it is true of, what it was made from (`reads`), and whether its body
    was compressed in haste."""

    status: int
    headers: tuple
    body: bytes
    stamp: str
    questions: bytes
    digest: bytes
    is_hasty: bool

    @property
    def tag(self):
        """Its ETag, or ""."""
        return next((value for name, value in self.headers if name == "ETag"), "")

    @property
    def size(self):
        return len(self.body) + len(self.questions) + BESIDES


class Store:
    def __init__(self, most_bytes):
        self.most_bytes = most_bytes
        self.bytes = 0
        self._held = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key, stamp):
        """The Answer kept under `key`, one that is true of `stamp` if there is one; None if there is none."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
        if held is not None and held.stamp == stamp:
            return held
        shared = self._shared()
        answer = shared and shared.get(key)
        if answer is None:
            return held
        answer = Answer(*answer)
        if held is not None and answer.stamp != stamp:
            return held
        self._keep(key, answer)
        return answer

    def set(self, key, answer):
        self._keep(key, answer)
        if shared := self._shared():
            shared.set(key, tuple(answer), SHARED_FOR)

    def _keep(self, key, answer):
        with self._lock:
            earlier = self._held.pop(key, None)
            self.bytes += answer.size - (earlier.size if earlier else 0)
            self._held[key] = answer
            while self.bytes > self.most_bytes:
                _, oldest = self._held.popitem(last=False)
                self.bytes -= oldest.size

    def _shared(self):
        """The site's cache, where it reaches further than this process."""
        cache = caches["default"]
        return None if isinstance(cache, LocMemCache | DummyCache) else cache
