"""A gunicorn of our own, as `make run` starts it: its address, and what its workers take."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from sites import ROOT

PATIENCE = 60  # seconds
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, port, process, headers):
        self.port = port
        self.headers = headers
        self.process = process
        self.started_in = 0  # seconds from the start of the program to the first answer

    def workers(self):
        return [int(pid) for pid in Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()]

    def cpu(self):
        """Seconds of processor that the workers have had so far."""
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.workers())
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICK

    def memory(self):
        """Worker -> its megabytes: all that it has in memory, and its share of what it shares with others."""
        return {pid: _memory(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in self.workers()}

    def get(self, path, headers=None):
        """Status, headers and body of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={**self.headers, "Accept-Encoding": "gzip, br", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def _memory(rollup):
    return tuple(int(re.search(rf"^{name}:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024 for name in ("Rss", "Pss"))


@contextmanager
def serving(environment, *arguments, headers=None):
    """Yield the Server, once it answers; `arguments` are for gunicorn, `headers` go with every request."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *arguments],
        cwd=ROOT,
        env=environment,
        start_new_session=True,  # Ctrl-C is for us; the server stops after
    )
    server = Server(port, process.pid, headers or {})
    try:
        while not _answers(server):
            if process.poll() is not None or time.monotonic() > started + PATIENCE:
                raise SystemExit("gunicorn does not answer.")
            time.sleep(0.005)
        server.started_in = time.monotonic() - started
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(server):
    try:
        return server.get("/")[0] == 200
    except (OSError, HTTPException):
        return False
