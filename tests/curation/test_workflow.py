"""Acts: each allowed in its state and to its role, whole or not at all, and told in the record."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from curation import workflow
from curation.history import state_of
from curation.log import LogEntry
from curation.workflow import SEND_AND_PUBLISH, TRANSITIONS, Refused, offered, perform, record_change
from findings.models import Finding
from tests.factories import make_finding, make_review, make_source, make_term, make_theme, withdrawn

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
Name = LogEntry.Name


@pytest.fixture
def people(django_user_model):
    made = {}
    for name in ["Librarian", "Editor"]:
        user = django_user_model.objects.create(username=name.lower(), is_staff=True)
        user.groups.add(Group.objects.get(name=name))
        made[name] = user
    made["nobody"] = django_user_model.objects.create(username="visitor", is_staff=True)
    return made


def draft(**values):
    return make_finding(status="draft", published_on=None, **values)


def test_the_way_of_an_entry_from_draft_to_withdrawal_and_back(people):
    entry = perform(Name.SEND_FOR_REVIEW, draft(), people["Librarian"], "Ready.")
    assert entry.status == "in-review"
    entry = perform(Name.PUBLISH, entry, people["Editor"])
    today = timezone.localdate()
    assert (entry.status, entry.published_on, entry.last_checked_on) == ("published", today, today)
    other = make_finding()
    entry = perform(Name.WITHDRAW, entry, people["Editor"], "It claimed too much.", other)
    assert (entry.status, entry.withdrawn_on, entry.replaced_by) == ("withdrawn", today, other)
    assert entry.withdrawal_reason == "It claimed too much."
    entry = perform(Name.RESTORE, entry, people["Editor"], "It was right after all.")
    assert (entry.status, entry.withdrawn_on, entry.withdrawal_reason) == ("published", None, "")
    done = [(act.name, act.by.username, act.note) for act in LogEntry.objects.on(entry)]
    assert done == [
        ("restore", "editor", "It was right after all."),
        ("withdraw", "editor", "It claimed too much."),
        ("publish", "editor", ""),
        ("send-for-review", "librarian", "Ready."),
    ]


ALLOWED = {
    ("Librarian", "draft"): [Name.SEND_FOR_REVIEW],
    ("Librarian", "in-review"): [],
    ("Librarian", "published"): [Name.CHECK],
    ("Librarian", "withdrawn"): [],
    ("Editor", "draft"): [Name.SEND_FOR_REVIEW, SEND_AND_PUBLISH],
    ("Editor", "in-review"): [Name.SEND_BACK, Name.PUBLISH],
    ("Editor", "published"): [Name.CHECK, Name.WITHDRAW],
    ("Editor", "withdrawn"): [Name.RESTORE],
    **{("nobody", status): [] for status in ["draft", "in-review", "published", "withdrawn"]},
}


@pytest.mark.parametrize(("role", "status"), ALLOWED)
def test_only_what_a_role_may_do_in_a_state_is_offered_and_nothing_else_works(people, role, status):
    made = {
        "draft": lambda: draft(),
        "in-review": lambda: make_finding(status="in-review", published_on=None),
        "published": lambda: make_finding(),
        "withdrawn": lambda: make_finding(**withdrawn()),
    }
    entry = made[status]()
    assert offered(entry, people[role]) == ALLOWED[role, status]
    for name in TRANSITIONS:
        if name not in ALLOWED[role, status]:
            with pytest.raises(Refused):
                perform(name, entry, people[role], "A note.")
    entry.refresh_from_db()
    assert entry.status == status
    assert not LogEntry.objects.exists()


def test_a_check_changes_one_date_only(people):
    entry = make_finding(last_checked_on=datetime.date(2020, 1, 2), review_due_on=datetime.date(2021, 1, 2))
    before = {f.attname: getattr(entry, f.attname) for f in Finding._meta.concrete_fields}
    assert entry in Finding.objects.due_for_review(timezone.localdate())
    after = perform(Name.CHECK, entry, people["Librarian"], "Looked for newer studies.")
    changed = {name for name, value in before.items() if getattr(after, name) != value}
    assert changed == {"last_checked_on"}
    assert entry not in Finding.objects.due_for_review(timezone.localdate())
    assert not after.is_due


@pytest.mark.parametrize("name", [Name.SEND_BACK, Name.CHECK, Name.WITHDRAW, Name.RESTORE])
def test_a_needed_note_is_asked_for(people, name):
    status = TRANSITIONS[name].before[0]
    entry = make_finding(**(withdrawn() if status == "withdrawn" else {"status": status}))
    with pytest.raises(Refused, match="Write"):
        perform(name, entry, people["Editor"], "  ")


def test_what_breaks_a_rule_is_refused_in_words(people):
    theme = make_theme(status="draft", published_on=None, name="The draft theme")
    entry = make_finding(theme=theme, status="in-review", published_on=None)
    with pytest.raises(Refused, match="Publish “The draft theme”"):
        perform(Name.PUBLISH, entry, people["Editor"])
    with pytest.raises(Refused, match="is not public"):
        perform(Name.WITHDRAW, make_finding(theme=make_theme()), people["Editor"], "Wrong.", draft())


@pytest.mark.parametrize("make", [make_finding, make_theme, make_review, make_source, lambda: make_term("Word")])
def test_every_kind_of_entry_can_be_withdrawn(people, make):
    assert perform(Name.WITHDRAW, make(), people["Editor"], "Wrong.").is_withdrawn


def test_an_act_that_breaks_off_leaves_everything_as_it_was(people, monkeypatch):
    entry = make_finding(status="in-review", published_on=None)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow.LogEntry.objects, "bulk_create", killed)
    with pytest.raises(KeyboardInterrupt):
        perform(Name.PUBLISH, entry, people["Editor"])
    entry.refresh_from_db()
    assert (entry.status, entry.published_on) == ("in-review", None)


def test_a_change_of_meaning_is_dated_and_needs_a_note_and_a_correction_is_neither(people):
    entry = make_finding()
    record_change(entry, people["Editor"], before=state_of(entry), changes_meaning=False)
    entry.refresh_from_db()
    assert entry.wording_changed_on is None
    with pytest.raises(Refused, match="Say in a sentence"):
        record_change(entry, people["Editor"], before=state_of(entry), changes_meaning=True)
    record_change(entry, people["Editor"], before=state_of(entry), changes_meaning=True, note="We say “often”.")
    entry.refresh_from_db()
    assert entry.wording_changed_on == timezone.localdate()
    assert [act.name for act in LogEntry.objects.on(entry)] == ["change-meaning", "correct"]
