"""What goes wrong: a page that says what to do, from a database that really fails; and nothing typed is lost."""

import re
import time
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, InterfaceError, connection, connections, transaction
from django.db.utils import OperationalError
from django.test import Client

from findings.models import Term
from joinedup.operations import health
from joinedup.operations.unavailable import Trouble, trouble
from joinedup.sessions import RENEWED_EVERY
from tests.factories import make_term
from tests.test_admin import address, form_data

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
HERE = re.escape(str(Path(__file__).resolve().parents[1]))
INSIDE = re.compile(rf"Traceback|Error:|OperationalError|sqlite|psycopg|{HERE}|\.py", re.IGNORECASE)


@pytest.fixture
def client():
    """As a server would: an exception becomes a page."""
    return Client(raise_request_exception=False)


@pytest.fixture
def librarian(client):
    client.force_login(get_user_model().objects.create_superuser("librarian"))
    return client


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def database_away():
    """Nothing can connect, until the test is over."""
    connection.close()
    told = dict(connection.settings_dict)
    name = "HOST" if connection.vendor == "postgresql" else "NAME"
    connection.settings_dict[name] = "/nowhere/at/all"
    yield
    connection.close()
    connection.settings_dict.update(told)


def fails_as(expected):
    """The next statement fails for want of what `expected` says."""
    if connection.vendor == "sqlite":
        execute({Trouble.FULL: "PRAGMA max_page_count = 1", Trouble.READ_ONLY: "PRAGMA query_only = 1"}[expected])
    else:
        execute("SET default_transaction_read_only = on")


def works_again():
    connection.close()
    connection.ensure_connection()


def test_readers_and_programs_are_told_when_to_come_back(client, database_away):
    page = client.get("/findings/")
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "30", "no-store")
    text = page.content.decode()
    assert "Back in a minute" in text and 'class="site-head"' in text and "Error 503" in text
    assert not INSIDE.search(text) and "<form method" not in text
    answer = client.get("/api/v1/findings")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Back in a minute" and answer.json()["status"] == 503
    harvester = client.get("/oai?verb=Identify")
    assert (harvester.status_code, harvester["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert client.get("/healthz").status_code == 200
    health.forget()
    told = client.get("/readyz")
    assert (told.status_code, told.json()["faults"]) == (503, ["The database does not answer."])


def test_a_connection_that_the_server_closed_is_made_again(client):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server")
    assert client.get("/findings/").status_code == 200
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()
    assert client.get("/findings/").status_code == 503
    connection.close_if_unusable_or_obsolete()  # as at the end of each request
    assert client.get("/findings/").status_code == 200


@pytest.mark.parametrize("expected", [Trouble.FULL, Trouble.READ_ONLY])
def test_what_a_librarian_typed_is_sent_again_when_there_is_room(librarian, expected):
    if expected == Trouble.FULL and connection.vendor != "sqlite":
        pytest.skip("a full disk is the server's on PostgreSQL")
    term = make_term("zebra", status="draft", published_on=None)
    change = address(Term, "change", term.pk)
    typed = 'A striped <horse> & "quoted", in\r\ntwo lines. ' + "Long. " * 5000
    sent = {**form_data(librarian.get(change)), "definition": typed, "_save": "Save"}
    try:
        fails_as(expected)
        page = librarian.post(change, sent)
    finally:
        works_again()
    assert page.status_code == 503
    text = page.content.decode()
    assert "What you sent is still here" in text and not INSIDE.search(text)
    assert Term.objects.get().definition == term.definition
    assert re.search(r'<form method="post" action="([^"]*)"', text)[1] == change
    again = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text))
    again = {unescape(name): unescape(value) for name, value in again.items()}
    assert again == {name: str(value) for name, value in sent.items()}
    assert librarian.post(change, again).status_code == 302
    assert Term.objects.get().definition == typed.strip()


def test_the_desk_can_still_be_read_while_nothing_can_be_saved(librarian, monkeypatch):
    assert librarian.get("/admin/").status_code == 200
    now = time.time()
    monkeypatch.setattr("joinedup.sessions.time.time", lambda: now + RENEWED_EVERY)
    try:
        fails_as(Trouble.READ_ONLY)
        page = librarian.get("/admin/")
        assert page.status_code == 200 and "sessionid" not in page.cookies
    finally:
        works_again()
    assert "sessionid" in librarian.get("/admin/").cookies


def test_a_password_is_never_in_a_page(client, database_away):
    page = client.post("/admin/login/", {"username": "me", "password": "secret words", "next": "/admin/"})
    assert page.status_code == 503
    assert "secret words" not in page.content.decode() and "Go back and send it again" in page.content.decode()


def failing(statement):
    try:
        with transaction.atomic():
            execute(statement)
    except (DatabaseError, InterfaceError) as error:
        return error


def test_mistakes_of_the_program_are_no_trouble_of_the_database():
    assert trouble(ValueError()) is None
    assert trouble(failing("SELECT nothing FROM nowhere")) is None
    assert trouble(failing("SELEKT")) is None
    assert trouble(failing("INSERT INTO django_session (session_key) VALUES (NULL)")) is None
    assert trouble(OSError(28, "No space left on device")) is Trouble.FULL


def test_waiting_too_long_is_told_as_being_busy():
    other = connections.create_connection("default")
    try:
        if connection.vendor == "sqlite":
            with other.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
            execute("PRAGMA busy_timeout = 50")
            error = failing("DELETE FROM django_session")
            with other.cursor() as cursor:
                cursor.execute("ROLLBACK")
        else:
            error = failing("SET LOCAL statement_timeout = 20; SELECT pg_sleep(1)")
    finally:
        other.close()
        connection.close()
    assert isinstance(error, OperationalError) and trouble(error) is Trouble.BUSY


def test_other_errors_have_plain_pages_too_without_the_database(client, monkeypatch, database_away):
    assert client.get("/", HTTP_HOST="evil.example").status_code == 400
    many = client.get("/search/?" + "&".join(f"q{n}=1" for n in range(10_001)))
    old = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "me"})
    missing = client.get("/no/such/page/")
    monkeypatch.setattr("findings.views.render", lambda *args, **kwargs: 1 / 0)
    broken = client.get("/about/")
    pages = {400: many, 403: old, 404: missing, 500: broken}
    for status, page in pages.items():
        text = page.content.decode()
        assert page.status_code == status
        assert 'class="site-head"' in text and "<h1>" in text and not INSIDE.search(text)
    monkeypatch.setattr("joinedup.errors.render_to_string", lambda *args, **kwargs: 1 / 0)
    text = client.get("/about/").content.decode()
    assert "Something went wrong at our end" in text and not INSIDE.search(text)
