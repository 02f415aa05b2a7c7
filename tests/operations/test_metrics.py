"""Metrics: whole, bounded, and for those who may see them."""

import re

import pytest
from django.http import HttpResponse

from joinedup.operations import metrics
from joinedup.operations.counters import NAME, SERIES, Counters

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"(,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.e+-]+')


@pytest.fixture
def counters(monkeypatch):
    fresh = Counters()
    monkeypatch.setattr(metrics, "counters", fresh)
    return fresh


@pytest.fixture
def on(settings, counters):
    settings.METRICS = True
    settings.MIDDLEWARE = ["joinedup.operations.metrics.request_metrics", *settings.MIDDLEWARE]


def read(client, **headers):
    """The page of metrics as a dictionary: what stands before the number -> the number."""
    lines = client.get("/metrics", headers=headers).content.decode().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(LINE.fullmatch(line) for line in samples)
    return {name: float(number) for name, _, number in (line.rpartition(" ") for line in samples)}


def test_parts_add_up_and_outlive_those_who_count_in_them(counters):
    for part in [1, 2]:
        counters.claim(part)
        counters.begin()
        counters.add(("query", "default"), 0.0009765625)
    counters.release(2)  # as if its process was killed
    assert counters.running() == 1
    assert list(counters.processes()) == [0, 1]
    counters.claim(2)
    counters.add(("query", "default"), 8)
    assert counters.totals() == [(("query", "default"), 8.001953125, [2, 0, 0, 0, 0, 0, 0, 0, 1])]


def test_what_has_no_room_is_not_counted_and_harms_nothing(counters):
    counters.add(("x" * (NAME * 8 + 1),), 1)
    for number in range(SERIES + 10):
        counters.add((f"name {number}",), 1)
    assert len(counters.totals()) == SERIES


@pytest.mark.django_db
def test_requests_and_queries_are_counted_by_what_they_are(client, on, counters):
    for _ in range(3):
        client.get("/healthz")
    client.generic("FOO", "/healthz")
    client.generic("BAR", "/healthz")
    client.get("/nowhere-at-all")
    client.get("/static/none.css")
    counters.add(("request", "GET", 'a"\\\n', "2xx"), 2)
    samples = read(client)
    counted = 'joinedup_request_seconds_count{method="%s",route="%s",status="%s"}'
    assert samples[counted % ("GET", "healthz", "2xx")] == 3
    assert samples[counted % ("other", "healthz", "2xx")] == 2
    assert samples[counted % ("GET", "none", "4xx")] == 1
    assert samples[counted % ("GET", "static", "4xx")] == 1
    bucket = 'joinedup_request_seconds_bucket{method="GET",route="a\\"\\\\\\n",status="2xx",le="%s"}'
    assert [samples[bucket % bound] for bound in ["1", "5", "+Inf"]] == [0, 1, 1]
    assert samples["joinedup_requests_in_progress"] == 0
    assert samples["joinedup_workers"] == 1
    assert samples['joinedup_worker_resident_memory_bytes{worker="0"}'] > 1_000_000
    assert samples["process_cpu_seconds_total"] > 0


def test_what_a_page_cache_did_is_counted(rf, counters):
    def page_cache(request):
        request.page_cache = "hit"
        return HttpResponse()

    metrics.request_metrics(page_cache)(rf.get("/findings/"))
    assert [name for name, _, _ in counters.totals()] == [
        ("page cache", "hit"),
        ("request", "GET", "page cache", "2xx"),
    ]


def test_without_the_setting_there_is_no_such_page(client, db):
    assert client.get("/metrics").status_code == 404


def test_with_a_token_only_who_has_it_sees_metrics(client, on, settings):
    settings.METRICS_TOKEN = "a token"
    for wrong in ["", "Bearer", "Bearer a tokem", "Basic a token", "Bearer ä"]:
        refused = client.get("/metrics", headers={"Authorization": wrong})
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == "Bearer"
        assert b"joinedup_" not in refused.content
    assert read(client, Authorization="Bearer a token")["joinedup_workers"] == 1
