"""A review as a file: all of it, always written alike, as its schema says."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.choices import Stance
from findings.models import Finding, Review
from findings.review_files import schema
from findings.review_files.checking import check
from findings.review_files.export import review_document
from findings.review_files.form import KINDS
from tests import factories
from tests.findings.review_files.samples import exported, make_whole_review

pytestmark = pytest.mark.django_db


def test_two_exports_of_the_same_data_are_equal_byte_for_byte():
    review = make_whole_review()
    assert exported(review) == exported(Review.objects.get(pk=review.pk))


def test_an_export_has_everything_of_the_review_and_what_it_needs():
    review = make_whole_review()
    document = review_document(review)
    assert {name: len(document[name]) for name in KINDS} == {
        "sources": 2,
        "reviews": 1,
        "themes": 1,
        "findings": 3,
        "implications": 1,
        "key_messages": 1,
        "terms": 1,
    }
    first, second, _ = document["findings"]
    assert first["citations"] == [
        {
            "source": "S2",
            "number": 4,
            "locator": "12–14",
            "locator_label": "page",
            "note": "A study of one team.",
            "covers": "The quotation only",
        },
        {"source": "S1", "number": None, "locator": "", "locator_label": "", "note": "", "covers": ""},
    ]
    assert (first["earlier_slugs"], first["last_checked_on"]) == (["sharing-a-room"], "2021-02-03")
    assert (second["status"], second["replaced_by"]) == ("withdrawn", "F1")
    assert document["sources"][1]["newer_edition"] == "S1"
    assert [person["role"] for person in document["sources"][1]["contributors"]] == ["author", "author", "editor"]
    assert document["reviews"][0]["sources"] == [{"source": "S1", "role": "summarises", "number": 3}]
    assert document["reviews"][0]["contributors"] == [
        {"role": "editor", "family": "", "given": "", "literal": "A department"},
        {"role": "compiler", "family": "Flood", "given": "S", "literal": ""},
    ]
    assert document["implications"][0]["questions"] == "Do we share an office?"
    assert {"label": "Estates", "kind": "leads-here"} in document["terms"][0]["labels"]
    assert document["key_messages"][0]["implications"] == ["P1"]


def test_what_belongs_to_another_review_stays_out_unless_it_is_linked():
    review = make_whole_review()
    other = factories.make_review(title="Another")
    linked, _ = (factories.make_finding(review=other, heading=heading) for heading in ["Linked", "Apart"])
    review.implications.get().findings.add(linked)
    document = review_document(review)
    assert [finding["heading"] for finding in document["findings"]][-1] == "Linked"
    assert [one["title"] for one in document["reviews"]] == ["Working in one team", "Another"]


def test_the_glossary_can_be_left_out():
    assert review_document(make_whole_review(), with_glossary=False)["terms"] == []


def test_the_number_of_queries_does_not_grow_with_the_findings():
    review, taken = factories.make_review(), []
    for count in [3, 30]:
        for _ in range(count - Finding.objects.count()):
            factories.cite(factories.make_finding(review=review), factories.make_source())
        with CaptureQueriesContext(connection) as queries:
            review_document(review)
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_the_schema_that_is_served_is_what_the_models_say(client):
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "Run findings.review_files.schema.write()"
    response = client.get("/schemas/review-1.json")
    assert response["Content-Type"] == "application/schema+json"
    assert json.loads(response.content) == schema.schema()
    assert client.post("/schemas/review-1.json").status_code == 405


def test_an_export_names_its_schema_and_has_the_keys_that_it_knows():
    document = review_document(make_whole_review())
    described = schema.schema()
    assert document["$schema"] == described["$id"] == "/schemas/review-1.json"
    for name in KINDS:
        for entry in document[name]:
            assert list(entry) == list(described["$defs"][name]["properties"])
    assert check(document)[1] == []


def test_the_schema_has_the_choices_and_lengths_of_the_models():
    finding = schema.schema()["$defs"]["findings"]
    assert finding["properties"]["stance"]["enum"] == list(Stance.values)
    assert finding["properties"]["heading"] == {"title": "Heading", "type": "string", "maxLength": 200, "minLength": 1}
    assert finding["properties"]["code"]["pattern"] == "^F[1-9][0-9]{0,8}$"
    assert finding["required"] == ["code", "review", "theme", "stance", "heading", "bottom_line", "body"]
    assert finding["additionalProperties"] is False
