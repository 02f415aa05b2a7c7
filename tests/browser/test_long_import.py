"""A librarian brings in a large table that no program made: she says what its columns are, stops, goes on, undoes."""

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from curation.models import ImportRun
from sources.models import Source
from tests.test_killed import database_url

from .desk import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROWS = 3000


def table():
    rows = [f"Über Teams, Studie {n};Müller, Änne;{1970 + n % 50};Regal {n % 9};10.5555/t.{n}" for n in range(ROWS)]
    return "\n".join(["Titel;Autorin;Jahr;Regal;DOI", *rows]).replace("Müller, Änne", '"Müller, Änne"').encode()


@pytest.fixture
def processes(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "joinedup.settings")
    yield
    while ImportRun.objects.filter(refused=None).exists():  # none works on the database of the next test
        time.sleep(0.2)


def shares(page):
    """How far it is, each time that the page looks again, until it is over."""
    seen = []
    while page.get_by_text(re.compile("were created and|was undone on")).count() == 0:
        with suppress(Error):  # it is about to show the next
            share = page.evaluate("document.querySelector('progress')?.value")
            seen += [] if share is None else [share]
        page.wait_for_timeout(300)
    return seen


def test_a_table_of_3000_works_is_mapped_stopped_imported_and_undone(page, desk, processes):
    held = Source.objects.count()
    log_in(page, desk, "librarian")
    page.goto(f"{desk}sources/source/")
    page.get_by_role("link", name="Import a bibliography").click()
    page.get_by_label("File").set_input_files({"name": "liste.csv", "mimeType": "text/csv", "buffer": table()})
    page.get_by_role("button", name="Show what it says").click()

    expect(page.get_by_text("4 columns of this table have headings that we do not know.")).to_be_visible()
    expect(page.get_by_label("What “DOI” is")).to_have_value("doi")
    page.set_default_timeout(60_000)  # reading 3,000 rows on a busy machine
    page.get_by_role("button", name="Show the records").click()  # as it is, there are no titles
    expect(page.get_by_text("Say which column has the titles")).to_be_visible()
    for heading, field in [("Titel", "Title"), ("Autorin", "Authors"), ("Jahr", "Year")]:
        page.get_by_label(f"What “{heading}” is").select_option(label=field)
    page.get_by_role("button", name="Show the records").click()
    preview = re.compile(r"/import/\d+/change/")
    expect(page).to_have_url(preview, timeout=60_000)
    page.go_back()
    expect(page.get_by_label("What “Titel” is")).to_have_value("title")
    page.get_by_label("What “Regal” is").select_option(label="Leave out")
    page.get_by_role("button", name="Show the records").click()
    expect(page).to_have_url(preview, timeout=60_000)
    page.reload()

    page.get_by_role("button", name="Import 3,000 records").click()
    page.get_by_role("button", name="Stop, and import nothing").click()
    expect(page.get_by_text("It was stopped before the end, as somebody asked.")).to_be_visible(timeout=60_000)
    assert Source.objects.count() == held

    page.get_by_role("button", name="Import 3,000 records").click()
    page.reload()
    seen = shares(page)
    assert seen == sorted(seen)
    expect(page.get_by_text("3,000 were created and 0 updated")).to_be_visible()
    assert Source.objects.count() == held + ROWS

    page.go_back()
    expect(page.get_by_text("3,000 were created and 0 updated")).to_be_visible()
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", name="is being undone")).to_be_visible()
    seen = shares(page)
    assert seen == sorted(seen)
    assert [share for share in seen if 0 < share < 100]
    expect(page.get_by_text("This import was undone on")).to_be_visible()
    assert Source.objects.count() == held
