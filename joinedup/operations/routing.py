"""Database routing: public pages read a replica, chosen once a request; all else the primary.

A thread for each server asks it once a second where it is in the primary's log. A replica holds what the primary held
at a moment if it has replayed the log up to where the primary's was at that moment: so the bound on what readers see is
kept without comparing clocks, on an idle primary too, and a replica that was cut off from its primary is found out.
"""

import logging
import random
import sys
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import got_request_exception
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, InterfaceError, OperationalError, connections
from django.dispatch import receiver

from joinedup.operations.unavailable import Trouble, trouble

logger = logging.getLogger(__name__)

ASKED_EVERY = 1  # seconds
PATIENCE = 3  # seconds after which a server that was not heard of does not answer
OUT = 3  # seconds for which a server that failed is left alone
FIRST_ANSWERS = 0.5  # seconds that the first request of a process waits to learn which servers are there

PRIMARY_ONLY = ("/admin/", "/readyz")

WHERE = (
    "SELECT pg_is_in_recovery(), system_identifier,"
    " COALESCE(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END, '0/0')"
    " - '0/0'::pg_lsn"
    " FROM pg_control_system()"
)

NEVER = float("-inf")
CANCELED, READ_ONLY, NO_TABLE, NO_COLUMN = "57014", "25006", "42P01", "42703"

_reading = ContextVar("reading", default=None)


class Reading:
    """From which database a request reads, and whether that failed it."""

    def __init__(self, alias):
        self.alias = alias
        self.failed = False


def reading_from():
    """The alias of the database from which public content is read now."""
    reading = _reading.get()
    return reading.alias if reading else PRIMARY


@contextmanager
def staying():
    """Requests that are made inside read what is read now, not what each would choose."""
    if _reading.get():
        yield
        return
    token = _reading.set(Reading(PRIMARY))
    try:
        yield
    finally:
        _reading.reset(token)


class Router:
    """The models' part of it. Who writes reads from the primary from then on."""

    def db_for_read(self, model, **hints):
        return reading_from()

    def db_for_write(self, model, **hints):
        if reading := _reading.get():
            reading.alias = PRIMARY
        return PRIMARY

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == PRIMARY


class Server:
    """What this process knows of a server."""

    def __init__(self, alias):
        self.alias = alias
        self.heard_at = self.out_until = NEVER
        self.is_standby = self.database = self.position = None
        self.error = ""
        self.asked = threading.Event()

    def answers(self):
        now = time.monotonic()
        return now >= self.out_until and now - self.heard_at < PATIENCE

    def ask(self):
        asked_at = time.monotonic()
        connection = connections[self.alias]
        try:
            with connection.cursor() as cursor:
                cursor.execute(WHERE)
                answer = cursor.fetchone()
        except Error as error:
            connection.close()
            self.error, self.heard_at = str(error).strip(), NEVER
        else:
            self.hear(asked_at, *answer)
        self.asked.set()

    def hear(self, asked_at, is_standby, database, position):
        self.is_standby, self.database, self.position = is_standby, database, position
        self.error, self.heard_at = "", asked_at


class Primary(Server):
    def __init__(self, remembered):
        super().__init__(PRIMARY)
        self.remembered = remembered
        self.positions = []  # (when, where its log was by then), the oldest first

    def hear(self, asked_at, is_standby, *answer):
        super().hear(asked_at, is_standby, *answer)
        if is_standby:  # demoted: the next connection may find the server that took its place
            connections[PRIMARY].close()
            self.heard_at = NEVER
            return
        kept = [(at, position) for at, position in self.positions if at >= asked_at - self.remembered]
        self.positions = [*kept, (asked_at, self.position)]  # a new list: other threads go through the old one


class Cluster:
    """The primary and its replicas, as this process sees them."""

    def __init__(self, replicas, max_lag):
        self.primary = Primary(max_lag)
        self.replicas = [Server(alias) for alias in replicas]
        self.servers = [self.primary, *self.replicas]
        self.max_lag = max_lag
        self.lock = threading.Lock()
        self.is_watched = False
        self.over = threading.Event()

    def watch(self):
        """Ask every server from now on, each in a thread of its own, so that no reader waits for one that hangs."""
        if self.is_watched:
            return
        with self.lock:
            if not self.is_watched:
                for server in self.servers:
                    threading.Thread(target=self._watch, args=[server], name=server.alias, daemon=True).start()
                until = time.monotonic() + FIRST_ANSWERS
                for server in self.servers:
                    server.asked.wait(max(0, until - time.monotonic()))
                self.is_watched = True

    def _watch(self, server):
        logged = ""
        while not self.over.is_set():
            server.ask()
            fault = self.fault(server)
            if fault != logged:
                logger.warning("%s: %s %s", server.alias, fault or "it is read again.", server.error)
                logged = fault
            self.over.wait(ASKED_EVERY)
        connections.close_all()

    def fault(self, server):
        """Why a server is passed over, in a sentence; empty if it is not.

        While the primary does not answer nobody can know of anything newer, and every replica that answers is good.
        """
        if not server.answers():
            return "it does not answer."
        if server is self.primary or not self.primary.answers():
            return ""
        if not server.is_standby:
            return "it is no replica, or is one no longer."
        if server.database != self.primary.database:
            return "it is a replica of another database."
        since = time.monotonic() - self.max_lag
        if not any(asked_at >= since and position <= server.position for asked_at, position in self.primary.positions):
            return f"it is more than {self.max_lag} seconds behind."
        return ""

    def candidates(self):
        """The aliases from which a public page may be read, the one to try first coming first."""
        good = [server.alias for server in self.replicas if not self.fault(server)]
        random.shuffle(good)
        return [*good, PRIMARY]

    def lost(self, alias):
        """That server does not answer, or broke off."""
        for server in self.servers:
            if server.alias == alias:
                server.out_until = time.monotonic() + OUT


REPLICAS = [alias for alias in settings.DATABASES if alias != PRIMARY]
cluster = Cluster(REPLICAS, settings.REPLICA_MAX_LAG) if REPLICAS else None


def primary_answers():
    """False if it is known that the primary is away."""
    return not (cluster and cluster.is_watched) or cluster.primary.answers()


def passed_over():
    """Sentences about the replicas that are not read."""
    if not cluster:
        return []
    cluster.watch()
    return [f"{server.alias}: {fault}" for server in cluster.replicas if (fault := cluster.fault(server))]


@receiver(got_request_exception)
def notice(**kwargs):
    """Draw the conclusions from an error of the database that ended a request, wherever in the request it came up."""
    error, alias, reading = sys.exc_info()[1], reading_from(), _reading.get()
    code = getattr(error.__cause__, "pgcode", None)
    if code == READ_ONLY:
        connections[alias].close()  # not kept for the next request, which may find the new primary
    if cluster and trouble(error) is Trouble.AWAY:
        cluster.lost(alias)
    if reading:
        another_may_answer = isinstance(error, OperationalError | InterfaceError) and code != CANCELED
        # A table or column that is missing may be there on the primary already.
        reading.failed = another_may_answer or code in (NO_TABLE, NO_COLUMN)


def is_public_read(request):
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not request.path_info.startswith(PRIMARY_ONLY)
    )


def reads_replicas(get_response):
    """Middleware: choose for a request from where it reads; if that fails, answer it from elsewhere.

    It stands outside of the page cache, so that a page and the content version it is kept under are of one database.
    """
    if not cluster:
        raise MiddlewareNotUsed

    def middleware(request):
        if _reading.get() or not is_public_read(request):
            return get_response(request)
        cluster.watch()
        for alias in cluster.candidates():
            reading = Reading(alias)
            token = _reading.set(reading)
            try:
                response = get_response(request)
            finally:
                _reading.reset(token)
            if not (reading.failed and response.status_code >= 500 and reading.alias == alias):
                break
        return response

    return middleware
