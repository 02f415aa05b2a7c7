"""A crawler that starts at / and follows every inside link, over the SIGNPOSTS review."""

import re
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlsplit

import html5lib
import pytest

from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.signposts import load_signposts

pytestmark = [pytest.mark.databases, pytest.mark.django_db, pytest.mark.usefixtures("page_cache")]

HTML = "{http://www.w3.org/1999/xhtml}"
PHRASING = {f"{HTML}{name}" for name in ["p", "span", "a", "button", "h1", "h2", "h3", "b", "cite", "label", "summary"]}
BLOCKS = {
    f"{HTML}{name}" for name in ["p", "div", "ul", "ol", "dl", "table", "section", "h1", "h2", "h3", "form", "nav"]
}
HEADINGS = {f"{HTML}h2", f"{HTML}h3"}  # HTML allows them in a summary
HERE = "http://testserver"


_found = []  # it takes long, and two modules need it


def crawl(client):
    """Of the review that comes with the software: address -> parsed page, for every page that can be reached from / by
    links, and the links with anchors."""
    if not _found:
        _found.append(_crawl(client))
    return _found[0]


def _crawl(client):
    pages, anchors, waiting = {}, set(), ["/"]
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        response = client.get(address)
        assert response.status_code in (200, 302), f"{address} answers {response.status_code}"
        assert not response.cookies, f"{address} sets a cookie"
        if response.status_code == 302:
            pages[address] = None
            links = [response["Location"]]
        elif not response["Content-Type"].startswith("text/html"):
            is_api = response["Content-Type"] == "application/json" and address.startswith("/api/v1/")
            assert is_api or "inline; filename=" in response["Content-Disposition"], address
            pages[address], links = None, []
        else:
            parser = html5lib.HTMLParser(strict=False)
            pages[address] = parser.parse(response.content.decode())
            errors = [error for _, error, _ in parser.errors]
            assert errors == [], f"{address}: {errors}"
            # What makes a reading list is no page to crawl: lists combine without end.
            links = [
                element.get("href") for element in pages[address].iter(f"{HTML}a") if element.get("rel") != "nofollow"
            ]
        for link in links:
            target, anchor = urldefrag(urljoin(HERE + address, link))
            if urlsplit(target).netloc != "testserver":
                continue
            inside = target.removeprefix(HERE)
            if anchor:
                anchors.add((address, inside, anchor))
            # Filters combine without end: one filter at a time shows that each answers.
            if inside.count("=") <= 1:
                waiting.append(inside)
    return pages, anchors


def test_the_crawler_reaches_every_entry_and_finds_every_page_sound(client):
    load_signposts()
    pages, anchors = crawl(client)
    every_published_entry_is_reached(pages)
    for source, target, anchor in anchors:
        if pages.get(target) is not None:
            ids = {element.get("id") for element in pages[target].iter()}
            assert anchor in ids, f"{source} -> {target}#{anchor}"
    for address, page in pages.items():
        if page is not None:
            the_html_is_sound(address, page)
            nothing_is_loaded_from_elsewhere(address, page)


def test_reading_lists_and_handouts_are_sound(client):
    load_signposts()
    items = "?items=F3,F23,P9,T2,R1,K2,S1"
    for address in [
        "/reading-list/",
        f"/reading-list/{items},oops,F999",
        f"/reading-list/handout/{items}&body=1&large=1&style=apa",
        f"/findings/{items}",
    ]:
        parser = html5lib.HTMLParser(strict=False)
        page = parser.parse(client.get(address).content.decode())
        assert [error for _, error, _ in parser.errors] == [], address
        the_html_is_sound(address, page)
        nothing_is_loaded_from_elsewhere(address, page)


def every_published_entry_is_reached(pages):
    for model in [Review, Theme, Finding, PracticeImplication, Source]:
        for entry in model.objects.published():
            assert entry.get_absolute_url() in pages, entry
    for model in [KeyMessage, Term]:
        for entry in model.objects.published():
            page, anchor = urldefrag(entry.get_absolute_url())
            assert any(element.get("id") == anchor for element in pages[page].iter()), entry


def the_html_is_sound(address, page):
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"{address}: an id stands twice"
    assert len(list(page.iter(f"{HTML}h1"))) == 1, address
    for element in page.iter():
        if element.tag in PHRASING:
            own = HEADINGS if element.tag == f"{HTML}summary" else set()
            wrong = [child.tag for child in element.iter() if child is not element and child.tag in BLOCKS - own]
            assert not wrong, f"{address}: {wrong} in {element.tag}"
        for attribute in ["aria-labelledby", "aria-describedby", "for", "popovertarget"]:
            for name in (element.get(attribute) or "").split():
                assert name in ids, f"{address}: {attribute}={name} points nowhere"
        if element.tag.endswith("use"):
            assert element.get("href", "").removeprefix("#") in ids, f"{address}: no such symbol"
    levels = [int(element.tag[-1]) for element in page.iter() if re.fullmatch(rf"{HTML}h[1-6]", str(element.tag))]
    assert all(after <= before + 1 for before, after in pairwise(levels)), f"{address}: {levels}"


def nothing_is_loaded_from_elsewhere(address, page):
    for element in page.iter():
        only_names = element.get("rel") in ("type", "related")  # an address that no browser opens
        loaded = [element.get("src")] + (
            [element.get("href")] if element.tag == f"{HTML}link" and not only_names else []
        )
        for link in filter(None, loaded):
            assert urlsplit(urljoin(HERE, link)).netloc == "testserver", f"{address}: {link}"
        assert element.get("style") is None, f"{address}: inline style"
        assert not [name for name in element.attrib if str(name).startswith("on")], f"{address}: inline script"
