"""Two people in one entry: whoever saves second is told, takes over what the other changed, and loses nothing."""

import re
import threading
import time

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from taggit.models import Tag

from curation import history, workflow
from curation.log import LogEntry
from findings.accounts import make_groups
from findings.models import Finding, KeyMessage, PracticeImplication, Review, ReviewSource, Term, Theme
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
from tests.test_admin import address, form_data

DRAFT = {"status": "draft", "published_on": None}
pytestmark = pytest.mark.django_db


def page_of(entry, name="change"):
    return address(type(entry), name, entry.pk)


def opened(client, entry):
    return form_data(client.get(page_of(entry)))


def save(client, entry, data):
    """Save, which has to succeed."""
    response = client.post(page_of(entry), data)
    assert response.status_code == 302, response.context["errors"]
    return response


def told(client, entry, data):
    """Save, which has to be refused since somebody else saved; return what is told, and the form as it is then."""
    before = history.state_of(entry) if not isinstance(entry, Tag) else None
    response = client.post(page_of(entry), data)
    assert response.status_code == 200
    assert "while you were writing" in response.content.decode()
    assert before is None or history.state_of(entry) == before, "nothing is saved"
    return response.context["meanwhile"], form_data(response)


def row_of(data, prefix, **values):
    """The number of the row in the form that says this."""
    numbers = {int(match[1]) for name in data if (match := re.match(rf"{prefix}-(\d+)-", name))}
    return next(
        n for n in sorted(numbers) if all(str(data.get(f"{prefix}-{n}-{k}")) == str(v) for k, v in values.items())
    )


def add_row(data, prefix, **values):
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    added = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return {**data, f"{prefix}-TOTAL_FORMS": number + 1, **added}


def without(data, prefix, **values):
    return {**data, f"{prefix}-{row_of(data, prefix, **values)}-DELETE": "on"}


@pytest.fixture
def finding():
    finding = make_finding(heading="Trust grows", bottom_line="It takes years.", body="Slowly.", **DRAFT)
    cite(finding, make_source(title="On trust"), note="First.")
    cite(finding, make_source(title="On time"), note="Second.")
    finding.tags.add("trust", "time")
    return finding


class TestFields:
    def test_who_saved_and_when_is_told(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "heading": "Trust takes time"})
        meanwhile, _ = told(desk["Librarian"], finding, {**mine, "bottom_line": "It takes ages."})
        assert meanwhile["title"] == "editor changed F1 while you were writing"
        [deed] = meanwhile["deeds"]
        assert re.fullmatch(r"editor saved this entry at \d\d:\d\d on \d+ \w+ \d{4}\.", str(deed))

    def test_what_only_one_of_them_changed_is_put_together(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "heading": "Trust takes time"})
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "bottom_line": "It takes ages."})
        joined = meanwhile["joined"]
        assert ([label for label, _ in joined.theirs], [label for label, _ in joined.mine]) == (
            ["Heading"],
            ["Bottom line"],
        )
        assert not joined.conflicts
        save(desk["Librarian"], finding, form)
        finding.refresh_from_db()
        assert (finding.heading, finding.bottom_line) == ("Trust takes time", "It takes ages.")

    def test_both_wordings_of_what_both_changed_are_shown_and_either_can_be_kept(self, desk, finding):
        for choice, kept in [("", "Trust grows fast"), ("theirs", "Trust grows slowly")]:
            Finding.objects.update(heading="Trust grows")
            mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
            save(desk["Editor"], finding, {**theirs, "heading": "Trust grows slowly"})
            meanwhile, form = told(desk["Librarian"], finding, {**mine, "heading": "Trust grows fast"})
            [conflict] = meanwhile["joined"].conflicts
            assert (conflict.label, conflict.before) == ("Heading", "Trust grows")
            assert "slowly</ins>" in re.sub("<span.*?</span>", "", conflict.theirs)
            assert "fast</ins>" in re.sub("<span.*?</span>", "", conflict.mine)
            save(desk["Librarian"], finding, {**form, conflict.field: choice})
            finding.refresh_from_db()
            assert finding.heading == kept

    def test_a_third_who_saves_before_the_second_is_told_again(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "heading": "One"})
        _, form = told(desk["Librarian"], finding, {**mine, "bottom_line": "Mine."})
        save(desk["Editor"], finding, {**opened(desk["Editor"], finding), "body": "Two."})
        _, form = told(desk["Librarian"], finding, form)
        save(desk["Librarian"], finding, form)
        finding.refresh_from_db()
        assert (finding.heading, finding.bottom_line, finding.body) == ("One", "Mine.", "Two.")

    def test_the_same_change_by_both_needs_no_word(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "heading": "Same"})
        save(desk["Librarian"], finding, {**mine, "heading": "Same"})

    @pytest.mark.parametrize("seen", ["", "0123456789abcdef01234567", "not:signed:by:us"])
    def test_a_form_that_does_not_say_what_it_has_seen_overwrites_nothing_silently(self, desk, finding, seen):
        mine = opened(desk["Librarian"], finding)
        Finding.objects.update(heading="Trust takes time")
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "state_seen": seen})
        assert [conflict.label for conflict in meanwhile["joined"].conflicts] == ["Heading"]
        assert form["heading"] == "Trust grows"

    def test_a_change_without_a_record_is_told_too(self, desk, finding):
        mine = opened(desk["Librarian"], finding)
        Finding.objects.update(heading="Trust takes time")
        meanwhile, form = told(desk["Librarian"], finding, mine)
        assert meanwhile["title"] == "Somebody else changed F1 while you were writing"
        assert form["heading"] == "Trust takes time"

    def test_what_is_wrong_besides_is_told_with_it(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "heading": "One"})
        response = desk["Librarian"].post(page_of(finding), {**mine, "slug": "not a slug"})
        assert "while you were writing" in response.content.decode()
        assert response.context["adminform"].form.errors["slug"]


class TestTagsAndLinks:
    def test_tags_of_both_come_together(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "tags": "trust, hierarchy"})
        _, form = told(desk["Librarian"], finding, {**mine, "tags": "trust, time, kitchens"})
        save(desk["Librarian"], finding, form)
        assert sorted(finding.tags.names()) == ["hierarchy", "kitchens", "trust"]

    def test_tags_are_kept_when_only_the_other_touched_them(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "tags": "trust, time, hierarchy"})
        _, form = told(desk["Librarian"], finding, {**mine, "heading": "Mine"})
        save(desk["Librarian"], finding, form)
        assert sorted(finding.tags.names()) == ["hierarchy", "time", "trust"]

    def test_links_of_both_come_together(self, desk):
        one, two, three, four = (make_finding() for _ in range(4))
        message = make_key_message([one, two], **DRAFT)
        mine, theirs = opened(desk["Librarian"], message), opened(desk["Editor"], message)
        save(desk["Editor"], message, {**theirs, "findings": [str(e.pk) for e in (one, two, three)]})
        _, form = told(desk["Librarian"], message, {**mine, "findings": [str(e.pk) for e in (one, four)]})
        save(desk["Librarian"], message, form)
        assert set(message.findings.all()) == {one, three, four}

    def test_a_tag_renamed_meanwhile_is_told(self, desk):
        tag = Tag.objects.create(name="trust", slug="trust")
        mine, theirs = opened(desk["Librarian"], tag), opened(desk["Editor"], tag)
        save(desk["Editor"], tag, {**theirs, "name": "confidence"})
        meanwhile, form = told(desk["Librarian"], tag, {**mine, "slug": "trusting"})
        assert str(meanwhile["deeds"][0]).startswith("editor saved it at")
        save(desk["Librarian"], tag, form)
        tag.refresh_from_db()
        assert (tag.name, tag.slug) == ("confidence", "trusting")


@pytest.mark.databases
class TestRows:
    def test_a_row_that_the_other_added_stays(self, desk, finding):
        third = make_source(title="Third")
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, add_row(theirs, "citations", source=third.pk))
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "citations-0-note": "Mine."})
        assert [label for label, _ in meanwhile["joined"].theirs] == ["Citation 3"]
        save(desk["Librarian"], finding, form)
        rows = finding.citations.order_by("order").values_list("source__title", "note")
        assert list(rows) == [("On trust", "Mine."), ("On time", "Second."), ("Third", "")]

    def test_rows_that_both_added_both_stay_even_in_one_place(self, desk, finding):
        third, fourth = make_source(title="Third"), make_source(title="Fourth")
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, add_row(theirs, "citations", source=third.pk, order=3))
        _, form = told(desk["Librarian"], finding, add_row(mine, "citations", source=fourth.pk, order=3))
        save(desk["Librarian"], finding, form)
        rows = finding.citations.order_by("order").values_list("source__title", "order")
        assert list(rows) == [("On trust", 1), ("On time", 2), ("Third", 3), ("Fourth", 4)]

    def test_a_row_that_both_added_stands_once(self, desk, finding):
        third = make_source(title="Third")
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, add_row(theirs, "citations", source=third.pk, order=3))
        _, form = told(desk["Librarian"], finding, add_row(mine, "citations", source=third.pk))
        save(desk["Librarian"], finding, form)
        assert finding.citations.count() == 3

    def test_a_row_that_the_other_took_out_stays_out(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, without(theirs, "citations", note="First."))
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "heading": "Mine"})
        assert [label for label, _ in meanwhile["joined"].theirs] == ["Citation"]
        save(desk["Librarian"], finding, form)
        assert [row.note for row in finding.citations.all()] == ["Second."]

    @pytest.mark.parametrize(("choice", "notes"), [("", ["Mine.", "Second."]), ("drop", ["Second."])])
    def test_a_row_that_one_took_out_and_the_other_changed_is_a_choice(self, desk, finding, choice, notes):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, without(theirs, "citations", note="First."))
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "citations-0-note": "Mine."})
        [conflict] = meanwhile["joined"].conflicts
        assert conflict.before.endswith("First.")
        save(desk["Librarian"], finding, {**form, conflict.field: choice})
        assert [row.note for row in finding.citations.order_by("order")] == notes

    @pytest.mark.parametrize(("choice", "notes"), [("", ["Second."]), ("keep", ["Theirs.", "Second."])])
    def test_a_row_that_one_changed_and_the_other_took_out_is_a_choice(self, desk, finding, choice, notes):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "citations-0-note": "Theirs."})
        meanwhile, form = told(desk["Librarian"], finding, without(mine, "citations", note="First."))
        [conflict] = meanwhile["joined"].conflicts
        save(desk["Librarian"], finding, {**form, conflict.field: choice})
        assert [row.note for row in finding.citations.order_by("order")] == notes

    @pytest.mark.parametrize(("choice", "note"), [("", "Mine."), ("theirs", "Theirs.")])
    def test_one_field_of_a_row_that_both_changed_is_a_choice(self, desk, finding, choice, note):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, {**theirs, "citations-1-note": "Theirs.", "citations-1-number": 7})
        meanwhile, form = told(desk["Librarian"], finding, {**mine, "citations-1-note": "Mine."})
        [conflict] = meanwhile["joined"].conflicts
        assert conflict.label == "Citation 2: note"
        save(desk["Librarian"], finding, {**form, conflict.field: choice})
        row = finding.citations.get(order=2)
        assert (row.note, row.number) == (note, 7)

    def test_a_row_taken_out_by_both_is_no_error(self, desk, finding):
        mine, theirs = opened(desk["Librarian"], finding), opened(desk["Editor"], finding)
        save(desk["Editor"], finding, without(theirs, "citations", note="First."))
        save(desk["Librarian"], finding, {**without(mine, "citations", note="First."), "heading": "Mine"})
        assert [row.note for row in finding.citations.all()] == ["Second."]

    def test_rows_that_were_written_anew_with_the_same_words_are_the_same(self, desk, finding):
        mine = opened(desk["Librarian"], finding)
        history.put_back(finding, history.state_of(finding))
        save(desk["Librarian"], finding, {**mine, "citations-0-note": "Mine."})
        assert [row.note for row in finding.citations.order_by("order")] == ["Mine.", "Second."]

    def test_a_source_merged_meanwhile_is_followed_in_the_rows(self, desk, finding, admin_user):
        mine = opened(desk["Librarian"], finding)
        gone, kept = finding.citations.get(order=1).source, make_source(title="The same on trust")
        merging.merge(kept, [gone], admin_user)
        _, form = told(desk["Librarian"], finding, {**mine, "heading": "Mine"})
        save(desk["Librarian"], finding, form)
        assert finding.citations.get(order=1).source == kept


def make_review_with_source():
    review = make_review(**DRAFT)
    ReviewSource.objects.create(review=review, source=make_source(), role="background")
    return review


PARTS = {
    Source: (lambda: make_source([("Hudson", "B"), ("Frost", "N")], **DRAFT), "contributors", "given"),
    Review: (make_review_with_source, "review_sources", "number"),
    Term: (lambda: make_term("Silo", also_called=["chimney"], **DRAFT), "labels", "label"),
}


@pytest.mark.parametrize("model", PARTS)
def test_parts_of_every_kind_are_kept_from_a_second_librarian(desk, model):
    make, prefix, name = PARTS[model]
    entry = make()
    mine, theirs = opened(desk["Librarian"], entry), opened(desk["Editor"], entry)
    save(desk["Editor"], entry, {**theirs, f"{prefix}-0-{name}": "77"})
    _, form = told(desk["Librarian"], entry, {**mine, "slug": "mine"})
    save(desk["Librarian"], entry, form)
    entry.refresh_from_db()
    assert entry.slug == "mine"
    assert str(getattr(getattr(entry, prefix).order_by("pk").first(), name)) == "77"


@pytest.mark.databases
class TestActsMeanwhile:
    def test_a_librarian_whose_entry_was_published_meanwhile_keeps_what_was_typed(self, desk, finding, admin_user):
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, finding, admin_user)
        mine = opened(desk["Librarian"], finding)
        Review.objects.update(status="published")
        workflow.perform(LogEntry.Name.PUBLISH, finding, admin_user)
        response = desk["Librarian"].post(page_of(finding), {**mine, "body": "Typed for an hour.", "tags": "mine"})
        page = response.content.decode()
        assert response.status_code == 409
        assert "Published by admin at" in page
        assert "only an editor can change it" in page
        assert "Typed for an hour." in page and "mine" in page
        finding.refresh_from_db()
        assert finding.body == "Slowly."

    def test_an_editor_is_told_of_an_act_and_asked_what_kind_of_change_it_is(self, desk, finding, admin_user):
        workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, finding, admin_user)
        mine = opened(desk["Editor"], finding)
        workflow.perform(LogEntry.Name.PUBLISH, finding, admin_user)
        meanwhile, form = told(desk["Editor"], finding, {**mine, "body": "Mine."})
        assert str(meanwhile["deeds"][0]).startswith("Published by admin at")
        assert form["body"] == "Mine."
        save(desk["Editor"], finding, {**form, "kind_of_change": "correction"})
        finding.refresh_from_db()
        assert (finding.body, finding.status) == ("Mine.", "published")

    def test_a_withdrawal_meanwhile_is_told_and_not_undone(self, desk, admin_user):
        finding = make_finding()
        mine = opened(desk["Editor"], finding)
        workflow.perform(LogEntry.Name.WITHDRAW, finding, admin_user, "Misread.")
        meanwhile, form = told(desk["Editor"], finding, {**mine, "body": "Mine.", "kind_of_change": "correction"})
        assert str(meanwhile["deeds"][0]).startswith("Withdrawn by admin at")
        save(desk["Editor"], finding, form)
        finding.refresh_from_db()
        assert (finding.body, finding.status) == ("Mine.", "withdrawn")

    def test_a_check_meanwhile_is_in_nobodys_way(self, desk, admin_user):
        finding = make_finding()
        mine = opened(desk["Editor"], finding)
        checked = workflow.perform(LogEntry.Name.CHECK, finding, admin_user, "All of it.")
        save(desk["Editor"], finding, {**mine, "body": "Mine.", "kind_of_change": "correction"})
        finding.refresh_from_db()
        assert finding.last_checked_on == checked.last_checked_on

    def test_a_deletion_meanwhile_is_told_with_what_was_typed(self, desk, finding):
        mine = opened(desk["Librarian"], finding)
        assert desk["Editor"].post(page_of(finding, "delete"), {"post": "yes"}).status_code == 302
        response = desk["Librarian"].post(
            page_of(finding), {**mine, "body": "Typed for an hour.", "citations-0-note": "And this."}
        )
        page = response.content.decode()
        assert response.status_code == 409
        assert "“Trust grows” was deleted" in page
        assert "editor deleted it at" in page
        assert "Typed for an hour." in page and "And this." in page

    @pytest.mark.parametrize("values", [{}, DRAFT])
    def test_a_merge_meanwhile_is_told_with_what_was_typed_and_what_is_kept(self, desk, admin_user, values):
        kept, gone = make_source(title="Kept"), make_source(title="Gone", **values)
        mine = opened(desk["Editor"], gone)
        merging.merge(kept, [gone], admin_user)
        response = desk["Editor"].post(page_of(gone), {**mine, "note": "Typed.", "kind_of_change": "correction"})
        page = response.content.decode()
        assert response.status_code == 409
        assert "“Gone” was merged into another" in page
        assert "Typed." in page
        assert page_of(kept) in page

    def test_an_act_on_what_is_gone_is_refused_in_words(self, desk, finding, admin_user):
        held = Finding.objects.get()
        Finding.objects.all().delete()
        with pytest.raises(workflow.Refused, match="was deleted or merged meanwhile"):
            workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, held, admin_user)


@pytest.mark.databases
class TestOtherWriters:
    def test_a_wording_is_put_back_only_over_what_was_looked_at(self, desk, finding, admin_user):
        with history.recording(Finding, [finding.pk], admin_user):
            Finding.objects.update(heading="Other")
        first = history.Revision.objects.of(finding).last()
        page = address(Finding, "put_back", finding.pk, first.pk)
        seen = desk["Editor"].get(page).context["seen"]
        save(desk["Librarian"], finding, {**opened(desk["Librarian"], finding), "tags": "new"})
        refused = desk["Editor"].post(page, {"confirm": "1", "state_seen": seen})
        assert "librarian saved this entry at" in refused.content.decode()
        assert sorted(finding.tags.names()) == ["new"]
        assert desk["Editor"].post(page, {"state_seen": refused.context["seen"]}).status_code == 302
        assert sorted(finding.tags.names()) == ["time", "trust"]

    def test_a_merge_is_refused_when_tags_changed_while_somebody_looked(self, desk):
        one, two = make_source(), make_source()
        page = address(Source, "merge")
        shown = desk["Editor"].get(page, {"source": [one.pk, two.pk]})
        seen = {f"seen-{source.pk}": source.token for source, _ in shown.context["choices"]}
        two.tags.add("new")
        refused = desk["Editor"].post(page, {"source": [one.pk, two.pk], "keep": one.pk, **seen})
        assert "S2 changed while you were looking" in refused.content.decode()
        assert Source.objects.filter(merged_into=None).count() == 2


@pytest.mark.parametrize("model", [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term])
def test_opening_an_entry_and_saving_it_is_no_conflict(desk, model):
    make = {
        Review: make_review_with_source,
        Theme: lambda: make_theme(**DRAFT),
        Finding: lambda: make_finding(**DRAFT),
        KeyMessage: lambda: make_key_message([make_finding()], **DRAFT),
        PracticeImplication: lambda: make_implication([make_finding()], **DRAFT),
        Source: lambda: make_source(title="Two\nlines ", **DRAFT),
        Term: lambda: make_term("Silo", also_called=["chimney"], **DRAFT),
    }
    entry = make[model]()
    data = opened(desk["Librarian"], entry)
    Theme.objects.create(name="Another", slug="another", summary="x")
    save(desk["Librarian"], entry, data)
    # What a browser sends has other line ends; with what is seen unknown, all of it is compared.
    sent = {
        k: v.replace("\n", "\r\n") if isinstance(v, str) else v for k, v in opened(desk["Librarian"], entry).items()
    }
    save(desk["Librarian"], entry, {**sent, "state_seen": ""})


def librarians(django_user_model, *names):
    """A browser for each, after a test that empties the database took the groups away."""
    make_groups(Group, Permission)
    for name in names:
        user = django_user_model.objects.create(username=name, is_staff=True)
        user.groups.add(Group.objects.get(name="Librarian"))
        client = Client()
        client.force_login(user)
        yield client


def beside(act):
    """Run in a thread with a connection of its own."""

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    @pytest.mark.parametrize(
        "changes", [[{"heading": "One"}, {"body": "Other."}], [{"tags": "one"}, {"tags": "other"}]]
    )
    def test_of_two_who_save_one_is_told(self, django_user_model, changes):
        clients = list(librarians(django_user_model, "ann", "ben"))
        finding = make_finding(**DRAFT)
        data = [{**opened(client, finding), **values} for client, values in zip(clients, changes, strict=True)]
        start, answers = threading.Barrier(2), [None, None]

        def post(n):
            start.wait(20)
            answers[n] = clients[n].post(page_of(finding), data[n])

        for thread in [beside(lambda n=n: post(n)) for n in range(2)]:
            thread.join(60)
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        second = next(n for n in range(2) if answers[n].status_code == 200)
        save(clients[second], finding, form_data(answers[second]))
        finding.refresh_from_db()
        if "tags" in changes[0]:
            assert sorted(finding.tags.names()) == ["one", "other"]
        else:
            assert (finding.heading, finding.body) == ("One", "Other.")

    def test_whoever_saves_waits_for_what_is_being_saved_and_is_told(self, django_user_model):
        [client] = librarians(django_user_model, "ann")
        finding = make_finding(heading="Trust grows", **DRAFT)
        mine = opened(client, finding)
        held = threading.Event()

        def change_slowly():
            with transaction.atomic():
                Finding.objects.select_for_update().get()
                held.set()
                time.sleep(1)
                Finding.objects.update(heading="Trust takes time")
                cite(finding, make_source(title="On trust"))

        thread = beside(change_slowly)
        assert held.wait(20)
        meanwhile, form = told_at_once(client, finding, {**mine, "body": "Mine."})
        thread.join(60)
        assert {label for label, _ in meanwhile["joined"].theirs} == {"Heading", "Citation 1"}
        save(client, finding, form)
        finding.refresh_from_db()
        assert (finding.heading, finding.body) == ("Trust takes time", "Mine.")
        assert finding.citations.get().source.title == "On trust"

    def test_a_source_that_is_merged_while_it_is_cited_is_told_in_words(self, django_user_model):
        [client] = librarians(django_user_model, "ann")
        editor = django_user_model.objects.create(username="ed", is_superuser=True, is_staff=True)
        finding, kept, gone = make_finding(**DRAFT), make_source(), make_source(**DRAFT)
        mine = add_row(opened(client, finding), "citations", source=gone.pk)
        merged = threading.Event()

        def merge_slowly():
            with transaction.atomic():
                merging.merge(kept, [gone], editor)
                merged.set()
                time.sleep(1)

        thread = beside(merge_slowly)
        assert merged.wait(20)
        response = client.post(page_of(finding), mine)
        thread.join(60)
        assert response.status_code == 200
        page = response.content.decode()
        assert "That choice is not one of the available choices" in page
        assert "was changed successfully" not in page


def told_at_once(client, entry, data):
    response = client.post(page_of(entry), data)
    assert response.status_code == 200
    return response.context["meanwhile"], form_data(response)
