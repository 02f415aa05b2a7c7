"""Every kind of page in a real browser: accessible at each width and scheme, usable by keyboard, sound in print."""

from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pypdf import PdfReader

from findings.models import Finding
from tests.factories import withdrawn
from tests.signposts import load_signposts

from .kinds import PAGES

WIDTHS = [320, 768, 1280]
AXE = Axe().axe_script


@pytest.fixture
def site(live_server, page):
    """The SIGNPOSTS review on a live server, with one finding withdrawn; gives its address."""
    load_signposts()
    Finding.objects.filter(number=6).update(**withdrawn())
    return live_server.url


def violations(page, rules=()):
    """What axe finds on a page, by all its rules or by some."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [
        f"{rule['id']}: {node['html'][:150]} ({node['failureSummary'][:200]})"
        for rule in found
        for node in rule["nodes"]
    ]


def test_axe_finds_no_violation_at_any_width_in_either_scheme_and_nothing_scrolls_sideways(site, page):
    wrong = []
    for name, path in PAGES.items():
        page.goto(site + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme, rules in [("light", ()), ("dark", ["color-contrast"])]:  # the scheme changes colours alone
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                wrong += [f"{name}, {width}, {scheme}: {violation}" for violation in violations(page, rules)]
            scroll = page.evaluate("document.documentElement.scrollWidth")
            if scroll > width and "/admin/" not in path:
                wrong.append(f"{name}, {width}: {scroll} pixels wide")
    assert wrong == []


def test_text_at_twice_the_size_fits_a_narrow_screen(site, page):
    page.set_viewport_size({"width": 640, "height": 900})
    wrong = []
    for name, path in PAGES.items():
        page.goto(site + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if page.evaluate("document.documentElement.scrollWidth") > 640 and "/admin/" not in path:
            wrong.append(name)
    assert wrong == []


def test_a_page_brings_no_error_and_asks_nobody_else(site, page):
    heard, asked = [], []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name, path in PAGES.items():
        if name not in ("not found", "withdrawn"):
            page.goto(site + path)
    assert heard == []
    assert [url for url in asked if not url.startswith(site)] == []


def test_the_keyboard_opens_a_term_and_escape_closes_it(site, page):
    page.goto(f"{site}/findings/co-location-respect-and-trust/")
    term = page.locator("button.term").first
    term.focus()
    page.keyboard.press("Enter")
    meaning = page.locator(".term-pop:popover-open")
    expect(meaning).to_be_visible()
    expect(meaning).to_contain_text("glossary")
    page.keyboard.press("Escape")
    expect(meaning).to_have_count(0)
    expect(term).to_be_focused()


def test_the_first_tab_stop_skips_to_the_content(site, page):
    page.goto(f"{site}/themes/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_practitioner_filters_findings_by_keyboard_without_script(site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/findings/")
    page.locator(".filters > summary").focus()
    page.keyboard.press("Enter")
    page.locator("input[value=barrier]").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Apply filters").press("Enter")
    expect(page).to_have_url(f"{site}/findings/?stance=barrier")
    expect(page.locator("#count")).to_contain_text("6 findings")
    page.get_by_role("link", name="Remove the filter").click()
    expect(page).to_have_url(f"{site}/findings/")
    context.close()


def test_suggestions_are_chosen_by_keyboard_and_told_to_screen_readers(site, page):
    page.goto(site)
    box = page.get_by_role("combobox", name="Search findings").first
    box.press_sequentially("confid")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    page.get_by_role("option", name="Concerns about confidentiality").click()
    expect(page).to_have_url(f"{site}/findings/confidentiality-concerns-remain/")


def test_enter_searches_what_was_typed_when_no_suggestion_is_chosen(site, page):
    page.goto(f"{site}/themes/")
    box = page.get_by_role("combobox", name="Search findings")
    box.press_sequentially("silos")
    box.press("Enter")
    expect(page).to_have_url(f"{site}/search/?q=silos")
    expect(page.locator("#count")).to_contain_text("results for “silos”")
    expect(page.locator(".results")).to_contain_text("Division and rivalry can make a joint enterprise hard to build")


def test_a_page_that_comes_back_shows_what_its_address_asks_for(site, page):
    """As a browser shows a page again that it had put away whole, with what was typed and ticked."""
    page.goto(f"{site}/search/?q=silos&sort=newest")
    box = page.get_by_role("combobox", name="Search findings")
    box.fill("trust")
    page.locator("#sort").select_option("relevance")
    page.locator(".facets input").first.check()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(box).to_have_value("silos")
    expect(page.locator("#sort")).to_have_value("newest")
    expect(page.locator(".facets input:checked")).to_have_count(0)


def test_from_a_search_that_nothing_matches_to_a_word_that_finds_something_and_back(site, page):
    page.goto(site)
    page.locator("#q-home").fill("family court xylophone")
    page.locator("#q-home").press("Enter")
    expect(page.locator("#nearest")).to_contain_text("Nothing here matches all of it.")
    expect(page.locator("#nearest")).to_contain_text("“court” and “xylophone”")
    page.locator("#nearest").get_by_role("link", name="family").click()
    expect(page.locator("#count")).to_contain_text("for “family”")
    expect(page.locator("#nearest")).to_have_count(0)
    page.go_back()
    expect(page.locator("#nearest")).to_contain_text("Nothing here matches all of it.")
    box = page.get_by_role("combobox", name="Search findings")
    box.fill('"court trust"')
    box.press("Enter")
    expect(page.locator("#count")).to_contain_text("Nothing here matches")
    expect(page.get_by_role("heading", name="The nearest finding")).to_be_visible()
    page.locator(".boxed a").first.click()
    page.get_by_text("Questions this answers").click()
    expect(page.locator(".asked li").first).to_be_visible()


def test_what_was_ticked_and_not_applied_is_not_ticked_after_back(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/findings/")
    page.locator("input[value=barrier]").check()
    page.locator("#sort").select_option("newest")
    page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**stance=barrier**")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("26 findings")
    expect(page.locator("input:checked")).to_have_count(0)
    expect(page.locator("#sort")).to_have_value("theme")
    context.close()


def test_search_works_without_script(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.locator("#q-home").fill("multi agency")
    page.get_by_role("button", name="Search").first.click()
    expect(page.locator(".results")).to_contain_text("multi-agency")
    context.close()


def test_the_trail_leads_from_advice_to_the_cited_work(site, page):
    page.goto(f"{site}/practice/")
    page.get_by_role("link", name="Status and hierarchies", exact=True).click()
    page.locator(".trail").get_by_role(
        "link", name="One interview study links co-location with respect and trust"
    ).click()
    page.get_by_role("link", name="About this source").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Interprofessionality")


def test_print_leaves_out_the_controls_and_keeps_the_evidence_the_words_explained_and_how_to_cite_it(site, page):
    page.goto(f"{site}/findings/co-location-respect-and-trust/")
    page.emulate_media(media="print")
    for gone in [".site-head", ".site-foot", ".actions", ".steps"]:
        expect(page.locator(gone).first).to_be_hidden()
    for kept in ["h1", ".prov", ".rely", ".cites", ".term-list", ".print-foot"]:
        expect(page.locator(kept).first).to_be_visible()


def sides(page, address):
    page.goto(address)
    return [side.extract_text() for side in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages]


def test_a_finding_prints_on_one_side_with_its_review_reference_and_code_and_a_theme_without_controls(site, page):
    for code in ["F3", "F10", "F20", "F23"]:  # the longest among them
        (told,) = sides(page, f"{site}/{code}")
        for kept in [f"Finding {code}", "SIGNPOSTS", "Cite as:", f"{site}/{code}v1"]:
            assert kept in told
    theme = "".join(sides(page, f"{site}/themes/co-location/"))
    assert "Cite as:" in theme
    for gone in ["Other styles", "Copy", "Other themes", "Add to list", "Share", "Take it with you", "Questions this"]:
        assert gone not in theme


def test_the_short_link_is_copied_with_one_click(site, page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/findings/co-location-respect-and-trust/")
    page.get_by_role("link", name="Cite or share").click()
    page.get_by_role("button", name="Copy short link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/F23"


def test_a_link_to_the_fold_of_how_to_cite_opens_it_and_without_script_leads_to_it(site, page, browser):
    place = f"{site}/themes/co-location/"
    for address, opened in [(place, False), (f"{place}#cite", True)]:
        page.goto(address)
        expect(page.get_by_text("Harvard reference")).to_be_visible(visible=opened)
    page.locator("#cite > summary").click()
    expect(page.get_by_text("Harvard reference")).to_be_hidden()
    page.get_by_role("link", name="Cite or share").click()
    expect(page.get_by_text("Harvard reference")).to_be_visible()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(place)
    page.get_by_role("link", name="Cite or share").click()
    expect(page.locator("#cite > summary")).to_be_in_viewport()
    page.locator("#cite > summary").click()
    expect(page.get_by_text("Harvard reference")).to_be_visible()
    context.close()


def test_the_share_sheet_of_the_phone_is_offered_where_there_is_one(site, page, browser):
    place = f"{site}/findings/co-location-respect-and-trust/#cite"
    page.goto(place)
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_hidden()  # this browser has none
    page.add_init_script("navigator.share = async (told) => { window.shared = told }")
    page.reload()
    page.get_by_role("button", name="Share", exact=True).click()
    told = page.evaluate("window.shared")
    assert told["url"] == f"{site}/F23"
    assert told["title"].startswith("One interview study links co-location")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(place)
    page.locator("#cite > summary").click()
    expect(page.get_by_text("Harvard reference")).to_be_visible()
    expect(page.get_by_role("button", name="Share", exact=True)).to_have_count(0)
    context.close()
