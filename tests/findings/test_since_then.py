"""What has happened since a review: notes of ours, beside a wording that stays."""

import pytest
from django.contrib.auth.models import User

from curation import history
from curation.models import Version
from findings import since_then
from tests.factories import make_finding, make_review, make_source
from tests.test_admin import address, form_data

pytestmark = pytest.mark.django_db


def save(client, entry, **changed):
    page = address(type(entry), "change", entry.pk)
    return client.post(page, {**form_data(client.get(page)), **changed})


def test_a_note_has_its_year_its_words_and_the_works_that_it_names_in_one_query(django_assert_num_queries):
    law = make_source(number=9, authors=[], publisher="", title="An Act", issued="2018")
    texts = ["2018: The law changed. [S9]\n\nNow: Teams meet on screens.", "No year at all."]
    with django_assert_num_queries(2):  # the works, and who wrote them
        held = since_then.sources_of(texts)
        one, other = [since_then.notes(text, held) for text in texts]
        assert one[0].sources[0].is_public
    assert [(note.year, note.text, note.sources) for note in one] == [
        ("2018", "The law changed.", [law]),
        ("Now", "Teams meet on screens.", []),
    ]
    assert [str(note) for note in [*one, *other]] == [
        "2018: The law changed (An Act (2018)).",
        "Now: Teams meet on screens.",
        "No year at all.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2018: It changed. [S77]", "There is no source S77. Look at the code."),
        ("2018: It changed. [S8]", "Publish S8 first: readers are sent there."),
    ],
)
def test_a_mark_that_leads_nowhere_is_told_on_the_form_and_nothing_typed_is_lost(admin_client, text, told):
    make_source(number=8, status="draft", published_on=None)
    finding = make_finding()
    response = save(admin_client, finding, since_then=text, kind_of_change="correction")
    page = response.content.decode()
    assert response.status_code == 200
    assert told in page and text in page


def test_a_note_alone_makes_no_difference_to_what_a_version_said(admin_client):
    finding = make_finding()
    save(admin_client, finding, since_then="2018: It changed.", kind_of_change="correction")
    finding.refresh_from_db()
    assert finding.since_then == "2018: It changed."
    assert not Version.objects.exists()
    newer = history.state_of(finding)
    older = {**newer, "since_then": ""}
    assert history.changes(type(finding), *map(history.without_besides, [older, newer])) == []
    assert [label for label, *_ in history.changes(type(finding), older, newer)] == ["Since then"]


def test_putting_an_earlier_wording_back_leaves_what_has_happened_since():
    finding = make_finding(heading="It always helps", since_then="2018: It changed.")
    earlier = {**history.state_of(finding), "heading": "It often helps", "since_then": ""}
    history.put_back(finding, earlier)
    finding.refresh_from_db()
    assert (finding.heading, finding.since_then) == ("It often helps", "2018: It changed.")


class TestStatesOfBefore:
    """States that were kept before fields were added or given up."""

    def test_they_are_shown_without_an_error_and_say_nothing_of_fields_they_do_not_have(self):
        review = make_review(title="New", country="UK")
        now = history.state_of(review)
        before = {
            name: value for name, value in now.items() if name not in ("contributors", "bear_in_mind", "kind_of_text")
        }
        before |= {"title": "Old", "compiled_by": "Steve Flood"}
        assert [label for label, *_ in history.changes(type(review), before, now)] == ["Title"]
        assert [label for label, *_ in history.changes(type(review), now, before)] == ["Title"]

    def test_putting_one_back_keeps_contributors_that_it_knows_nothing_of(self):
        review = make_review(title="New")
        review.contributors.create(role="compiler", family="Flood", given="Steve")
        before = {**history.state_of(review), "title": "Old", "compiled_by": "Steve Flood"}
        del before["contributors"]
        history.put_back(review, before)
        review.refresh_from_db()
        assert (review.title, review.contributors.get().family) == ("Old", "Flood")


def test_every_field_of_a_review_and_its_contributors_saves_on_the_desk(admin_client):
    assert User.objects.filter(is_superuser=True).exists()
    review = make_review()
    values = {
        "country": "Wales",
        "updates": "Search updated 2025",
        "bear_in_mind": "It is small.",
        "practice_note": "Indicators",
        "publisher_details": "Web: example.org",
        "how_to_get_it": "Ask a library.",
        "kind_of_text": "summary",
        "contributors-TOTAL_FORMS": "1",
        "contributors-0-role": "compiler",
        "contributors-0-order": "1",
        "contributors-0-family": "Rees",
        "contributors-0-given": "A",
    }
    response = save(admin_client, review, kind_of_change="correction", **values)
    assert response.status_code == 302, response.content.decode()
    review.refresh_from_db()
    assert (review.country, review.kind_of_text, review.compiled_by) == ("Wales", "summary", "A Rees")
