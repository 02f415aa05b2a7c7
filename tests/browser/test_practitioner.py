"""A practitioner's whole way, by typing, tapping and pressing keys alone: from a word that she has in mind to a printed
page of where her team stands."""

import pytest
from playwright.sync_api import expect

from tests.signposts import load_signposts

from .readers import (
    KeyboardWithoutScript,
    MouseWithoutScript,
    Reader,
    WithKeyboard,
    WithLargeText,
    WithMouse,
    WithoutScript,
    desktop,
    phone,
)

NOTE, SECOND_NOTE = "Ask Sam about the shared kitchen", "Two lines:\nrota and key"


@pytest.fixture
def site(live_server):
    load_signposts()
    return live_server.url


@pytest.mark.parametrize(
    "acting",
    [
        pytest.param(Reader, marks=phone(), id="phone"),
        pytest.param(Reader, marks=phone(color_scheme="dark"), id="dark"),
        pytest.param(WithLargeText, marks=phone(), id="large-text"),
        pytest.param(WithoutScript, marks=phone(java_script_enabled=False), id="no-script"),
        pytest.param(WithKeyboard, marks=phone(), id="keyboard"),
        pytest.param(WithMouse, marks=desktop(), id="desktop"),
        pytest.param(WithKeyboard, marks=desktop(), id="desktop-keyboard"),
        pytest.param(MouseWithoutScript, marks=desktop(java_script_enabled=False), id="desktop-no-script"),
        pytest.param(KeyboardWithoutScript, marks=desktop(java_script_enabled=False), id="desktop-keyboard-no-script"),
    ],
)
def test_from_a_word_in_mind_to_a_printed_result_of_the_team(site, page, acting):
    page.set_default_timeout(10_000)
    reader = acting(page)
    she_searches_twice_and_filters(reader, site)
    she_reads_the_finding_its_study_its_theme_and_what_to_do(reader)
    she_looks_a_word_up(reader, site)
    she_goes_through_the_team_check_and_loses_nothing(reader)
    she_prints_the_result(reader)


def she_searches_twice_and_filters(reader, site):
    page = reader.page
    page.goto(site)
    reader.sees_a_page("research review says")
    box = page.get_by_label("Search findings, practice points and sources").last
    reader.search(box, "silos")
    expect(page.locator("#count")).to_contain_text("results for “silos”")
    reader.search(box, "respect")
    expect(page.locator("#count")).to_contain_text("results for “respect”")
    assert page.url == f"{site}/search/?q=respect"
    reader.sees_a_page("Search")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("results for “silos”")
    expect(box).to_have_value("silos")
    page.go_forward()
    expect(box).to_have_value("respect")
    page.reload()
    expect(box).to_have_value("respect")
    if page.locator("summary", has_text="Filter results").is_visible():  # beside the list where there is room
        reader.choose(page.locator("summary", has_text="Filter results"))
    reader.tick(page.get_by_role("checkbox", name="Findings"))
    reader.choose(page.get_by_role("button", name="Apply filters"))
    expect(page.get_by_role("link", name="Remove the filter Kind: Findings")).to_be_visible()
    expect(page.locator("#count")).to_contain_text("for “respect”")
    reader.sees_a_page("Search")


def she_reads_the_finding_its_study_its_theme_and_what_to_do(reader):
    page = reader.page
    reader.choose(page.locator(".results").get_by_role("link", name="One interview study links", exact=False).first)
    reader.sees_a_page("One interview study links co-location")
    reader.choose(page.get_by_role("link", name="About this source"))
    reader.sees_a_page("Interprofessionality")
    page.go_back()
    reader.choose(page.get_by_role("link", name="Co-location").first)
    reader.sees_a_page("Co-location")
    expect(page.locator(".page-head .message")).to_contain_text("Co-location helps, but does not solve everything")
    expect(page.get_by_text("Harvard reference")).to_be_hidden()
    reader.choose(page.get_by_role("link", name="Cite or share"))
    if not reader.has_script:
        reader.choose(page.locator("#cite > summary"))
    expect(page.get_by_text("Harvard reference")).to_be_visible()
    reader.sees_a_page("Co-location")
    reader.choose(page.locator("#do ~ ul").get_by_role("link").first)
    expect(page.get_by_text("From the point to the evidence").first).to_be_visible()
    reader.choose(page.get_by_role("link", name="Is it in place where you work?"))
    reader.sees_a_page("Where does your team stand?")
    expect(page.locator(".choices")).to_have_count(1)


def she_looks_a_word_up(reader, site):
    page = reader.page
    page.goto(f"{site}/glossary/")
    reader.sees_a_page("Glossary")
    reader.write(page.get_by_label("Words to narrow the glossary"), "colocated")
    reader.choose(page.get_by_role("button", name="Narrow"))
    expect(page.get_by_role("heading", level=3)).to_have_text(["Co-location"])
    expect(page.get_by_text("colocated").last).to_be_visible()
    reader.choose(page.get_by_role("link", name="The whole glossary"))
    expect(page.get_by_role("heading", name="Respect and trust")).to_be_attached()
    reader.choose(page.get_by_role("link", name="Team check", exact=True))
    reader.sees_a_page("Where does your team stand?")


def she_goes_through_the_team_check_and_loses_nothing(reader):
    page = reader.page
    for code, answer in [("P1", "Not yet"), ("P2", "Partly"), ("P5", "In place")]:
        reader.tick(page.locator(f"#{code}").get_by_role("radio", name=answer))
        if code != "P5":
            reader.write(page.locator(f"#note-{code}"), NOTE if code == "P1" else SECOND_NOTE)
        else:
            reader.choose(page.locator(f"#{code} summary"))
    why = page.locator("#P5 details")
    finding = why.get_by_role("link").first
    expect(finding).to_be_visible()
    heading = finding.text_content()
    reader.choose(finding)
    reader.sees_a_page(heading)
    page.go_back()
    everything_is_there(page)
    if reader.has_script:  # without, Chromium fills in what was typed after Back alone
        page.reload()
        everything_is_there(page)
    reader.sees_a_page("Where does your team stand?")
    reader.choose(page.get_by_role("button", name="See where we stand"))
    reader.sees_a_page("Where your team stands")
    page.go_back()
    everything_is_there(page)
    reader.choose(page.get_by_role("button", name="See where we stand"))
    reader.sees_a_page("Where your team stands")
    expect(page.get_by_role("table", name="Each question")).to_contain_text(NOTE)


def everything_is_there(page):
    for code, answer in [("P1", "Not yet"), ("P2", "Partly"), ("P5", "In place")]:
        expect(page.locator(f"#{code}").get_by_role("radio", name=answer)).to_be_checked()
    expect(page.locator("input:checked")).to_have_count(3)
    expect(page.locator("#note-P1")).to_have_value(NOTE)
    expect(page.locator("#note-P2")).to_have_value(SECOND_NOTE)


def she_prints_the_result(reader):
    page = reader.page
    page.emulate_media(media="print")
    for gone in [page.locator(".site-head"), page.locator(".site-foot"), page.get_by_role("button").first]:
        expect(gone).to_be_hidden()
    for kept in [NOTE, "rota and key", "1 in place, 1 partly, 1 not yet"]:
        expect(page.get_by_text(kept).first).to_be_visible()
    page.emulate_media(media="screen")
