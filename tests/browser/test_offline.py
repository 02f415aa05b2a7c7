"""The offline copy, opened from a disk with no network: its links lead somewhere, and it asks for nothing outside."""

from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import html5lib
import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from findings.models import Finding
from tests.factories import withdrawn
from tests.signposts import load_signposts

HTML = "{http://www.w3.org/1999/xhtml}"
OPENED = [
    "index.html",
    "findings/index.html",
    "findings/index.page-2.html",
    "findings/co-location-respect-and-trust/index.html",
    "themes/co-location/index.html",
    "practice/mutual-engagement/index.html",
    "sources/hudson-2002/index.html",
    "reviews/signposts-joined-up-working/index.html",
    "map/index.html",
    "glossary/index.html",
    "search/index.html",
    "needs-the-site.html",
]


@pytest.fixture
def folder(transactional_db, tmp_path):
    load_signposts()
    Finding.objects.filter(number=6).update(**withdrawn())
    Finding.objects.filter(number=7).update(status="draft")
    call_command("rebuild_search_index", verbosity=0)
    call_command("export_site", tmp_path / "copy", verbosity=0)
    return tmp_path / "copy"


def test_the_copy_is_whole_asks_for_nothing_outside_and_can_be_searched(folder, page, context):
    every_link_leads_to_a_file(folder)
    nothing_but_what_is_public_is_in_it(folder)

    context.set_offline(True)
    asked, troubles = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    for name in OPENED:
        page.goto((folder / name).as_uri())
        expect(page.locator(".offline-copy")).to_contain_text("Copy of")
    finding = str(Finding.objects.get(number=23))
    page.goto((folder / "F23.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(finding)
    page.get_by_role("searchbox").first.fill("colocat trust")
    page.get_by_role("searchbox").first.press("Enter")
    expect(page.locator("[data-count]")).to_contain_text("for “colocat trust”")
    page.get_by_role("link", name=finding).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(finding)
    page.goto((folder / "search" / "index.html").as_uri() + "?q=<b>zzz")
    expect(page.locator("[data-count]")).to_have_text("0 results for “<b>zzz”")
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    assert not troubles


def every_link_leads_to_a_file(folder):
    ids, anchors = {}, []
    for path in folder.rglob("*.html"):
        tree = html5lib.parse(path.read_text())
        ids[path] = {element.get("id") for element in tree.iter() if element.get("id")}
        for element in tree.iter():
            for link in filter(None, [element.get("href"), element.get("src"), element.get("action")]):
                target, fragment = urldefrag(urljoin(path.as_uri(), link))
                if target.startswith("file:"):
                    file = folder / unquote(urlsplit(target).path)
                    assert file.is_file(), f"{path} links to {link}, which is not there"
                    if fragment and element.tag == f"{HTML}a":
                        anchors.append((path, file, fragment))
                else:
                    assert element.tag == f"{HTML}a", f"{path} loads {link}"
    assert len(ids) > 120
    for path, file, fragment in anchors:
        assert fragment in ids[file], f"{path} links to #{fragment} in {file}, which is not there"


def nothing_but_what_is_public_is_in_it(folder):
    assert not (folder / "findings" / "information-sharing-assumed-benefit" / "index.html").exists()
    assert not (folder / "F6.html").exists() and not (folder / "F7.html").exists()
    everything = "".join(path.read_text() for path in [*folder.rglob("*.html"), folder / "search" / "data.js"])
    assert str(Finding.objects.get(number=7)) not in everything
