"""A librarian's session ends while she writes: what she typed is there after the log-in, with and without script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core import mail
from playwright.sync_api import expect

from findings.accounts import EDITOR, make_groups
from findings.models import Finding
from tests.browser.desk import PASSWORD, choose
from tests.signposts import load_signposts

TYPED = "Teams that share a building\nmeet <more> often, and “know” it."


@pytest.fixture
def desk(live_server, django_user_model):
    """SIGNPOSTS on a live server with an editor; gives its address."""
    load_signposts()
    make_groups(Group, Permission)
    user = django_user_model.objects.create_user("editor", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=EDITOR))
    return f"{live_server.url}/admin/"


@pytest.fixture
def finding(desk):
    return Finding.objects.get(number=23)


def log_in(page):
    page.get_by_label("Username").fill("Editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def open_finding(page, desk, finding):
    page.set_default_timeout(15_000)
    page.goto(f"{desk}findings/finding/{finding.pk}/change/")
    log_in(page)
    expect(page.get_by_label("Bottom line")).to_be_visible()


def save(page):
    page.get_by_role("button", name="Save and continue editing").first.click()


def expect_to_be_told(page):
    expect(page.get_by_text("You are no longer logged in, so nothing was saved.")).to_be_visible()
    expect(page.get_by_text("You were logged in as “editor”.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_all_that_was_typed_is_there_after_the_log_in_and_save_saves_it(desk, finding, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_finding(page, desk, finding)
    before = finding.citations.count()
    page.get_by_label("Bottom line").fill(TYPED)
    page.get_by_label("A minor correction").check()
    page.get_by_role("button", name="Add another Citation").click()
    choose(page, "Source", "Wenger", "Communities of Practice")
    page.locator(f"#id_citations-{before}-note").fill("A row of her own.")
    Session.objects.all().delete()
    save(page)

    expect_to_be_told(page)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("There is no such name with that password here.")).to_be_visible()
    expect_to_be_told(page)
    log_in(page)

    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    expect(page.get_by_label("A minor correction")).to_be_checked()
    expect(page.locator(f"#id_citations-{before}-note")).to_have_value("A row of her own.")
    expect(page.locator(f"#id_citations-{before}-source option:checked")).to_contain_text("Communities of Practice")
    finding.refresh_from_db()
    assert finding.bottom_line != TYPED and finding.citations.count() == before
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    finding.refresh_from_db()
    assert finding.bottom_line.splitlines() == TYPED.splitlines()
    assert finding.citations.get(note="A row of her own.").source.title.startswith("Communities of Practice")


def test_without_script_too_and_a_reload_loses_nothing(desk, finding, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    open_finding(page, desk, finding)
    page.get_by_label("Bottom line").fill(TYPED)
    page.get_by_label("A minor correction").check()
    Session.objects.all().delete()
    save(page)
    expect_to_be_told(page)
    page.reload()
    expect_to_be_told(page)
    log_in(page)
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    page.reload()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    finding.refresh_from_db()
    assert finding.bottom_line.splitlines() == TYPED.splitlines()


def test_the_note_of_an_act_is_there_after_the_log_in(desk, finding, page):
    open_finding(page, desk, finding)
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The public reason").fill("The study was misread.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Withdraw").click()
    expect_to_be_told(page)
    log_in(page)
    expect(page.get_by_label("The public reason")).to_have_value("The study was misread.")
    finding.refresh_from_db()
    assert not finding.is_withdrawn
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".messagelist").get_by_text("Withdrawn: ")).to_be_visible()


class Leaving:
    """Goes elsewhere, and notes whether the browser asked; `stays` is the answer."""

    def __init__(self, page):
        self.page, self.asked, self.stays = page, 0, True
        page.on("dialog", self.answer)

    def answer(self, dialog):
        assert dialog.type == "beforeunload"
        self.asked += 1
        if self.stays:
            dialog.dismiss()
        else:
            dialog.accept()

    def by(self, link):
        """Whether the browser asked before it followed the link."""
        before = self.asked
        link.click()
        self.page.wait_for_timeout(300)
        return self.asked > before


def elsewhere(page):
    return page.get_by_role("link", name="Findings", exact=True).first


def test_leaving_a_changed_form_asks_first(desk, finding, page):
    leaving = Leaving(page)
    open_finding(page, desk, finding)
    change, slug = page.url, page.get_by_label("Address", exact=True).input_value()
    page.get_by_label("Bottom line").click()
    assert not leaving.by(elsewhere(page)), "nothing was changed"
    page.goto(change)

    page.get_by_label("Bottom line").fill(TYPED)
    assert leaving.by(elsewhere(page))
    expect(page.get_by_label("Bottom line")).to_have_value(TYPED)
    page.get_by_label("Bottom line").fill(finding.bottom_line)
    assert not leaving.by(elsewhere(page)), "it is as it was"

    page.goto(change)
    choose(page, "Theme", "Education")
    assert leaving.by(elsewhere(page)), "lookups are fields too"
    leaving.stays = False
    page.goto(change)
    leaving.stays = True
    page.get_by_role("button", name="Add another Citation").click()
    choose(page, "Source", "Wenger", "Communities of Practice")
    assert leaving.by(elsewhere(page)), "and so are those of a new row"

    leaving.stays = False
    page.goto(change)
    leaving.stays = True
    asked = leaving.asked
    page.get_by_label("Bottom line").fill("Short now.")
    page.get_by_label("A minor correction").check()
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert leaving.asked == asked, "saving is no leaving"
    assert page.get_by_label("Address", exact=True).input_value() == slug
    assert not leaving.by(elsewhere(page))


def test_what_is_saved_nowhere_is_asked_for_on_every_page_that_holds_it(desk, finding, page):
    leaving = Leaving(page)
    open_finding(page, desk, finding)
    page.get_by_label("Heading").fill("")
    page.get_by_label("Bottom line").fill(TYPED)
    save(page)
    expect(page.locator(".errornote")).to_be_visible()
    page.get_by_label("Bottom line").click()
    assert leaving.by(elsewhere(page)), "it was refused"

    page.get_by_label("Heading").fill("Filled again")
    page.get_by_label("A minor correction").check()
    Session.objects.all().delete()
    save(page)
    expect_to_be_told(page)
    page.get_by_label("Username").click()
    assert leaving.by(page.get_by_role("link", name="Joined-up Librarians’ desk"))
    expect_to_be_told(page)
    log_in(page)
    page.get_by_label("Heading").click()
    assert leaving.by(elsewhere(page)), "it is given back"
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The public reason").click()
    assert not leaving.by(elsewhere(page))
    page.go_back()
    page.get_by_label("The public reason").fill("The study was misread.")
    assert leaving.by(elsewhere(page))


def test_a_forgotten_password_is_set_anew(desk, page, settings, django_user_model):
    settings.SENDS_MAIL, settings.SITE_URL = True, desk.removesuffix("/admin/")
    django_user_model.objects.update(email="editor@example.org")
    page.set_default_timeout(15_000)
    page.goto(desk)
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail address").fill("Editor@example.org")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    for _wait in range(50):
        if mail.outbox:
            break
        page.wait_for_timeout(100)
    page.goto(re.search(r"http://\S+", mail.outbox[0].body)[0])
    page.get_by_label("New password:").fill("another long word")
    page.get_by_label("Confirm password:").fill("another long word")
    page.get_by_role("button", name="Change my password").click()
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Username").fill("EDITOR")
    page.get_by_label("Password").fill("another long word")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_the_pages_around_a_log_in_are_accessible(desk, finding, browser, settings):
    page = browser.new_context(bypass_csp=True, viewport={"width": 390, "height": 844}).new_page()
    found = {}

    def look(name):
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        violations = [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in Axe().run(page).response["violations"]]
        found[name] = violations + ["too wide"] * wide

    for sends_mail in [False, True]:
        settings.SENDS_MAIL = sends_mail
        page.goto(f"{desk}password_reset/")
        look(f"forgotten, mail {sends_mail}")
    page.goto(f"{desk}password_reset/done/")
    look("link sent")
    open_finding(page, desk, finding)
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The public reason").fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Withdraw").click()
    look("kept")
    log_in(page)
    look("given back")
    page.goto(f"{desk}findings/finding/")
    page.get_by_role("checkbox").nth(1).check()
    withdraw = page.locator("button[name=action][value=withdraw]")
    withdraw.evaluate("button => button.closest('details').open = true")
    withdraw.click()
    page.get_by_label("The public reason").fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Withdraw").click()
    log_in(page)
    expect(page.get_by_role("button", name="Send it again")).to_be_visible()
    look("to be sent again")
    assert {name: told for name, told in found.items() if told} == {}
