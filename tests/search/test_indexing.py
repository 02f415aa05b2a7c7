"""The index is right after every change, in the same transaction."""

from collections import Counter

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from taggit.models import Tag

from findings.models import Finding
from joinedup import health
from joinedup.search import indexing
from joinedup.search.backends import backend
from joinedup.search.engine import search
from joinedup.search.models import IndexEntry, Stem
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
    withdrawn,
)
from tests.search.test_engine import find

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound():
    """Whatever a test did, the index agrees with the entries, row by row and token by token."""
    yield
    assert indexing.faults() == []
    before = list(IndexEntry.objects.order_by("kind", "object_id").values())
    stems = {stem: n for stem, n in Stem.objects.values_list("stem", "entries") if n}
    indexing.rebuild()
    assert list(IndexEntry.objects.order_by("kind", "object_id").values()) == before
    counted = Counter(token for row in IndexEntry.objects.all() for token in indexing.plain_tokens(row))
    assert stems == {**counted, **({"": len(before)} if before else {})}


def test_an_edit_is_found_at_once_and_the_old_wording_no_longer():
    finding = make_finding(body="Zebras.")
    finding.body = "Giraffes."
    finding.save()
    assert find("giraffes") == [finding.code]
    assert find("zebras", as_typed=True) == []


def test_a_draft_is_not_found_until_it_is_published_nor_after_it_is_withdrawn():
    finding = make_finding(body="Zebras.", status="draft", published_on=None)
    assert find("zebras") == []
    finding.status, finding.published_on = "published", "2024-01-01"
    finding.save()
    assert find("zebras") == [finding.code]
    for field, value in withdrawn().items():
        setattr(finding, field, value)
    finding.save()
    assert find("zebras") == []


def test_a_deleted_entry_is_gone_with_its_traces():
    finding = make_finding(body="Zebras.")
    point = make_implication([finding])
    finding.delete()
    assert find("zebras") == []
    assert find("", {"theme": [finding.theme.code], "kind": ["implication"]}) == []
    assert point.code in find("", {"kind": ["implication"]})


def test_tags_are_found_when_added_renamed_and_removed():
    finding = make_finding()
    finding.tags.add("zebras")
    assert find("zebras") == [finding.code]
    tag = Tag.objects.get()
    tag.name, tag.slug = "giraffes", "giraffes"
    tag.save()
    assert find("giraffes") == [finding.code]
    assert find("", {"tag": ["giraffes"]}) == [finding.code]
    finding.tags.remove("giraffes")
    assert find("giraffes", as_typed=True) == []
    finding.tags.set(["okapis"])
    assert find("okapis") == [finding.code]
    Tag.objects.all().delete()
    assert find("okapis", as_typed=True) == []


def test_a_finding_is_found_by_the_authors_and_titles_it_cites():
    finding, source = make_finding(), make_source(title="On zebras", authors=[("Grant", "A")])
    citation = cite(finding, source)
    assert finding.code in find("zebras")
    source.title = "On giraffes"
    source.save()
    assert finding.code in find("giraffes")
    source.contributors.create(order=2, family="Okapi", given="B")
    assert finding.code in find("okapi")
    citation.delete()
    assert find("okapi") == [source.code]


def test_a_source_that_is_withdrawn_is_found_no_longer_itself():
    source = make_source(title="On zebras")
    source.status = "withdrawn"
    source.withdrawn_on, source.withdrawal_reason = "2024-01-01", "Wrong."
    source.save()
    assert find("zebras") == []


def test_labels_of_a_term_work_at_once():
    finding = make_finding(heading="Zebras")
    term = make_term("Zebras")
    assert finding.code not in find("stripy horses")
    label = term.labels.create(label="stripy horses", kind="also-called")
    assert finding.code in find("stripy horses")
    label.delete()
    assert finding.code not in find("stripy horses")


def test_the_facets_of_a_finding_follow_its_practice_points():
    finding = make_finding()
    point = make_implication([finding], element="joint-enterprise")
    element = {"element": ["joint-enterprise"], "kind": ["finding"]}
    assert find("", element) == [finding.code]
    point.element = "mutual-engagement"
    point.save()
    assert find("", element) == []
    point.element = "joint-enterprise"
    point.save()
    point.findings.clear()
    assert find("", element) == []
    finding.implications.add(point)
    assert find("", element) == [finding.code]
    point.delete()
    assert find("", element) == []


def test_a_theme_renamed_is_found_with_its_findings():
    theme = make_theme(name="Zebras")
    finding = make_finding(theme=theme)
    assert set(find("zebras")) == {theme.code, finding.code}
    theme.name = "Giraffes"
    theme.save()
    assert set(find("giraffes")) == {theme.code, finding.code}


def test_a_key_message_waits_for_its_review():
    review = make_review(status="draft", published_on=None)
    message = make_key_message(review=review, heading="Zebras")
    assert find("zebras") == []
    review.status, review.published_on = "published", "2024-01-01"
    review.save()
    assert find("zebras") == [message.code]


def test_a_change_rolled_back_leaves_the_index_as_it_was():
    finding = make_finding(body="Zebras.")
    with transaction.atomic():
        finding.body = "Giraffes."
        finding.save()
        finding.tags.add("okapis")
        assert find("giraffes") == [finding.code]
        transaction.set_rollback(True)
    finding.refresh_from_db()
    assert find("zebras") == [finding.code]
    assert find("giraffes", as_typed=True) == find("okapis", as_typed=True) == []


def test_loaddata_indexes_everything_once(monkeypatch):
    calls = []
    index = indexing.index
    monkeypatch.setattr(indexing, "index", lambda kind, ids: (calls.append(kind), index(kind, ids)))
    call_command("loaddata", settings.BASE_DIR / "fixtures" / "signposts.json", verbosity=0)
    assert len(calls) == len(set(calls))
    assert find("F23")[0] == "F23"
    assert "F10" in find("confidentiality")


def test_what_fails_inside_a_held_block_is_not_indexed():
    with pytest.raises(RuntimeError), transaction.atomic(), indexing.held():
        make_finding(body="Zebras.")
        raise RuntimeError
    assert find("zebras") == []


class TestRebuild:
    def test_it_mends_what_was_changed_behind_its_back(self):
        finding = make_finding(body="Zebras.")
        Finding.objects.update(body="Giraffes.")
        call_command("rebuild_search_index", verbosity=0)
        assert find("giraffes") == [finding.code]

    def test_the_check_finds_a_missing_row_and_changes_nothing(self):
        make_finding()
        row = IndexEntry.objects.get(kind="finding")
        backend().remove([row])
        with pytest.raises(CommandError, match="out of step"):
            call_command("rebuild_search_index", check=True, verbosity=0)
        call_command("rebuild_search_index", verbosity=0)
        assert find("", {"kind": ["finding"]}) == [row.code]

    def test_it_takes_out_what_is_no_entry(self):
        finding = make_finding(body="Zebras.")
        row = IndexEntry.objects.get(kind="finding")
        row.pk += 1000
        backend().add([row])
        call_command("rebuild_search_index", verbosity=0)
        assert find("zebras") == [finding.code]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps facets beside the tokens")
    def test_rows_of_an_earlier_release_are_counted_as_before_and_written_anew(self):
        finding = make_finding(body="Zebras.")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE search_tokens SET facets = NULL")
        assert backend().is_outdated()
        assert search("zebras").facets["theme"] == {finding.theme.code: 1}
        call_command("rebuild_search_index", verbosity=0)
        assert not backend().is_outdated()
        assert search("zebras").facets["theme"] == {finding.theme.code: 1}

    def test_the_system_check_readiness_and_the_log_say_so_and_the_machine_stays_ready(self, client, caplog):
        make_finding()
        health.forget()
        assert client.get("/readyz").json()["status"] == "ok"
        caplog.clear()
        Finding.objects.update(status="draft")
        assert any(warning.id == "search.W001" for warning in run_checks(databases=["default"]))
        health.forget()
        response = client.get("/readyz")
        assert response.status_code == 200, "it is so on every machine"
        told = ["Findings: 0 are public and 1 are in the search index."]
        assert response.json() == {"status": "degraded", "faults": [], "warnings": told, "passed_over": []}
        client.get("/readyz")
        assert [record.getMessage() for record in caplog.records] == [f"/readyz: {told[0]}"]
        call_command("rebuild_search_index", verbosity=0)
        health.forget()
        assert client.get("/readyz").json() == {"status": "ok", "faults": [], "warnings": [], "passed_over": []}
        assert caplog.records[-1].getMessage() == "/readyz: what it warned of is mended."


@pytest.mark.django_db(transaction=True)
def test_flushing_the_database_empties_the_index_too():
    make_finding(body="Zebras.")
    call_command("flush", interactive=False, verbosity=0)
    assert find("zebras") == []
