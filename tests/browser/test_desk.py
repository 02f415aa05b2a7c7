"""The desk in a browser: tags that are suggested, and every kind of page accessible."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import expect
from taggit.models import Tag

from findings.models import Finding, PracticeImplication, Review, Term
from sources.models import Source
from tests.browser.desk import choose, log_in
from tests.factories import cite, make_finding


def test_tags_there_are_are_suggested_while_one_types_the_last_of_several(page, desk):
    for name in ["Training", "trust", "Überblick", "training, joint"]:
        Tag.objects.get_or_create(name=name)
    log_in(page, desk, "librarian")
    page.goto(f"{desk}findings/finding/add/")
    field = page.get_by_role("combobox", name="Tags")
    expect(field).to_have_accessible_description(re.compile("Divided by commas or semicolons"))
    field.press_sequentially("Night Shift; UBER")
    option = page.get_by_role("option", name="Überblick")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    field.press("Enter")
    expect(field).to_have_value("Night Shift; Überblick, ")
    field.press_sequentially("train")
    page.get_by_role("option", name="training, joint").click()
    expect(field).to_have_value('Night Shift; Überblick, "training, joint", ')
    expect(field).to_be_focused()
    field.press_sequentially("tru")
    suggested = page.get_by_role("listbox", name="Suggestions")
    expect(suggested.get_by_role("option").first).to_have_text("trust")
    field.press("Escape")
    expect(suggested).to_be_hidden()
    page.get_by_label("Heading").fill("A finding with tags")
    page.get_by_label("Bottom line").fill("It has some.")
    page.get_by_label("Body").fill("At length.")
    page.get_by_label("Gets in the way", exact=True).check()
    choose(page, "Review", "Joined-up")
    choose(page, "Theme", "Co-location")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    tags = sorted(Finding.objects.get(heading="A finding with tags").tags.names())
    assert tags == ["Night Shift", "training, joint", "tru", "Überblick"]


DESK_PAGES = {
    "home": "",
    "due": "due/",
    "work": "work/waiting/",
    "find": "find/?q=work",
    "list": "findings/finding/",
    "add": "findings/finding/add/",
    "finding": "findings/finding/{finding}/change/",
    "history": "findings/finding/{finding}/history/",
    "withdraw": "findings/finding/{finding}/act/withdraw/",
    "check": "findings/finding/{finding}/act/check/",
    "points": "findings/practiceimplication/",
    "point": "findings/practiceimplication/{point}/change/",
    "review": "findings/review/{review}/change/",
    "sources": "sources/source/",
    "add a source": "sources/source/add/",
    "source": "sources/source/{source}/change/",
    "glossary": "findings/term/",
    "term": "findings/term/{term}/change/",
    "import": "curation/import/add/bibliography/",
    "imports": "curation/import/",
    "import of entries": "curation/import/add/entries/",
    "duplicates": "sources/source/duplicates/",
    "look up": "sources/source/look-up/",
    "reported": "sources/source/reported-notices/",
    "log": "curation/logentry/",
    "missed searches": "search/missedsearch/",
    "tags": "taggit/tag/",
    "delete a tag": "taggit/tag/{tag}/delete/",
    "user": "auth/user/{editor}/change/",
    "password": "password_change/",
}
# Django's own pages whose widgets are made by script.
STOCK_PAGES = ["auth/user/{editor}/password/", "auth/group/{group}/change/", "auth/user/add/", "auth/user/"]
WIDTHS = [1280, 768]


@pytest.fixture
def named(desk, django_user_model):
    editor = django_user_model.objects.get(username="editor")
    editor.is_superuser = True
    editor.save()
    return {
        "finding": Finding.objects.first().pk,
        "point": PracticeImplication.objects.first().pk,
        "review": Review.objects.first().pk,
        "source": Source.objects.first().pk,
        "term": Term.objects.filter(labels__isnull=False).first().pk,
        "editor": editor.pk,
        "group": Group.objects.first().pk,
        "tag": Tag.objects.first().pk,
    }


def test_no_page_of_the_desk_is_wider_than_the_window(desk, page, named):
    log_in(page, desk, "editor")
    too_wide = {}
    for address in [*DESK_PAGES.values(), *STOCK_PAGES]:
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        assert page.goto(desk + address.format(**named)).status == 200, address
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            taken = page.evaluate("document.documentElement.scrollWidth")
            if taken > width:
                too_wide[address, width] = taken
    assert not too_wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible_and_keeps_to_the_content_security_policy(desk, page, browser, named, scheme):
    log_in(page, desk, "editor")
    # axe tries styles of its own, which the policy forbids: it has a browser that knows none.
    state = page.context.storage_state()
    audited = browser.new_context(bypass_csp=True, storage_state=state, color_scheme=scheme).new_page()
    found = {}
    for name, address in DESK_PAGES.items():
        for opened in [page, audited]:
            assert opened.goto(desk + address.format(**named)).status == 200, name
            opened.wait_for_load_state("networkidle")
        found |= {
            f"{name}: {rule['id']}": [node["html"][:160] for node in rule["nodes"]][:3]
            for rule in Axe().run(audited).response["violations"]
        }
    assert not found


def test_a_heading_in_a_list_has_room_and_the_row_of_acts_covers_no_focus(desk, page, named):
    log_in(page, desk, "editor")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{desk}findings/finding/")
    assert page.locator(".field-named").first.bounding_box()["width"] >= 240
    bar = page.locator("#changelist .submit-row")
    for box in page.locator("input.action-select").all()[:12]:
        box.focus()
        assert box.bounding_box()["y"] + box.bounding_box()["height"] <= bar.bounding_box()["y"]


def test_citations_are_moved_by_dragging_their_heading_and_saved_in_that_order(desk, page):
    finding = make_finding(status="draft", published_on=None)
    for source in Source.objects.order_by("number")[:3]:
        cite(finding, source)
    before = [one.source.code for one in finding.citations.order_by("order")]
    log_in(page, desk, "librarian")
    page.set_viewport_size({"width": 1280, "height": 2500})  # with all of them in sight
    page.goto(f"{desk}findings/finding/{finding.pk}/change/")
    cards = page.locator(".inline-related:not(.empty-form)")
    cards.nth(2).locator("h3 .place").drag_to(cards.nth(0).locator("h3 .place"), target_position={"x": 2, "y": 2})
    expect(page.get_by_text("Now number 1 of 3")).to_be_attached()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    after = [one.source.code for one in finding.citations.order_by("order")]
    assert after == [before[2], before[0], before[1]]


# Of a field of many lines, what is looked at is where one types.
UNDER_THE_BAR = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const held = { top: box.top, bottom: Math.min(box.bottom, box.top + 48) };
  const bar = document.querySelector("form .submit-row");
  const { top, bottom } = bar.getBoundingClientRect();
  if (bar.contains(document.activeElement) || document.activeElement === document.body) return "";
  return held.bottom > top + 1 && held.top < bottom - 1 ? document.activeElement.outerHTML.slice(0, 120) : "";
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_with_the_keyboard_alone_the_bar_of_a_form_covers_no_focus_and_delete_is_far_from_save(desk, page, width):
    finding = make_finding(status="draft", published_on=None)
    cite(finding, Source.objects.first())
    log_in(page, desk, "editor")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{desk}findings/finding/{finding.pk}/change/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Heading").focus()
    covered, reached = [], []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(UNDER_THE_BAR))
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        if "Delete" in reached[-1]:
            break
    assert [one for one in covered if one] == []
    assert {"bottom_line", "citations-0-note", "tags", "_save", "_continue"} <= {*reached}
    save = page.get_by_role("button", name="Save", exact=True).bounding_box()
    delete = page.locator("summary", has_text="Delete this finding").bounding_box()
    assert delete["y"] - (save["y"] + save["height"]) > 44, "and it is folded away"
    expect(page.get_by_role("link", name="Delete this finding")).to_be_hidden()
