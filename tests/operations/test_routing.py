"""From which database a request reads; `tests/cluster` tries it on a real replica."""

import time

import psycopg2
import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import request_started
from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
)
from django.db.utils import ConnectionRouter
from django.http import HttpResponse

from findings.models import Theme
from joinedup.operations import routing
from joinedup.search import missed
from joinedup.search.engine import Found
from joinedup.search.models import MissedSearch
from joinedup.search.query import parse
from tests.factories import make_theme

pytestmark = pytest.mark.databases
MOST = 10


def error_of(kind, code=None):
    """An error as Django raises it: its cause is that of the driver, with PostgreSQL's code."""
    error = kind("It failed.")
    error.__cause__ = type("DriverError", (psycopg2.Error,), {"pgcode": code})()
    return error


AWAY = error_of(OperationalError)


@pytest.fixture
def cluster(monkeypatch):
    """A primary and two replicas that have all been heard of just now, at the same place."""
    cluster = routing.Cluster(["replica1", "replica2"], MOST)
    cluster.is_watched = True
    now = time.monotonic()
    for server in cluster.servers:
        server.hear(now, server is not cluster.primary, "one", 100)
    monkeypatch.setattr(routing, "cluster", cluster)
    return cluster


@pytest.fixture
def read(cluster, rf):
    """Ask the middleware for a page, and return the databases that the attempts read and the last answer."""

    def read(request=None, failing=(), error=AWAY):
        attempts = []

        def answer(request):
            alias = routing.reading_from()
            attempts.append(alias)
            if alias in failing:
                raise error
            return HttpResponse("fine")

        middleware = routing.reads_replicas(convert_exception_to_response(answer))
        response = middleware(request or rf.get("/themes/"))
        assert routing.reading_from() == DEFAULT_DB_ALIAS
        return attempts, response.status_code

    return read


def test_without_replicas_there_is_no_middleware(client, db):
    with pytest.raises(routing.MiddlewareNotUsed):
        routing.reads_replicas(None)
    assert routing.reading_from() == DEFAULT_DB_ALIAS


def test_public_pages_are_read_from_each_replica_at_times(read):
    assert {read()[0][0] for _ in range(50)} == {"replica1", "replica2"}


@pytest.mark.parametrize(
    "make",
    [
        lambda rf: rf.post("/check/"),
        lambda rf: rf.get("/admin/"),
        lambda rf: rf.get("/readyz"),
        lambda rf: rf.get("/themes/", headers={"cookie": "sessionid=abc"}),
    ],
    ids=["sent", "admin", "readiness", "logged in"],
)
def test_everything_else_reads_the_primary(read, rf, make):
    assert read(make(rf)) == ([DEFAULT_DB_ALIAS], 200)


def test_a_request_that_writes_reads_the_primary_from_then_on(cluster, rf, settings):
    router = ConnectionRouter(["joinedup.operations.routing.Router"])
    seen = []

    def view(request):
        seen.append(router.db_for_read(Theme))
        seen.append(router.db_for_write(Theme))
        seen.append(router.db_for_read(Theme))
        seen.append(routing.reading_from())
        return HttpResponse()

    routing.reads_replicas(view)(rf.get("/"))
    assert seen[0] in ("replica1", "replica2") and seen[1:] == [DEFAULT_DB_ALIAS] * 3
    assert router.db_for_read(Theme) == DEFAULT_DB_ALIAS
    assert router.allow_migrate(DEFAULT_DB_ALIAS, "findings") and not router.allow_migrate("replica1", "findings")


def test_a_page_that_is_built_within_another_reads_the_same_database(cluster, rf):
    inner = routing.reads_replicas(lambda request: HttpResponse(routing.reading_from()))

    def outer(request):
        own = routing.reading_from()
        assert {inner(rf.get("/")).content.decode() for _ in range(20)} == {own}
        return HttpResponse()

    routing.reads_replicas(outer)(rf.get("/"))
    with routing.staying():  # a command
        assert inner(rf.get("/")).content == b"default"


def test_a_page_that_a_replica_fails_is_answered_from_another_and_the_replica_is_left_alone(read, cluster):
    failing = ["replica1"]
    for _ in range(50):
        attempts, status = read(failing=failing)
        assert status == 200
        if len(attempts) == 2:
            break
    assert attempts == ["replica1", "replica2"]
    assert cluster.fault(cluster.replicas[0]) == "it does not answer."
    assert {read(failing=failing)[0][0] for _ in range(20)} == {"replica2"}
    cluster.replicas[0].out_until = time.monotonic()
    assert not cluster.fault(cluster.replicas[0])


def test_with_all_replicas_out_the_primary_answers_and_last_of_all_the_error_is_told(read):
    everything = ["replica1", "replica2", DEFAULT_DB_ALIAS]
    attempts, status = read(failing=everything)
    assert sorted(attempts[:2]) == everything[:2] and attempts[2:] == [DEFAULT_DB_ALIAS] and status == 503
    assert read() == ([DEFAULT_DB_ALIAS], 200)


@pytest.mark.parametrize(
    ("error", "attempts", "is_left_alone"),
    [
        (error_of(OperationalError, routing.CANCELED), 1, False),
        (error_of(IntegrityError), 1, False),
        (ValueError("no error of the database"), 1, False),
        (error_of(OperationalError, "40001"), 3, False),  # what the replica had to replay was in the way
        (error_of(ProgrammingError, routing.NO_COLUMN), 3, False),  # the replica has not had the migration yet
        (error_of(InterfaceError), 3, True),
    ],
)
def test_what_another_server_may_do_better_is_tried_there(read, cluster, error, attempts, is_left_alone):
    assert len(read(failing=["replica1", "replica2"], error=error)[0]) == attempts
    assert all(bool(cluster.fault(replica)) is is_left_alone for replica in cluster.replicas)


def test_a_replica_is_passed_over_when_it_lags_and_read_again_when_it_has_caught_up(cluster):
    replica, primary, now = cluster.replicas[0], cluster.primary, time.monotonic()
    primary.positions = [(now - MOST - 5, 100), (now - MOST + 1, 200), (now, 300)]
    assert cluster.fault(replica) == f"it is more than {MOST} seconds behind."
    replica.position = 200  # where the primary was less than so many seconds ago
    assert not cluster.fault(replica)
    primary.positions = [(now - MOST - 5, 100), (now, 300)]
    assert cluster.fault(replica)


def test_what_is_no_replica_of_this_primary_is_passed_over(cluster):
    one, other = cluster.replicas
    one.is_standby = False
    other.database = "two"
    assert "no replica" in cluster.fault(one)
    assert "another database" in cluster.fault(other)
    assert cluster.candidates() == [DEFAULT_DB_ALIAS]


def test_while_the_primary_is_away_every_replica_that_answers_is_read_however_old(cluster):
    replica = cluster.replicas[0]
    replica.position = 1
    assert cluster.fault(replica)
    cluster.lost(DEFAULT_DB_ALIAS)
    assert not cluster.fault(replica)
    assert not routing.primary_answers()
    replica.heard_at -= routing.PATIENCE
    assert cluster.fault(replica) == "it does not answer."


def test_a_primary_that_was_demoted_does_not_count_as_one(cluster):
    held = cluster.primary.positions
    cluster.primary.hear(time.monotonic(), True, "one", 1)
    assert not routing.primary_answers()
    assert cluster.primary.positions == held


def test_places_in_the_log_are_forgotten_in_time(cluster):
    cluster.primary.positions = []
    for second in range(100):
        cluster.primary.hear(second, False, "one", second)
    assert len(cluster.primary.positions) == MOST + 1


def test_readiness_names_the_replicas_that_are_passed_over(cluster, client, db):
    cluster.lost("replica2")
    told = client.get("/readyz")
    assert told.json()["passed_over"] == ["replica2: it does not answer."]
    assert told.status_code == 200


def test_a_search_is_answered_though_it_cannot_be_counted(db, cluster, monkeypatch, caplog):
    def refuse(*args):
        raise OperationalError("no room")

    with connection.execute_wrapper(refuse):
        missed.note(Found(parse("zebra")))
        missed.write()
    assert "not counted: no room" in caplog.text
    cluster.lost(DEFAULT_DB_ALIAS)
    missed.note(Found(parse("zebra")))
    missed.write()
    assert not MissedSearch.objects.exists()
    cluster.primary.out_until = 0
    missed.write()
    assert MissedSearch.objects.get().times == 1


def test_servers_are_asked_without_a_reader_waiting_for_one_that_hangs(monkeypatch):
    cluster = routing.Cluster(["replica1"], MOST)

    def ask(server):
        if server is not cluster.primary:
            cluster.over.wait(10)
        server.hear(time.monotonic(), False, "one", 100)
        server.asked.set()

    monkeypatch.setattr(routing.Server, "ask", ask)
    monkeypatch.setattr(routing, "FIRST_ANSWERS", 0.1)
    try:
        cluster.watch()
        assert cluster.primary.answers()
        assert cluster.candidates() == [DEFAULT_DB_ALIAS]
    finally:
        cluster.over.set()


of_a_server = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")


@of_a_server
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_made_anew_for_the_next_request(monkeypatch):
    def process():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    ended, other = process(), connection.copy()
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "health_check_enabled", True)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    finally:
        other.close()
    request_started.send(None)
    assert process() != ended


@of_a_server
@pytest.mark.django_db(transaction=True)
def test_a_connection_to_a_primary_that_has_become_read_only_is_not_kept(rf):
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        saving = convert_exception_to_response(lambda request: make_theme())
        assert saving(rf.post("/")).status_code == 503
        assert connection.connection is None
    finally:
        connection.close()
