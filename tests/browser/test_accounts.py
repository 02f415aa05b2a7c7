"""A librarian's second step, her log-ins, a note from a colleague and the tour, in a browser."""

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from findings.models import Finding
from joinedup.accounts.models import SecondStep
from tests.browser.desk import PASSWORD, log_in

TYPED = "Teams that share a building meet more often."


def give_password(page, name="librarian"):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def set_up(page):
    """Switch it on at the page that shows it; the key, and the recovery codes."""
    key = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code that your telephone shows").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return key, page.locator(".codes code").all_inner_texts()


def next_code(key):
    """The code of the step after the last that was taken, which a clock that is a little fast shows."""
    return pyotp.TOTP(key).generate_otp(SecondStep.objects.get().last_timecode + 1)


@pytest.fixture
def draft(desk):
    finding = Finding.objects.get(number=23)
    Finding.objects.filter(pk=finding.pk).update(status="draft")
    return finding


@pytest.mark.parametrize("script", [True, False])
def test_two_steps_keep_what_was_typed_and_a_recovery_code_takes_the_place_of_the_telephone(
    desk, draft, new_context, script
):
    page = new_context(java_script_enabled=script, viewport={"width": 768, "height": 900}).new_page()
    log_in(page, desk, "librarian")
    page.get_by_role("link", name="Your log-ins").first.click()
    page.get_by_role("link", name="Set it up").click()
    key, codes = set_up(page)
    assert len(codes) == 8
    page.get_by_role("link", name="I have kept them").click()

    page.goto(f"{desk}findings/finding/{draft.pk}/change/")
    page.get_by_label("Bottom line").fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save and continue editing").first.click()
    give_password(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_label("Code from your telephone").fill("12345x")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("That is not the code for now")).to_be_visible()
    expect(page.get_by_text("What you typed is kept in this page.")).to_be_visible()
    page.get_by_label("Code from your telephone").fill(next_code(key))
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.goto(desk)
    give_password(page)
    page.get_by_label("Code from your telephone").fill(codes[3].lower())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto(f"{desk}two-step/")
    expect(page.get_by_text("You have 7 recovery codes left.")).to_be_visible()


def test_an_editor_who_has_to_sets_it_up_and_gets_back_what_she_typed(desk, draft, page, settings):
    log_in(page, desk, "editor")
    page.goto(f"{desk}findings/finding/{draft.pk}/change/")
    page.get_by_label("Bottom line").fill(TYPED)
    settings.TWO_STEP_REQUIRED_FOR_EDITORS = True
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("Everybody here who may publish")).to_be_visible()
    set_up(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()


def test_a_note_reaches_the_colleague_where_she_works_and_her_answer_comes_back(desk, draft, new_context):
    editor, librarian = new_context().new_page(), new_context().new_page()
    log_in(editor, desk, "editor")
    editor.goto(f"{desk}findings/finding/{draft.pk}/change/")
    editor.get_by_role("link", name="Notes", exact=True).click()
    editor.get_by_label("Note:").fill("The hedge is gone.")
    editor.get_by_label("For:").select_option("librarian")
    editor.get_by_role("button", name="Write the note").click()
    expect(editor.get_by_text("Your note is shown to “librarian”.")).to_be_visible()

    log_in(librarian, desk, "librarian")
    librarian.get_by_role("region", name="Notes to you").get_by_role("link").click()
    librarian.get_by_label("Answer:").fill("Put back.")
    librarian.get_by_role("button", name="Answer").click()
    expect(librarian.get_by_text("Your answer is written.")).to_be_visible()
    librarian.goto(f"{desk}findings/finding/{draft.pk}/change/")
    expect(
        librarian.get_by_role("region", name="Notes on this entry").get_by_text("The hedge is gone.")
    ).to_be_visible()

    editor.goto(desk)
    expect(editor.get_by_role("region", name="Notes to you").get_by_text("Put back.")).to_be_visible()
    editor.get_by_role("region", name="Notes to you").get_by_role("link").click()
    editor.get_by_role("button", name="Mark as done").click()
    expect(editor.get_by_text("The note is marked as done.")).to_be_visible()
    for page in [editor, librarian]:
        page.goto(desk)
        expect(page.get_by_role("heading", name="Notes to you")).to_have_count(0)


def test_the_tour_is_closed_and_another_log_in_is_ended(desk, new_context):
    here, there = new_context().new_page(), new_context().new_page()
    for page in [there, here]:
        log_in(page, desk, "librarian")
    here.get_by_role("button", name="Close this for good").click()
    expect(here.get_by_role("heading", name="New here?")).to_have_count(0)
    here.get_by_role("link", name="Your log-ins").click()
    here.get_by_role("button", name="End this one").click()
    expect(here.get_by_text("1 log-in ended.")).to_be_visible()
    there.goto(desk)
    expect(there.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_fit_and_are_accessible(desk, draft, browser, scheme):
    page = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 768, "height": 900}).new_page()
    found = {}

    def look(name):
        page.wait_for_load_state("networkidle")
        for width in [1280, 768]:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            violations = [
                (rule["id"], rule["nodes"][0]["html"][:160]) for rule in Axe().run(page).response["violations"]
            ]
            found[name, width] = violations + ["too wide"] * wide

    log_in(page, desk, "editor")
    page.goto(f"{desk}findings/finding/{draft.pk}/notes/")
    page.get_by_label("Note:").fill("The hedge is gone.")
    page.get_by_role("button", name="Write the note").click()
    look("notes")
    log_in(page, desk, "librarian")
    look("home")
    page.goto(f"{desk}log-ins/")
    look("log-ins")
    page.goto(f"{desk}two-step/")
    look("set up")
    set_up(page)
    look("codes")
    page.goto(f"{desk}two-step/")
    look("on")
    page.get_by_role("button", name="Log out").click()
    page.goto(desk)
    give_password(page)
    look("second step")
    assert {name: told for name, told in found.items() if told} == {}
