"""The desk in a browser: tags that are suggested, and every kind of page accessible."""

import re

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import expect
from taggit.models import Tag

from findings.models import Finding, Term
from sources.models import Source
from tests.browser.desk import choose, log_in


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
    page.get_by_label("Stance").select_option("barrier")
    choose(page, "Review", "Joined-up")
    choose(page, "Theme", "Co-location")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    tags = sorted(Finding.objects.get(heading="A finding with tags").tags.names())
    assert tags == ["Night Shift", "training, joint", "tru", "Überblick"]


DESK_PAGES = {
    "home": "",
    "list": "findings/finding/",
    "add": "findings/finding/add/",
    "finding": "findings/finding/{finding}/change/",
    "history": "findings/finding/{finding}/history/",
    "source": "sources/source/{source}/change/",
    "term": "findings/term/{term}/change/",
    "import": "curation/import/add/bibliography/",
    "duplicates": "sources/source/duplicates/",
    "look up": "sources/source/look-up/",
    "reported": "sources/source/reported-notices/",
    "log": "curation/logentry/",
}


# Django's own pages whose widgets are made by script.
STOCK_PAGES = ["auth/user/{editor}/change/", "auth/user/{editor}/password/", "auth/group/{group}/change/"]
STOCK_PAGES += ["taggit/tag/", "taggit/tag/{tag}/delete/", "sources/source/add/", "password_change/"]


def test_the_desk_is_accessible_and_keeps_to_the_content_security_policy(desk, page, browser, django_user_model):
    editor = django_user_model.objects.get(username="editor")
    editor.is_superuser = True
    editor.save()
    log_in(page, desk, "editor")
    # axe tries styles of its own, which the policy forbids: it has a browser that knows none.
    audited = browser.new_context(bypass_csp=True, storage_state=page.context.storage_state()).new_page()
    named = {
        "finding": Finding.objects.first().pk,
        "source": Source.objects.first().pk,
        "term": Term.objects.filter(labels__isnull=False).first().pk,
        "editor": editor.pk,
        "group": Group.objects.first().pk,
        "tag": Tag.objects.first().pk,
    }
    found = {}
    for address in STOCK_PAGES:
        assert page.goto(desk + address.format(**named)).status == 200, address
        page.wait_for_load_state("networkidle")
    for name, address in DESK_PAGES.items():
        for opened in [page, audited]:
            assert opened.goto(desk + address.format(**named)).status == 200, name
            opened.wait_for_load_state("networkidle")
        found |= {
            f"{name}: {rule['id']}": [node["html"][:160] for node in rule["nodes"]][:3]
            for rule in Axe().run(audited).response["violations"]
        }
    assert not found
