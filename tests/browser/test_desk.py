"""The desk as a new librarian and an editor meet it, from an empty form to a withdrawn finding."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, Permission
from playwright.sync_api import expect
from taggit.models import Tag

from findings.accounts import EDITOR, LIBRARIAN, make_groups
from findings.models import Finding, Term
from sources.models import Source, Version
from tests.signposts import load_signposts

PASSWORD = "a word not easily guessed"


@pytest.fixture
def desk(live_server, django_user_model):
    """SIGNPOSTS on a live server with a librarian and an editor; gives its address."""
    load_signposts()
    make_groups(Group, Permission)  # which emptying the database after another test has taken away
    for role in [LIBRARIAN, EDITOR]:
        user = django_user_model.objects.create_user(role.lower(), password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
    return f"{live_server.url}/admin/"


def log_in(page, desk, name):
    page.set_default_timeout(15_000)
    page.context.clear_cookies()
    page.goto(desk)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text(f"Welcome, {name}", exact=False)).to_be_visible()


def test_tags_there_are_are_suggested_while_one_types_the_last_of_several(page, desk):
    for name in ["Training", "trust", "Überblick", "training, joint"]:
        Tag.objects.get_or_create(name=name)
    log_in(page, desk, "librarian")
    page.goto(f"{desk}findings/finding/add/")
    field = page.get_by_role("combobox", name="Tags")
    expect(field).to_have_accessible_description(re.compile("Divided by commas or semicolons"))
    field.press_sequentially("Social Work; UBER")
    option = page.get_by_role("option", name="Überblick")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    field.press("Enter")
    expect(field).to_have_value("Social Work; Überblick, ")
    field.press_sequentially("train")
    page.get_by_role("option", name="training, joint").click()
    expect(field).to_have_value('Social Work; Überblick, "training, joint", ')
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
    assert tags == ["Social Work", "training, joint", "tru", "Überblick"]


def mixed_bibliography():
    """200 records: new ones, some twice, one that is held, one near to one that is held, one without a title, and
    accents, tags that nobody knows and a missing end."""
    records = [
        f"TY  - JOUR\nTI  - Working in teams, study {n}\nAU  - Müller, Änne\nPY  - {1990 + n % 30}\n"
        f"JO  - Journal of Team Studies\nVL  - {n}\nSP  - 1\nEP  - 9\nZZ  - unknown\nER  - \n"
        for n in range(194)
    ]
    records += [records[0], records[1]]
    records.append(
        "TY  - JOUR\nTI  - Interprofessionality in health and social care: the Achilles' heel of partnership?\n"
        "AU  - Hudson, Bob\nPY  - 2002\nJO  - Journal of Interprofessional Care\nVL  - 16\nIS  - 1\nER  - \n"
    )
    records.append("TY  - BOOK\nTI  - Working together in child protection\nAU  - Murphy, M.\nPY  - 1995\nER  - \n")
    records.append("TY  - BOOK\nAU  - Nobody, A.\nPY  - 2001\nER  - \n")
    records.append("TY  - RPRT\nTI  - The last one, cut off\nAU  - Frost, Nick\nPY  - 2005")
    return "".join(records).encode()


def choose(page, label, text, shown=None):
    """Pick from one of the lookup fields of a form, by what it is called: type `text`, take what is `shown`."""
    page.get_by_role("combobox", name=label).last.click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option").filter(has_text=shown or text).first.click()


def test_a_bibliography_is_imported_a_finding_written_reviewed_published_changed_and_withdrawn(desk, page):
    # A librarian brings in a bibliography and decides what is the same.
    log_in(page, desk, "librarian")
    page.get_by_role("link", name="Imports of bibliographies").first.click()
    page.get_by_role("link", name="Import a bibliography").click()
    page.get_by_label("File").set_input_files(
        {"name": "teams.ris", "mimeType": "application/x-research-info-systems", "buffer": mixed_bibliography()}
    )
    page.get_by_role("button", name="Show what it says").click()
    expect(page.get_by_text("200 records in RIS")).to_be_visible()
    assert not Source.objects.filter(status="draft").exists(), "nothing is saved before it was looked at"
    page.get_by_role("link", name="Please decide").click()
    for group in page.get_by_role("radiogroup").all():
        group.get_by_label("Skip").check()
    page.get_by_role("button", name="Save the choices").click()
    page.get_by_role("button", name="Import 195 records").click()
    expect(page.get_by_text("195 sources created, 0 updated.")).to_be_visible()
    assert Source.objects.filter(status="draft").count() == 195

    # She writes a finding with two citations and tags, and sends it for review.
    page.goto(f"{desk}findings/finding/add/")
    choose(page, "Review", "Joined-up")
    choose(page, "Theme", "Co-location")
    page.get_by_label("Stance").select_option("facilitator")
    page.get_by_label("Heading").fill("Teams that meet weekly share more")
    page.get_by_label("Heading").press("Tab")
    expect(page.get_by_label("Slug")).to_have_value("teams-that-meet-weekly-share-more")
    page.get_by_label("Bottom line").fill("Meeting often helps a team to share what it knows.")
    page.get_by_label("Body").fill("Two studies found it so.[1]")
    page.get_by_label("Tags").fill("trust, team meetings")
    for author, title in [("Hudson", "Interprofessionality"), ("Wenger", "Communities of Practice")]:
        page.get_by_role("button", name="Add another Citation").click()
        choose(page, "Source", author, title)
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.get_by_role("link", name="Send for review").click()
    page.get_by_label("Note for the record").fill("Please look at the second source.")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Sent for review: ")).to_be_visible()
    expect(page.get_by_role("link", name="Publish")).to_have_count(0)
    finding = Finding.objects.get(slug="teams-that-meet-weekly-share-more")
    assert finding.citations.count() == 2
    assert sorted(finding.tags.names()) == ["team meetings", "trust"]
    public = page.context.browser.new_page()
    address = desk.replace("/admin/", finding.get_absolute_url())
    assert public.goto(address).status == 404

    # An editor finds it waiting, looks at it as readers will see it, and publishes it.
    log_in(page, desk, "editor")
    page.get_by_role("link", name="1 finding in review").click()
    page.get_by_role("link", name="Teams that meet weekly share more").click()
    preview = page.context.new_page()
    preview.goto(address)
    expect(preview.get_by_text("In review, not public.")).to_be_visible()
    preview.close()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: ")).to_be_visible()
    assert public.goto(address).status == 200

    # She changes its meaning, which needs a word for readers and keeps what they read until now.
    page.get_by_label("Heading").fill("Teams that meet weekly may share more")
    page.get_by_label("A change of meaning").check()
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("Say in a sentence what changed: readers see it.")).to_be_visible()
    expect(page.get_by_label("Heading")).to_have_value("Teams that meet weekly may share more")
    page.get_by_label("Public note").fill("One study is not enough to be sure.")
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Version.objects.of(finding).count() == 2
    public.goto(f"{address}versions/1/")
    expect(public.get_by_role("heading", level=1)).to_have_text("Teams that meet weekly share more")
    expect(public.get_by_text("One study is not enough to be sure.").first).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Changed: heading")).to_be_visible()
    page.go_back()

    # She withdraws it, names another, and its address explains.
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The public reason").fill("The study was misread.")
    other = Finding.objects.get(number=23)
    page.get_by_label("What to use instead").select_option(label=str(other))
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".messagelist").get_by_text("Withdrawn: ")).to_be_visible()
    assert public.goto(address).status == 410
    expect(public.get_by_text("The study was misread.")).to_be_visible()
    expect(public.get_by_role("link", name=str(other))).to_be_visible()


DESK_PAGES = {
    "home": "",
    "list": "findings/finding/",
    "add": "findings/finding/add/",
    "finding": "findings/finding/{finding}/change/",
    "history": "findings/finding/{finding}/history/",
    "source": "sources/source/{source}/change/",
    "term": "findings/term/{term}/change/",
    "import": "sources/importbatch/add/",
    "duplicates": "sources/source/duplicates/",
    "acts": "sources/act/",
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
