"""What every answer tells a browser: strict on pages, open on what is there for other sites, and never forgotten."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from joinedup.urls import urlpatterns as ours
from tests.factories import cite, make_finding, make_source, withdrawn
from tests.observatory import score


def broken(request):
    raise RuntimeError("on purpose")


def bad(request):
    raise BadRequest


urlpatterns = [
    path("broken", broken),
    path("bad", bad),
    path("late", lambda request: HttpResponse(status=503, headers={"Retry-After": "9"})),
    *ours,
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


SITE = "www.example.org"
PRODUCTION = {
    "PRODUCTION": "true",
    "SECRET_KEY": "not for a real site, but long enough for the check",
    "ALLOWED_HOSTS": SITE,
    "SITE_URL": f"https://{SITE}",
    "TRUSTED_PROXIES": "1",
}
TELL = """
import json
from joinedup import settings
kinds = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "ALLOWED_HOSTS")
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.startswith(kinds)}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """What a real site's settings say of cookies and of the way there."""
    environment = {**os.environ, "STATE_DIR": str(tmp_path_factory.mktemp("state")), **PRODUCTION}
    told = subprocess.run([sys.executable, "-c", TELL], env=environment, capture_output=True, check=True)
    return json.loads(told.stdout)


@pytest.fixture
def on_the_web(settings, production):
    for name, value in production.items():
        setattr(settings, name, value)


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


class TestScore:
    def of(self, client, address):
        response = client.get(address, secure=True, HTTP_HOST=SITE)
        return score(response, client.get(address, HTTP_HOST=SITE), SITE)

    def test_public_pages_have_full_marks_and_no_cookie(self, client, on_the_web):
        finding = make_finding()
        cite(finding, make_source())
        pages = ["/", finding.get_absolute_url(), "/search/?q=trust", "/reading-list/", "/check/", "/nowhere/"]
        for address in [*pages, "/api/v1/docs", "/practice/team-check/"]:
            points, total = self.of(client, address)
            assert total == 130, (address, points)
            assert client.cookies == {}, address

    def test_the_desk_and_its_log_in_have_full_marks(self, client, on_the_web, admin_user):
        desk = Client()
        desk.force_login(admin_user)
        for browser, address in [(client, "/admin/login/"), (desk, "/admin/findings/finding/add/")]:
            points, total = self.of(browser, address)
            assert total == 135, (address, points)


POLICY = {"script-src": "'self'", "style-src": "'self'", "base-uri": "'none'", "form-action": "'self'"}


def policy_of(response):
    parts = (part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    return dict(parts)


class TestEveryAnswer:
    def test_errors_redirects_and_static_files_have_them(self, client, settings):
        finding = make_finding()
        gone = make_finding(**withdrawn())
        answers = {
            "/": 200,
            f"/{finding.code}": 302,
            gone.get_absolute_url(): 410,
            "/nowhere/": 404,
            "/bad": 400,
            "/broken": 500,
            "/late": 503,
            "/static/css/site.css": 200,
            "/admin/": 302,
            "/healthz": 200,
        }
        for address, status in answers.items():
            response = client.get(address)
            assert response.status_code == status, address
            assert response["X-Content-Type-Options"] == "nosniff", address
            assert response["X-Frame-Options"] == "DENY", address
            assert response["Cross-Origin-Opener-Policy"] == "same-origin", address
            assert response["Referrer-Policy"] == "same-origin", address
            assert "camera=()" in response["Permissions-Policy"], address
            policy = policy_of(response)
            assert policy["default-src"] == policy["frame-ancestors"] == "'none'", address
            assert POLICY.items() <= policy.items(), address
            assert "unsafe" not in response["Content-Security-Policy"]
        assert client.get("/", headers={"host": "evil.example"}).status_code == 400
        assert "Content-Security-Policy" in client.get("/", headers={"host": "evil.example"})

    def test_a_form_of_another_site_is_refused_on_a_page_that_says_what_to_do(self):
        elsewhere = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})
        response = elsewhere.post("/admin/login/", {"username": "x"})
        assert response.status_code == 403
        page = response.content.decode()
        assert "Please send it again" in page and "<style" not in page

    def test_scripts_may_not_write_html_but_for_those_of_the_desk(self, client):
        assert "require-trusted-types-for" in client.get("/")["Content-Security-Policy"]
        assert "require-trusted-types-for" not in client.get("/admin/login/")["Content-Security-Policy"]


class TestOtherSites:
    def test_they_may_use_files_pictures_feeds_and_the_api(self, client):
        code = make_finding().code
        for address in [
            f"/{code}.ris",
            f"/{code}/qr.png",
            f"/{code}/qr.svg",
            f"/reading-list.csv?items={code}",
            "/feeds/findings.atom",
            "/oai?verb=Identify",
            "/oembed?url=x",
            f"/api/v1/findings/{code}",
            "/static/img/favicon.svg",
        ]:
            response = client.get(address)
            assert response["Access-Control-Allow-Origin"] == "*", address
            assert response["Cross-Origin-Resource-Policy"] == "cross-origin", address
            assert "Access-Control-Allow-Credentials" not in response

    def test_they_may_not_use_pages_nor_anything_of_the_desk(self, client, admin_client):
        make_finding()
        template = "/admin/findings/review/template.xlsx"
        for browser, address in [(client, "/"), (client, "/findings/"), (admin_client, template)]:
            response = browser.get(address)
            assert response.status_code == 200
            assert "Access-Control-Allow-Origin" not in response, address
            assert response["Cross-Origin-Resource-Policy"] == "same-origin", address

    def test_what_a_browser_holds_keeps_what_it_was_sent_with(self, page_cache, client):
        # The headers of a 304 take the place of those that were kept.
        address = f"/{make_finding().code}/qr.svg"
        held = client.get(address)
        response = client.get(address, headers={"if-none-match": held["ETag"]})
        assert response.status_code == 304
        for name in ["Cross-Origin-Resource-Policy", "Content-Security-Policy", "X-Frame-Options"]:
            assert response.get(name, held.get(name)) == held.get(name)

    def test_the_card_alone_may_be_framed_and_is_as_strict_otherwise(self, client):
        card = client.get(f"{make_finding().get_absolute_url()}embed/")
        assert policy_of(card).pop("frame-ancestors") == "*"
        assert {**policy_of(card), "frame-ancestors": "'none'"} == policy_of(client.get("/"))
        assert "X-Frame-Options" not in card
        assert card["Cross-Origin-Resource-Policy"] == "cross-origin"
