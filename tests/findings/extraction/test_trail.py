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
from findings.extraction.bringing_in import bring_in
from findings.extraction.plain import read_plain
from findings.review_files import schema
from findings.review_files.filetype import LEFT_OUT, REVIEW_FILE
from sources.models import Source
from tests.factories import make_finding, make_implication, make_review, make_source

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


LISTED = """# References

Example, A. and Other, B. C. (2002) Trust between services. Journal of Made-up Studies. doi:10.5555/trust

Green, B. (1999) Sheds. Leeds: Spade Press. https://doi.org/10.5555/report

Hill, S. (2002) Gates. Leeds: Spade Press.

Marsh, A. (2001) Hedges. Leeds: Spade Press. doi:10.5555/nowhere
"""


@pytest.fixture
def listed(client, people):
    """A list of four works: a DOI with another year, one of another work, none, and one that nobody gave out."""
    client.force_login(people["Editor"])
    text = bring_in(make_review(title="Sheds"), read_plain(LISTED), "", people["Editor"])
    return f"/admin/findings/review/{text.review_id}/references/"


def rows(page):
    return {row["one"].number: row for row in page.context["rows"]}


@pytest.mark.usefixtures("catalogues")
def test_lines_with_an_identifier_are_looked_up_and_what_differs_is_told(client, listed):
    assert "Look up those that are ticked" in client.get(listed).content.decode()
    page = client.post(listed, {"line": ["1", "2", "3", "4"], "look": "1"})
    found, said = rows(page), page.content.decode()
    assert {number: row["one"].result and row["one"].result.state.label for number, row in found.items()} == {
        1: "Found",
        2: "Found",
        3: None,
        4: "Not found",
    }
    assert [number for number, row in found.items() if row["takes_answer"]] == [1]
    told = {one["field"]: (one["held"], one["found"]) for one in found[1]["one"].differences}
    assert told["issued"] == ("2002", "2003-05") and told["volume"] == ("", "17") and "title" not in told
    assert "(read: 2002)" in said and "It has another title: A report with italics" in said
    assert "knows no work with this number" in said or "knows nothing of this" in said
    assert not Import.objects.exists() and not Source.objects.exists()


@pytest.mark.usefixtures("catalogues")
def test_what_was_looked_up_is_imported_where_that_is_ticked_and_else_the_line(client, listed):
    client.post(listed, {"line": ["1", "2", "3"], "answer": ["1"]})
    records = [row.record for row in Import.objects.get().rows.order_by("position")]
    assert [(one["title"], one["issued"], one["doi"]) for one in records] == [
        ("Trust between services", "2003-05", "10.5555/trust"),
        ("Sheds", "1999", "10.5555/report"),
        ("Gates", "2002", ""),
    ]


@pytest.mark.usefixtures("catalogues")
def test_a_look_up_that_finds_nothing_any_more_imports_nothing_in_silence(client, listed):
    refused = client.post(listed, {"line": ["4"], "answer": ["4"]})
    assert "no longer at hand" in refused.content.decode()
    assert "have a DOI, PMID or ISBN" in client.post(listed, {"line": ["3"], "look": "1"}).content.decode()
    assert not Import.objects.exists()


def test_where_look_ups_are_turned_off_the_lines_are_imported_as_they_were_read(client, listed):
    assert "Look up those" not in client.get(listed).content.decode()
    client.post(listed, {"line": ["1"], "look": "1"})
    assert not Import.objects.exists()
    assert client.post(listed, {"line": ["1"]}).status_code == 302


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
    drawing = trail.drawing(trail.rows_of(text))
    columns = [node["column"] for node in drawing["nodes"]]
    assert {name: columns.count(name) for name in trail.COLUMNS} == {"passage": 2, "finding": 2, "point": 1}
    assert [line["ours"] for line in drawing["lines"]].count(True) == 2
    assert {len(node["name"]) for node in drawing["nodes"] if node["column"] == "finding"} == {
        trail.COLUMNS["finding"][1]
    }


def test_the_trail_of_a_long_text_comes_page_by_page_with_a_picture_of_each(client, people, desk):
    said = read_plain(" ".join(f"Plot {number} may be shared." for number in range(450)))
    review = make_review()
    bring_in(review, said, "", people["Editor"])
    finding = make_finding(review=review)
    client.post(f"/admin/findings/review/{review.pk}/reading/", {"add": "1", "s": "401", "code": finding.code})
    first, last = (client.get(f"/admin/findings/review/{review.pk}/trail/", {"page": page}) for page in (1, 3))
    assert [row.sentence.number for row, _ in first.context["rows"]] == list(range(1, 201))
    assert not first.context["drawing"]["nodes"]
    assert [node["code"] for node in last.context["drawing"]["nodes"]] == ["401", finding.code]
    assert len(last.context["rows"]) == 50


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
