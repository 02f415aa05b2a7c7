"""References found in a text go to the import; the trail leads from a passage to a practice point."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.imports import importing
from curation.models import Import
from findings.extraction import trail
from findings.extraction.bibliography import found_in
from findings.review_files import schema
from findings.review_files.filetype import LEFT_OUT, REVIEW_FILE
from tests.factories import make_finding, make_implication, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, people, text):
    client.force_login(people["Editor"])
    return f"/admin/findings/review/{text.review_id}/"


def test_references_are_matched_with_what_is_held(text):
    sheds = make_source(title="Sheds", issued="1999", authors=[("Green", "B.")], publisher="Spade Press")
    assert [(one.reference.record.title, one.verdict, one.source) for one in found_in(text)] == [
        ("Sheds", "same", sheds),
    ]
    text.sections.filter(title="References").update(title="Elsewhere")
    assert [(one.reference.record.title, one.verdict) for one in found_in(text)] == [("Talking over a hedge", "new")]


def test_ticked_references_go_to_the_preview_of_an_import_and_nothing_is_saved_before(client, desk):
    page = client.get(f"{desk}references/").content.decode()
    assert "Spade Press" in page and page.count('name="line"') == 1
    assert "Tick the lines" in client.post(f"{desk}references/", {}).content.decode()
    answer = client.post(f"{desk}references/", {"line": ["1", "2", "99", "x"]})
    batch = Import.objects.get()
    assert answer["Location"] == f"/admin/curation/import/{batch.pk}/change/"
    titles = [row.record["title"] for row in batch.rows.order_by("position")]
    assert titles == ["Sheds"]
    assert "Sheds" in client.get(answer["Location"]).content.decode()


def test_the_trail_leads_from_a_passage_to_what_rests_on_it(client, desk, text):
    finding = make_finding(review=text.review, heading="=Talking helps")
    point = make_implication([finding], review=text.review, heading="Talk over the hedge")
    client.post(f"{desk}reading/", {"add": "1", "s": ["3", "4"], "code": finding.code})
    client.post(f"{desk}reading/", {"make": "aside", "s": "1", "reason": "Heading"})
    page = client.get(f"{desk}trail/").content.decode()
    assert f"{point.code} {point}" in page and "Set aside: Heading" in page and "<path" in page
    rows = list(csv.DictReader(io.StringIO(client.get(f"{desk}trail.csv").content.decode("utf-8-sig"))))
    assert len(rows) == 14 and "passage" not in rows[0]
    row = next(row for row in rows if row["sentence"] == "4")
    assert (row["code"], row["leads to"], row["paragraph"], row["heading"]) == (
        finding.code,
        point.code,
        "1",
        "'=Talking helps",
    )
    asked = client.get(f"{desk}trail.csv?passages=yes").content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(asked)))["passage"] == "Sharing a garden"


def test_the_review_file_has_the_passages_only_if_asked_for_and_an_import_leaves_them_out_in_words(
    client, desk, text, people
):
    finding = make_finding(review=text.review, heading="Talking helps")
    client.post(f"{desk}reading/", {"add": "1", "s": ["3"], "code": finding.code})
    client.post(f"{desk}reading/", {"make": "aside", "s": "1", "reason": "Heading"})
    export = f"{desk}export/?passages=yes"
    assert export.partition("admin")[2] in client.get(f"{desk}trail/").content.decode()
    plain, asked = client.get(f"{desk}export/").content, client.get(export).content
    document = json.loads(asked)
    assert document.pop("passages") == [
        {
            "entry": finding.code,
            "use": "finding",
            "sentence": "3",
            "section": "Talking and lending",
            "paragraph": 1,
            "page": None,
            "passage": "Neighbours who share a plot often talk.¹",
        }
    ]
    assert document == json.loads(plain)
    assert set(json.loads(asked)["passages"][0]) == set(schema.schema()["properties"]["passages"]["items"]["required"])
    batch = importing.upload(REVIEW_FILE, asked, "review.json", people["Editor"])
    assert batch.problems == [["Passages", LEFT_OUT, False]]
    assert not [row for row in batch.rows.all() if "Neighbours who share" in str(row.record)]
    assert (
        "passages of the review’s text are left out"
        in client.get(f"/admin/curation/import/{batch.pk}/change/").content.decode()
    )
    assert client.get(f"{export}&format=xlsx").content.startswith(b"PK")


def test_the_review_file_with_passages_is_for_those_who_may_read_the_text(client, text, django_user_model):
    viewer = django_user_model.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(*Permission.objects.filter(codename__in=["view_finding", "view_review"]))
    client.force_login(viewer)
    address = f"/admin/findings/review/{text.review_id}/export/"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?passages=yes").status_code == 403


def test_the_command_writes_the_passages_if_told(text):
    out = io.StringIO()
    call_command("export_review", text.review.code, with_passages=True, stdout=out)
    assert json.loads(out.getvalue())["passages"] == []


def test_the_picture_has_each_passage_and_entry_once_and_marks_what_is_ours(client, desk, text):
    findings = [make_finding(review=text.review, heading="x" * 100) for _ in range(2)]
    make_implication(findings, review=text.review)
    client.post(f"{desk}reading/", {"add": "1", "s": ["3", "4"], "code": findings[0].code})
    client.post(f"{desk}reading/", {"add": "1", "s": "4", "code": findings[1].code})
    drawing = trail.drawing(text)
    columns = [node["column"] for node in drawing["nodes"]]
    assert {name: columns.count(name) for name in trail.COLUMNS} == {"passage": 2, "finding": 2, "point": 1}
    assert [line["ours"] for line in drawing["lines"]].count(True) == 2
    assert {len(node["name"]) for node in drawing["nodes"] if node["column"] == "finding"} == {
        trail.COLUMNS["finding"][1]
    }


def test_the_pages_take_as_many_queries_for_3_passages_as_for_30(client, desk, text):
    counts = {page: [] for page in ("trail/", "second-reader/", "references/")}
    for more in (3, 27):
        for _ in range(more):
            finding = make_finding(review=text.review)
            client.post(f"{desk}reading/", {"add": "1", "s": "4", "code": finding.code})
        for page, found in counts.items():
            client.get(desk + page)
            with CaptureQueriesContext(connection) as queries:
                client.get(desk + page)
            found.append(len(queries))
    assert all(few == many for few, many in counts.values()), counts
