"""What programs look for on any site: each address answers as its standard says."""

import datetime
import json
import re
from io import BytesIO

import html5lib
import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone
from lxml import etree
from PIL import Image

from tests.factories import make_finding, make_theme

pytestmark = pytest.mark.django_db

SITE = "https://www.example.org"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = SITE


def head_links(client):
    head = html5lib.parse(client.get("/").content.decode(), namespaceHTMLElements=False)[0]
    return {node.get("rel"): node.attrib for node in head.iter("link")}


def test_robots_are_kept_from_searches_and_shown_the_sitemap(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /search/"} <= set(lines)
    assert lines[-1] == f"Sitemap: {SITE}/sitemap.xml"
    assert "Disallow: /" not in lines


class TestSecurity:
    def test_it_names_who_to_write_to_and_does_not_expire_soon_or_late(self, client, settings):
        settings.CONTACT_EMAIL = "library@example.org"
        response = client.get("/.well-known/security.txt")
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        told = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
        assert told["Contact"] == "mailto:library@example.org"
        assert told["Canonical"] == f"{SITE}/.well-known/security.txt"
        left = datetime.datetime.fromisoformat(told["Expires"]) - timezone.now()
        assert datetime.timedelta(days=90) < left < datetime.timedelta(days=365)

    def test_there_is_none_where_nobody_is_named(self, client, settings):
        settings.CONTACT_EMAIL = ""
        assert client.get("/.well-known/security.txt").status_code == 404


class TestManifest:
    def test_it_names_the_site_and_icons_of_the_size_they_say(self, client, settings):
        link = head_links(client)["manifest"]
        response = client.get(link["href"])
        assert response["Content-Type"] == "application/manifest+json"
        told = json.loads(response.content)
        assert told["name"] == settings.SITE_NAME
        assert client.get(told["start_url"]).status_code == 200
        sizes = set()
        for icon in told["icons"]:
            path = finders.find(icon["src"].removeprefix("/static/"))
            assert path, icon
            if icon["type"] == "image/png":
                with Image.open(path) as image:
                    assert f"{image.width}x{image.height}" == icon["sizes"] and image.format == "PNG"
                sizes.add(icon["sizes"])
        assert sizes == {"192x192", "512x512"}

    def test_the_icon_of_a_home_screen_is_opaque(self, client):
        path = finders.find(head_links(client)["apple-touch-icon"]["href"].removeprefix("/static/"))
        with Image.open(path) as image:
            assert image.size == (180, 180) and image.mode == "RGB"

    def test_whoever_asks_for_the_icon_unasked_is_led_to_it(self, client):
        response = client.get("/favicon.ico", follow=True)
        assert response.redirect_chain and response.status_code == 200
        image = Image.open(BytesIO(b"".join(response)))
        assert image.format == "ICO" and image.info["sizes"] >= {(16, 16), (32, 32)}


class TestOpenSearch:
    def description(self, client):
        link = head_links(client)["search"]
        assert link["type"] == "application/opensearchdescription+xml" and link["title"]
        response = client.get(link["href"])
        assert response["Content-Type"] == "application/opensearchdescription+xml; charset=utf-8"
        return etree.fromstring(response.content)

    def addresses(self, found, words):
        """rel and type -> address, with `words` put in and what is optional left empty."""
        urls = {(url.get("rel"), url.get("type")): url.get("template") for url in found.iter(f"{OPENSEARCH}Url")}
        filled = {key: url.replace("{searchTerms}", words) for key, url in urls.items()}
        return {key: re.sub(r"\{\w+\?\}", "", url).removeprefix(SITE) for key, url in filled.items()}

    def test_it_keeps_to_the_specification(self, client, settings):
        settings.SITE_NAME = "A name with more than sixteen characters"
        make_theme(name="Trust & respect")
        found = self.description(client)
        assert found.tag == f"{OPENSEARCH}OpenSearchDescription"
        for name, most in [("ShortName", 16), ("Description", 1024)]:
            (node,) = found.iter(f"{OPENSEARCH}{name}")
            assert 0 < len(node.text) <= most

    def test_every_address_answers_and_the_example_finds_something(self, client):
        make_finding(heading="Trust", theme=make_theme(name="Trust and respect"))
        found = self.description(client)
        (example,) = found.iter(f"{OPENSEARCH}Query")
        assert example.get("role") == "example"
        for (_, media_type), address in self.addresses(found, example.get("searchTerms")).items():
            response = client.get(address)
            assert response.status_code == 200 and response["Content-Type"].startswith(media_type), address
        page = client.get("/search/", {"q": example.get("searchTerms")}).content.decode()
        assert "Trust and respect" in page

    def test_suggestions_come_in_four_columns(self, client):
        theme = make_theme(name="Sharing information")
        response = client.get("/api/v1/suggest/opensearch", {"q": "shar"})
        assert response["Content-Type"] == "application/x-suggestions+json"
        assert json.loads(response.content) == [
            "shar",
            ["Sharing information"],
            ["theme"],
            [SITE + theme.get_absolute_url()],
        ]

    @pytest.mark.parametrize("typed", ["", "x", "\0", "zzzz"])
    def test_nothing_to_suggest_is_four_empty_columns(self, client, typed):
        assert json.loads(client.get("/api/v1/suggest/opensearch", {"q": typed}).content) == [typed, [], [], []]


@pytest.mark.parametrize(
    "address", ["/robots.txt", "/manifest.webmanifest", "/opensearch.xml", "/sitemap.xml", "/feeds/findings.atom"]
)
def test_nothing_can_be_sent_to_it(client, address):
    assert client.post(address).status_code == 405
