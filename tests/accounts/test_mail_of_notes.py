"""Mail about notes at the desk: to whom they are for, without what they and the entries say."""

import pytest

from curation import workflow
from curation.log import LogEntry
from curation.models import Comment
from findings.models import Finding
from tests.factories import make_finding, make_term
from tests.test_admin import address

pytestmark = pytest.mark.django_db
TEXT = "The hedge is gone."


@pytest.fixture
def people(desk, django_user_model, settings):
    """Name -> account, each with an address."""
    settings.SITE_URL = "https://evidence.example.org"
    for user in django_user_model.objects.all():
        user.email = f"{user.username}@example.org"
        user.save()
    return {user.username: user for user in django_user_model.objects.all()}


@pytest.fixture
def done(django_capture_on_commit_callbacks, all_mail):
    """A function: what a call sends, when what it did is kept for good."""

    def mail(call):
        with django_capture_on_commit_callbacks(execute=True):
            call()
        return all_mail()

    return mail


def write(desk, entry, to="", role="Editor", **data):
    return desk[role].post(address(type(entry), "notes", entry.pk), {"text": TEXT, "to": to, **data})


def draft(**fields):
    return make_finding(status="draft", published_on=None, heading="Trust grows in secret", **fields)


def test_whom_a_note_is_for_is_told_by_mail_where_it_stands_and_not_what_it_says(desk, people, done):
    entry = draft()
    [message] = done(lambda: write(desk, entry, people["librarian"].pk))
    assert message.to == ["librarian@example.org"]
    assert message.subject == "Joined-up: a note at the desk"
    assert f"F1: https://evidence.example.org{address(Finding, 'notes', entry.pk)}" in message.body
    assert message.body.startswith("editor wrote a note for you at the librarians’ desk of Joined-up:")
    assert TEXT not in message.body and "secret" not in message.body and "secret" not in message.subject


def test_an_entry_without_a_code_is_told_by_its_kind(desk, people, done):
    term = make_term("Secret word", status="draft", published_on=None)
    [message] = done(lambda: write(desk, term, people["librarian"].pk))
    assert "A term: https://" in message.body and "Secret" not in message.body


def test_who_sent_an_entry_for_review_is_told_that_it_was_sent_back(desk, people, done):
    entry = draft()
    workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, entry, people["librarian"])
    page = address(Finding, "act", entry.pk, "send-back")
    [message] = done(lambda: desk["Editor"].post(page, {"confirm": "1", "note": TEXT}))
    assert message.to == ["librarian@example.org"] and "F1: https://" in message.body and TEXT not in message.body


def test_what_is_sent_back_together_is_one_message_of_bounded_length(desk, people, done):
    entries = [draft() for _ in range(12)]
    for entry in entries:
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, entry, people["librarian"])
    data = {"action": "send-back", "_selected_action": [one.pk for one in entries], "confirm": "1", "note": TEXT}
    [message] = done(lambda: desk["Editor"].post(address(Finding, "changelist"), data))
    assert Comment.objects.count() == 12
    assert message.subject == "Joined-up: 12 notes at the desk"
    assert message.body.count("https://") == 10 and "and 2 more, on the first page of the desk" in message.body


def test_an_answer_is_told_to_all_who_took_part_but_who_wrote_it(desk, people, done):
    entry = draft()
    write(desk, entry, people["librarian"].pk)
    note = Comment.objects.get()
    [first] = done(lambda: write(desk, entry, role="Librarian", thread=note.pk, answer=""))
    assert first.to == ["editor@example.org"]
    [second] = done(lambda: write(desk, entry, thread=note.pk, answer=""))
    assert second.to == ["librarian@example.org"]
    assert (
        done(lambda: desk["Librarian"].post(address(Finding, "notes", entry.pk), {"thread": note.pk, "done": ""})) == []
    )


@pytest.mark.parametrize("without", ["a name", "mail", "address", "account", "commit"])
def test_nobody_is_told_where_there_is_nobody_to_tell_or_no_mail(desk, people, done, all_mail, settings, without):
    to, entry = people["librarian"], draft()
    settings.SENDS_MAIL = without != "mail"
    to.email, to.is_active = "" if without == "address" else to.email, without != "account"
    to.save()
    Comment.objects.create(entry=entry, by=people["editor"], to=to, text=TEXT)
    if without == "commit":
        write(desk, entry, to.pk)
        assert all_mail() == []
    elif without == "account":  # which was closed since
        assert done(lambda: write(desk, entry, thread=Comment.objects.get().pk, answer="")) == []
    else:
        assert done(lambda: write(desk, entry, "" if without == "a name" else to.pk)) == []
    assert Comment.objects.count() == 2, "it is written all the same"
