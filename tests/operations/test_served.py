"""The site as gunicorn serves it, with two workers and no database: metrics are whole, and no secret is logged."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds
SECRETS = ["hidden-password", "hidden-key", "hidden-token", "hidden-words", "hidden-cookie"]


@pytest.fixture
def served(tmp_path):
    """A function that asks the site, its process, its port and the file of its log."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        stderr=log.open("w"),
        env={
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "STATE_DIR": str(tmp_path),
            "STATICFILES_HASHED": "false",
            "DATABASE_URL": "postgres://user:hidden-password@127.0.0.1:1/name",
            "SECRET_KEY": "hidden-key" * 6,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "METRICS": "true",
            "METRICS_TOKEN": "hidden-token",
        },
    )

    def ask(address):
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Authorization": "Bearer hidden-token", "Cookie": "sessionid=hidden-cookie"}
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    try:
        eventually(lambda: ask("/healthz")[0] == 200)
        yield ask, process, port, log
    finally:
        process.terminate()
        process.wait(PATIENCE)


def eventually(is_so):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if is_so():
                return
        except OSError:
            pass
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.1)


def metrics(ask):
    return dict(line.rsplit(" ", 1) for line in ask("/metrics")[1].splitlines() if not line.startswith("#"))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="tells Linux's processes apart")
def test_two_workers_are_counted_as_one_site_and_tell_no_secret(served):
    ask, process, port, log = served
    fine = 'joinedup_request_seconds_count{method="GET",route="healthz",status="2xx"}'
    broken = 'joinedup_request_seconds_count{method="GET",route="findings",status="5xx"}'
    eventually(lambda: metrics(ask)["joinedup_workers"] == "2")
    before = int(metrics(ask)[fine])
    with ThreadPoolExecutor(8) as readers:
        assert {status for status, _ in readers.map(ask, ["/healthz"] * 60)} == {200}
    assert {int(metrics(ask)[fine]) for _ in range(10)} == {before + 60}
    assert ask("/findings/?q=hidden-words")[0] >= 500
    assert metrics(ask)[broken] == "1"

    [killed, _] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(killed), signal.SIGKILL)
    eventually(lambda: log.read_text().count("SIGKILL") and metrics(ask)["joinedup_workers"] == "2")
    assert int(metrics(ask)[fine]) == before + 60

    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /search/?q=hidden-words and more HTTP/1.1\r\n\r\n")
        assert b"400 Bad Request" in connection.recv(1000)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    [error] = [line for line in lines if line["level"] == "ERROR" and line["logger"] == "django.request"]
    assert "OperationalError" in error["exception"]
    assert error["path"] == "/findings/"
    [refused] = [line for line in lines if line["message"].startswith("Invalid request from ip=127.0.0.1: ")]
    assert "request_id" not in refused
    assert [secret for secret in SECRETS if secret in log.read_text()] == []
