"""Where answers are kept: in the memory of the process, and beside it in the cache that machines share, if there is
one.

Both hold plain bytes: a line of JSON (status and headers), then the body. What goes to the shared cache is signed with
the secret key, for its name and its content version: what somebody else wrote there, or moved, is no answer.
"""

import json
import threading
from collections import OrderedDict
from typing import NamedTuple

from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import constant_time_compare, salted_hmac

SHARED_FOR = 60 * 60  # seconds
BESIDES = 500  # bytes that an entry takes beside its data: its key, its stamp, its place
SIGNATURE = 32  # bytes


class Answer(NamedTuple):
    status: int
    headers: list  # of pairs
    body: bytes

    def packed(self):
        head = json.dumps([self.status, self.headers], separators=(",", ":"))
        return b"%s\n%s" % (head.encode(), self.body)

    @classmethod
    def unpacked(cls, data):
        head, _, body = data.partition(b"\n")
        return cls(*json.loads(head), body)


class Store:
    """Answers, each true of one stamp of the content, within a bound of bytes."""

    def __init__(self, most_bytes):
        self.most_bytes = most_bytes
        self.bytes = 0
        self._held = OrderedDict()  # key -> (stamp, data), what was asked for longest ago first
        self._lock = threading.Lock()

    def get(self, key, stamp):
        """The Answer that is kept under `key` and true of `stamp`, or None."""
        with self._lock:
            known, data = self._held.get(key, ("", b""))
            if known == stamp:
                self._held.move_to_end(key)
        if known != stamp:
            shared = self._shared()
            data = shared and verified(shared.get(key), key, stamp)
            if not data:
                return None
            self._keep(key, stamp, data)
        return Answer.unpacked(data)

    def set(self, key, stamp, answer):
        data = answer.packed()
        self._keep(key, stamp, data)
        if shared := self._shared():
            shared.set(key, signature(data, key, stamp) + data, SHARED_FOR)

    def _keep(self, key, stamp, data):
        with self._lock:
            _, earlier = self._held.pop(key, ("", None))
            self.bytes += _size(data) - (0 if earlier is None else _size(earlier))
            self._held[key] = stamp, data
            while self.bytes > self.most_bytes:
                _, (_, oldest) = self._held.popitem(last=False)
                self.bytes -= _size(oldest)

    def _shared(self):
        """The site's cache, where it reaches further than this process."""
        cache = caches["default"]
        return None if isinstance(cache, LocMemCache | DummyCache) else cache


def _size(data):
    return len(data) + BESIDES


def signature(data, key, stamp):
    return salted_hmac(
        "joinedup.pagecache", b"%s %s\n%s" % (key.encode(), stamp.encode(), data), algorithm="sha256"
    ).digest()


def verified(signed, key, stamp):
    """The data that a machine of ours kept under `key` for `stamp`; None if it did not."""
    if not isinstance(signed, bytes):
        return None
    data = signed[SIGNATURE:]
    return data if constant_time_compare(signed[:SIGNATURE], signature(data, key, stamp)) else None
