"""The id of a request, and what the log says of it."""

import io
import json
import logging

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from joinedup.operations.counters import counters
from joinedup.operations.log_format import Json, Plain
from joinedup.operations.metrics import request_metrics
from joinedup.operations.request_log import current, request_log


@pytest.fixture
def log(settings):
    """A formatter -> what is logged with it, from INFO up."""
    root, handler = logging.getLogger(), logging.StreamHandler(io.StringIO())
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")

    def written_by(formatter):
        handler.setFormatter(formatter)
        return handler.stream

    yield written_by
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("proxies", "sent", "taken"),
    [
        (1, "a.B_3-x", True),
        (1, "x" * 64, True),
        (0, "a.B_3-x", False),
        (1, "", False),
        (1, "x" * 65, False),
        (1, "a b", False),
        (1, "a\n", False),
        (1, "<script>", False),
    ],
)
def test_the_id_is_a_trusted_proxys_if_it_looks_sane_and_made_otherwise(client, settings, proxies, sent, taken):
    settings.TRUSTED_PROXIES = proxies
    ids = [client.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"] for _ in range(2)]
    assert (ids == [sent, sent]) is taken
    assert taken or (ids[0] != ids[1] and len(ids[0]) == 16)


def test_each_line_of_a_request_says_which_it_is_and_not_what_was_searched_for(client, log):
    written = log(Json())
    answer = client.get("/nowhere/?q=hidden")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {line["logger"] for line in lines} == {"joinedup.operations.request_log", "django.request"}
    for line in lines:
        assert line["request_id"] == answer["X-Request-ID"]
        assert (line["method"], line["path"], line["status"]) == ("GET", "/nowhere/", 404)
        assert line["time"].endswith("+00:00")
    assert current.get() is None
    assert [line["level"] for line in lines if line.get("ms", -1) >= 0] == ["INFO"]
    assert "hidden" not in written.getvalue()


def test_an_error_has_its_traceback_in_its_line(client, log, monkeypatch):
    monkeypatch.setattr("joinedup.operations.health.JsonResponse", lambda content: 1 / 0)
    written = log(Json())
    client.raise_request_exception = False
    assert client.get("/healthz").status_code == 500
    [error] = [line for line in map(json.loads, written.getvalue().splitlines()) if line["level"] == "ERROR"]
    assert error["exception"].endswith("ZeroDivisionError: division by zero")
    assert error["path"] == "/healthz"


def test_a_path_with_a_line_break_stays_one_line(client, log):
    written = log(Plain())
    client.get("/a%0A2026-01-01 CRITICAL forged: /b%E2%80%A8c/é/")
    assert "GET /a\\n2026-01-01 CRITICAL forged: /b\\u2028c/é/ 404" in written.getvalue()
    assert all("[" in line for line in written.getvalue().splitlines())


@pytest.mark.parametrize("formatter", [Plain(), Json()], ids=["plain", "json"])
def test_no_program_logs_what_was_searched_for(log, formatter):
    written = log(formatter)
    words = "hidden"
    for name, message in [("gunicorn.error", f"Invalid line: '{words} words'"), ("any", f"Refused: GET /?q={words} b")]:
        logging.getLogger().handle(logging.LogRecord(name, logging.ERROR, "", 0, message, (), None))
    try:
        raise ValueError(f"cannot read /search/?q={words}")
    except ValueError:
        logging.getLogger("any").exception("What? It is all of the message.")
    text = written.getvalue().replace("\\u2026", "…")
    assert "Invalid line: " in text
    assert "Refused: GET /?…" in text
    assert "What? It is all of the message." in text
    assert "ValueError: cannot read /search/?…" in text
    assert "hidden" not in text
    assert len(text.splitlines()) == 3 or isinstance(formatter, Plain)


def test_what_machines_ask_every_second_has_no_line_and_what_we_ask_ourselves_neither(client, log):
    written = log(Plain())
    client.get("/healthz")
    inner = WSGIRequest({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()})
    for middleware in [request_log, request_metrics]:
        assert "X-Request-ID" not in middleware(lambda request: HttpResponse())(inner)
    assert written.getvalue() == ""
    assert not [name for name, _, _ in counters.totals() if name[0] == "request"]
