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
    strip = page.get_by_role("complementary", name="Your reading list")
    expect(strip).to_contain_text("2 entries on your reading list")
    strip.get_by_role("link", name="Print as a handout").click()
    expect(page).to_have_url(f"{site}/reading-list/handout/?items=F2,F1")
    expect(strip).to_have_count(0)
    page.go_back()
    expect(strip).to_be_visible()
    page.get_by_role("link", name="Reading list").click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F2,F1")
    page.get_by_role("button", name="Move up").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F1,F2")
    assert remembered(page) == "F1,F2"
    page.get_by_label("Add by code").fill("p9")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F1,F2,P9")
    assert remembered(page) == "F1,F2,P9"
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator("[data-list-count]")).to_have_text("2 on it")
    page.get_by_role("link", name="Start a new list").click()
    assert remembered(page) == ""
    page.goto(f"{site}/findings/")
    expect(strip).to_be_hidden()


def test_somebody_elses_list_does_not_replace_mine_unless_i_say_so(site, page):
    page.goto(f"{site}/F23")
    page.locator("[data-list-add=F23].btn").click()
    page.goto(f"{site}/reading-list/?items=F1,F2")
    assert remembered(page) == "F23"
    page.get_by_role("button", name="Remove").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F2")
    assert remembered(page) == "F23"
    page.get_by_role("button", name="Remember this one instead").click()
    assert remembered(page) == "F2"
    expect(page.get_by_role("button", name="Remember this one instead")).to_be_hidden()


NAMED = "items=F1,F2,F3,F4,F5,F6,F7,F8&title=Under+one+roof&group=Team+A&date=2026-12-03&nF2=Begin+here"
SIZES = pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desk"])


@SIZES
@pytest.mark.parametrize("by", ["touch", "keyboard"])
def test_reordering_keeps_place_and_focus_and_is_announced(site, new_context, size, by):
    page = new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True).new_page()
    page.goto(f"{site}/reading-list/?{NAMED}")

    def press(name):
        button = page.locator("#F8").get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        before = page.locator("#F8").bounding_box()["y"]
        with page.expect_navigation():
            if by == "touch":
                button.tap()
            else:
                button.focus()
                page.keyboard.press("Enter")
        return before

    before = press("Move up")
    expect(page.locator("#F8").get_by_role("button", name="Move up")).to_be_focused()
    assert abs(page.locator("#F8").bounding_box()["y"] - before) < 3, "the row stays where it was on the screen"
    expect(page.locator("[data-list-said]")).to_have_text("F8 moved to place 7 of 8.")
    assert "done" not in page.url, "what is bookmarked tells of no act"
    press("To the top")
    expect(page.locator("#F8 button").first).to_be_focused()
    expect(page.locator("[data-list-said]")).to_have_text("F8 moved to place 1 of 8.")
    assert page.locator(".items .fid").all_inner_texts()[0] == "F8"
    press("Remove")
    expect(page.locator("[data-list-said]")).to_have_text("F8 was removed.")
    expect(page.get_by_role("button", name="Put F8 back")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".items .fid")).to_have_count(8)
    expect(page.locator("[data-list-said]")).to_have_text("F8 added, at place 1 of 8.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Under one roof")
    expect(page.locator("#n-F2")).to_have_value("Begin here")


@SIZES
def test_the_browser_remembers_title_and_notes_too_and_offers_its_list(site, new_context, size):
    page = new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(f"{site}/reading-list/?items=F1,F2")
    page.get_by_text("Give it a title, group or date").click()
    page.get_by_label("Title").fill("Under one roof")
    page.get_by_label("Group").fill("Team A")
    page.get_by_label("Date").fill("2026-12-03")
    page.locator("#F2").get_by_text("Add a note").click()
    page.locator("#n-F2").fill("Begin here")
    page.get_by_role("button", name="Save title and notes in the address").click()
    expect(page).to_have_url(
        f"{site}/reading-list/?items=F1,F2&title=Under+one+roof&group=Team+A&date=2026-12-03&nF2=Begin+here"
    )
    page.goto(f"{site}/F23")
    page.locator("[data-list-add=F23].btn").click()
    page.goto(f"{site}/reading-list/")
    page.get_by_role("link", name="Open it: 3 on it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Under one roof")
    expect(page.locator("#n-F2")).to_have_value("Begin here")
    assert page.locator(".items .fid").all_inner_texts() == ["F1", "F2", "F23"]
    page.get_by_role("link", name="Start a new list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading list")
    assert remembered(page) == ""


def test_a_page_opened_from_the_list_has_its_own_address_where_scripts_run(site, page):
    page.goto(f"{site}/reading-list/?{NAMED}")
    page.locator("#F1 .row-title a").click()
    assert "items" not in page.url


@SIZES
def test_a_list_is_made_kept_named_and_handed_out_without_script(site, browser, size):
    context = browser.new_context(java_script_enabled=False, viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(f"{site}/F23")
    page.get_by_role("link", name="Add to list").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F23")
    page.get_by_text("Give it a title, group or date").click()
    page.get_by_label("Title").fill("Under one roof")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Themes").click()
    page.get_by_role("link", name="Co-location", exact=True).first.click()
    page.locator("main [data-list-add=F22]").first.click()
    expect(page).to_have_url(f"{site}/reading-list/?items=F23,F22&title=Under+one+roof")
    page.goto(f"{site}/findings/?{page.url.partition('?')[2]}")
    search = page.locator("form[role=search] input[name=q]").first
    if not search.is_visible():
        page.get_by_role("link", name="Search", exact=True).click()
        search = page.locator("main input[name=q]")
    search.fill("joint training")
    search.press("Enter")
    page.locator("main [data-list-add=F3]").first.click()
    assert page.locator(".items .fid").all_inner_texts() == ["F23", "F22", "F3"]
    page.get_by_role("button", name="To the top").last.click()
    expect(page.get_by_text("F3 moved to place 1 of 3.")).to_be_visible()
    page.locator("#F22").get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Put F22 back").click()
    assert page.locator(".items .fid").all_inner_texts() == ["F3", "F23", "F22"]
    page.get_by_role("link", name="Handout", exact=True).click()
    expect(page.locator(".sheet h1")).to_have_text("Under one roof")
    page.get_by_label("QR strip to tear off").check()
    page.get_by_label("Lines for notes").uncheck()
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("img", name="QR code: opens")).to_have_count(4)
    expect(page.locator(".sheet-notes")).to_have_count(0)
    expect(page.locator(".sheet h1")).to_have_text("Under one roof")
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
