"""Where answers are kept: in the memory of the process, and in the cache that machines share, if there is one.

Both hold plain bytes: a line of JSON (status and headers), then the body. What goes to the shared cache is signed with
the secret key, for its key: what somebody else wrote there, or moved, is no answer.
"""

import json
import threading
from collections import OrderedDict
from typing import NamedTuple

from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import constant_time_compare, salted_hmac

SHARED_SECONDS = 60 * 60
OVERHEAD = 300  # bytes that an entry takes beside its data
SIGNATURE = 32  # bytes


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    def packed(self):
        return b"%s\n%s" % (json.dumps([self.status, self.headers]).encode(), self.body)

    @classmethod
    def unpacked(cls, data):
        head, _, body = data.partition(b"\n")
        return cls(*json.loads(head), body)


class Store:
    """Answers by key, within a bound of bytes: the least recently used goes first."""

    def __init__(self, max_bytes):
        self.max_bytes = max_bytes
        self.bytes = 0
        self._entries = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key):
        with self._lock:
            if data := self._entries.get(key):
                self._entries.move_to_end(key)
        if not data and (shared := shared_cache()):
            data = verified(key, shared.get(key))
            if data:
                self._keep(key, data)
        return Answer.unpacked(data) if data else None

    def set(self, key, answer):
        data = answer.packed()
        self._keep(key, data)
        if shared := shared_cache():
            shared.set(key, signature(key, data) + data, SHARED_SECONDS)

    def _keep(self, key, data):
        with self._lock:
            if key in self._entries:
                self.bytes -= len(self._entries.pop(key)) + OVERHEAD
            self._entries[key] = data
            self.bytes += len(data) + OVERHEAD
            while self.bytes > self.max_bytes:
                _, oldest = self._entries.popitem(last=False)
                self.bytes -= len(oldest) + OVERHEAD


def shared_cache():
    """The site's cache, if it reaches further than this process."""
    cache = caches["default"]
    return None if isinstance(cache, LocMemCache | DummyCache) else cache


def signature(key, data):
    return salted_hmac("joinedup.caching", b"%s\n%s" % (key.encode(), data), algorithm="sha256").digest()


def verified(key, signed):
    """The data that a machine of ours kept under `key`; None if it did not."""
    if not isinstance(signed, bytes):
        return None
    data = signed[SIGNATURE:]
    return data if constant_time_compare(signed[:SIGNATURE], signature(key, data)) else None
