"""The shipped nginx configuration in front of gunicorn as shipped: real programs, on this computer alone."""

import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from joinedup.settings import SQLITE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
HOST = "www.example.org"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
PATIENCE = 20  # seconds
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/unused-1;
    uwsgi_temp_path {folder}/unused-2;
    scgi_temp_path {folder}/unused-3;
    include {folder}/site.conf;
}}
"""
CONTENT = """
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from tests.factories import make_finding

call_command("migrate", verbosity=0)
make_finding(slug="first", heading="As it was")
browser = Client()
browser.force_login(
    get_user_model().objects.create(username="librarian", is_staff=True),
    backend="django.contrib.auth.backends.ModelBackend",
)
[cookie] = browser.cookies.values()
print(f"{cookie.key}={cookie.value}")
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX and "CI" not in os.environ, reason="nginx is not installed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("site")
    if connection.settings_dict["ENGINE"] == SQLITE:  # the tables are there already: making them takes seconds
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
            database.execute("VACUUM INTO ?", [str(folder / "db.sqlite3")])
    with ExitStack() as stack:
        yield Site(folder, stack)


class Site:
    """nginx and gunicorn with an SQLite database of their own, and how to ask them."""

    def __init__(self, folder, stack):
        self.folder = folder
        self.app_port, self.http_port, self.https_port = free_ports(3)
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "joinedup.settings",
            "PYTHONPATH": str(ROOT),
            "STATE_DIR": str(folder),
            "SECRET_KEY": "of-no-use-to-anybody-" * 3,
            "PRODUCTION": "true",
            "SITE_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "CONTACT_EMAIL": "contact@example.org",
            "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "1",
            "CDN_SECONDS": "1",
            "PORT": str(self.app_port),
        }
        collecting = self.python("manage.py", "collectstatic", "--no-input", "--verbosity=0", "--ignore=admin")
        making = self.python("-c", CONTENT, stdout=subprocess.PIPE, text=True)
        self.certify()
        self.session = making.communicate(timeout=60)[0].strip()
        assert making.returncode == 0 and collecting.wait(60) == 0
        self.stack = stack
        self.gunicorn = self.serve()
        self.configure()
        stack.enter_context(running(subprocess.Popen([NGINX, "-c", folder / "nginx.conf"])))
        wait_for(self.https_port)

    def python(self, *arguments, **options):
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment, **options)

    def serve(self):
        seen = "%({x-forwarded-for}i)s %({x-forwarded-proto}i)s %({x-request-id}i)s %({x-forwarded-host}i)s %(U)s"
        told = ["--access-logfile", self.folder / "seen", "--access-logformat", seen]
        process = self.stack.enter_context(running(self.python("-m", "gunicorn", *told)))
        wait_for(self.app_port)
        return process

    def certify(self):
        names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
        made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        files = ["-keyout", self.folder / "key.pem", "-out", self.folder / "certificate.pem"]
        subprocess.run(["openssl", "req", "-x509", *made, *names, *files], check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=self.folder / "certificate.pem")

    def configure(self):
        values = {
            "SERVER_NAME": HOST,
            "UPSTREAM": f"127.0.0.1:{self.app_port}",
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "TLS_CERTIFICATE": str(self.folder / "certificate.pem"),
            "TLS_KEY": str(self.folder / "key.pem"),
            "CACHE_DIR": str(self.folder / "cache"),
        }
        filled = re.sub(r"\$\{([A-Z_]+)\}", lambda name: values[name[1]], TEMPLATE.read_text())
        (self.folder / "site.conf").write_text(filled.replace("/var/log/nginx", str(self.folder)))
        user = "" if os.geteuid() else "user root;"
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        subprocess.run([NGINX, "-t", "-c", self.folder / "nginx.conf"], check=True, capture_output=True)

    def ask(self, path, method="GET", body=None, secure=True, **headers):
        """The answer, with all of its body read as `text`. Names of headers with _ for -."""
        connection = socket.create_connection(("127.0.0.1", self.https_port if secure else self.http_port), PATIENCE)
        if secure:
            connection = self.tls.wrap_socket(connection, server_hostname=HOST)
        client = http.client.HTTPConnection(HOST)
        client.sock = connection
        client.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = client.getresponse()
        answer.content = answer.read()
        client.close()
        return answer

    def edit(self, heading):
        with sqlite3.connect(self.folder / "db.sqlite3") as database:
            database.execute("UPDATE findings_finding SET heading = ? WHERE slug = 'first'", [heading])
        database.close()


@contextmanager
def running(process):
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_ports(count):
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in taken]


def wait_for(port):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, f"nothing answers at port {port}"
            time.sleep(0.05)


def wait_until(is_so):
    """For a while; whether it came about is for the caller to assert."""
    end = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)


def test_pages_answer_over_https_and_http_leads_there(site):
    page = site.ask("/findings/first/")
    assert page.status == 200
    assert b"As it was" in page.content
    assert page.headers["Server"] == "nginx"
    assert "Set-Cookie" not in page.headers
    assert site.ask("/.well-known/security.txt").status == 200
    led = site.ask("/search/?q=trust", secure=False)
    assert (led.status, led.headers["Location"]) == (301, f"https://{HOST}/search/?q=trust")


def test_http_2_and_tls_1_3_are_spoken(site):
    modern = ssl.create_default_context(cafile=site.folder / "certificate.pem")
    modern.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", site.https_port)) as connection,
        modern.wrap_socket(connection, server_hostname=HOST) as spoken,
    ):
        assert spoken.selected_alpn_protocol() == "h2"
        assert spoken.version() == "TLSv1.3"


def test_another_host_name_is_not_answered(site):
    with pytest.raises(http.client.RemoteDisconnected):
        site.ask("/", secure=False, Host="elsewhere.example.org")
    with (
        socket.create_connection(("127.0.0.1", site.https_port)) as connection,
        pytest.raises(ssl.SSLError),
    ):
        site.tls.wrap_socket(connection, server_hostname="elsewhere.example.org")


def test_the_site_learns_the_address_scheme_and_number_of_a_request_and_no_forged_ones(site):
    forged = {
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example.org",
        "X_Request_ID": "forged",
    }
    answer = site.ask("/healthz", **forged)
    number = answer.headers["X-Request-ID"]
    assert len(number) == 32
    seen = site.folder.joinpath("seen")
    wait_until(lambda: number in seen.read_text())  # gunicorn notes it when all is sent
    assert f"127.0.0.1 https {number} - /healthz" in seen.read_text().splitlines()


def test_a_form_is_taken_over_https_from_the_site_alone(site):
    token = "t" * 32
    form = {
        "Content_Type": "application/x-www-form-urlencoded",
        "Cookie": f"__Host-csrftoken={token}",
        "Origin": f"https://{HOST}",
    }
    sent = f"csrfmiddlewaretoken={token}"
    assert site.ask("/admin/logout/", "POST", sent, **form).status == 302
    assert site.ask("/admin/logout/", "POST", sent, **{**form, "Origin": "https://evil.example.org"}).status == 403


def test_what_everybody_may_keep_is_kept_and_whoever_is_logged_in_sees_the_present(site):
    address = "/api/v1/findings?limit=7"
    assert [site.ask(address).headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
    kept = site.ask(address)
    unchanged = site.ask(address, If_None_Match=kept.headers["ETag"])
    assert (unchanged.status, unchanged.content) == (304, b"")
    assert kept.headers["X-Request-ID"] != unchanged.headers["X-Request-ID"]

    site.edit("As the librarian sees it")
    theirs = site.ask(address, Cookie=site.session)
    assert theirs.headers["X-Cache"] == "BYPASS"
    assert b"As the librarian sees it" in theirs.content
    assert site.ask("/healthz").headers["X-Cache"] == "BYPASS"


def test_an_edit_is_public_within_the_time_that_the_page_allows_itself(site):
    site.edit("As it was")
    page = site.ask("/findings/first/")
    allowed = re.search(r"s-maxage=(\d+)", page.headers["Cache-Control"] or "")
    assert int(allowed[1] if allowed else 0) <= 1
    site.edit("As everybody sees it")
    end = time.monotonic() + 5
    while b"As everybody sees it" not in site.ask("/findings/first/").content:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_static_files_come_compressed_for_ever_and_from_nginx(site):
    page = site.ask("/findings/first/").content.decode()
    address = re.search(r'href="(/static/css/site\.\w+\.css)"', page)[1]
    answers = [site.ask(address, Accept_Encoding="gzip, br") for _ in range(2)]
    for answer in answers:
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
    assert answers[1].headers["X-Cache"] == "HIT"
    assert "Content-Encoding" not in site.ask(address).headers


def test_a_file_that_is_too_big_is_refused_before_it_is_sent_and_in_plain_words(site):
    answer = site.ask("/check/", "POST", Content_Length=str(22 * 1024 * 1024))
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"At most 20 MB" in answer.content


def test_whoever_tries_passwords_is_asked_to_wait(site):
    answers = [site.ask("/admin/login/", "POST") for _ in range(20)]
    assert {answer.status for answer in answers} == {403, 429}
    assert answers[-1].headers["Retry-After"] == "60"
    assert b"wait a minute" in answers[-1].content
    assert site.ask("/findings/first/").status == 200


def test_figures_are_for_the_machine_that_watches(site):
    assert site.ask("/metrics").status == 404
    assert " /metrics" not in site.folder.joinpath("seen").read_text()


def test_the_log_has_no_words_that_were_searched_for(site):
    site.ask("/search/?q=unmistakable")
    log = site.folder.joinpath("access.log")
    # nginx writes it when all is sent.
    wait_until(lambda: json.loads(log.read_text().splitlines()[-1])["path"] == "/search/")
    assert json.loads(log.read_text().splitlines()[-1])["path"] == "/search/"
    assert "unmistakable" not in log.read_text()


def test_while_the_site_is_away_pages_that_were_kept_are_shown_and_others_say_when_to_come_back(site):
    site.ask("/api/v1/findings")
    site.gunicorn.terminate()
    site.gunicorn.wait(PATIENCE)
    time.sleep(1.1)
    assert site.ask("/api/v1/findings").status == 200
    away = site.ask("/findings/first/?never=asked")
    assert (away.status, away.headers["Retry-After"]) == (503, "30")
    assert b"away for a moment" in away.content
    site.serve()
    assert site.ask("/findings/first/?never=asked").status == 200
