"""`make cluster-demo`: the site on many servers, and what readers see while these die one after another.

Three PostgreSQL servers (a primary, two replicas), Redis, two gunicorn nodes and nginx, all real, on the loopback.
Readers read all the while, a librarian saves every second, and every answer is checked. Ends with an error if a reader
met one, or saw what was older than promised.
"""

import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from lxml import html

from tests import postgres
from tests.cluster.servers import ROOT, Nginx, Node, PostgreSQL, Redis

READERS = 6
REST = 0.04  # seconds between two requests of a reader
MAX_LAG = 5  # seconds; REPLICA_MAX_LAG of the nodes
KEPT = 2  # seconds for which nodes may go on showing what they remember
BOUND = MAX_LAG + KEPT
WATCHED = "/themes/co-location/"
OTHERS = ["/", "/themes/", "/findings/", "/practice/", "/sources/", "/search/?q=trust", "/api/v1/findings", "/F3"]
PASSWORD = "correct horse battery staple"
NEEDED = ["nginx", "redis-server"]


class Browser:
    """One connection to a port, opened again when it is closed, with cookies."""

    def __init__(self, port):
        self.port = port
        self.connection = None
        self.cookies = {}

    def send(self, method, path, form=None):
        """Status, headers and text of the answer. Raises OSError and http.client.HTTPException."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.headers, text

    def fill_in(self, path, identifier, **values):
        """Send the form of a page with these values and what else stands in it; return status, headers and text."""
        status, _, text = self.send("GET", path)
        if status != 200:
            return status, {}, text
        form = html.fromstring(text).get_element_by_id(identifier)
        return self.send("POST", path, {**dict(form.form_values()), **values})


@dataclass
class Step:
    """What readers and the librarian met while one thing was so."""

    name: str
    began: float = field(default_factory=time.monotonic)
    took: list = field(default_factory=list)
    answered: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    staleness: float = 0
    saved: int = 0
    not_saved: list = field(default_factory=list)
    may_fail_to_save: bool = False
    broken: list = field(default_factory=list)

    def told(self):
        took = sorted(self.took or [0])
        moments = sorted([self.began, *self.answered, time.monotonic()])
        gap = max(later - earlier for earlier, later in pairwise(moments))

        def at(share):
            return 1000 * took[min(len(took) - 1, int(share * len(took)))]

        return (
            f"  readers: {len(self.took)} requests, {len(self.errors)} errors;"
            f" p50 {at(0.5):.0f} ms, p99 {at(0.99):.0f} ms, slowest {at(1):.0f} ms;"
            f" longest without an answer {1000 * gap:.0f} ms; oldest content {self.staleness:.1f} s\n"
            f"  librarian: {self.saved} saved and seen by them at once, {len(self.not_saved)} not saved"
        )


class Watch:
    """What was saved when, and what each answer has to show therefore."""

    def __init__(self):
        self.lock = threading.Lock()
        self.saved = {0: time.monotonic()}  # number of the edit -> when the librarian was told that it was saved
        self.step = Step("starting")
        self.steps = []
        self.over = threading.Event()

    def begin(self, name, **values):
        self.step = Step(name, **values)
        self.steps.append(self.step)
        print(f"\n{name}", flush=True)
        return self.step

    def last(self, before):
        return max(number for number, at in self.saved.items() if at <= before)

    def seen(self, step, number, asked_at):
        """A reader who asked then was shown edit `number`."""
        with self.lock:
            newer = [at for other, at in self.saved.items() if other > number and at <= asked_at]
        if newer:
            step.staleness = max(step.staleness, asked_at - min(newer))
            if asked_at - min(newer) > BOUND:
                step.broken.append(f"edit {number} was shown {asked_at - min(newer):.1f} s after a newer one was saved")

    def was_lost(self, number):
        """The database that took over ends with this edit."""
        with self.lock:
            lost = [other for other in self.saved if other > number]
            for other in lost:
                del self.saved[other]
        return lost


def number_in(text):
    found = re.search(r"Edit number (\d+)\.", text)
    return int(found[1]) if found else 0


def read(watch, port):
    browser = Browser(port)
    while not watch.over.is_set():
        path = WATCHED if random.random() < 0.5 else random.choice(OTHERS)
        step, asked_at = watch.step, time.monotonic()
        try:
            status, headers, text = browser.send("GET", path)
        except (OSError, http.client.HTTPException) as error:
            step.errors.append(f"{path}: {type(error).__name__} {error}")
        else:
            now = time.monotonic()
            step.took.append(now - asked_at)
            if status in (200, 302):
                step.answered.append(now)
                if path == WATCHED:
                    watch.seen(step, number_in(text), asked_at)
                if headers.get("Set-Cookie"):
                    step.broken.append(f"{path} set a cookie for a reader")
            else:
                step.errors.append(f"{path}: {status}")
        watch.over.wait(REST)


def edit(watch, browser, admin):
    """The librarian: save the watched page once a second, and look at it."""
    number = 0
    while not watch.over.wait(1):
        number += 1
        step = watch.step
        try:
            status, _, _ = browser.fill_in(
                admin, "theme_form", summary=f"Edit number {number}.", kind_of_change="correction"
            )
            if status != 302:
                raise OSError(f"answer {status}")
            with watch.lock:
                watch.saved[number] = time.monotonic()
            step.saved += 1
            status, _, text = browser.send("GET", WATCHED)
            if status != 200:
                raise OSError(f"answer {status} on looking at it")
            if number_in(text) < number:
                step.broken.append(f"the librarian saved edit {number} and was shown {number_in(text)}")
        except (OSError, http.client.HTTPException) as error:
            if not step.may_fail_to_save:
                step = watch.step  # something was killed after the edit had begun
            step.not_saved.append(f"edit {number}: {type(error).__name__} {error}")


class Cluster:
    """All servers, and what is done to them."""

    def __init__(self, folder, stack):
        def keep(server):
            stack.callback(server.kill)
            return server

        user = postgres.server_user()
        os.chmod(folder, 0o755)  # the database's user has to get through
        self.primary = keep(PostgreSQL(folder / "a", user))
        self.replicas = [keep(PostgreSQL(folder / name, user, copied=self.primary.url)) for name in "bc"]
        self.databases = [self.primary, *self.replicas]
        self.hosts = ",".join("127.0.0.1" for _ in self.databases)
        self.ports = ",".join(str(server.port) for server in self.databases)
        split = urlsplit(self.primary.url)
        self.login = (split.username, split.password)
        for server in self.replicas:
            server.start()
            self.follow_whoever_writes(server)
        (folder / "redis").mkdir()
        self.redis = keep(Redis(folder / "redis", cwd=folder / "redis"))
        self.redis.start()

        both = f"{split.username}:{split.password}"
        listed = ",".join(f"127.0.0.1:{server.port}" for server in self.databases)
        self.environment = {
            "PATH": os.environ["PATH"],
            "STATE_DIR": str(folder / "state"),
            "DATABASE_URL": f"postgres://{both}@{listed}/joinedup?target_session_attrs=read-write",
            "DATABASE_REPLICA_URLS": ",".join(server.url for server in self.databases),
            "REPLICA_MAX_LAG": str(MAX_LAG),
            "CACHE_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            "STATICFILES_HASHED": "false",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        self.manage("migrate", "--verbosity=0")
        self.manage("load_if_empty", "signposts")
        self.manage("createsuperuser", "--noinput", "--username=librarian", "--email=l@example.org")
        self.nodes = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            self.nodes.append(keep(Node(folder / name, self.environment)))
            self.nodes[-1].start()
        (folder / "nginx").mkdir()
        self.nginx = keep(Nginx(folder / "nginx", self.nodes, cwd=folder / "nginx"))
        self.nginx.start()

    def manage(self, *arguments):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def follow_whoever_writes(self, server):
        user, password = self.login
        server.follow(
            f"host={self.hosts} port={self.ports} user={user} password={password} target_session_attrs=read-write"
        )

    def transactions(self):
        """How many transactions each database server that answers has had, by its letter."""
        return {
            server.folder.name: server.ask("SELECT xact_commit FROM pg_stat_database WHERE datname = 'joinedup'")
            for server in self.databases
            if server.process
        }


def log_in(port):
    browser = Browser(port)
    status, _, _ = browser.fill_in("/admin/login/", "login-form", username="librarian", password=PASSWORD)
    if status != 302:
        raise SystemExit(f"The librarian could not log in: {status}")
    return browser


def lock_holds_on_both(nodes):
    """Wrong passwords at one node and at the other count together; then both are closed to that name."""
    statuses = []
    for node in [nodes[0], nodes[1], nodes[0], nodes[1], nodes[0], nodes[1], nodes[0]]:
        status, _, _ = Browser(node.port).fill_in("/admin/login/", "login-form", username="someone", password="wrong")
        statuses.append(status)
    return statuses[:4] == [200] * 4 and statuses[4:] == [429] * 3


def spread(before, after):
    counted = {name: after[name] - before.get(name, 0) for name in after}
    return ", ".join(f"{name} {number}" for name, number in counted.items())


def run(cluster, watch):
    def stay(seconds):
        before = cluster.transactions()
        time.sleep(seconds)
        print(f"  transactions: {spread(before, cluster.transactions())}")
        print(watch.step.told(), flush=True)

    first, second = cluster.replicas
    watch.begin("All is well: a is the primary, b and c are replicas.")
    stay(8)

    watch.begin("Replica b is killed.")
    first.kill()
    stay(6)
    watch.begin("Replica b is started again.")
    first.start()
    stay(7)

    watch.begin(f"Replica c stands still; after {MAX_LAG} seconds it is passed over.")
    second.ask("SELECT pg_wal_replay_pause()")
    stay(MAX_LAG + 4)
    watch.begin("Replica c goes on.")
    second.ask("SELECT pg_wal_replay_resume()")
    stay(4)

    watch.begin("Node one is killed.", may_fail_to_save=True)
    cluster.nodes[0].kill()
    stay(5)
    watch.begin("Node one is started again.")
    cluster.nodes[0].start()
    stay(5)

    watch.begin("Redis is killed.")
    cluster.redis.kill()
    stay(5)
    watch.begin("Redis is started again.")
    cluster.redis.start()
    stay(5)

    watch.begin("The primary a is killed: public reading goes on.", may_fail_to_save=True)
    cluster.primary.kill()
    stay(6)
    ahead = max(cluster.replicas, key=lambda server: server.ask("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"))
    name = ahead.folder.name
    watch.begin(f"Replica {name}, the one that has most, is promoted: the nodes find it.", may_fail_to_save=True)
    ahead.promote()
    summary = ahead.ask(f"SELECT summary FROM findings_theme WHERE slug = '{WATCHED.split('/')[2]}'")
    lost = watch.was_lost(number_in(summary))
    print(f"  saved and lost with the primary: {len(lost)}")
    stay(9)
    watch.begin("The librarian saves as before, and the other replica follows.")
    stay(6)
    watch.begin("The earlier primary a comes back, as a replica of the new one.")
    cluster.primary.copy(ahead.url)
    cluster.primary.start()
    cluster.follow_whoever_writes(cluster.primary)
    stay(7)


def broken_promises(watch):
    for step in watch.steps:
        yield from (f"{step.name} {error}" for error in [*step.errors, *step.broken])
        if not step.may_fail_to_save:
            yield from (f"{step.name} {error}" for error in step.not_saved)
        if not step.took:
            yield f"{step.name} No reader was answered."
    if not watch.steps[-2].saved:
        yield "The librarian could not save after the promotion."


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lacking = [program for program in NEEDED if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")]
    if lacking:
        raise SystemExit(f"Install {' and '.join(lacking)} first.")
    began = time.monotonic()
    watch = Watch()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="joined-up-cluster-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        print("Starting three PostgreSQL servers, Redis, two nodes and nginx ...", flush=True)
        try:
            cluster = Cluster(folder, stack)
        except postgres.Unavailable as error:
            raise SystemExit(f"This needs a PostgreSQL server: {error}.") from error
        print(f"The site is at http://127.0.0.1:{cluster.nginx.port}/")
        holds = lock_holds_on_both(cluster.nodes)
        print(f"Wrong passwords at either node {'close' if holds else 'do NOT close'} the log-in at both.")
        browser = log_in(cluster.nginx.port)
        number = cluster.primary.ask(f"SELECT id FROM findings_theme WHERE slug = '{WATCHED.split('/')[2]}'")
        admin = f"/admin/findings/theme/{number}/change/"
        threads = [threading.Thread(target=edit, args=(watch, browser, admin), daemon=True)]
        threads += [
            threading.Thread(target=read, args=(watch, cluster.nginx.port), daemon=True) for _ in range(READERS)
        ]
        for thread in threads:
            thread.start()
        stack.callback(watch.over.set)
        run(cluster, watch)
        watch.over.set()
        for thread in threads:
            thread.join(5)
        broken = list(broken_promises(watch)) + ([] if holds else ["The log-in lock does not hold on both nodes."])
        if broken and os.environ.get("KEEP_LOGS"):
            shutil.copytree(folder, os.environ["KEEP_LOGS"], ignore=shutil.ignore_patterns("data"), dirs_exist_ok=True)
    requests = sum(len(step.took) for step in watch.steps)
    print(f"\n{requests} requests of readers in {time.monotonic() - began:.0f} seconds, start included.")
    for promise in broken[:20]:
        print(f"BROKEN: {promise}")
    print(f"{len(broken)} promises broken." if broken else "Every promise was kept.")
    return bool(broken)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
