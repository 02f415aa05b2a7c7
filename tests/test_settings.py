"""Settings from the environment: docs/settings.md is true, and what is wrong is refused in one sentence."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpResponse

from joinedup import environment
from joinedup.errormail import MOST_AN_HOUR, ErrorMail
from joinedup.proxies import client_address

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'\benv\.(?:text|flag|whole|several|address|servers?)\(\s*"(\w+)"')
SITE = {
    "PRODUCTION": "true",
    "SECRET_KEY": "not for a real site, but long enough for the check",
    "ALLOWED_HOSTS": "evidence.example.org",
    "SITE_URL": "https://evidence.example.org",
}


def test_the_table_has_every_setting_that_is_read_and_no_other():
    code = "".join((ROOT / name).read_text() for name in ["joinedup/settings.py", "gunicorn.conf.py"])
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    assert sorted(set(READ.findall(code))) == sorted(listed)


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
        assert env("https://example.org/x/").address("NAME") == "https://example.org/x"

    @pytest.mark.parametrize("value", ["flase", "2", "truee"])
    def test_a_slip_of_a_flag_is_refused(self, env, value):
        with pytest.raises(ImproperlyConfigured, match="NAME must be true or false"):
            env(value).flag("NAME", True)

    @pytest.mark.parametrize("value", ["-1", "1.5", "x", "0", "9" * 20])
    def test_what_is_not_a_whole_number_of_that_size_is_refused(self, env, value):
        with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number, 1 or more"):
            env(value).whole("NAME", 7, least=1)

    @pytest.mark.parametrize("value", ["example.org", "ftp://example.org", "https://", "https://a b"])
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
    for name in ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DEBUG"]:
        assert name in ran.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "50 characters"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("DATABASE_URL", "mysql://u:hidden@h/n", "begins with postgres://"),
        ("DATABASE_URL", "hidden", "begins with postgres://"),
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
    for _n in range(MOST_AN_HOUR + 5):
        handler.emit(record)
    assert len(mail.outbox) == MOST_AN_HOUR
    assert "Server error at /x" in mail.outbox[0].body
    assert "hidden" not in mail.outbox[0].body
