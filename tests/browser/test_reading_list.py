"""The reading list that a browser remembers, and what works without script."""

import pytest
from playwright.sync_api import expect

from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server):
    load_signposts()
    return live_server.url


def remembered(page):
    return page.evaluate("localStorage.getItem('reading-list')")


def test_entries_are_collected_while_reading_and_the_list_opens_with_them(site, page):
    page.goto(f"{site}/findings/")
    page.locator("[data-list-add=F2]").click()
    page.locator("[data-list-add=F1]").click()
    expect(page).to_have_url(f"{site}/findings/")
    expect(page.locator("[data-list-count]")).to_have_text("2 on it")
    expect(page.get_by_role("status").filter(has_text="F1 is on your reading list.")).to_have_count(1)
    expect(page.locator("[data-list-add=F1]")).to_contain_text("On your list")
    page.get_by_role("link", name="Reading list").click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F2,F1")
    page.get_by_role("link", name="Move up").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F1,F2")
    assert remembered(page) == "F1,F2"
    page.get_by_label("Add by code").fill("p9")
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F1,F2,p9")
    assert remembered(page) == "F1,F2,P9"
    page.get_by_role("link", name="Remove").first.click()
    expect(page.locator("[data-list-count]")).to_have_text("2 on it")
    page.get_by_role("link", name="Start a new list").click()
    assert remembered(page) == ""


def test_somebody_elses_list_does_not_replace_mine_unless_i_say_so(site, page):
    page.goto(f"{site}/F23")
    page.locator("[data-list-add=F23].btn").click()
    page.goto(f"{site}/reading-list/?items=F1,F2")
    assert remembered(page) == "F23"
    page.get_by_role("link", name="Remove").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F2")
    assert remembered(page) == "F23"
    page.get_by_role("button", name="Remember this one instead").click()
    assert remembered(page) == "F2"
    expect(page.get_by_role("button", name="Remember this one instead")).to_be_hidden()


def test_a_list_is_made_without_script(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/F23")
    page.get_by_role("link", name="Add to list").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F23")
    page.locator("main").get_by_role("link", name="all findings").click()
    page.get_by_role("link", name="Add to list").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F23,F1")
    page.get_by_role("link", name="Print as a handout").click()
    expect(page.get_by_role("img", name="QR code: opens")).to_have_count(2)
    context.close()


def test_what_is_kept_in_the_browser_cannot_make_a_page_fail(site, page):
    failures = []
    page.on("pageerror", lambda failure: failures.append(failure))
    page.goto(f"{site}/about/")
    page.evaluate("localStorage.setItem('reading-list', 'F1,<img>,F2&x=1,,%00')")
    page.reload()
    expect(page.locator("[data-list-count]")).to_have_text("1 on it")
    assert page.locator("[data-list-tool]").get_attribute("href") == "/reading-list/?items=F1"
    assert failures == []
