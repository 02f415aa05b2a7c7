"""The shared cache while its Redis is gone, slow, full, or something else altogether."""

import os
import pickle
import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.cache import caches

from joinedup import caches as ours
from tests.cluster.servers import Redis
from tests.postgres import free_port


@pytest.fixture
def cache_at(settings):
    """port -> the site's cache, with a Redis there."""

    def cache_at(port):
        address = f"redis://127.0.0.1:{port}/1"
        settings.CACHES = {"default": {"BACKEND": "joinedup.caches.RedisThatMayBeGone", "LOCATION": address}}
        ours.outages.clear()
        return caches["default"]

    return cache_at


@contextmanager
def program(answer):
    """A program that answers everything it is sent with these bytes; None is silence."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(connection):
            with connection:
                while connection.recv(65536):
                    if answer is not None:
                        connection.sendall(answer)

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def is_as_empty(cache):
    """Whether everything that can be asked of a cache gets the answer of one that keeps nothing."""
    cache.set("a", 1)
    cache.set_many({"a": 1, "b": 2})
    cache.delete_many(["a"])
    cache.clear()
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    return (
        cache.get("a", "none") == "none"
        and cache.get_many(["a", "b"]) == {}
        and cache.add("a", 1) is True
        and cache.get_or_set("a", lambda: 3) == 3
        and not cache.touch("a")
        and not cache.delete("a")
        and "a" not in cache
    )


def test_a_redis_that_is_gone_is_an_empty_cache_and_is_told_of_once(cache_at, caplog):
    cache = cache_at(free_port())
    assert is_as_empty(cache)
    assert [record.getMessage()[:48] for record in caplog.records] == [
        "Redis does not answer, and the site goes on with"
    ]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$nonsense\r\n",
        b"\xff\xfe\r\n",
        b"*3\r\n:1\r\n",
        b":\r\n",
        b"+" + b"x" * 9000,
    ],
)
def test_what_does_not_speak_like_redis_is_an_empty_cache(cache_at, answer):
    with program(answer) as port:
        assert is_as_empty(cache_at(port))


def test_one_reader_waits_for_a_silent_redis_and_the_others_do_not(cache_at):
    with program(None) as port:
        cache = cache_at(port)
        began = time.monotonic()
        assert cache.get("a") is None
        assert time.monotonic() - began < 1.5
        began = time.monotonic()
        for _ in range(100):
            assert cache.get("a") is None
        assert time.monotonic() - began < 0.3


def test_it_is_asked_again_after_a_while_by_one_for_all(monkeypatch):
    outage, now = ours.Outage(), [100.0]
    monkeypatch.setattr(ours.time, "monotonic", lambda: now[0])
    assert not outage.is_left_alone()
    outage.goes_on(OSError())
    assert outage.is_left_alone()
    now[0] += ours.LEFT_ALONE
    assert [outage.is_left_alone() for _ in range(3)] == [False, True, True]
    outage.is_over()
    assert not outage.is_left_alone()


class Evil:
    def __reduce__(self):
        return os._exit, (3,)


HOSTILE = [
    pickle.dumps(Evil()),
    pickle.dumps({"plain": "enough"}),
    b"",
    b"j",
    b"j{",
    b"j" + b"[" * 100_000,
    b"j\xff\xfe",
    b"nonsense",
    b"9" * 10_000,
]


@pytest.mark.parametrize("odd", HOSTILE, ids=lambda odd: repr(odd[:12]))
def test_what_is_no_plain_data_is_told_and_never_run(odd):
    with pytest.raises(ours.Broken, match="no plain data"):
        ours.PlainData().loads(odd)


@pytest.mark.parametrize(
    "value", [0, -7, 10**30, True, None, 1.5, "1", "é", "", b"", b"1", b"\x00\xff", ["a", {"b": []}]]
)
def test_plain_data_comes_back_as_it_was(value):
    kept = ours.PlainData().dumps(value)
    back = ours.PlainData().loads(str(kept).encode() if isinstance(kept, int) else kept)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server")
def test_with_a_real_redis_plain_data_comes_back_and_nothing_breaks_a_reader(cache_at, tmp_path, caplog):
    redis = Redis(tmp_path)
    redis.start()
    try:
        cache = cache_at(redis.port)
        page, plain = b"\x1f\x8b\x00\xff", {"headers": [["ETag", '"é"']], "at": 3, "some": [1.5, None, True]}
        cache.set("page", page, 60)
        cache.set("plain", plain)
        cache.set("n", 1)
        assert (cache.get("page"), cache.get("plain")) == (page, plain)
        assert cache.get_many(["page", "n", "none"]) == {"page": page, "n": 1}
        assert cache.incr("n") == 2 and cache.add("n", 5) is False and cache.touch("n") and cache.delete("n")
        with pytest.raises(ValueError, match="not found"):
            cache.incr("n")
        assert not caplog.records

        client = cache._cache.get_client()
        for odd in HOSTILE:
            client.set(cache.make_key("odd"), odd)
            assert cache.get("odd", "none") == "none", odd[:40]
        assert cache.get("page") == page  # the others can be had
        assert "no plain data" in caplog.text and len(caplog.records) == 1
        with pytest.raises(TypeError):
            cache.set("object", object())

        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        cache.set("more", b"x" * 1000)
        assert cache.get("more") is None and cache.get("page") == page
        client.config_set("maxmemory", "0")

        redis.kill()
        assert is_as_empty(cache)
        redis.start()
        for outage in ours.outages.values():
            outage.ask_at = 1
        cache.set("page", page)
        assert cache.get("page") == page
        assert "Redis answers again" in caplog.text
    finally:
        redis.kill()
