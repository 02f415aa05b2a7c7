"""A librarian looks an import through: remarks at the record, keywords, what is here already; and what stays to do."""

import pytest
from playwright.sync_api import expect

from sources.models import Remark, Source

from .desk import log_in

FILE = """TY  - JOUR
AU  - Hudson, B.
TI  - Interprofessionality in health and social care: the Achilles' heel of partnership?
DO  - 10.1080/13561820220104122
ER  -

TY  - JOUR
AU  - Example, A.
TI  - RETRACTED: Teams that share a kitchen
PY  - 20O4
KW  - Trust
KW  - Shared kitchens
ER  -

TY  - BOOK
AU  - Other, B.
TI  - Learning over tea
PY  - 2004
ER  -
"""


def upload(page, desk):
    page.goto(f"{desk}sources/source/")
    page.get_by_role("link", name="Import a bibliography").click()
    page.get_by_label("Or paste the records here").fill(FILE)
    page.get_by_role("button", name="Show what it says").click()


def row(page, title):
    return page.locator("table.import > tbody > tr").filter(has_text=title)


@pytest.mark.parametrize("width", [1280, 768])
def test_what_is_remarked_is_seen_before_and_after(page, desk, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, desk, "librarian")
    upload(page, desk)
    retracted = row(page, "Teams that share a kitchen")
    expect(retracted.get_by_text("“20O4” is not a date with a year.")).to_be_visible()
    expect(retracted.get_by_text("Retracted", exact=True)).to_be_visible()
    expect(retracted.get_by_text("Shared kitchens")).to_be_visible()
    expect(row(page, "Achilles").get_by_text("Same", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("link", name="With remarks").click()
    expect(row(page, "Learning over tea")).to_have_count(0)
    page.go_back()
    row(page, "Learning over tea").get_by_label("Leave it out").check()
    page.get_by_label("all (2)").check()
    page.get_by_role("button", name="Show").click()
    expect(row(page, "Learning over tea").get_by_label("Leave it out")).to_be_checked()
    page.reload()
    expect(page.get_by_label("all (2)")).to_be_checked()
    page.get_by_role("button", name="Import 1 record as drafts").click()
    expect(page.get_by_text("1 source created, 0 updated.")).to_be_visible()
    source = Source.objects.get(title__contains="kitchen")
    assert {"shared kitchens", "trust"} == {tag.name.casefold() for tag in source.tags.all()}

    page.goto(desk)
    page.get_by_role("link", name="Remarks of imports").click()
    page.get_by_role("link", name="Teams that share a kitchen").click()
    panel = page.get_by_role("region", name="Remarks of the import")
    expect(panel).to_be_visible()
    for box in panel.get_by_role("checkbox").all():
        box.check()
    panel.get_by_role("button", name="Tick off").click()
    expect(page.get_by_text("ticked off.")).to_be_visible()
    expect(panel).to_have_count(0)
    assert not Remark.objects.open().exists()
