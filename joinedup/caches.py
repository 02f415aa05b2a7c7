"""The shared cache: a Redis that may be slow, full, broken or gone, which no reader should notice but by waiting."""

import json
import logging
import time

from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError, ResponseError

logger = logging.getLogger(__name__)

LEFT_ALONE = 3  # seconds after a failure in which nobody asks
COMPLAINED_EVERY = 60
FAILURES = (RedisError, OSError, ValueError, IndexError)  # the last two, if what answers does not speak like Redis
OPTIONS = {
    "socket_connect_timeout": 0.25,
    "socket_timeout": 0.5,
    "protocol": 2,
    "driver_info": None,  # which each new connection would tell, in two questions more
    "serializer": "joinedup.caches.PlainData",
}


class Broken(Exception):
    """What is kept cannot be read; the message says why."""


class PlainData:
    """Bytes, and what JSON can hold: nothing that is read back can run anything.

    A whole number stands as Redis writes it, so that Redis can count; anything else says by its first byte what it is.
    """

    def dumps(self, value):
        if type(value) is int:
            return value
        return b"b" + value if isinstance(value, bytes) else b"j" + json.dumps(value).encode()

    def loads(self, data):
        try:
            if data[:1] == b"b":
                return data[1:]
            return json.loads(data[1:]) if data[:1] == b"j" else int(data)
        except (ValueError, RecursionError) as error:
            raise Broken(f"what is kept is no plain data ({type(error).__name__})") from error


class Outage:
    """Whether a Redis is left alone, the same for all threads of the process."""

    def __init__(self):
        self.ask_at = self.complain_at = 0

    def is_left_alone(self):
        """False for one caller in a while, who then finds out for all whether it is over."""
        if not self.ask_at:
            return False
        now = time.monotonic()
        if now < self.ask_at:
            return True
        self.ask_at = now + LEFT_ALONE
        return False

    def goes_on(self, error):
        if not self.ask_at:
            logger.warning("Redis does not answer, and the site goes on without it: %s", error)
        self.ask_at = time.monotonic() + LEFT_ALONE

    def is_over(self):
        if self.ask_at:
            self.ask_at = 0
            logger.warning("Redis answers again.")

    def complain(self, error):
        """Redis answers, but will not do as it was told."""
        if time.monotonic() >= self.complain_at:
            self.complain_at = time.monotonic() + COMPLAINED_EVERY
            logger.warning("Redis does not do its work, and the site goes on without it: %s", error)


outages = {}  # of each address


def forgiving(name):
    """The method of that name of `RedisCache`; of an empty cache, when Redis does not do its work."""

    def method(self, *args, **kwargs):
        outage = self._outage
        if not outage.is_left_alone():
            try:
                answer = getattr(RedisCache, name)(self, *args, **kwargs)
            except (ResponseError, Broken) as error:
                outage.is_over()
                outage.complain(error)
            except FAILURES as error:
                if name == "incr" and type(error) is ValueError:  # there is no such key
                    raise
                outage.goes_on(error)
            else:
                outage.is_over()
                return answer
        return getattr(self._empty, name)(*args, **kwargs)

    return method


class RedisThatMayBeGone(RedisCache):
    """As Django's, and as an empty cache that keeps nothing while Redis does not do its work."""

    def __init__(self, server, params):
        super().__init__(server, {**params, "OPTIONS": OPTIONS | params.get("OPTIONS", {})})
        self._empty = DummyCache(server, params)
        self._outage = outages.setdefault(str(server), Outage())

    add = forgiving("add")
    get = forgiving("get")
    set = forgiving("set")
    touch = forgiving("touch")
    delete = forgiving("delete")
    get_many = forgiving("get_many")
    set_many = forgiving("set_many")
    delete_many = forgiving("delete_many")
    has_key = forgiving("has_key")
    incr = forgiving("incr")
    clear = forgiving("clear")
