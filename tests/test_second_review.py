"""A second review, brought in from a spreadsheet or a review file, stands on every public page beside the first."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from findings.models import EntryImport, Review
from findings.transfer import jsonfile, tables
from joinedup.search.indexing import faults
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db

SECOND = {
    "format": "joined-up-review",
    "version": 1,
    "reviews": [
        {"code": "R1", "slug": "night-work", "title": "Working at night with families", "summary": "What shifts do."}
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
    "/map/?by=stance": "Shifts and handovers",
    "/glossary/": "Those who work while others sleep.",
    "/search/?q=late+crew": "Those who work while others sleep.",
    "/search/?q=Okafor": "The quiet hours",
}


@pytest.mark.parametrize(("name", "write"), [("night.json", jsonfile.write), ("night.xlsx", tables.write)])
def test_a_second_review_shows_on_every_public_page_beside_the_first(admin_client, client, name, write):
    load_signposts()
    before = {page: client.get(page).content.decode() for page in SHOWN}
    admin_client.post(
        reverse("admin:findings_entryimport_add"), {"file": SimpleUploadedFile(name, write(SECOND))}, follow=True
    )
    page = reverse("admin:findings_entryimport_change", args=[EntryImport.objects.get().pk])
    for step in [{"import": ""}, {"act": "send-for-review"}, {"act": "publish"}]:
        answer = admin_client.post(page, step, follow=True)
    assert "Published: 7 entries." in answer.content.decode()
    for address, expected in SHOWN.items():
        assert expected not in before[address], address
        assert expected in client.get(address).content.decode(), address
    assert [review.code for review in Review.objects.published()] == ["R1", "R2"]
    first = client.get("/reviews/signposts-joined-up-working/").content.decode()
    assert FINDING not in first and "Joined-up working with children and families" in first
    assert client.get("/findings/co-location-respect-and-trust/").status_code == 200
    assert not faults()
