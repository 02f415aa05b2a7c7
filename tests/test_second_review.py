"""A second review, brought in from a spreadsheet or a review file, stands on every public page beside the first, and is
told of with its own facts: recent, Welsh, and no summary."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from curation.models import Import
from findings.models import Review
from findings.review_files import jsonfile, tables
from joinedup.search.index import faults
from tests.signposts import load_signposts
from tests.test_crawl import _crawl

pytestmark = pytest.mark.django_db

SECOND = {
    "format": "joined-up-review",
    "version": 1,
    "reviews": [
        {
            "code": "R1",
            "slug": "night-work",
            "title": "Working at night with families",
            "summary": "What shifts do.",
            "kind_of_text": "review",
            "publisher": "Gwasg y Nos",
            "year": "2024",
            "country": "Wales",
            "updates": "Search updated 2025",
            "bear_in_mind": "It read four studies.",
            "how_to_get_it": "It is free to read.",
            "contributors": [{"role": "author", "family": "Rees", "given": "Angharad", "literal": ""}],
        }
    ],
    "themes": [{"code": "T1", "slug": "shifts", "name": "Shifts and handovers", "summary": "How shifts meet."}],
    "sources": [
        {
            "code": "S1",
            "title": "The quiet hours: a study of night teams",
            "csl_type": "book",
            "issued": "2019",
            "publisher": "Night Press",
            "contributors": [{"role": "author", "family": "Okafor", "given": "Ada", "literal": ""}],
            "tags": ["handover"],
        }
    ],
    "findings": [
        {
            "code": "F1",
            "slug": "handover-notes-help",
            "review": "R1",
            "theme": "T1",
            "stance": "facilitator",
            "heading": "Written handover notes help the next shift",
            "bottom_line": "A page of notes saves an hour of questions.",
            "body": "One study saw fewer mistakes where notes were written.[1]",
            "tags": ["handover"],
            "citations": [
                {"source": "S1", "number": 1, "locator": "", "locator_label": "", "note": "Seen in one study."}
            ],
        }
    ],
    "implications": [
        {
            "code": "P1",
            "slug": "write-notes",
            "review": "R1",
            "element": "shared-repertoire",
            "heading": "Write handover notes",
            "summary": "Agree on one page, and fill it in at each handover.",
            "body": "Agree on what belongs on the page.",
            "findings": ["F1"],
            "tags": ["handover"],
        }
    ],
    "key_messages": [
        {
            "code": "K1",
            "slug": "notes",
            "review": "R1",
            "heading": "Notes carry knowledge from shift to shift",
            "body": "What is written is not forgotten.",
            "findings": ["F1"],
            "implications": ["P1"],
        }
    ],
    "terms": [
        {
            "slug": "night-team",
            "preferred_label": "Night team",
            "definition": "Those who work while others sleep.",
            "labels": [{"label": "late crew", "kind": "also-called"}],
        }
    ],
}
FINDING, POINT, SOURCE = "Written handover notes help the next shift", "Write handover notes", "The quiet hours"
SHOWN = {
    "/": "Shifts and handovers",
    "/reviews/": "Working at night with families",
    "/reviews/night-work/": FINDING,
    "/themes/": "Shifts and handovers",
    "/themes/shifts/": FINDING,
    "/findings/?show=all": FINDING,
    "/findings/handover-notes-help/": "Okafor",
    "/practice/": POINT,
    "/practice/shared-repertoire/": POINT,
    "/practice/shared-repertoire/write-notes/": FINDING,
    "/sources/": SOURCE,
    "/sources/okafor-2019/": FINDING,
    "/tags/handover/": FINDING,
    "/map/": "Shifts and handovers",
    "/map/?by=practice": "Shifts and handovers",
    "/glossary/": "Those who work while others sleep.",
    "/search/?q=late+crew": "Those who work while others sleep.",
    "/search/?q=Okafor": "The quiet hours",
}


def bring_in(admin_client, name, content):
    admin_client.post(
        reverse("admin:curation_import_upload", args=["entries"]),
        {"file": SimpleUploadedFile(name, content)},
        follow=True,
    )
    page = reverse("admin:curation_import_change", args=[Import.objects.get().pk])
    for step in [{"import": ""}, {"act": "send-for-review"}, {"act": "publish"}]:
        answer = admin_client.post(page, step, follow=True)
    assert "Published: 7 entries." in answer.content.decode()


@pytest.mark.parametrize(("name", "write"), [("night.json", jsonfile.write), ("night.xlsx", tables.write)])
def test_a_second_review_shows_on_every_public_page_beside_the_first(admin_client, client, name, write):
    load_signposts()
    before = {page: client.get(page).content.decode() for page in SHOWN}
    bring_in(admin_client, name, write(SECOND))
    for address, expected in SHOWN.items():
        assert expected not in before[address], address
        assert expected in client.get(address).content.decode(), address
    assert [review.code for review in Review.objects.published()] == ["R1", "R2"]
    first = client.get("/reviews/signposts-joined-up-working/").content.decode()
    assert FINDING not in first and "Joined-up working with children and families" in first
    assert client.get("/findings/co-location-respect-and-trust/").status_code == 200
    assert not faults()


# What is true of the first review alone.
OF_THE_FIRST = re.compile(
    r"SIGNPOSTS|2005|Frost|Flood|Dartington|research in practice|\bUK\b|undated|no date|Summary of a"
)


def test_a_recent_welsh_review_that_is_no_summary_is_told_of_with_its_own_facts_alone(admin_client, client):
    bring_in(admin_client, "night.json", jsonfile.write(SECOND))
    pages, _ = _crawl(client)
    shown = {address: "".join(page.itertext()) for address, page in pages.items() if page is not None}
    assert len(shown) > 20
    for address, page in shown.items():
        if address == "/api/v1/docs":  # it describes what there can be
            continue
        assert not (found := OF_THE_FIRST.search(page)), (address, found)
    line = "From Working at night with families, a research review of 2024, Wales (A. Rees, Gwasg y Nos)."
    for address in ["/", "/map/", "/themes/shifts/", "/findings/", "/practice/", "/reviews/night-work/"]:
        assert f"{line} In our words. Search updated 2025." in shown[address], address
    assert "1 finding in plain English, from a research review of 2024 (Wales)." in shown["/"]
    finding = shown["/findings/handover-notes-help/"]
    assert "Review of 2024; study of 2019. Search updated 2025." in finding
    steps = client.get("/reviews/night-work/").context["steps"]
    assert [(step.name, step.who) for step in steps][1:-1] == [("The review", "Angharad Rees, 2024")]


def test_two_reviews_are_each_told_of_with_their_own_facts(admin_client, client):
    load_signposts()
    bring_in(admin_client, "night.json", jsonfile.write(SECOND))
    home = client.get("/").content.decode()
    assert "What two research reviews say" in home
    assert "28 findings in plain English, from two research reviews, of about 2005 to 2024." in home
    assert not OF_THE_FIRST.search(client.get("/themes/shifts/").content.decode())
    assert "Wales" not in client.get("/themes/co-location/").content.decode()
