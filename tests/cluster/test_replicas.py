"""A real replica of the tests' own server: what is read from it, and when it is passed over."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from joinedup.operations import routing
from joinedup.search.models import MissedSearch
from tests import postgres
from tests.cluster.servers import PostgreSQL
from tests.factories import make_theme

pytestmark = [
    pytest.mark.databases,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL has replicas"),
]
REPLICA = "replica1"
BOUND = 2


def database_url():
    told = connection.settings_dict
    return f"postgres://{told['USER']}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        url = database_url()
    user = postgres.server_user()
    folder = Path(tempfile.mkdtemp(prefix="joined-up-replica-", dir="/tmp" if user else None))
    os.chmod(folder, 0o755)
    server = None
    try:
        try:
            server = PostgreSQL(folder / "replica", user, copied=url)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this server lets nobody copy it: {postgres.reason(error)}")
        server.start()
        yield server
    finally:
        if server:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(server, monkeypatch, settings):
    """The site set up with the replica, whose servers are asked when the test says so."""
    # Django lets tests use connections that it does not find in its settings.
    connections[REPLICA] = connection.copy(alias=REPLICA)
    connections[REPLICA].settings_dict["PORT"] = server.port
    cluster = routing.Cluster([REPLICA], BOUND)
    cluster.is_watched = True
    monkeypatch.setattr(routing, "cluster", cluster)
    settings.DATABASE_ROUTERS = ["joinedup.operations.routing.Router"]
    ask(cluster)
    yield cluster
    connections[REPLICA].close()
    del connections[REPLICA]


def ask(cluster):
    connections[REPLICA].close_if_unusable_or_obsolete()  # as at the end of a request
    for asked in cluster.servers:
        asked.ask()


def caught_up(cluster, server):
    """Wait until the replica has all that the primary has now, and let the site know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (wanted,) = cursor.fetchone()
    until = time.monotonic() + 10
    while not server.ask(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'"):
        assert time.monotonic() < until
        time.sleep(0.02)
    ask(cluster)


def queries(address, client=None):
    """The answer, and how many statements each database was sent for it."""
    with (
        CaptureQueriesContext(connections[DEFAULT_DB_ALIAS]) as primary,
        CaptureQueriesContext(connections[REPLICA]) as replica,
    ):
        response = (client or Client(raise_request_exception=False)).get(address)
    return response, len(primary), len(replica)


def test_a_reader_is_answered_from_the_replica_alone_and_a_librarian_from_the_primary(cluster, server, admin_client):
    theme = make_theme(name="Co-location")
    caught_up(cluster, server)
    for address in ["/", theme.get_absolute_url(), "/search/?kind=theme", "/api/v1/suggest?q=co", "/oai?verb=Identify"]:
        response, primary, replica = queries(address)
        assert response.status_code == 200
        assert primary == 0 and replica > 0, address
    response, primary, replica = queries(theme.get_absolute_url(), admin_client)
    assert primary > 0 and replica == 0


def test_a_search_that_finds_nothing_is_counted_on_the_primary(cluster, server):
    caught_up(cluster, server)
    response, primary, replica = queries("/search/?q=zebra")
    assert response.status_code == 200 and primary > 0 and replica > 0
    assert MissedSearch.objects.count() == 1


def test_a_replica_that_stands_still_is_read_up_to_the_bound_and_again_when_it_has_caught_up(cluster, server):
    caught_up(cluster, server)
    server.ask("SELECT pg_wal_replay_pause()")
    try:
        ask(cluster)
        theme = make_theme()
        ask(cluster)
        assert queries(theme.get_absolute_url())[0].status_code == 404  # what it was just before
        until = time.monotonic() + BOUND + 1
        while not cluster.fault(cluster.replicas[0]) and time.monotonic() < until:
            time.sleep(0.3)
            ask(cluster)
        assert routing.passed_over() == [f"{REPLICA}: it is more than {BOUND} seconds behind."]
        response, primary, replica = queries(theme.get_absolute_url())
        assert response.status_code == 200 and primary > 0 and replica == 0
    finally:
        server.ask("SELECT pg_wal_replay_resume()")
    caught_up(cluster, server)
    assert routing.passed_over() == []


def test_a_replica_that_is_cut_off_from_its_primary_is_found_out_though_it_has_replayed_all_it_got(cluster, server):
    caught_up(cluster, server)
    followed = server.ask("SELECT current_setting('primary_conninfo')")
    server.follow("")
    try:
        until = time.monotonic() + BOUND + 5
        while not routing.passed_over() and time.monotonic() < until:
            make_theme()
            time.sleep(0.3)
            ask(cluster)
        assert server.ask("SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()")
        assert routing.passed_over() == [f"{REPLICA}: it is more than {BOUND} seconds behind."]
    finally:
        server.follow(followed.replace("'", "''"))
    caught_up(cluster, server)


def test_an_idle_primary_makes_no_replica_look_old(cluster, server):
    caught_up(cluster, server)
    cluster.primary.positions = []
    time.sleep(1)
    ask(cluster)
    assert routing.passed_over() == []


def test_a_reader_does_not_notice_that_the_replica_dies_nor_that_it_comes_back(cluster, server):
    theme = make_theme()
    caught_up(cluster, server)
    assert queries(theme.get_absolute_url())[2] > 0
    server.kill()
    try:
        response, primary, replica = queries(theme.get_absolute_url())
        assert response.status_code == 200 and primary > 0
        assert routing.passed_over() == [f"{REPLICA}: it does not answer."]
    finally:
        server.start()
    cluster.replicas[0].out_until = 0
    ask(cluster)
    response, primary, replica = queries(theme.get_absolute_url())
    assert response.status_code == 200 and primary == 0 and replica > 0


def test_public_reading_goes_on_while_the_primary_is_away(cluster, server, monkeypatch):
    theme = make_theme()
    caught_up(cluster, server)
    monkeypatch.setitem(connection.settings_dict, "PORT", postgres.free_port())
    connection.close()
    ask(cluster)
    try:
        assert not routing.primary_answers()
        assert Client().get(theme.get_absolute_url()).status_code == 200
        assert "Nothing" in Client().get("/search/?q=zebra").content.decode()
    finally:
        monkeypatch.undo()
        connection.close()
    assert not MissedSearch.objects.exists()


def test_an_address_with_several_hosts_leads_to_the_server_that_writes(server):
    """The order of hosts is that of a site whose primary was once the first."""
    told = connection.settings_dict
    ports = f"{postgres.free_port()},{server.port},{told['PORT']}"
    url = f"postgres://{told['USER']}:{quote(told['PASSWORD'])}@127.0.0.1,127.0.0.1,127.0.0.1/{told['NAME']}"
    options = settings.DATABASES[DEFAULT_DB_ALIAS]["OPTIONS"] | {"target_session_attrs": "read-write"}
    with psycopg2.connect(url, port=ports, **options) as found:
        assert found.info.port == int(told["PORT"])
    found.close()


def test_a_replica_that_was_promoted_is_read_no_longer_while_its_primary_lives(cluster, server):
    server.promote()
    ask(cluster)
    assert routing.passed_over() == [f"{REPLICA}: it is no replica, or is one no longer."]
