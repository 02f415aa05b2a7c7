"""Notes to colleagues on an entry: seen where the colleague works, answered, marked as done, and never public."""

import io
import zipfile

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from curation import workflow
from curation.changelog import gathered
from curation.history import recording
from curation.log import LogEntry
from curation.models import Comment
from findings import merging as term_merging
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from findings.review_files.export import review_document
from joinedup.operations.checksums import tables
from sources import merging
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
from tests.test_admin import address, populate
from tests.test_control_characters import HTML, JSON, OFFICE, XML
from tests.test_control_characters import TEXT as TEXTS

pytestmark = pytest.mark.django_db

KINDS = [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term]
TEXT = "The hedge is gone: the review says “may”."


@pytest.fixture
def people(desk, django_user_model):
    """Name -> user, the browsers of `desk` and one of a second librarian."""
    second = django_user_model.objects.create(username="second", is_staff=True)
    second.groups.add(Group.objects.get(name="Librarian"))
    desk["second"] = Client()
    desk["second"].force_login(second)
    return {user.username: user for user in django_user_model.objects.all()}


def text(response):
    return response.content.decode()


def notes(entry):
    return address(type(entry), "notes", entry.pk)


def write(desk, role, entry, words=TEXT, to=None):
    return desk[role].post(notes(entry), {"text": words, "to": to.pk if to else "", "write": ""}, follow=True)


def home(desk, role):
    return text(desk[role].get(reverse("admin:index")))


def worked_on(entry, by):
    with recording(type(entry), [entry.pk], by):
        entry.body += " More."
        entry.save()
    return entry


class TestWriting:
    @pytest.mark.parametrize("model", KINDS)
    def test_a_note_to_a_colleague_is_on_every_kind_of_entry_where_she_works(self, desk, people, model):
        populate(1)
        entry = model.objects.first()
        assert "Your note is shown to “librarian”." in text(write(desk, "Editor", entry, to=people["librarian"]))
        for page in [notes(entry), address(model, "change", entry.pk), address(model, "history", entry.pk)]:
            assert TEXT in text(desk["Librarian"].get(page)), page
        assert "Notes to you" in home(desk, "Librarian") and TEXT in home(desk, "Librarian")
        assert notes(entry) in home(desk, "Librarian")
        for role in ["Editor", "second"]:
            assert TEXT not in home(desk, role)

    def test_to_nobody_by_name_it_is_to_whoever_works_on_the_entry(self, desk, people):
        changed, sent = make_finding(), make_finding(status="draft", published_on=None)
        worked_on(changed, people["second"])
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, sent, people["second"])
        for entry in [changed, sent]:
            write(desk, "Editor", entry, f"On {entry.code}.")
        assert "On F1." in home(desk, "second") and "On F2." in home(desk, "second")
        assert "On F1." not in home(desk, "Librarian") and "On F2." not in home(desk, "Librarian")

    def test_if_nobody_works_on_it_everybody_is_meant_but_who_wrote_it(self, desk, people):
        write(desk, "Editor", make_finding())
        assert [TEXT in home(desk, role) for role in ["Librarian", "second", "Editor"]] == [True, True, False]

    def test_what_cannot_be_written_is_told_and_kept(self, desk, people):
        finding = make_finding()
        assert "Write something first." in text(write(desk, "Editor", finding, "  \n"))
        long = text(write(desk, "Editor", finding, "x" * 5001, people["second"]))
        assert "at most 5000 characters" in long and "x" * 5001 in long
        visitor = desk["Editor"].post(notes(finding), {"text": TEXT, "to": people["none"].pk})
        assert "not one of the available choices" in text(visitor) and TEXT in text(visitor)
        assert not Comment.objects.exists()

    def test_it_is_shown_as_text_in_its_lines(self, desk, people):
        finding = make_finding()
        write(desk, "Editor", finding, "<b>One</b>\n\x0btwo", people["second"])
        assert Comment.objects.get().text.splitlines()[0] == "<b>One</b>" and "\x0b" not in Comment.objects.get().text
        assert "&lt;b&gt;One" in home(desk, "second")

    def test_only_those_who_curate_read_or_write_them(self, desk, people):
        finding = make_finding()
        write(desk, "Editor", finding)
        assert desk[None].get(notes(finding)).status_code == 403
        assert desk[None].post(notes(finding), {"text": TEXT}).status_code == 403
        assert TEXT not in home(desk, None)
        assert Client().get(notes(finding)).status_code == 302
        assert desk["Editor"].get(address(Finding, "notes", 999_999)).status_code == 404
        assert Comment.objects.count() == 1

    def test_what_was_typed_when_the_session_ended_is_given_back(self, people):
        finding = make_finding()
        client = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
        client.force_login(people["editor"])
        page = client.post(notes(finding), {"text": TEXT, "to": people["second"].pk, "csrfmiddlewaretoken": "stale"})
        assert "Nothing is saved yet" in text(page) and TEXT in text(page)
        assert f'<option value="{people["second"].pk}" selected>' in text(page)
        assert not Comment.objects.exists()


class TestThreads:
    @pytest.fixture
    def note(self, desk, people):
        write(desk, "Editor", make_finding(), to=people["librarian"])
        return Comment.objects.get()

    def press(self, desk, role, note, button, words="", **more):
        data = {"thread": note.pk, "text": words, button: "", **more}
        return text(desk[role].post(notes(note.entry), data, follow=True))

    def test_an_answer_goes_back_to_who_asked(self, desk, note):
        self.press(desk, "Librarian", note, "answer", "Put back.")
        assert "Put back." in home(desk, "Editor") and TEXT not in home(desk, "Librarian")
        self.press(desk, "Editor", note, "answer", "Thank you.")
        assert "Thank you." in home(desk, "Librarian") and "Put back." not in home(desk, "Editor")
        for words in [TEXT, "Put back.", "Thank you."]:
            assert words in text(desk["second"].get(address(Finding, "history", note.object_id)))

    def test_whoever_joins_in_hears_of_the_next_answer(self, desk, note):
        self.press(desk, "second", note, "answer", "I know the study.")
        self.press(desk, "Librarian", note, "answer", "Then say it.")
        assert [("Then say it." in home(desk, role)) for role in ["second", "Editor", "Librarian"]] == [
            True,
            True,
            False,
        ]

    def test_done_is_off_every_desk_and_said_on_the_page(self, desk, note):
        assert "marked as done" in self.press(desk, "Librarian", note, "done", "Put back.")
        for role in ["Librarian", "Editor"]:
            assert "Notes to you" not in home(desk, role)
        page = text(desk["Editor"].get(notes(note.entry)))
        assert "Done by librarian" in page and "Put back." in page, "an answer typed with it is kept"
        assert "Notes on this entry" not in text(desk["Editor"].get(address(Finding, "change", note.object_id)))

    def test_it_is_opened_again_by_a_button_or_an_answer(self, desk, note):
        self.press(desk, "Librarian", note, "done")
        self.press(desk, "Editor", note, "reopen")
        assert TEXT in home(desk, "Librarian")
        self.press(desk, "Librarian", note, "done")
        self.press(desk, "Editor", note, "answer", "Not yet.")
        assert "Not yet." in home(desk, "Librarian")

    def test_an_empty_answer_is_refused_and_done_needs_none(self, desk, note):
        assert "Write something first." in self.press(desk, "Librarian", note, "answer", " ")
        assert not note.answers.exists()
        self.press(desk, "Librarian", note, "done", " ")
        assert not note.answers.exists() and Comment.objects.open().count() == 0

    def test_only_who_wrote_it_deletes_it_and_only_before_an_answer(self, desk, note):
        self.press(desk, "Librarian", note, "delete", "Mine now?")
        assert Comment.objects.filter(pk=note.pk).exists()
        assert "Delete your note" not in text(desk["Editor"].get(notes(note.entry))), "it was answered"
        self.press(desk, "Editor", note, "delete", "x")
        assert Comment.objects.filter(pk=note.pk).exists()
        write(desk, "Editor", note.entry, "A slip.")
        slip = Comment.objects.get(text="A slip.")
        self.press(desk, "Editor", slip, "delete")
        assert not Comment.objects.filter(pk=slip.pk).exists()

    @pytest.mark.parametrize("thread", ["999999", "x", "\x00", "9" * 40])
    def test_a_note_that_is_gone_is_told(self, desk, note, thread):
        told = self.press(desk, "Librarian", note, "answer", "Late.", thread=thread)
        assert "was deleted meanwhile" in told
        assert not note.answers.exists()

    def test_a_note_of_another_entry_is_not_answered_from_here(self, desk, note):
        other = make_finding()
        desk["Librarian"].post(notes(other), {"thread": note.pk, "text": "Here?", "answer": ""})
        assert not note.answers.exists()

    def test_that_of_a_colleague_who_left_stays_and_is_for_whoever_works_on_it(self, desk, note, people):
        people["librarian"].delete()
        people["editor"].delete()
        page = text(desk["second"].get(notes(note.entry)))
        assert TEXT in page and "whoever works on it" in page
        assert TEXT in home(desk, "second")


class TestSentBack:
    def test_what_is_to_be_done_is_a_note_to_who_sent_it_and_told_once_in_the_history(self, desk, people):
        finding = make_finding(status="draft", published_on=None)
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, finding, people["librarian"])
        desk["Editor"].post(address(Finding, "act", finding.pk, "send-back"), {"confirm": "1", "note": TEXT})
        note = Comment.objects.get()
        assert (note.entry, note.by, note.to, note.text) == (finding, people["editor"], people["librarian"], TEXT)
        assert TEXT in home(desk, "Librarian")
        assert text(desk["Librarian"].get(address(Finding, "history", finding.pk))).count(TEXT) == 1

    def test_nobody_writes_to_herself(self, people):
        finding = make_finding(status="draft", published_on=None)
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, finding, people["editor"])
        workflow.perform(LogEntry.Name.SEND_BACK, finding, people["editor"], TEXT)
        assert Comment.objects.get().to is None

    def test_no_other_act_writes_one(self, people):
        finding = make_finding(status="in-review", published_on=None)
        for name in ["publish", "check", "withdraw", "restore"]:
            workflow.perform(LogEntry.Name(name), finding, people["editor"], "A reason.")
        assert not Comment.objects.exists()


class TestWithTheEntry:
    @pytest.mark.parametrize("make", [make_finding, make_source, lambda **values: make_term("Word", **values)])
    def test_it_goes_with_the_entry_and_its_answers_too(self, desk, people, make):
        entry, other = make(status="draft", published_on=None), make_finding()
        for each in [entry, other]:
            write(desk, "Librarian", each)
            Comment.objects.first().answer(people["editor"], "Yes.")
        Comment.objects.on(entry).get().answer(people["editor"], "And yes.")
        page = address(type(entry), "delete", entry.pk)
        assert desk["Editor"].post(page, {"post": "yes"}).status_code == 302
        assert not type(entry).objects.filter(pk=entry.pk).exists()
        assert {comment.object_id for comment in Comment.objects.all()} == {other.pk}
        assert not Comment.objects.exclude(content_type__model="finding").exists()

    def test_of_what_is_merged_it_goes_to_what_is_kept(self, desk, people):
        sources = [make_source(), make_source(status="draft", published_on=None), make_source()]
        terms = [make_term("One"), make_term("Other")]
        for entry in [*sources[1:], terms[1]]:
            write(desk, "Librarian", entry)
            Comment.objects.on(entry).get().answer(people["editor"], "Yes.")
        merging.merge(sources[0], sources[1:], people["editor"])
        term_merging.merge(terms[0], terms[1:], people["editor"])
        assert Comment.objects.on(sources[0]).count() == 2 and Comment.objects.on(terms[0]).count() == 1
        assert all(note.answers.count() == 1 for note in Comment.objects.filter(thread=None))


def test_the_desk_takes_no_more_queries_for_many_notes(desk, people, django_assert_max_num_queries):
    def asked(page):
        with django_assert_max_num_queries(60) as queries:
            assert TEXT in text(desk["Librarian"].get(page))
        return len(queries)

    def write_on(entry):
        note = Comment.objects.create(entry=entry, by=people["editor"], to=people["librarian"], text=TEXT)
        note.answer(people["second"], "Yes.")

    desk["Librarian"].get(reverse("admin:index"))  # which remembers what takes long to count
    taken = []
    for count in [1, 6]:
        with transaction.atomic():
            with gathered():
                populate(count)
            for entry in [entry for model in KINDS for entry in model.objects.all()[:count]]:
                write_on(entry)
            asked_for = [asked(reverse("admin:index"))]
            finding = Finding.objects.first()
            for _n in range(5 * count):
                write_on(finding)
            pages = [notes(finding), *(address(Finding, name, finding.pk) for name in ["change", "history"])]
            taken.append(asked_for + [asked(page) for page in pages])
            transaction.set_rollback(True)
    assert all(many <= few for few, many in zip(*taken, strict=True)), taken


MARKER = "zebrafinch"


@pytest.fixture
def noted(people):
    """A site with a note, and an answer, on an entry of every kind; reading it aloud would say the marker."""
    review, theme, source = make_review(slug="r"), make_theme(slug="t"), make_source(slug="s")
    finding = make_finding(slug="f", review=review, theme=theme)
    cite(finding, source)
    point = make_implication([finding], slug="p", element="joint-enterprise", review=review)
    for tagged in [finding, point, source]:
        tagged.tags.add("alpha omega")
    for entry in [review, theme, source, finding, point, make_key_message([finding], review=review), make_term("word")]:
        note = Comment.objects.create(entry=entry, by=people["editor"], text=f"A {MARKER}.")
        note.answer(people["librarian"], f"Which {MARKER}?")
        entry.save()
    call_command("rebuild_search_index", verbosity=0)
    return finding


class TestNeverPublic:
    def test_no_page_feed_file_or_answer_of_the_api_has_a_note(self, noted, desk):
        assert MARKER in text(desk["Librarian"].get(notes(noted)))
        for client in [Client(), desk["Editor"]]:
            for at in [*HTML, *XML, *JSON, *TEXTS]:
                response = client.get(at)
                assert response.status_code == 200, at
                body = response.getvalue() if response.streaming else response.content
                assert MARKER not in body.decode(), at
            for at in OFFICE:
                with zipfile.ZipFile(io.BytesIO(client.get(at).content)) as parts:
                    assert MARKER.encode() not in b"".join(map(parts.read, parts.namelist())), at

    def test_search_finds_nothing_by_it(self, noted, client):
        assert client.get("/api/v1/search?q=word").json()["count"] > 0
        assert client.get(f"/api/v1/search?q={MARKER}").json()["count"] == 0

    def test_no_review_file_and_no_exported_list_has_it(self, noted, desk):
        assert MARKER not in str(review_document(noted.review, with_glossary=True))
        for model in KINDS:
            sent = {"action": "export_csv", "_selected_action": [entry.pk for entry in model.objects.all()]}
            body = desk["Editor"].post(address(model, "changelist"), sent).getvalue().decode()
            assert len(body) > 20 and MARKER not in body, model

    def test_the_offline_copy_does_not_have_it(self, noted, tmp_path):
        call_command("export_site", tmp_path / "copy", verbosity=0)
        files = [file for file in (tmp_path / "copy").rglob("*") if file.is_file()]
        assert len(files) > 10
        assert not [file for file in files if MARKER.encode() in file.read_bytes()]

    def test_a_backup_does(self, noted):
        assert Comment._meta.db_table in tables(connection)


def test_a_note_makes_no_public_page_anew(people):
    """Nothing public reads it, so nothing that is kept of public pages is thrown away."""
    from joinedup.caching.models import ContentVersion

    finding = make_finding()
    before = list(ContentVersion.objects.values_list("token", flat=True))
    Comment.objects.create(entry=finding, by=people["editor"], text=TEXT).answer(people["editor"], "Yes.")
    Comment.objects.all().delete()
    assert list(ContentVersion.objects.values_list("token", flat=True)) == before
