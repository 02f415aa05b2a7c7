"""What a team types stays with it: in its own browser, by check, until it is cleared."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.factories import make_finding, make_implication

ADDRESS = "/practice/team-check/"


@pytest.fixture
def site(live_server):
    """Two practice points, P1 and P2, each on a finding."""
    for number in [1, 2]:
        make_implication([make_finding(bottom_line=f"Line {number}.")], number=number)
    return live_server.url


def answer(page, code, label, note=""):
    page.locator(f"#{code}").get_by_role("radio", name=label).check()
    if note:
        page.locator(f"#note-{code}").fill(note)


def told(page):
    """The answers that are chosen, and the notes."""
    page.wait_for_load_state("load")
    return page.evaluate(
        """() => [
            ...[...document.querySelectorAll(".team input:checked")].map((radio) => `${radio.name}.${radio.value}`),
            ...[...document.querySelectorAll(".team textarea")].map((area) => area.value),
        ]"""
    )


def test_answers_and_notes_are_there_again_when_the_page_is_opened_anew_and_say_so(site, page):
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "Kitchen")
    page.goto(f"{site}/themes/")
    page.goto(site + ADDRESS)
    expect(page.get_by_text("here as you left them")).to_be_visible()
    assert told(page) == ["P1.p", "Kitchen", ""]


def test_one_button_clears_them_and_can_be_undone(site, page):
    page.goto(site + ADDRESS)
    expect(page.get_by_role("button", name="Clear answers and notes")).to_be_hidden()
    answer(page, "P1", "Partly", "Kitchen")
    answer(page, "P2", "Not yet")
    page.get_by_role("button", name="Clear answers and notes").click()
    assert told(page) == ["", ""]
    page.get_by_role("button", name="Bring them back").press("Enter")
    assert told(page) == ["P1.p", "P2.n", "Kitchen", ""]
    page.reload()
    assert told(page) == ["P1.p", "P2.n", "Kitchen", ""]


def test_what_was_cleared_is_nowhere_once_the_page_is_left(site, page):
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "Kitchen")
    page.get_by_role("button", name="Clear answers and notes").click()
    page.reload()
    assert told(page) == ["", ""]
    expect(page.get_by_role("button", name="Bring them back")).to_be_hidden()
    assert "Kitchen" not in page.evaluate("JSON.stringify({ ...sessionStorage })")


def test_they_are_sent_nowhere_but_with_the_form_and_no_other_tab_has_them(site, page, context):
    page.goto(site + ADDRESS)
    sent = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    answer(page, "P1", "Partly", "Kitchen")
    page.reload()
    assert told(page) == ["P1.p", "Kitchen", ""]
    assert not [request for request in sent if "Kitchen" in request or "P1" in request]
    assert context.cookies() == []
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('team'))") == []
    other = context.new_page()
    other.goto(site + ADDRESS)
    assert told(other) == ["", ""]


def test_a_check_that_somebody_sent_is_not_mixed_with_ones_own(site, page):
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "Ours")
    page.goto(f"{site}{ADDRESS}?a=P2.y")
    page.get_by_role("button", name="Change answers").click()
    assert told(page) == ["P2.y", "", ""]
    answer(page, "P2", "Not yet", "Theirs")
    page.goto(site + ADDRESS)
    assert told(page) == ["P1.p", "Ours", ""]


def test_what_was_changed_last_is_what_comes_back(site, page):
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "First")
    page.get_by_role("button", name="See where we stand").click()
    page.get_by_role("button", name="Change answers").click()
    assert told(page) == ["P1.p", "First", ""]
    answer(page, "P1", "Partly", "Second")
    page.locator("#P2 summary").click()
    page.locator("#P2 details").get_by_role("link").first.click()
    page.go_back()
    assert told(page) == ["P1.p", "Second", ""]
    page.get_by_role("button", name="See where we stand").click()
    expect(page.get_by_role("table", name="Each question")).to_contain_text("Second")
    page.get_by_role("button", name="Change answers").click()
    assert told(page) == ["P1.p", "Second", ""]


def test_a_new_check_begins_empty_and_the_earlier_one_can_be_brought_back(site, page):
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "Kitchen")
    page.get_by_role("button", name="See where we stand").click()
    page.get_by_role("link", name="Start a new check").click()
    expect(page.get_by_text("Your earlier answers and notes were cleared")).to_be_visible()
    assert told(page) == ["", ""]
    assert "Kitchen" not in page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.get_by_role("button", name="Bring them back").click()
    assert told(page) == ["P1.p", "Kitchen", ""]


def test_where_the_browser_keeps_nothing_the_page_works_and_does_not_say_that_it_does(site, page):
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no') } })")
    page.goto(site + ADDRESS)
    answer(page, "P1", "Partly", "Kitchen")
    expect(page.get_by_text("This tab of your browser also remembers")).to_be_hidden()
    page.get_by_role("button", name="See where we stand").click()
    expect(page.get_by_role("table", name="Each question")).to_contain_text("Kitchen")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_team_takes_a_check_further_and_compares_it_later(site, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site + ADDRESS)
    page.get_by_label("Team (printed, not kept)").fill("Family support")
    answer(page, "P1", "Not yet", "No room")
    answer(page, "P2", "Partly")
    page.get_by_role("button", name="See where we stand").click()
    expect(page.locator(".page-head").get_by_text("Family support, ")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("^What")).first.fill("Find a room")
    page.get_by_role("textbox", name=re.compile("^Who")).first.fill("Ann")
    page.get_by_role("button", name="Another action").click()
    expect(page.get_by_role("textbox", name=re.compile("^What")).first).to_have_value("Find a room")
    expect(page.get_by_role("textbox", name=re.compile("What.*Something else"))).to_have_count(1)
    expect(page.get_by_text("No room")).to_be_visible()
    link = page.locator("#tc-text").inner_text()
    with page.expect_download() as word:
        page.get_by_role("button", name="Word document").click()
    assert word.value.suggested_filename.endswith(".docx")

    page.get_by_role("link", name="Start a new check").click()
    answer(page, "P1", "In place")
    answer(page, "P2", "Not yet")
    page.get_by_role("button", name="See where we stand").click()
    page.get_by_label("Link of the earlier result").fill(link)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Since the earlier result: 1 moved on, 1 slipped back.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 moved on, 1 slipped back")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Make a reading list of").click()
    expect(page.get_by_role("heading", name="Reading list")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("1 moved on, 1 slipped back")).to_be_visible()


def test_actions_are_there_again_after_reading_a_finding(site, page):
    page.goto(f"{site}{ADDRESS}?a=P1.n,P2.y")
    page.get_by_role("textbox", name=re.compile("^What")).fill("Find a room")
    page.get_by_role("heading", level=3).get_by_role("link").first.click()
    page.go_back()
    expect(page.get_by_role("textbox", name=re.compile("^What"))).to_have_value("Find a room")
    page.reload()
    expect(page.get_by_role("textbox", name=re.compile("^What"))).to_have_value("Find a room")


def test_both_sheets_print_on_two_sides_of_paper(site, page):
    for number in range(3, 14):
        make_implication([make_finding()], number=number)
    answers = ",".join(f"P{number}.{'npyx'[number % 4]}" for number in range(1, 14))
    for address in [ADDRESS, f"{ADDRESS}?a={answers}&before={answers}"]:
        page.goto(site + address)
        assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 2, address
