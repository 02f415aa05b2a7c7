"""Curation in the admin, role by role."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from curation.changelog import gathered
from curation.log import LogEntry
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.factories import cite, make_finding, make_implication, make_source, make_term, make_theme, withdrawn
from tests.test_admin import address, form_data, populate

pytestmark = pytest.mark.django_db

CURATED = [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term]


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("model", CURATED)
class TestPages:
    def test_both_roles_work_on_drafts_and_only_editors_on_what_is_public(self, desk, model):
        populate(1)
        entry = model.objects.first()
        for role, public in [("Librarian", False), ("Editor", True)]:
            assert desk[role].get(address(model, "changelist")).status_code == 200
            assert desk[role].get(address(model, "add")).status_code == 200
            page = desk[role].get(address(model, "change", entry.pk))
            assert page.status_code == 200
            assert ("_save" in text(page)) == public
            assert desk[role].post(address(model, "change", entry.pk), {}).status_code == (200 if public else 403)
        assert desk[None].get(address(model, "changelist")).status_code == 403
        assert desk[None].get(address(model, "change", entry.pk)).status_code == 403

    def test_only_an_editor_deletes_and_only_what_was_never_public(self, desk, model):
        populate(1)
        entry = model.objects.first()
        assert desk["Editor"].post(address(model, "delete", entry.pk), {"post": "yes"}).status_code == 403
        model.objects.filter(pk=entry.pk).update(status="draft", published_on=None)
        assert desk["Librarian"].post(address(model, "delete", entry.pk), {"post": "yes"}).status_code == 403
        assert desk["Editor"].get(address(model, "delete", entry.pk)).status_code == 200
        assert model.objects.filter(pk=entry.pk).exists()
        assert "delete_selected" not in text(desk["Editor"].get(address(model, "changelist")))

    def test_each_role_is_offered_its_acts(self, desk, model):
        populate(1)
        entry = model.objects.first()
        for role, offered in [("Librarian", ["check"]), ("Editor", ["check", "withdraw"])]:
            page = text(desk[role].get(address(model, "change", entry.pk)))
            for name in ["send-for-review", "publish", "check", "withdraw", "restore"]:
                assert (address(model, "act", entry.pk, name) in page) == (name in offered), (role, name)


class TestRoles:
    def test_no_role_reaches_what_is_not_its_own(self, desk):
        for model in admin.site._registry:
            name = f"{model._meta.app_label}.{model._meta.model_name}"
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert desk[None].get(page).status_code == 403, name
            if name in ("auth.group",):
                assert desk["Editor"].get(page).status_code == 403, name
            if name in ("auth.user", "auth.group"):
                assert desk["Librarian"].get(page).status_code == 403, name

    def test_an_editor_makes_a_librarian_and_no_more_than_that(self, desk, django_user_model):
        boss = django_user_model.objects.create(username="root", is_superuser=True, is_staff=True)
        page = reverse("admin:auth_user_add")
        passwords = {
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "usable_password": "true",
        }
        desk["Editor"].post(page, {"username": "new", **passwords})
        new = django_user_model.objects.get(username="new")
        assert (new.is_staff, new.is_superuser) == (True, False)
        form = {
            "username": "new",
            "groups": [Group.objects.get(name="Librarian").pk],
            "is_active": "on",
            "is_superuser": "on",
        }
        assert desk["Editor"].post(reverse("admin:auth_user_change", args=[new.pk]), form).status_code == 302
        new.refresh_from_db()
        assert ([group.name for group in new.groups.all()], new.is_superuser) == (["Librarian"], False)
        for name in ["auth_user_change", "auth_user_password_change"]:
            assert desk["Editor"].post(reverse(f"admin:{name}", args=[boss.pk]), passwords).status_code in (302, 404)
        boss.refresh_from_db()
        assert not boss.has_usable_password() or not boss.check_password("correct horse battery")

    def test_other_groups_cannot_be_given_by_an_editor(self, desk, django_user_model):
        other = Group.objects.create(name="Administrators")
        user = django_user_model.objects.create(username="new", is_staff=True)
        page = reverse("admin:auth_user_change", args=[user.pk])
        response = desk["Editor"].post(page, {"username": "new", "groups": [other.pk], "is_active": "on"})
        assert response.status_code == 200
        assert not user.groups.exists()


class TestActs:
    def test_an_act_asks_for_its_note_and_is_done(self, desk):
        finding, other = make_finding(), make_finding()
        page = address(Finding, "act", finding.pk, "withdraw")
        assert "The public reason" in text(desk["Editor"].get(page))
        assert "Write the public reason." in text(desk["Editor"].post(page, {"confirm": "1", "note": ""}))
        response = desk["Editor"].post(page, {"confirm": "1", "note": "It claimed too much.", "replacement": other.pk})
        assert response.status_code == 302
        finding.refresh_from_db()
        assert (finding.status, finding.replaced_by) == ("withdrawn", other)
        assert "It claimed too much." in text(desk["Editor"].get(address(Finding, "change", finding.pk)))

    def test_a_librarian_cannot_publish_by_typing_the_address(self, desk):
        finding = make_finding(status="in-review", published_on=None)
        page = address(Finding, "act", finding.pk, "publish")
        assert desk["Librarian"].post(page, {"confirm": "1"}).status_code == 403
        assert desk["Librarian"].get(address(Finding, "act", finding.pk, "bogus")).status_code == 404

    def test_an_act_that_cannot_be_done_is_refused_in_words(self, desk):
        finding = make_finding(**withdrawn())
        response = desk["Editor"].post(
            address(Finding, "act", finding.pk, "withdraw"), {"confirm": "1", "note": "Again."}
        )
        assert "is withdrawn: it cannot be done now" in text(response)

    def test_acts_in_bulk_are_done_to_all_or_to_none(self, desk):
        review = [make_finding(status="in-review", published_on=None) for _ in range(2)]
        chosen = {"action": "publish", "_selected_action": [finding.pk for finding in review]}
        page = address(Finding, "changelist")
        assert "Publish, all 2 of these or none:" in text(desk["Editor"].post(page, chosen))
        wrong = make_finding(status="draft", published_on=None)
        mixed = {**chosen, "_selected_action": [*chosen["_selected_action"], wrong.pk], "confirm": "1"}
        assert "it cannot be done now" in text(desk["Editor"].post(page, mixed))
        assert not Finding.objects.published().exists()
        desk["Editor"].post(page, {**chosen, "confirm": "1"})
        assert Finding.objects.published().count() == 2
        assert LogEntry.objects.filter(name="publish", by__username="editor").count() == 2

    def test_acts_that_a_role_may_not_do_are_not_in_its_list(self, desk):
        make_finding()
        page = text(desk["Librarian"].get(address(Finding, "changelist")))
        assert "Record a check" in page
        assert "Publish …" not in page
        desk["Librarian"].post(
            address(Finding, "changelist"), {"action": "withdraw", "_selected_action": [1], "confirm": "1"}
        )
        assert Finding.objects.published().count() == 1


class TestPublicChanges:
    def test_a_change_in_public_asks_what_kind_it_is(self, desk):
        theme = make_theme()
        page = address(Theme, "change", theme.pk)
        data = {**form_data(desk["Editor"].get(page)), "summary": "Other words."}
        assert "This field is required" in text(desk["Editor"].post(page, data))
        told = desk["Editor"].post(page, {**data, "kind_of_change": "meaning", "public_note": " "})
        assert "Say in a sentence what changed" in text(told)
        theme.refresh_from_db()
        assert theme.summary != "Other words."
        desk["Editor"].post(page, {**data, "kind_of_change": "meaning", "public_note": "We say other words."})
        theme.refresh_from_db()
        assert theme.summary == "Other words."
        assert theme.wording_changed_on
        assert LogEntry.objects.on(theme).get().note == "We say other words."

    def test_a_draft_is_changed_without_more_ado(self, desk):
        theme = make_theme(status="draft", published_on=None)
        page = address(Theme, "change", theme.pk)
        desk["Librarian"].post(page, {**form_data(desk["Librarian"].get(page)), "summary": "Other words."})
        theme.refresh_from_db()
        assert theme.summary == "Other words."


def test_every_kind_can_go_the_whole_way_through_the_admin(desk):
    for entry in [make_theme(status="draft", published_on=None), make_source(status="draft", published_on=None),
                  make_term("Word", status="draft", published_on=None)]:  # fmt: skip
        for role, name in [
            ("Librarian", "send-for-review"),
            ("Editor", "publish"),
            ("Librarian", "check"),
            ("Editor", "withdraw"),
        ]:
            page = address(type(entry), "act", entry.pk, name)
            assert desk[role].post(page, {"confirm": "1", "note": "A note."}).status_code == 302, name
        entry.refresh_from_db()
        assert entry.is_withdrawn


class TestWhatNeedsDoing:
    def test_each_task_leads_to_the_list_of_just_those_entries(self, desk):
        finding = make_finding(status="in-review", published_on=None)
        due = make_finding(review_due_on="2020-01-01")
        due.tags.add("lonely")
        make_implication([])
        cite(make_finding(), make_source(review_due_on="2020-01-01", last_checked_on="2021-01-01"))
        desk["Editor"].get("/search/?q=nothing+of+the+kind")
        tasks = {task.label: task for task in desk["Editor"].get(reverse("admin:index")).context["waiting"]}
        assert list(tasks) == [
            "1 finding in review",
            "1 finding due for a check",
            "1 finding naming no source",
            "1 practice point resting on no finding",
            "1 tag used once",
            "1 search that found little",
        ]
        for label, task in tasks.items():
            listed = desk["Editor"].get(task.url).context["cl"].queryset
            assert listed.count() == task.count, label
        assert finding in desk["Editor"].get(tasks["1 finding in review"].url).context["cl"].queryset

    def test_nobody_is_shown_what_is_not_theirs(self, desk):
        make_finding(status="in-review", published_on=None)
        assert "Nothing waits" in text(desk[None].get(reverse("admin:index")))

    def test_it_takes_no_more_queries_for_many_entries(self, desk, django_assert_max_num_queries):
        taken = []
        for count in [3, 30]:
            with transaction.atomic():
                with gathered():
                    populate(count)
                with django_assert_max_num_queries(40) as queries:
                    desk["Editor"].get(reverse("admin:index"))
                taken.append(len(queries))
                transaction.set_rollback(True)
        assert taken[0] == taken[1]
