"""A worker remembers of what it is asked only so much, whatever anybody makes up."""

import functools
import gc
import random
import string

import pytest

from joinedup.caching.middleware import negotiated
from joinedup.caching.store import Answer, Store
from joinedup.search import analysis
from joinedup.search.query import parse
from sources import exporting
from tests.factories import cite, make_finding, make_source

CACHE = type(functools.cache(lambda: None))
OURS = ("joinedup", "findings", "sources")


def caches():
    """Name -> each `lru_cache` and `cache` of the product's own."""
    for one in gc.get_objects():
        if type(one) is CACHE and one.__module__.startswith(OURS):
            yield f"{one.__module__}.{one.__qualname__}", one


def made_up(number):
    return "".join(random.Random(number).choices(string.ascii_lowercase, k=12))


def test_headers_that_nobody_sends_twice_are_not_remembered():
    exporting._accepted_by.cache_clear()
    for number in range(300):
        long = ", ".join(f"application/{made_up(number * 300 + n)}" for n in range(300))
        assert str(exporting.accepted_by(long)[0]) == long.split(",")[0]
        assert negotiated(long) == long
    assert exporting._accepted_by.cache_info().currsize == 0
    for number in range(300):
        assert negotiated(f"application/{made_up(number)}")
    assert exporting._accepted_by.cache_info().currsize <= 100


def test_words_that_nobody_types_twice_push_each_other_out():
    for number in range(2 * analysis.REMEMBERED // 20):
        parse(" ".join(made_up(number * 20 + n) for n in range(20)))
        parse("-".join(made_up(-1 - number * 20 - n) for n in range(20)))
    assert analysis.stem.cache_info().currsize <= analysis.REMEMBERED == 10_000
    assert analysis._compound.cache_info().currsize <= analysis.REMEMBERED


def test_small_answers_count_with_all_that_they_take():
    store = Store(1_000_000)
    for number in range(5000):
        store.set(f"{number:064}", Answer(301, {"Location": f"/{made_up(number)}/"}, b""))
    assert len(store._entries) < 3000


@pytest.mark.django_db
def test_of_odd_requests_no_cache_of_ours_keeps_more_than_a_few(page_cache, client):
    cite(make_finding(body="Trust."), make_source())
    words, sizes = ["search/?q", "findings/?stance", "sources/?page", "map/?by", "oembed?url", "unapi?id"], []
    for round_ in range(2):
        for number in range(30):
            odd = made_up(number + 1000 * round_)
            for word in words:
                client.get(f"/{word}={odd}&{odd}=1", headers={"Accept": f"text/{odd}", "Accept-Encoding": odd})
            client.get(f"/{odd}/")
        sizes.append({name: one.cache_info().currsize for name, one in caches()})
    bounded = {"joinedup.search.analysis.stem", "joinedup.search.analysis._compound", "sources.exporting._accepted_by"}
    grown = {name for name, size in sizes[1].items() if size > sizes[0].get(name, 0) + 20}
    assert grown <= bounded, "and these are bounded by the tests above"
