"""The sitemap lists the public pages that answer 200, all of them and nothing else."""

import datetime
from urllib.parse import urldefrag, urlsplit

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from lxml import etree

from curation.changelog import gathered
from tests.factories import make_finding, make_implication, make_review, make_source, make_theme, withdrawn
from tests.signposts import load_signposts
from tests.test_crawl import HTML, crawl

pytestmark = pytest.mark.django_db

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = "https://www.example.org"


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = SITE


def sitemap(client, address="/sitemap.xml"):
    """The root's name and the addresses of a file."""
    response = client.get(address)
    assert response.status_code == 200 and response["Content-Type"] == "application/xml; charset=utf-8"
    found = etree.fromstring(response.content)
    locations = [node.text for node in found.iter(f"{NAMESPACE}loc")]
    assert all(location.startswith(f"{SITE}/") for location in locations)
    assert len(set(locations)) == len(locations)
    return found.tag.removeprefix(NAMESPACE), [location.removeprefix(SITE) for location in locations]


def for_search_engines(page):
    """Searches, versions and cards say that they are not."""
    robots = [node.get("content") for node in page.iter(f"{HTML}meta") if node.get("name") == "robots"]
    return robots != ["noindex"]


@pytest.mark.databases  # where the crawl is made anyway
def test_it_lists_exactly_the_pages_that_a_crawl_of_the_fixture_finds(client, settings):
    load_signposts()
    kind, listed = sitemap(client)
    assert kind == "urlset"
    settings.SITE_URL = ""
    found = {
        urldefrag(address)[0]
        for address, page in crawl(client)[0].items()
        if page is not None and not urlsplit(address).query and for_search_engines(page)
    }
    assert sorted(listed) == sorted(found)
    for address in listed:
        assert client.get(address).status_code == 200


def test_drafts_and_what_was_withdrawn_are_left_out_and_so_are_their_tags(client):
    seen = make_finding(slug="seen")
    seen.tags.add("open")
    make_finding(slug="draft", status="draft", published_on=None).tags.add("hidden")
    make_source(slug="gone", **withdrawn()).tags.add("past")
    _, listed = sitemap(client)
    assert {"/findings/seen/", "/tags/open/"} <= set(listed)
    assert not {"/findings/draft/", "/sources/gone/", "/tags/hidden/", "/tags/past/"} & set(listed)


def test_a_page_says_when_its_words_changed_their_meaning(client):
    make_source(slug="new", published_on=datetime.date(2024, 1, 2))
    make_source(slug="old", published_on=datetime.date(2024, 1, 2), wording_changed_on=datetime.date(2024, 3, 4))
    found = etree.fromstring(client.get("/sitemap.xml").content)
    days = {node.findtext(f"{NAMESPACE}loc"): node.findtext(f"{NAMESPACE}lastmod") for node in found}
    assert days[f"{SITE}/sources/new/"] == "2024-01-02"
    assert days[f"{SITE}/sources/old/"] == "2024-03-04"
    assert days[f"{SITE}/"] is None


def test_more_than_fit_into_one_file_stand_in_several_each_page_once(client, monkeypatch):
    for _ in range(5):
        make_finding(theme=make_theme())
    whole = sitemap(client)[1]
    monkeypatch.setattr("findings.sitemaps.MOST", 4)
    kind, files = sitemap(client)
    assert kind == "sitemapindex"
    pages = [page for file in files for page in sitemap(client, file)[1]]
    assert sorted(pages) == sorted(whole)
    assert all(len(sitemap(client, file)[1]) <= 4 for file in files)
    assert client.get(f"/sitemap-{len(files) + 1}.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_it_takes_as_many_queries_for_three_as_for_thirty(client):
    counts = []
    for size in [3, 30]:
        with transaction.atomic(), gathered():
            for _ in range(size):
                finding = make_finding(theme=make_theme(), review=make_review())
                finding.tags.add("a")
                make_implication([finding])
                make_source()
        with CaptureQueriesContext(connection) as queries:
            sitemap(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]
