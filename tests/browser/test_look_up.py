"""A librarian adds works by their numbers; a reported retraction is on every page after one confirmation."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from findings.models import Finding
from sources.models import Source
from tests.sources.catalogues import update

from .desk import log_in

FIVE = """From the reading list of the team:
Example and Other (2003) Trust, https://doi.org/10.5555/trust.
A report for the board, doi:10.5555/report
PMID: 23750856
ISBN 0-521-42374-0 (Learning by the way)
Groups that learn, 2009, ISBN 978-1-4028-9462-6
"""


def test_five_works_are_added_by_doi_pmid_and_isbn(page, desk, catalogues):
    log_in(page, desk, "librarian")
    page.goto(f"{desk}sources/source/")
    page.get_by_role("link", name="Add by DOI, PMID or ISBN").click()
    page.get_by_label("What you have").fill(FIVE)
    page.get_by_role("button", name="Look them up").click()
    expect(page.get_by_role("heading", name="5 looked up: 5 found")).to_be_visible()
    page.get_by_role("button", name="Preview those that are ticked").click()
    page.get_by_role("button", name="Import 5 records").click()
    expect(page.get_by_text("5 sources created")).to_be_visible()
    added = Source.objects.filter(status="draft")
    assert set(added.values_list("title", flat=True)) == {
        "Trust between services",
        "A report with italics",
        "Working across the line: a made-up study",
        "Learning by the way: a made-up book",
        "Groups that learn",
    }


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_what_is_missing_is_filled_in_without_script(page, desk, catalogues):
    source = Source.objects.create(
        title="Learning by the way", csl_type="book", isbn="9780521423748", slug="by-the-way"
    )
    page.goto(desk)
    page.get_by_label("Username").fill("librarian")
    page.get_by_label("Password").fill("a word not easily guessed")
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{desk}sources/source/{source.pk}/change/")
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("checkbox", name="Publisher")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Title")).not_to_be_checked()
    page.get_by_role("button", name="Take over what is ticked").click()
    expect(page.get_by_text("Taken over:")).to_be_visible()
    source.refresh_from_db()
    assert (source.publisher, source.place, source.title) == ("A University Press", "Cambridge", "Learning by the way")


def test_a_retraction_found_overnight_is_everywhere_after_one_confirmation(page, desk, catalogues, live_server):
    source = Source.objects.get(number=5)
    finding = Finding.objects.filter(citations__source=source, implications__isnull=False).first()
    point = finding.implications.first()
    updated = [update("retraction", "10.5555/n", 2026, 11, 28)]
    catalogues.crossref[source.doi] = {"DOI": source.doi, "updated-by": updated}
    call_command("check_retractions", verbosity=0)
    pages = [entry.get_absolute_url() for entry in (finding, point, finding.theme)]
    lists = ["/search/?q=co-location", "/practice/", "/themes/"]
    for address in pages:
        page.goto(live_server.url + address)
        expect(page.get_by_text("has been retracted.")).to_have_count(0)
    log_in(page, desk, "editor")
    page.get_by_role("link", name="Reports on works we hold").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("every page that rests on it")).to_be_visible()
    for address in pages:
        page.goto(live_server.url + address)
        expect(page.get_by_text("has been retracted.").first).to_be_visible()
        expect(page.get_by_text("Retracted 28 November 2026.").first).to_be_visible()
    for address in lists:
        page.goto(live_server.url + address)
        expect(page.get_by_text("Rests on a retracted work").first).to_be_visible()
