"""The index is right after every change, on every process and machine, whatever breaks on the way."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from taggit.models import Tag

from curation import changelog
from curation.changelog import Change, gathered
from findings.models import Finding
from joinedup.operations import health
from joinedup.search import index
from joinedup.search.engine import search
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

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def folder(settings, tmp_path):
    """An index on disk, as on a real machine."""
    settings.SEARCH_INDEX_DIR = str(tmp_path / "search")
    index.forget()
    yield tmp_path / "search" / index.version()
    index.forget()


def another_process():
    """What a process that starts now has open, in the place of what this one had."""
    index.forget()
    return index.searching()


def contents():
    """What the index holds of each entry: its kind and number, its key, its date."""
    found = index.snapshot()[0]
    kinds = [f"kind={name}" for name in index.KINDS]
    hits = found.searcher.search(index.tantivy.Query.term_set_query(index.SCHEMA, "facets", kinds), 1000).hits
    addresses = [address for _, address in hits]
    return sorted(zip(*(found.values(name, addresses) for name in ("order", "pk", "newest")), strict=True))


class TestChanges:
    @pytest.fixture(autouse=True)
    def sound(self):
        """Whatever a test did, an index that is made anew holds the same."""
        yield
        assert index.faults() == []
        before = contents()
        index.rebuild()
        assert contents() == before

    def test_an_edit_is_found_at_once_and_the_old_wording_no_longer(self):
        finding = make_finding(body="Zebras.")
        finding.body = "Giraffes."
        finding.save()
        assert find("giraffes") == [finding.code]
        assert find("zebras", as_typed=True) == []

    def test_a_draft_is_not_found_until_it_is_published_nor_after_it_is_withdrawn(self):
        finding = make_finding(body="Zebras.", status="draft", published_on=None)
        assert find("zebras") == []
        finding.status, finding.published_on = "published", "2024-01-01"
        finding.save()
        assert find("zebras") == [finding.code]
        for field, value in withdrawn().items():
            setattr(finding, field, value)
        finding.save()
        assert find("zebras") == []

    def test_a_deleted_entry_is_gone_with_its_traces(self):
        finding = make_finding(body="Zebras.")
        point = make_implication([finding])
        finding.delete()
        assert find("zebras") == []
        assert find("", {"theme": [finding.theme.code], "kind": ["implication"]}) == []
        assert point.code in find("", {"kind": ["implication"]})

    def test_tags_are_found_when_added_renamed_and_removed(self):
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

    def test_a_finding_is_found_by_the_authors_and_titles_it_cites(self):
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

    def test_a_source_that_is_withdrawn_is_found_no_longer_itself(self):
        source = make_source(title="On zebras")
        source.status = "withdrawn"
        source.withdrawn_on, source.withdrawal_reason = "2024-01-01", "Wrong."
        source.save()
        assert find("zebras") == []

    def test_labels_of_a_term_work_at_once(self):
        finding = make_finding(heading="Zebras")
        term = make_term("Zebras")
        assert finding.code not in find("stripy horses")
        label = term.labels.create(label="stripy horses", kind="also-called")
        assert finding.code in find("stripy horses")
        label.delete()
        assert finding.code not in find("stripy horses")

    def test_an_entry_is_found_by_the_questions_it_answers_and_by_what_it_is_asked_as(self):
        entries = [
            make_finding(questions_answered="Why do stripes help?", also_asked_as="okapi"),
            make_implication(questions_answered="Why do stripes help?", also_asked_as="okapi"),
            make_key_message(questions_answered="Why do stripes help?", also_asked_as="okapi"),
            make_theme(questions_answered="Why do stripes help?", also_asked_as="okapi"),
        ]
        for text in ["why do stripes help", "okapis"]:
            assert set(find(text)) == {entry.code for entry in entries}, text

    def test_the_facets_of_a_finding_follow_its_practice_points(self):
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

    def test_a_theme_renamed_is_found_with_its_findings(self):
        theme = make_theme(name="Zebras")
        finding = make_finding(theme=theme)
        assert set(find("zebras")) == {theme.code, finding.code}
        theme.name = "Giraffes"
        theme.save()
        assert set(find("giraffes")) == {theme.code, finding.code}

    def test_a_key_message_waits_for_its_review(self):
        review = make_review(status="draft", published_on=None)
        message = make_key_message(review=review, heading="Zebras")
        assert find("zebras") == []
        review.status, review.published_on = "published", "2024-01-01"
        review.save()
        assert find("zebras") == [message.code]

    def test_a_change_rolled_back_leaves_what_is_found_as_it_was(self):
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

    def test_loaddata_records_each_entry_once(self):
        call_command("loaddata", settings.BASE_DIR / "fixtures" / "signposts.json", verbosity=0)
        rows = list(Change.objects.values_list("kind", "object_id"))
        assert len(rows) == len(set(rows))
        assert find("F23")[0] == "F23"
        assert "F10" in find("confidentiality")

    def test_what_fails_inside_a_gathered_block_is_not_recorded(self):
        with pytest.raises(RuntimeError), transaction.atomic(), gathered():
            make_finding(body="Zebras.")
            raise RuntimeError
        assert find("zebras") == []


class TestLog:
    def test_a_search_without_a_change_asks_one_question_of_the_log(self, django_assert_num_queries):
        make_finding()
        index.snapshot()
        with django_assert_num_queries(1):
            index.snapshot()

    def test_old_rows_go_but_never_the_last(self):
        make_finding(), make_finding()
        last = Change.objects.latest("number").number
        Change.objects.update(at="2020-01-01T00:00:00Z")
        changelog.prune()
        assert list(Change.objects.values_list("number", flat=True)) == [last]

    def test_an_index_that_is_older_than_the_log_is_made_anew(self):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        finding.body = "Giraffes."
        finding.save()
        Change.objects.all().delete()
        finding.save()
        assert find("giraffes") == [finding.code]

    def test_another_log_with_the_same_numbers_is_told_by_its_tokens(self):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        Finding.objects.update(body="Giraffes.")
        Change.objects.update(token="of a backup")
        assert find("giraffes") == [finding.code]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one transaction follows the other")
    def test_a_change_that_is_committed_after_later_ones_is_followed_then(self):
        first, second = make_finding(body="Zebras."), make_finding(body="Zebras.")
        assert len(find("zebras")) == 2
        late = Change.objects.latest("number").number + 1
        Change.objects.create(number=late + 1, kind="findings.finding", object_id=first.pk)
        Finding.objects.filter(pk=second.pk).update(body="Giraffes.")
        assert len(find("zebras")) == 2
        Change.objects.create(number=late, kind="findings.finding", object_id=second.pk)
        assert find("giraffes") == [second.code]
        assert late not in index.searching().index.state.gaps

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one transaction follows the other")
    def test_gaps_that_nobody_fills_are_given_up(self, monkeypatch):
        make_finding()
        last = Change.objects.latest("number").number
        Change.objects.create(number=last + 3, kind="findings.finding", object_id=1)
        index.snapshot()
        assert set(index.searching().index.state.gaps) >= {last + 1, last + 2}
        monkeypatch.setattr(index, "GAP_KEPT", 0)
        make_finding()
        index.snapshot()
        assert not {last + 1, last + 2} & set(index.searching().index.state.gaps)

    def test_a_replica_that_is_behind_is_searched_with_what_there_is(self, monkeypatch):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        made = index.searching().index
        Change.objects.latest("number").delete()
        monkeypatch.setattr(index, "reading_from", lambda: "replica-1")
        monkeypatch.setattr(index, "connections", {"replica-1": connection})
        assert find("zebras") == [finding.code]
        assert index.searching().index is made


class TestFolder:
    def test_processes_share_one_index_and_see_each_others_changes(self, folder):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        one, two = index.searching(), another_process()
        assert find("zebras") == [finding.code]
        assert one.name == two.name == (folder / "current").read_text()
        finding.body = "Giraffes."
        finding.save()
        two.snapshot()
        found, is_current = one.snapshot()
        assert is_current
        assert found.holding("giraff") == 1

    def test_two_machines_follow_the_same_log_each_in_a_folder_of_its_own(self, tmp_path):
        machines = [index.Searching(index.Folder(tmp_path / name)) for name in ("one", "other")]
        finding = make_finding(body="Zebras.")
        for word in ["zebra", "giraff", "okapi"]:
            finding.body = word
            finding.save()
            for machine in machines:
                held, is_current = machine.snapshot()
                assert (held.holding(word), is_current) == (1, True)
        assert machines[0].index.state == machines[1].index.state

    def test_it_is_made_anew_beside_the_one_that_is_searched(self, folder):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        one = index.searching()
        name, held = one.name, one.index.snapshot.holding("zebra")
        another_process().make()
        assert one.index.snapshot.holding("zebra") == held == 1, "it goes on reading what was deleted"
        one.snapshot()
        assert one.name != name
        assert [path.name for path in folder.iterdir() if path.is_dir()] == [one.name]

    def test_a_folder_that_was_deleted_is_made_again(self, folder):
        import shutil

        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        shutil.rmtree(folder.parent)
        finding.body = "Giraffes."
        finding.save()
        assert find("giraffes") == [finding.code]
        assert (folder / "current").exists()

    def test_a_folder_that_cannot_be_written_leaves_an_index_in_memory(self, settings, caplog, tmp_path):
        (tmp_path / "file").write_text("")
        settings.SEARCH_INDEX_DIR = str(tmp_path / "file" / "search")
        index.forget()
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        assert "kept in memory" in caplog.text

    def test_a_release_with_another_schema_has_a_folder_of_its_own(self, folder, monkeypatch):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        monkeypatch.setattr(index, "version", lambda: "another")
        another_process()
        assert find("zebras") == [finding.code]
        assert (folder / "current").exists() and (folder.parent / "another" / "current").exists()

    def test_a_full_disk_keeps_what_was_found_and_is_told(self, folder, monkeypatch, caplog):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        finding.body = "Giraffes."
        finding.save()

        class Full:
            """A writer whose commit fails as tantivy's does then."""

            def __init__(self, writer):
                self.writer = writer

            def __getattr__(self, name):
                return getattr(self.writer, name)

            def commit(self):
                raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

        write = index.Index._writer
        with monkeypatch.context() as patch:
            patch.setattr(index.Index, "_writer", lambda self, heap: Full(write(self, heap)))
            found = search("zebras")
            assert (found.count, found.is_current) == (1, False)
            assert index.faults() == ["The search index is 1 change behind."]
        assert "No space left" in caplog.text
        assert find("giraffes") == [finding.code]

    def test_while_another_process_writes_a_search_takes_what_there_is(self, folder, monkeypatch):
        monkeypatch.setattr(index, "PATIENCE", 0.05)
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        other = index.Index(folder / index.searching().name)
        finding.save()
        writer = other.tantivy.writer(index.HEAP, 1)
        found = search("zebras")
        assert (found.count, found.is_current) == (1, False)
        writer.wait_merging_threads()
        assert search("zebras").is_current

    def test_an_index_is_made_by_one_process_at_a_time(self, folder):
        make_finding()
        alone = index.Folder(settings.SEARCH_INDEX_DIR).alone()
        with alone, pytest.raises(CommandError, match="another process"):
            call_command("rebuild_search_index", verbosity=0)
        call_command("rebuild_search_index", verbosity=0)

    def test_a_search_asks_nothing_of_the_log_while_a_thread_is_at_it(self, folder, django_assert_num_queries):
        make_finding(body="Zebras.")
        this = index.searching()
        this.snapshot()
        over = threading.Event()
        this._later(over.wait)
        make_finding(body="Zebras.")
        with django_assert_num_queries(0):
            found, is_current = this.snapshot()
        assert (found.holding("zebra"), is_current) == (1, False)
        over.set()
        this.thread.join()
        assert this.snapshot()[0].holding("zebra") == 2

    def test_health_says_so_while_another_process_makes_the_index(self, folder, client):
        make_finding()
        with index.Folder(settings.SEARCH_INDEX_DIR).alone():
            assert index.faults() == ["The search index is being made."]
        assert index.faults() == []

    def test_a_large_site_is_indexed_by_a_thread_and_says_so_meanwhile(self, folder, client, monkeypatch):
        make_finding(body="Zebras.")
        monkeypatch.setattr(index, "AT_ONCE", 0)
        monkeypatch.setattr(index.Searching, "_later", lambda self, work: False)
        for path in ["/search/", "/api/v1/search", "/feeds/search.atom"]:
            response = client.get(path, {"q": "zebras"})
            assert (response.status_code, response["Retry-After"]) == (503, "30")
            assert "being made" in response.content.decode()
        assert client.get("/api/v1/suggest?q=zebras").json() == {"suggestions": []}
        assert index.faults() == ["There is no search index yet."]


KILLED = """
import os, sys
os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings")
sys.path.insert(0, {root!r})
import django
django.setup()
from django.conf import settings
from joinedup.search import index
made = index.Index({folder!r})
with made.writing() as writer:
    for n in range(20000):
        values = {{"key": [f"x {{n}}"], "anywhere": ["okapi"] * 20}}
        writer.add_document(index.tantivy.Document.from_dict(values, index.SCHEMA))
        if n == 200:
            print("writing", flush=True)
"""


class TestKilled:
    @pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.3])
    def test_a_process_that_dies_in_a_commit_loses_nothing_and_keeps_no_lock(self, folder, after):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        path = str(folder / index.searching().name)
        program = KILLED.format(root=str(settings.BASE_DIR), folder=path)
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        another_process()
        assert finding.code in find("zebras")
        finding.body = "Giraffes."
        finding.save()
        assert find("giraffes") == [finding.code]

    def test_a_process_that_dies_between_its_save_and_the_index_is_made_up_for(self, folder):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        finding.body = "Giraffes."
        finding.save()  # and nothing more
        another_process()
        assert find("giraffes") == [finding.code]

    def test_a_process_that_dies_while_it_makes_the_index_anew_leaves_the_old_one(self, folder, monkeypatch):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]

        def die(*args):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(index.os, "replace", die)
            index.rebuild()
        (folder / "half").mkdir()
        assert find("zebras") == [finding.code]
        call_command("rebuild_search_index", verbosity=0)
        assert not (folder / "half").exists()
        assert find("zebras") == [finding.code]


class TestRebuild:
    def test_it_mends_what_was_changed_behind_its_back(self):
        finding = make_finding(body="Zebras.")
        assert find("zebras") == [finding.code]
        Finding.objects.update(body="Giraffes.")
        call_command("rebuild_search_index", verbosity=0)
        assert find("giraffes") == [finding.code]

    def test_the_check_changes_nothing(self):
        make_finding()
        index.snapshot()
        Finding.objects.update(status="draft")
        with pytest.raises(CommandError, match="Findings: 0 are public and 1 are in the search index"):
            call_command("rebuild_search_index", check=True, verbosity=0)
        assert index.faults()

    def test_the_system_check_readiness_and_the_log_say_so_and_the_machine_stays_ready(self, client, caplog):
        make_finding()
        index.snapshot()
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
    assert find("zebras")
    call_command("flush", interactive=False, verbosity=0)
    assert find("zebras") == []


def test_a_document_is_made_of_what_was_loaded_with_its_entry(django_assert_num_queries):
    source = make_source()
    for _n in range(3):
        finding = make_finding(review=make_review([("Frost", "N")]), theme=make_theme())
        finding.tags.add("trust")
        cite(finding, source)
        make_implication([finding], review=finding.review).tags.add("trust")
        make_key_message([finding], review=finding.review)
    make_term("Trust", also_called=["faith"])
    for name, kind in index.KINDS.items():
        entries = kind.public_of(kind.public().values_list("pk", flat=True))
        assert entries, name
        with django_assert_num_queries(0):
            for entry in entries:
                index.document(name, entry)
