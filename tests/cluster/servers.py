"""Real servers on the loopback, each with a folder and a port that it keeps: to be killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30  # seconds


class Server:
    """A program that is started, killed and started again. What it says goes to a file in `folder`."""

    def __init__(self, folder, **running):
        self.folder = folder
        self.running = running
        self.port = postgres.free_port()
        self.process = None

    def run(self):
        """Start the program and return its process."""
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True, **self.running)

    def start(self):
        self.process = self.run()
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise OSError(f"{type(self).__name__} did not start: {(self.folder / 'log').read_text()[-600:]}")
            time.sleep(0.05)

    def answers(self):
        with postgres.socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        """As when the power fails: the program and all its children, with no word to anybody."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class PostgreSQL(Server):
    """A server with an empty database, or, if the address of another is given, its streaming replica."""

    def __init__(self, folder, user, copied=None):
        folder.mkdir()
        self.binaries, running = postgres.prepare(folder, user)
        super().__init__(folder, **running)
        if copied:
            self.copy(copied)
        else:
            self.process, self.url = postgres.start(folder, user)
            self.port = urlsplit(self.url).port

    def copy(self, url):
        """Forget what is there and become a replica of that server; not started yet."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        command = ["pg_basebackup", "--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        command = [self.binaries / command[0], *command[1:], f"--dbname={url}"]
        subprocess.run(command, check=True, capture_output=True, text=True, **self.running)
        split = urlsplit(url)
        self.url = urlunsplit(split._replace(netloc=f"{split.username}:{split.password}@127.0.0.1:{self.port}"))

    def run(self):
        return postgres.serve(self.binaries, self.running, self.port)

    def answers(self):
        try:
            psycopg2.connect(self.url).close()
        except psycopg2.OperationalError:
            return False
        return True

    def kill(self):
        super().kill()
        # The little memory that the server shares by number outlives it.
        with suppress(FileNotFoundError):
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            subprocess.run(["ipcrm", "-m", lines[6].split()[1]], capture_output=True)

    def ask(self, statement):
        """The one value that a statement yields, if it yields any."""
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description else None
        finally:
            connection.close()

    def promote(self):
        self.ask("SELECT pg_promote(wait => false)")
        while self.ask("SELECT pg_is_in_recovery()"):
            time.sleep(0.05)

    def follow(self, address):
        """Stream from another server from now on; from none if the address is empty."""
        self.ask(f"ALTER SYSTEM SET primary_conninfo = '{address}'")
        self.ask("SELECT pg_reload_conf()")


class Redis(Server):
    def command(self):
        limits = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--save", "", "--appendonly", "no"]
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), *limits]


class Node(Server):
    """The site, served as elsewhere."""

    def __init__(self, folder, environment):
        super().__init__(folder, cwd=ROOT)
        self.running["env"] = environment | {"PORT": str(self.port), "WEB_CONCURRENCY": "1"}

    def command(self):
        return [sys.executable, "-m", "gunicorn"]


class Nginx(Server):
    """In front of the nodes; passes over one that does not answer."""

    CONFIGURATION = """
    daemon off;
    {user}
    worker_processes 1;
    pid nginx.pid;
    error_log stderr warn;
    events {{ worker_connections 256; }}
    http {{
        access_log off;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path other; uwsgi_temp_path other;
        scgi_temp_path other;
        upstream nodes {{ {nodes} keepalive 16; }}
        server {{
            listen 127.0.0.1:{port};
            location / {{
                proxy_pass http://nodes;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_set_header Host $host;
                proxy_connect_timeout 1s;
                proxy_read_timeout 30s;
                proxy_next_upstream error timeout;  # of requests that may be sent twice only
                proxy_next_upstream_tries 2;
            }}
        }}
    }}
    """

    def __init__(self, folder, nodes, **running):
        super().__init__(folder, **running)
        listed = " ".join(f"server 127.0.0.1:{node.port} max_fails=1 fail_timeout=2s;" for node in nodes)
        user = "" if os.geteuid() else "user root;"
        written = self.CONFIGURATION.format(user=user, nodes=listed, port=self.port)
        (folder / "nginx.conf").write_text(written)

    def command(self):
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        return [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
