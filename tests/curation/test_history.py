"""Every change of wording is recorded whole, shown as a difference, and can be put back."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from curation import history, workflow
from curation.history import CannotPutBack, Revision
from curation.log import LogEntry
from curation.models import Version
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
)
from tests.test_admin import address, form_data

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def finding():
    finding = make_finding(heading="Trust grows slowly", bottom_line="It takes years.")
    cite(finding, make_source(title="On trust", authors=[("Hudson", "B")]), locator="12", locator_label="page")
    finding.tags.add("trust", "time")
    return finding


def save(client, entry, **changed):
    page = address(type(entry), "change", entry.pk)
    return client.post(page, {**form_data(client.get(page)), **changed})


def test_a_state_holds_the_wording_with_parts_tags_and_links(finding):
    point = make_implication([finding])
    state = history.state_of(finding)
    assert state["heading"] == "Trust grows slowly"
    assert (state["review"], state["theme"]) == (finding.review.code, finding.theme.code)
    assert state["tags"] == ["time", "trust"]
    assert [(row["source"], row["locator"]) for row in state["citations"]] == [("S1", "12")]
    assert history.state_of(point)["findings"] == [finding.code]
    assert "status" not in state and "published_on" not in state and "number" not in state


def test_states_take_the_same_queries_for_three_entries_as_for_thirty(django_assert_num_queries):
    taken = []
    for count in [3, 30]:
        made = [make_finding() for _ in range(count)]
        for entry in made:
            cite(entry, make_source())
            entry.tags.add(f"tag {entry.pk}")
        with django_assert_num_queries(7) as queries:
            history.states(Finding, [entry.pk for entry in made])
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_change_in_the_form_is_recorded_once_with_the_wording_before_it(admin_client, admin_user, finding):
    save(admin_client, finding, heading="Trust grows fast", tags="trust", kind_of_change="correction")
    newest, first = Revision.objects.of(finding)
    assert (newest.by, newest.state["heading"], newest.state["tags"]) == (admin_user, "Trust grows fast", ["trust"])
    assert (first.by, first.state["heading"], first.state["tags"]) == (None, "Trust grows slowly", ["time", "trust"])


def test_saving_without_a_change_records_nothing(admin_client, finding):
    save(admin_client, finding, kind_of_change="correction")
    assert not Revision.objects.exists() and not LogEntry.objects.exists()


def test_what_was_changed_elsewhere_is_recorded_before_the_next_change(admin_client, finding):
    save(admin_client, finding, heading="One", kind_of_change="correction")
    Finding.objects.update(heading="Two")
    save(admin_client, finding, heading="Three", kind_of_change="correction")
    recorded = [revision.state["heading"] for revision in Revision.objects.of(finding)]
    assert recorded == ["Three", "Two", "One", "Trust grows slowly"]


def test_a_part_that_changes_is_recorded_in_the_history_of_its_entry(admin_client):
    source = make_source(authors=[("Hudson", "B")])
    save(admin_client, source, **{"contributors-0-family": "Huxley", "kind_of_change": "correction"})
    told = admin_client.get(address(Source, "history", source.pk)).content.decode()
    assert "Changed: contributors" in told
    assert "<del>" in told and "Hudson" in told and "Huxley" in told


def test_the_history_shows_acts_and_differences_newest_first(admin_client, admin_user):
    finding = make_finding(status="draft", published_on=None, heading="Trust grows slowly")
    save(admin_client, finding, heading="Trust grows fast")
    workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, finding, admin_user, "Please look")
    told = admin_client.get(address(Finding, "history", finding.pk)).content.decode()
    assert told.index("Sent for review") < told.index("Changed: heading")
    assert "Please look" in told
    assert '<del><span class="vh">[removed: </span>slowly' in told
    assert '<ins><span class="vh">[inserted: </span>fast' in told


def test_an_entry_without_history_says_so(admin_client, finding):
    assert "Nothing has been changed" in admin_client.get(address(Finding, "history", finding.pk)).content.decode()


def put_back(client, entry, revision, **data):
    kind = entry._meta.app_label, entry._meta.model_name
    page = reverse("admin:{}_{}_put_back".format(*kind), args=[entry.pk, revision.pk])
    shown = client.get(page)
    seen = (shown.context or {}).get("seen", "")
    return shown, client.post(page, {"confirm": "1", "state_seen": seen, **data})


def test_an_earlier_wording_is_put_back_whole(admin_client, finding):
    before = history.state_of(finding)
    data = {"heading": "Other", "tags": "new", "citations-0-DELETE": "on", "kind_of_change": "correction"}
    save(admin_client, finding, **data)
    changed = history.state_of(finding)
    assert (changed["tags"], changed["citations"]) == (["new"], [])
    shown, answer = put_back(admin_client, finding, Revision.objects.of(finding).last(), kind_of_change="correction")
    assert "Trust grows slowly" in shown.content.decode()
    assert answer.status_code == 302
    assert history.state_of(finding) == before
    assert Revision.objects.of(finding).first().note.startswith("Wording of ")


ENTRIES = {
    Review: lambda: make_review(),
    Theme: lambda: make_theme(),
    Finding: lambda: make_finding(),
    KeyMessage: lambda: make_key_message([make_finding()]),
    PracticeImplication: lambda: make_implication([make_finding()]),
    Source: lambda: make_source(authors=[("Hudson", "B")], issued="2003", accessed_on="2020-01-02"),
    Term: lambda: make_term("Silo", also_called=["chimney"]),
}


@pytest.mark.parametrize("model", ENTRIES)
def test_every_kind_of_entry_can_be_emptied_of_its_parts_and_put_back(model):
    entry = ENTRIES[model]()
    entry.refresh_from_db()
    before = history.state_of(entry)
    for name in model.PARTS:
        getattr(entry, name).all().delete()
    for name in history._links(model):
        getattr(entry, name).clear()
    history.put_back(entry, before)
    assert history.state_of(entry) == before


def test_what_can_no_longer_be_put_back_says_why_and_changes_nothing(finding):
    before = history.state_of(finding)
    finding.citations.all().delete()
    Source.objects.all().delete()
    now = history.state_of(finding)
    with pytest.raises(CannotPutBack, match="S1, which is no longer there"):
        history.put_back(finding, {**before, "heading": "Changed"})
    assert history.state_of(finding) == now


def test_putting_back_in_public_asks_what_kind_of_change_it_is(admin_client, finding):
    save(admin_client, finding, heading="Other", kind_of_change="correction")
    first = Revision.objects.of(finding).last()
    _, refused = put_back(admin_client, finding, first)
    assert refused.status_code == 200
    _, refused = put_back(admin_client, finding, first, kind_of_change="meaning")
    assert "Say in a sentence what changed" in refused.content.decode()
    finding.refresh_from_db()
    assert finding.heading == "Other"
    put_back(admin_client, finding, first, kind_of_change="meaning", public_note="It was right before.")
    assert [version.version for version in Version.objects.of(finding)] == [2, 1]


def test_a_librarian_sees_the_history_of_what_is_public_but_cannot_put_it_back(client, django_user_model, finding):
    librarian = django_user_model.objects.create_user("lib", password="x", is_staff=True)
    librarian.groups.add(Group.objects.get(name="Librarian"))
    client.force_login(librarian)
    with history.recording(Finding, [finding.pk], librarian):
        Finding.objects.update(heading="Other")
    page = client.get(address(Finding, "history", finding.pk))
    assert page.status_code == 200 and "Put this wording back" not in page.content.decode()
    shown, answer = put_back(client, finding, Revision.objects.of(finding).last(), kind_of_change="correction")
    assert shown.status_code == answer.status_code == 403


def test_a_revision_of_another_entry_cannot_be_put_back(admin_client, finding):
    other = make_finding()
    with history.recording(Finding, [other.pk], None):
        Finding.objects.filter(pk=other.pk).update(heading="Other")
    shown, answer = put_back(admin_client, finding, Revision.objects.of(other).last())
    assert shown.status_code == answer.status_code == 404


# Versions


def test_a_change_of_meaning_makes_a_version_and_freezes_what_readers_saw(admin_client, finding):
    save(admin_client, finding, heading="Trust, corrected", kind_of_change="correction")
    assert not Version.objects.exists()
    save(admin_client, finding, heading="Trust is given", kind_of_change="meaning", public_note="New evidence.")
    second, first = Version.objects.of(finding)
    assert (first.version, first.state["heading"], first.issued_on) == (1, "Trust, corrected", finding.published_on)
    assert (second.version, second.state, second.note) == (2, None, "New evidence.")
    save(admin_client, finding, heading="Trust is earned", kind_of_change="meaning", public_note="Once more.")
    assert [v.state and v.state["heading"] for v in Version.objects.of(finding)] == [
        None,
        "Trust is given",
        "Trust, corrected",
    ]


def test_a_change_of_meaning_that_changes_nothing_makes_no_version(admin_client, finding):
    save(admin_client, finding, kind_of_change="meaning", public_note="Nothing.")
    assert not Version.objects.exists() and not LogEntry.objects.exists()
    finding.refresh_from_db()
    assert finding.wording_changed_on is None
