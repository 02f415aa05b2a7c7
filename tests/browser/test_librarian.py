"""A librarian’s and an editor’s whole way, from a bibliography to a finding that is withdrawn for another."""

import io
import re

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from curation.models import Version
from findings.models import Finding
from sources.models import Source
from tests.browser.desk import PASSWORD, choose, log_in

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "Teams that meet weekly share more"


def mixed_bibliography():
    """30 records: new ones, some twice, one that is held, one near to one that is held, one without a title, and
    accents, tags that nobody knows and a missing end."""
    records = [
        f"TY  - JOUR\nTI  - Working in teams, study {n}\nAU  - Müller, Änne\nPY  - {1990 + n}\n"
        f"JO  - Journal of Team Studies\nVL  - {n}\nSP  - 1\nEP  - 9\nZZ  - unknown\nER  - \n"
        for n in range(24)
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


def workbook_of_two_findings():
    book = Workbook()
    sheet = book.active
    sheet.title = "Findings"
    sheet.append(["Review", "Theme", "What helps or hinders", "Heading", "Bottom line", "Body", "Tags", "Citations"])
    for n in (1, 2):
        told = [f"A row of a workbook, number {n}", "It stands in a file.", "At length."]
        sheet.append(["R1", "T1", "Context", *told, "team meetings, trust", "S5"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def reader(new_context):
    """Somebody who only reads."""
    return new_context().new_page()


def save(page):
    page.get_by_role("button", name="Save and continue editing").first.click()


def done(page, text):
    expect(page.locator(".messagelist").get_by_text(text)).to_be_visible()


def to_the_list(page, desk, name):
    page.goto(desk)
    page.get_by_role("navigation", name="Desk").get_by_role("link", name=name, exact=True).click()


def open_by_search(page, desk, name, words, title):
    to_the_list(page, desk, name)
    page.locator("#searchbar").fill(words)
    page.get_by_role("button", name="Search").click()
    page.locator("#result_list").get_by_role("link", name=title).first.click()


def test_from_a_bibliography_to_findings_that_are_published_changed_merged_and_withdrawn(desk, page, reader):
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, desk, "librarian")
    import_a_bibliography(page, desk)
    finding = write_a_finding(page, desk)
    address = desk.removesuffix("/admin/") + finding.get_absolute_url()
    assert reader.goto(address).status == 404
    lose_the_session_while_editing(page, desk, finding)
    send_for_review(page)

    log_in(page, desk, "editor")
    review_and_publish(page, desk)
    assert reader.goto(address).status == 200
    change_the_meaning_and_put_it_back(page, reader, finding, address)
    merge_what_is_held_twice(page, desk)
    retract_a_source(page, desk, reader)
    bring_in_a_workbook(page, desk)
    withdraw_for_another(page, desk, reader, address)


def import_a_bibliography(page, desk):
    page.get_by_role("link", name="Import a bibliography").click()
    page.get_by_label("File").set_input_files(
        {"name": "teams.ris", "mimeType": "application/x-research-info-systems", "buffer": mixed_bibliography()}
    )
    page.get_by_role("button", name="Show what it says").click()
    expect(page.get_by_text("30 records in RIS")).to_be_visible()
    assert not Source.objects.filter(status="draft").exists(), "nothing is saved before it was looked at"
    page.get_by_role("link", name="To decide").click()
    for group in page.get_by_role("group", name="What to do with").all():
        group.get_by_label("Leave it out").check()
    page.get_by_role("button", name="Save the choices").click()
    page.get_by_role("button", name=re.compile(r"^Import \d+ records")).click()
    expect(page.get_by_text("25 sources created, 0 updated.")).to_be_visible()
    assert Source.objects.filter(status="draft").count() == 25


def write_a_finding(page, desk):
    to_the_list(page, desk, "Findings")
    page.get_by_role("link", name="Add finding").first.click()
    choose(page, "Review", "Joined-up")
    choose(page, "Theme", "T5", "Co-location")
    page.get_by_label("Helps", exact=True).check()
    page.get_by_label("Heading").fill(HEADING)
    page.get_by_label("Heading").press("Tab")
    expect(page.get_by_label("Address")).to_have_value("teams-that-meet-weekly-share-more")
    page.get_by_label("Bottom line").fill("Meeting often helps a team to share what it knows.")
    page.get_by_label("Body").fill("Two studies found it so.[1]")
    page.get_by_role("combobox", name="Tags").or_(page.get_by_label("Tags")).first.fill(
        "trust, team meetings; Night Shift"
    )
    for author, title in [("S5", "Interprofessionality"), ("Wenger", "Communities of Practice")]:
        page.get_by_role("button", name="Add another Citation").click()
        choose(page, "Source", author, title)
    save(page)
    done(page, "was added successfully")
    finding = Finding.objects.get(slug="teams-that-meet-weekly-share-more")
    assert [citation.order for citation in finding.citations.order_by("order")] == [1, 2]
    assert sorted(finding.tags.names()) == ["Night Shift", "team meetings", "trust"]
    return finding


def lose_the_session_while_editing(page, desk, finding):
    page.get_by_label("Body").fill("Two studies found it so, in different places.[1]")
    page.context.clear_cookies()
    save(page)
    expect(page.get_by_text("You are no longer logged in, so nothing was saved.")).to_be_visible()
    page.get_by_label("Username").fill("Librarian")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_label("Body")).to_have_value("Two studies found it so, in different places.[1]")
    save(page)
    done(page, "was changed successfully")
    finding.refresh_from_db()
    assert "different places" in finding.body


def send_for_review(page):
    page.get_by_role("link", name="Send for review").click()
    page.get_by_label("Note for the log").fill("Please look at the second source.")
    page.get_by_role("button", name="Send for review").click()
    done(page, "Sent for review: ")
    expect(page.get_by_role("link", name="Publish")).to_have_count(0)


def review_and_publish(page, desk):
    page.get_by_role("link", name="Waiting for an editor").click()
    page.get_by_role("link", name=HEADING).click()
    expect(page.get_by_text("Please look at the second source.")).to_be_visible()
    page.get_by_role("link", name="View on site").click()
    expect(page.get_by_text("In review, not public.")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    done(page, "Published: ")


def change_the_meaning_and_put_it_back(page, reader, finding, address):
    page.get_by_label("Heading").fill("Teams that meet weekly may share more")
    page.get_by_label("A change of meaning").check()
    save(page)
    expect(page.locator(".errornote")).to_contain_text("Public note: Say in a sentence what changed: readers see it.")
    expect(page.get_by_label("Heading")).to_have_value("Teams that meet weekly may share more")
    page.get_by_label("Public note").fill("One study is not enough to be sure.")
    save(page)
    done(page, "was changed successfully")
    assert Version.objects.of(finding).count() == 2
    reader.goto(f"{address}versions/1/")
    expect(reader.get_by_role("heading", level=1)).to_have_text(HEADING)
    expect(reader.get_by_text("One study is not enough to be sure.").first).to_be_visible()

    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Changed: heading")).to_be_visible()
    page.get_by_role("link", name=re.compile("Put .*back")).first.click()
    page.get_by_label("A change of meaning").check()
    page.get_by_label("Public note").fill("We were right before.")
    page.get_by_role("button", name="Put this wording back").click()
    done(page, "again.")
    expect(page.get_by_label("Heading")).to_have_value(HEADING)
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text(HEADING)


def merge_what_is_held_twice(page, desk):
    to_the_list(page, desk, "Sources")
    page.locator("#searchbar").fill("Working in teams, study")
    page.get_by_role("button", name="Search").click()
    for n in (2, 3):
        row = page.get_by_role("row").filter(has_text=re.compile(rf"study {n}(?!\d)"))
        row.get_by_role("checkbox").check()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Merge …").click()
    page.get_by_role("button", name=re.compile("^Merge")).click()
    expect(page.get_by_text("“Working in teams, study 3” merged into this one.")).to_be_visible()


def retract_a_source(page, desk, reader):
    open_by_search(page, desk, "Sources", "S5", "Interprofessionality")
    page.get_by_label("Retracted on").fill("2026-11-01")
    page.get_by_label("Retraction reason").fill("Its figures were made up.")
    page.get_by_label("A minor correction").check()
    save(page)
    done(page, "was changed successfully")
    reader.goto(desk.replace("/admin/", "/F23"))
    expect(reader.get_by_text("A source of this finding has been retracted.").first).to_be_visible()


def bring_in_a_workbook(page, desk):
    page.goto(desk)
    page.get_by_role("link", name="Import entries").click()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("File", exact=False).first.set_input_files(
        {"name": "two.xlsx", "mimeType": kind, "buffer": workbook_of_two_findings()}
    )
    page.get_by_role("button", name="Show what it says").click()
    page.get_by_role("button", name=re.compile(r"^Import \d")).click()
    made = Finding.objects.filter(heading__startswith="A row of a workbook")
    expect(page.get_by_text(re.compile("2 .*created")).first).to_be_visible()
    assert [sorted(finding.tags.names()) for finding in made] == [["team meetings", "trust"]] * 2


def withdraw_for_another(page, desk, reader, address):
    open_by_search(page, desk, "Findings", "meet weekly", HEADING)
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The public reason").fill("The study was misread.")
    other = Finding.objects.get(number=23)
    choose(page, "What to use instead", "F23", str(other))
    page.get_by_role("button", name="Withdraw").click()
    done(page, "Withdrawn: ")
    assert reader.goto(address).status == 410
    expect(reader.get_by_text("The study was misread.")).to_be_visible()
    expect(reader.get_by_role("link", name=str(other))).to_be_visible()


def test_two_people_in_one_entry_lose_nothing_of_each_other(desk, page, new_context):
    finding = Finding.objects.get(number=9)
    other = new_context().new_page()
    for person, name in [(page, "editor"), (other, "second")]:
        log_in(person, desk, name)
        open_by_search(person, desk, "Findings", "F9", str(finding))
    other.get_by_label("Bottom line").fill("What the second editor wrote.")
    other.get_by_role("button", name="Add another Citation").click()
    choose(other, "Source", "Wenger", "Communities of Practice")
    other.get_by_label("A minor correction").check()
    save(other)
    done(other, "was changed successfully")

    page.get_by_label("Bottom line").fill("What the first editor wrote.")
    page.get_by_label("Body").fill("A body of the first editor.")
    page.get_by_label("A minor correction").check()
    save(page)
    meanwhile = page.get_by_role("alert").filter(has_text="while you were writing")
    expect(meanwhile).to_contain_text("second")
    expect(meanwhile.get_by_role("group", name="Bottom line: both of you changed it")).to_be_visible()
    expect(page.get_by_label("Body")).to_have_value("A body of the first editor.")
    meanwhile.get_by_role("radio", name="Take second’s").check()
    page.get_by_label("A minor correction").check()
    save(page)
    done(page, "was changed successfully")
    finding.refresh_from_db()
    assert (finding.bottom_line, finding.body) == ("What the second editor wrote.", "A body of the first editor.")
    assert [citation.source.code for citation in finding.citations.all()] == ["S6"]
