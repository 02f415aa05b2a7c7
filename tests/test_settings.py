"""Settings from the environment: docs/settings.md is true, and what is wrong is refused in one sentence."""

import ast
import logging
import os
import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpResponse

from joinedup import environment
from joinedup.operations.error_mail import MAX_AN_HOUR, ErrorMail
from joinedup.proxies import client_address

ROOT = Path(__file__).resolve().parent.parent
SITE = {
    "PRODUCTION": "true",
    "SECRET_KEY": "not for a real site, but long enough for the check",
    "ALLOWED_HOSTS": "evidence.example.org",
    "SITE_URL": "https://evidence.example.org",
    "TRUSTED_PROXIES": "1",
}


def settings_read():
    """Each name that is read -> the default that stands in the code; None if it is made up from other things."""
    defaults = {}
    for name in ["joinedup/settings.py", "gunicorn.conf.py"]:
        for call in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("env."):
                name, *rest = call.args
                try:
                    default = eval(ast.unparse(rest[0]), {"__builtins__": {}}) if rest else None
                except (NameError, AttributeError):
                    default = None
                defaults[name.value] = defaults.get(name.value) or default
    return defaults


def settings_listed():
    """Each name in docs/settings.md -> what is said of its default."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


class TestTable:
    def test_it_has_every_setting_that_is_read_and_no_other(self):
        assert sorted(settings_read()) == sorted(settings_listed())

    def test_it_has_their_defaults(self):
        listed = settings_listed()
        defaults = {name: default for name, default in settings_read().items() if default is not None}
        assert len(defaults) > 10
        for name, default in defaults.items():
            written = ",".join(map(str, default)) if isinstance(default, list) else str(default)
            said = written.lower() if isinstance(default, bool) else written
            assert listed[name].startswith(f"`{said}`"), name

    def test_nothing_else_is_read_from_the_environment(self):
        files = [
            ROOT / "gunicorn.conf.py",
            *(file for top in ["joinedup", "findings", "sources"] for file in (ROOT / top).rglob("*.py")),
        ]
        reading = [
            str(file.relative_to(ROOT))
            for file in files
            if re.search(r"""environ(\.get\(|\[)["'](?!DJANGO_)|getenv""", file.read_text())
        ]
        assert reading == []


class TestEnvironment:
    @pytest.fixture
    def env(self, monkeypatch):
        def given(value):
            monkeypatch.setenv("NAME", value)
            return environment

        return given

    def test_nothing_and_empty_are_the_default(self, env):
        for value in ["", "  "]:
            assert env(value).text("NAME", "kept") == "kept"
            assert env(value).flag("NAME", True) is True
            assert env(value).whole("NAME", 7) == 7
            assert env(value).several("NAME", ["a"]) == ["a"]
            assert env(value).address("NAME") == ""

    def test_values_are_read(self, env):
        assert env(" Yes").flag("NAME", False) is True
        assert env("off").flag("NAME", True) is False
        assert env("12").whole("NAME", 7) == 12
        assert env("a, b,,").several("NAME") == ["a", "b"]
        assert env("json").choice("NAME", "plain", ["PLAIN", "JSON"]) == "JSON"
        assert env("https://example.org/x/").address("NAME") == "https://example.org/x"
        assert env("https://example.org/x/?y=z").address("NAME", query=True) == "https://example.org/x/?y=z"
        assert env(".example.org, 10.0.0.1,[::1],*").hosts("NAME", []) == [".example.org", "10.0.0.1", "[::1]", "*"]
        assert env("80, 8443").ports("NAME", []) == [80, 8443]
        assert env("it@example.org, me@example.org").mailboxes("NAME") == ["it@example.org", "me@example.org"]

    @pytest.mark.parametrize("value", ["flase", "2", "truee"])
    def test_a_slip_of_a_flag_is_refused(self, env, value):
        with pytest.raises(ImproperlyConfigured, match="NAME must be true or false"):
            env(value).flag("NAME", True)

    @pytest.mark.parametrize("value", ["-1", "1.5", "x", "0", "9" * 20])
    def test_what_is_not_a_whole_number_of_that_size_is_refused(self, env, value):
        with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number, 1 or more"):
            env(value).whole("NAME", 7, least=1)
        with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number, from 1 to 9"):
            env(value).whole("NAME", 7, least=1, most=9)

    def test_what_is_no_choice_is_refused(self, env):
        with pytest.raises(ImproperlyConfigured, match="NAME must be one of plain, json, not 'xml'"):
            env("xml").choice("NAME", "plain", ["plain", "json"])

    @pytest.mark.parametrize(
        ("read", "value"),
        [
            ("hosts", "https://example.org"),
            ("hosts", "example.org:443"),
            ("hosts", "a.example.org b.example.org"),
            ("ports", "80,http"),
            ("mailboxes", "it@example.org;me@example.org"),
            ("mailboxes", "It <it@example.org>"),
        ],
    )
    def test_one_wrong_in_a_list_is_refused(self, env, read, value):
        with pytest.raises(ImproperlyConfigured, match=r"NAME must be .* with commas, such as"):
            getattr(env(value), read)("NAME", *([] if read == "mailboxes" else [[]]))

    @pytest.mark.parametrize("value", ["example.org", "ftp://example.org", "https://", "https://a b", "https://a?b=c"])
    def test_what_is_not_an_address_is_refused(self, env, value):
        with pytest.raises(ImproperlyConfigured, match="NAME must be an address"):
            env(value).address("NAME")

    def test_addresses_of_servers_may_have_commas(self, env):
        both = env("postgres://u@a,b/x?target=any, postgres://u@c/y")
        assert both.servers("NAME", str, "postgres://") == ["postgres://u@a,b/x?target=any", "postgres://u@c/y"]
        assert both.server("NAME", len, "postgres://") == len(os.environ["NAME"])
        with pytest.raises(ImproperlyConfigured, match="begins with redis://"):
            both.servers("NAME", str, "redis://")

    def test_a_secret_may_be_in_a_file(self, monkeypatch, tmp_path):
        (tmp_path / "secret").write_text("from the file\n")
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))
        assert environment.text("NAME") == "from the file"
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "none"))
        with pytest.raises(ImproperlyConfigured, match="NAME_FILE must name a file"):
            environment.text("NAME")


def start(*command, **environment):
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DJANGO_SETTINGS_MODULE": "joinedup.settings",
    }
    return subprocess.run(
        [sys.executable, *command], env=clean | environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-m", "gunicorn", "--check-config"]])
def test_production_says_in_one_sentence_all_that_it_lacks(command, tmp_path):
    ran = start(
        *command, PRODUCTION="true", DEBUG="yes", SITE_URL="http://example.org", STATE_DIR=str(tmp_path / "state")
    )
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    for name in ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "TRUSTED_PROXIES", "DEBUG"]:
        assert name in ran.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "50 characters"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("DATABASE_URL", "mysql://u:hidden@h/n", "begins with postgres://"),
        ("DATABASE_URL", "hidden", "begins with postgres://"),
        ("DATABASE_URL", "postgres://u:hidden@h", "must name the database"),
        ("DATABASE_URL", "sqlite:///hidden", "with its whole path"),
        ("ERROR_MAIL_TO", "it@example.org", "needs EMAIL_URL"),
        ("EMAIL_URL", "post://u:hidden@h", "begins with smtp"),
        ("TRUSTED_PROXIES", "one", "whole number"),
    ],
)
def test_what_is_wrong_is_refused_and_no_secret_told(name, value, sentence):
    ran = start("manage.py", "check", **SITE | {name: value})
    assert ran.returncode != 0
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hidden" not in ran.stderr


def test_a_production_site_passes_the_deployment_check_and_writes_nothing(tmp_path):
    state = tmp_path / "state"
    ran = start(
        *["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        **SITE | {"DATABASE_URL": "postgres://user@db.invalid/name", "STATE_DIR": str(state)},
    )
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout
    assert not state.exists()


def test_static_files_that_are_not_there_are_told_before_anybody_asks_for_a_page(tmp_path):
    ran = start("-m", "gunicorn", "--check-config", **SITE | {"STATE_DIR": str(tmp_path)})
    assert ran.returncode != 0
    assert "collectstatic" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_state_dir_that_cannot_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").touch()
    ran = start("manage.py", "check", STATE_DIR=str(tmp_path / "file"))
    assert ran.returncode != 0
    assert ran.stderr.startswith("Joined-up is not set up right: STATE_DIR must be a folder")
    assert len(ran.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Asks the site as gunicorn serves it with PRODUCTION, on a socket where gunicorn takes who asks for a proxy."""
    folder = tmp_path_factory.mktemp("site")
    path = str(folder / "socket")
    environment = SITE | {
        "STATE_DIR": str(folder),
        "STATICFILES_HASHED": "false",
        "BIND": f"unix:{path}",
        "WEB_CONCURRENCY": "1",
    }
    server = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=os.environ | environment)

    def ask(address, host="evidence.example.org", **headers):
        connection = HTTPConnection(host)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(20)
        connection.sock.connect(path)
        connection.putrequest("GET", address)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse()

    try:
        until = time.monotonic() + 30
        while not os.path.exists(path) and server.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        yield ask
    finally:
        server.terminate()
        assert server.wait(30) == 0


class TestProductionSite:
    @pytest.fixture
    def ask_by_https(self, ask):
        return lambda address, **headers: ask(address, **{"X-Forwarded-Proto": "https"} | headers)

    def test_http_leads_to_https_but_for_who_asks_whether_it_lives(self, ask):
        answer = ask("/about/")
        assert (answer.status, answer.headers["Location"]) == (301, "https://evidence.example.org/about/")
        assert ask("/healthz").status == 200

    def test_browsers_are_told_to_keep_to_https_with_cookies_for_it_alone(self, ask_by_https):
        answer = ask_by_https("/admin/login/")
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-csrftoken=")
        assert "; Secure" in cookie

    def test_another_host_is_refused(self, ask_by_https):
        assert ask_by_https("/about/", host="elsewhere.example").status == 400

    def test_no_header_says_which_page_is_asked_for(self, ask_by_https):
        told = ask_by_https("/healthz", PATH_INFO="/about/", SCRIPT_NAME="/x")
        assert (told.status, told.headers["Content-Type"]) == (200, "application/json")


class TestProxies:
    def address(self, rf, settings, proxies, told):
        settings.TRUSTED_PROXIES = proxies
        request = rf.get("/", REMOTE_ADDR="10.0.0.1", **({"HTTP_X_FORWARDED_FOR": told} if told else {}))
        client_address(lambda request: HttpResponse())(request)
        return request.META["REMOTE_ADDR"]

    def test_the_place_from_the_right_is_the_clients(self, rf, settings):
        assert self.address(rf, settings, 1, "6.6.6.6, 192.0.2.7") == "192.0.2.7"
        assert self.address(rf, settings, 2, "6.6.6.6, 192.0.2.7, 10.0.0.2") == "192.0.2.7"
        assert self.address(rf, settings, 1, "2001:db8::1") == "2001:db8::1"

    @pytest.mark.parametrize("told", ["192.0.2.7:50123", "[2001:db8::1]:50123", "[2001:db8::1]"])
    def test_a_port_behind_it_is_left_out(self, rf, settings, told):
        assert self.address(rf, settings, 1, told) == ("2001:db8::1" if "[" in told else "192.0.2.7")

    @pytest.mark.parametrize("told", ["", "nonsense", "6.6.6.6, <script>"])
    def test_what_is_no_address_changes_nothing(self, rf, settings, told):
        assert self.address(rf, settings, 1, told) == "10.0.0.1"

    def test_fewer_places_than_proxies_are_not_believed(self, rf, settings):
        assert self.address(rf, settings, 2, "6.6.6.6") == "10.0.0.1"

    def test_without_proxies_nothing_is_believed(self, settings):
        settings.TRUSTED_PROXIES = 0
        with pytest.raises(MiddlewareNotUsed):
            client_address(lambda request: HttpResponse())


def test_errors_are_mailed_without_the_request_and_not_without_end(settings, rf):
    settings.ADMINS = [("", "it@example.org")]
    handler = ErrorMail()
    handler.setFormatter(logging.Formatter("%(message)s"))
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Server error at %s", ("/x",), None)
    record.request = rf.post("/x", {"password": "hidden"})
    for _n in range(MAX_AN_HOUR + 5):
        handler.emit(record)
    assert len(mail.outbox) == MAX_AN_HOUR
    assert "Server error at /x" in mail.outbox[0].body
    assert "hidden" not in mail.outbox[0].body
