"""What somebody new to the desk does first, in few steps: each press, choice and field filled is one."""

import pytest
from playwright.sync_api import expect

from curation.log import LogEntry
from findings.models import Finding
from tests.browser.desk import choose, log_in
from tests.factories import make_finding

WIDTHS = [1280, 768]


class Steps:
    """Counts what is done in a page."""

    def __init__(self, page):
        self.page, self.taken = page, 0

    def press(self, name, role="link"):
        self.taken += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def fill(self, label, text):
        self.taken += 1
        self.page.get_by_label(label).first.fill(text)

    def open(self, name):
        self.taken += 1
        self.page.locator("summary").filter(has_text=name).first.click()

    def choose_all(self):
        self.taken += 1
        self.page.locator("#action-toggle").check()

    def choose(self, label, text, shown):
        self.taken += 1
        choose(self.page, label, text, shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_new_librarian_writes_a_finding_with_two_citations_and_saves_it_at_once(desk, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, desk, "librarian")
    steps = Steps(page)
    steps.press("Write a finding")
    expect(page.get_by_label("Heading")).to_be_focused()
    steps.fill("Heading", "Teams that share an office talk more")
    expect(page.get_by_text("36 of 70 characters")).to_be_visible()
    expect(page.locator("[data-mirror=heading]")).to_have_text("Teams that share an office talk more")
    page.get_by_label("Helps", exact=True).check()
    steps.fill("Bottom line", "In one study, staff often said so.")
    steps.fill("Body", "They said so.[1]")
    for text, shown in [("hudson 2002", "Hudson (2002), S5, published"), ("S6", "Wenger (1998), S6, published")]:
        steps.press("Add another Citation", "button")
        steps.choose("Source", text, shown)
    page.locator(".inline-related:not(.empty-form)").first.locator(".select2-selection").first.click()
    offered = page.locator(".select2-results__option")
    expect(offered.filter(has_text="Wenger (1998)")).to_contain_text("(already in this list)")
    expect(offered.filter(has_text="Hudson (2002)")).not_to_contain_text("(already")  # what this citation has itself
    page.keyboard.press("Escape")
    steps.choose("Review", "joined-up", "Joined-up")
    steps.choose("Theme", "Co-location", "Co-location, T5, published")
    second = page.locator(".inline-related:not(.empty-form)").nth(1)
    steps.taken += 1
    second.get_by_role("button", name="Move up").click()
    expect(page.get_by_text("Now number 1 of 2")).to_be_attached()
    expect(page.locator(".inline-related").first.get_by_role("button", name="Move down")).to_be_focused()
    steps.press("Save", "button")
    expect(page.locator(".messagelist .success")).to_be_visible()
    finding = Finding.objects.latest("pk")
    assert [citation.source.code for citation in finding.citations.order_by("order")] == ["S6", "S5"]
    assert (finding.theme.code, steps.taken) == ("T5", 12)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_editor_publishes_forty_drafts_in_one_go_and_records_a_check_of_all(desk, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    for _ in range(40):
        make_finding(status="draft", published_on=None, review=Finding.objects.first().review)
    log_in(page, desk, "editor")
    steps = Steps(page)
    steps.press("Findings")
    if width < 1024:
        steps.open("Narrow the list")
    steps.press("Draft")
    page.locator("#action-toggle").check()
    expect(page.get_by_text("40 of 40 selected")).to_be_visible()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Publish …", exact=True).click()
    refused = page.locator(".messagelist .error")
    expect(refused).to_contain_text("40 are drafts: send them for review first")
    assert refused.bounding_box()["y"] < 400, "it is told on top"
    steps.choose_all()
    steps.press("Send for review and publish …", "button")
    steps.press("Send for review and publish: 40", "button")
    expect(page.locator(".messagelist .success")).to_have_text("40 published.")
    assert LogEntry.objects.filter(name="publish").count() == 40
    assert steps.taken == (5 if width >= 1024 else 6)
    steps.press("Findings")
    steps.choose_all()
    steps.press("Choose all of them, on every page", "button")
    steps.press("Record a check …", "button")
    steps.fill("What was looked at", "Compared with the review.")
    steps.press("Record a check: 67", "button")
    expect(page.locator(".messagelist .success")).to_have_text("67 checked.")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_withdrawal_for_another_takes_six_steps_at_most(desk, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, desk, "editor")
    steps = Steps(page)
    steps.taken += 1
    page.get_by_label("Find at the desk").first.fill("f9")
    page.keyboard.press("Enter")
    steps.press("Withdraw")
    expect(page.get_by_text("Still rests on").first).to_be_visible()
    steps.fill("The public reason", "F9 and F21 made the same point.")
    expect(page.locator("[data-mirror=note]")).to_have_text("F9 and F21 made the same point.")
    expect(page.get_by_label("Link what you choose to P9, P10 and K2 too")).to_be_checked()
    steps.choose("What to use instead", "F21", "F21, ")
    expect(page.locator("[data-mirror=replacement]")).to_contain_text("F21")
    steps.press("Withdraw", "button")
    expect(page.locator(".messagelist .success")).to_be_visible()
    withdrawn = Finding.objects.get(number=9)
    assert (withdrawn.status, withdrawn.replaced_by.code) == ("withdrawn", "F21")
    assert steps.taken <= 6


@pytest.mark.parametrize("width", WIDTHS)
def test_a_view_of_a_list_is_kept_in_three_steps_and_is_there_the_next_day(desk, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, desk, "librarian")
    page.goto(f"{desk}findings/finding/?stance__exact=barrier")
    steps = Steps(page)
    steps.press("Save as a view")
    steps.fill("Name", "What gets in the way")
    steps.press("Save as a view", "button")
    expect(page.locator(".messagelist .success")).to_contain_text("What gets in the way")
    expect(page.locator(".views [aria-current=page]")).to_have_text("What gets in the way")
    assert steps.taken == 3
    page.go_back()
    page.reload()
    log_in(page, desk, "librarian")
    steps.press("Findings")
    expect(page.get_by_role("link", name="Save as a view")).to_have_count(0)
    steps.press("What gets in the way")
    expect(page.get_by_text("Gets in the way", exact=True).first).to_be_visible()
    assert page.url.endswith("?stance__exact=barrier")
    steps.press("Your views")
    steps.press("Delete What gets in the way", "button")
    expect(page.get_by_text("You keep no views yet.")).to_be_visible()
    log_in(page, desk, "editor")
    page.goto(f"{desk}findings/finding/")
    expect(page.get_by_role("link", name="What gets in the way")).to_have_count(0)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_script_entries_of_a_list_are_chosen_and_checked(desk, page):
    log_in(page, desk, "librarian")
    page.goto(f"{desk}findings/finding/")
    for number in (0, 1):
        page.locator("input.action-select").nth(number).check()
    page.get_by_role("button", name="Record a check …").click()
    page.get_by_label("What was looked at").fill("The review.")
    page.get_by_role("button", name="Record a check: 2").click()
    expect(page.get_by_text("2 checked.")).to_be_visible()


def test_a_source_shows_the_fields_of_its_kind_and_hides_nothing_that_is_filled(desk, page):
    log_in(page, desk, "librarian")
    page.goto(f"{desk}sources/source/add/")
    page.get_by_role("radio", name="Journal article").check()
    expect(page.get_by_label("Volume")).to_be_visible()
    expect(page.get_by_label("ISBN")).to_be_hidden()
    page.get_by_label("Volume").fill("16")
    page.get_by_role("radio", name="Book").check()
    expect(page.get_by_label("ISBN")).to_be_visible()
    expect(page.get_by_label("Volume")).to_be_visible()
    headings = page.locator(".work h2").all_inner_texts()
    assert headings[0] == "Who made it"
    assert headings.index("Corrections and expressions of concern") == headings.index("What it is") + 5
    expect(page.get_by_label("Issue")).to_be_hidden()
