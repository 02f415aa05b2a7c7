"""Curation in the admin, role by role."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from curation.changelog import gathered
from curation.log import LogEntry
from curation.models import Revision
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.cards import cards
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
from tests.test_admin import address, form_data, populate

pytestmark = pytest.mark.django_db

CURATED = [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term]


def text(response):
    return response.content.decode()


def test_who_deletes_is_told_what_goes_and_can_turn_back(desk):
    finding = make_finding(status="draft", published_on=None)
    page = text(desk["Editor"].get(address(Finding, "delete", finding.pk)))
    for told in ["Delete finding F1", finding.heading, "What goes with it", "This cannot be undone."]:
        assert told in page
    assert f'href="{address(Finding, "change", finding.pk)}">Cancel, change nothing</a>' in page
    desk["Editor"].post(address(Finding, "delete", finding.pk), {"post": "yes"})
    assert not Finding.objects.exists()


def test_several_are_deleted_after_a_page_that_names_them(desk):
    tags = [Tag.objects.create(name=name, slug=name) for name in ["one", "two", "three"]]
    chosen = {"action": "delete_selected", "_selected_action": [tag.pk for tag in tags[:2]]}
    page = text(desk["Editor"].post(address(Tag, "changelist"), chosen))
    assert "Delete 2 tags" in page and "This cannot be undone." in page
    assert f'href="{address(Tag, "changelist")}">Cancel, change nothing</a>' in page
    desk["Editor"].post(address(Tag, "changelist"), {**chosen, "post": "yes"})
    assert [tag.name for tag in Tag.objects.all()] == ["three"]


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

    def test_an_act_that_cannot_be_done_is_refused_before_it_asks_and_says_what_to_do(self, desk):
        finding, draft = make_finding(**withdrawn()), make_finding(status="draft", published_on=None)
        for entry, name, told in [
            (finding, "withdraw", "is withdrawn already"),
            (draft, "publish", "is a draft: send it for review first"),
            (draft, "withdraw", "an editor can delete it"),
        ]:
            page = address(Finding, "act", entry.pk, name)
            for response in [
                desk["Editor"].get(page, follow=True),
                desk["Editor"].post(page, {"confirm": "1", "note": "Again."}, follow=True),
            ]:
                assert told in text(response)
            entry.refresh_from_db()
            assert not entry.is_public

    def test_acts_in_bulk_are_done_to_all_or_to_none(self, desk):
        review = [make_finding(status="in-review", published_on=None) for _ in range(2)]
        chosen = {"action": "publish", "_selected_action": [finding.pk for finding in review]}
        page = address(Finding, "changelist")
        assert "Done to all 2 of these or none." in text(desk["Editor"].post(page, chosen))
        wrong = make_finding(status="draft", published_on=None)
        mixed = {**chosen, "_selected_action": [*chosen["_selected_action"], wrong.pk], "confirm": "1"}
        assert "1 is a draft: send it for review first" in text(desk["Editor"].post(page, mixed))
        assert not Finding.objects.published().exists()
        desk["Editor"].post(page, {**chosen, "confirm": "1"})
        assert Finding.objects.published().count() == 2
        assert LogEntry.objects.filter(name="publish", by__username="editor").count() == 2

    def test_what_cannot_be_done_to_some_of_those_chosen_is_told_before_and_after(self, desk):
        review = [make_finding(status="in-review", published_on=None) for _ in range(2)]
        drafts = [make_finding(status="draft", published_on=None) for _ in range(3)]
        page = address(Finding, "changelist")
        chosen = {"action": "publish", "_selected_action": [one.pk for one in [*review, *drafts]]}
        asked = desk["Editor"].post(page, chosen)
        assert "3 are drafts: send them for review first" in text(asked)
        hidden = {
            name: asked.content.decode().split(f'name="{name}" value="')[1].split('"')[0]
            for name in ("entries", "others")
        }
        done = desk["Editor"].post(page, {**chosen, **hidden, "confirm": "1"}, follow=True)
        assert "2 published, 3 not: 3 are drafts: send them for review first." in text(done)
        assert Finding.objects.published().count() == 2

    def test_of_drafts_alone_none_is_asked_about_and_the_way_on_is_told_on_top(self, desk):
        drafts = [make_finding(status="draft", published_on=None).pk for _ in range(3)]
        response = desk["Editor"].post(
            address(Finding, "changelist"), {"action": "publish", "_selected_action": drafts}
        )
        told = text(desk["Editor"].get(response["Location"]))
        assert "Nothing was done: 3 are drafts: send them for review first." in told
        assert told.index("Nothing was done") < told.index('id="changelist"')

    def test_an_editor_sends_for_review_and_publishes_in_one(self, desk):
        chosen = [make_finding(status=status, published_on=None) for status in ("draft", "in-review")]
        data = {"action": "send-and-publish", "_selected_action": [one.pk for one in chosen], "confirm": "1"}
        assert desk["Librarian"].post(address(Finding, "changelist"), data).status_code == 302
        assert not Finding.objects.published().exists()
        done = desk["Editor"].post(address(Finding, "changelist"), data, follow=True)
        assert "2 published." in text(done)
        acts = [[act.name for act in LogEntry.objects.on(one)] for one in chosen]
        assert acts == [["publish", "send-for-review"], ["publish"]]

    def test_publishing_takes_hardly_more_queries_for_thirty_than_for_three(self, desk):
        taken = []
        for count in (3, 30):
            chosen = [make_finding(status="in-review", published_on=None).pk for _ in range(count)]
            data = {"action": "publish", "_selected_action": chosen, "confirm": "1"}
            with CaptureQueriesContext(connection) as queries:
                assert desk["Editor"].post(address(Finding, "changelist"), data).status_code == 302
            taken.append(len(queries))
        assert (taken[1] - taken[0]) / 27 < 7

    def test_the_next_check_is_set_on_publication_by_the_interval_of_the_review(self, desk):
        today = timezone.localdate()
        review = make_review(check_every=6)
        finding, dated = (
            make_finding(review=review, status="in-review", published_on=None, review_due_on=due)
            for due in (None, today + timedelta(days=10))
        )
        theme = make_theme(status="in-review", published_on=None)
        for entry in (finding, dated, theme):
            desk["Editor"].post(address(type(entry), "act", entry.pk, "publish"), {"confirm": "1"})
            entry.refresh_from_db()
        assert 180 <= (finding.review_due_on - today).days <= 185
        assert dated.review_due_on == today + timedelta(days=10)
        assert theme.review_due_on is None

    def test_who_withdraws_sees_what_depends_on_it_and_finds_the_replacement_by_search(self, desk):
        finding, other = make_finding(), make_finding()
        draft = make_finding(status="draft", published_on=None)
        make_implication([finding, other])
        make_key_message([finding])
        page = address(Finding, "act", finding.pk, "withdraw")
        shown = text(desk["Editor"].get(page))
        assert "Still rests on F2." in shown and "Rests on no public finding then." in shown
        assert f'<option value="{other.pk}"' not in shown, "they are searched for, not listed"
        asked = {"app_label": "findings", "model_name": "finding", "field_name": "replaced_by", "term": "F"}
        offered = desk["Editor"].get(reverse("admin:autocomplete"), asked).json()["results"]
        assert str(draft.pk) not in {one["id"] for one in offered}

    def test_what_replaces_it_is_linked_where_it_was_with_history_and_the_old_link_stays(self, desk):
        old, new = make_finding(), make_finding()
        point, both = make_implication([old]), make_implication([old, new])
        draft = make_key_message([old], status="draft", published_on=None)
        gone = make_key_message([old], **withdrawn())
        page = address(Finding, "act", old.pk, "withdraw")
        shown = text(desk["Editor"].get(page))
        assert "Link what you choose to P1, P2 and K1 too, where it is not yet" in shown
        sent = {"note": "The same point.", "replacement": new.pk, "put_in_place": "on", "confirm": "1"}
        assert "F2 is linked to P1 and K1 now." in text(desk["Editor"].post(page, sent, follow=True))
        for entry, findings in [(point, [old, new]), (both, [old, new]), (draft, [old, new]), (gone, [old])]:
            assert set(entry.findings.all()) == set(findings)
        note = "F2 in the place of F1, which was withdrawn."
        assert Revision.objects.of(point).first().note == note
        assert not Revision.objects.of(both).filter(note=note).exists()

    @pytest.mark.parametrize("more", [{"replacement": ""}, {"put_in_place": ""}, {"note": ""}])
    def test_nothing_is_linked_unless_asked_for_and_the_act_is_done(self, desk, more):
        old, new = make_finding(), make_finding()
        point = make_implication([old])
        sent = {"note": "The same point.", "replacement": new.pk, "put_in_place": "on", "confirm": "1", **more}
        desk["Editor"].post(address(Finding, "act", old.pk, "withdraw"), sent)
        assert list(point.findings.all()) == [old]

    def test_a_point_gives_its_place_on_key_messages_and_what_nothing_leads_to_asks_nothing(self, desk):
        old, new = make_implication(), make_implication()
        assert "Link what you choose" not in text(
            desk["Editor"].get(address(PracticeImplication, "act", old.pk, "withdraw"))
        )
        message = make_key_message()
        message.implications.add(old)
        sent = {"note": "The same.", "replacement": new.pk, "put_in_place": "on", "confirm": "1"}
        desk["Editor"].post(address(PracticeImplication, "act", old.pk, "withdraw"), sent)
        assert set(message.implications.all()) == {old, new}

    def test_every_page_that_asks_can_be_left(self, desk):
        finding = make_finding()
        for name in ("check", "withdraw"):
            shown = text(desk["Editor"].get(address(Finding, "act", finding.pk, name)))
            assert "Cancel, change nothing" in shown

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


@pytest.mark.databases
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


@pytest.mark.databases
class TestWhatNeedsDoing:
    def card(self, client, title):
        return next(card for card in cards(client.get(reverse("admin:index"))) if card.title == title)

    def test_each_task_leads_to_the_list_of_just_those_entries(self, desk):
        finding = make_finding(status="in-review", published_on=None)
        due = make_finding(review_due_on="2020-01-01")
        due.tags.add("lonely")
        make_implication([])
        cite(make_finding(), make_source(review_due_on="2020-01-01", last_checked_on="2021-01-01"))
        desk["Editor"].get("/search/?q=nothing+of+the+kind")
        waiting = {card.title: card for card in cards(desk["Editor"].get(reverse("admin:index")))}
        assert {title: card.count for title, card in waiting.items() if card.count} == {
            "Waiting for an editor": 1,
            "Due for a check": 1,
            "Points without a finding": 1,
            "Resting on unconfirmed works": 1,
            "Findings naming no study": 1,
            "Tags used once": 1,
            "Searches that found little": 1,
        }
        for title, card in waiting.items():
            page = desk["Editor"].get(card.url)
            assert page.status_code == 200, title
            if card.count:
                assert page.context["cl"].queryset.count() == card.count, title
        assert finding in desk["Editor"].get(waiting["Waiting for an editor"].url).context["cl"].queryset

    def test_a_card_says_which_is_late_and_since_when(self, desk):
        today = timezone.localdate()
        make_finding(review_due_on=today - timedelta(days=5), last_checked_on=today - timedelta(days=900))
        make_finding(review_due_on=today + timedelta(days=2), last_checked_on=today - timedelta(days=900))
        make_finding(review_due_on=today + timedelta(days=40), last_checked_on=today - timedelta(days=900))
        card = self.card(desk["Editor"], "Due for a check")
        assert card.count == 2
        assert card.late.startswith("Late: F1, ") and card.late.endswith(", 5 days")
        assert card.lines[1].startswith("Next: F2, ")
        assert desk["Editor"].get(card.url).context["cl"].queryset.count() == 2

    def test_a_draft_goes_from_hand_to_hand(self, desk):
        def held(role):
            counted = {card.title: card.count for card in cards(desk[role].get(reverse("admin:index"))) if card.count}
            return {title for title in counted if title in ("Your drafts", "Sent back to you", "Waiting for an editor")}

        page = address(Theme, "add")
        typed = form_data(desk["Librarian"].get(page)) | {"name": "Mine", "slug": "mine", "summary": "It is."}
        desk["Librarian"].post(page, typed)
        theme = Theme.objects.get(slug="mine")
        assert (held("Librarian"), held("Editor")) == ({"Your drafts"}, set())
        desk["Librarian"].post(address(Theme, "act", theme.pk, "send-for-review"), {"confirm": "1"})
        assert (held("Librarian"), held("Editor")) == ({"Waiting for an editor"},) * 2
        desk["Editor"].post(
            address(Theme, "act", theme.pk, "send-back"), {"confirm": "1", "note": "The hedge is gone."}
        )
        assert (held("Librarian"), held("Editor")) == ({"Sent back to you"}, set())
        shown = text(desk["Librarian"].get(address(Theme, "changelist")))
        assert "by editor: The hedge is gone." in shown and "librarian<small>today" in shown
        desk["Librarian"].post(address(Theme, "act", theme.pk, "send-for-review"), {"confirm": "1"})
        assert held("Librarian") == {"Waiting for an editor"}

    def test_work_of_several_kinds_has_a_page_that_leads_to_the_list_of_each(self, desk):
        make_finding(status="in-review", published_on=None)
        make_source(status="in-review", published_on=None)
        [card] = [
            card for card in cards(desk["Editor"].get(reverse("admin:index"))) if card.title == "Waiting for an editor"
        ]
        page = desk["Editor"].get(card.url)
        assert [part.title for part in page.context["parts"]] == ["1 finding", "1 source"]
        for part in page.context["parts"]:
            assert desk["Editor"].get(part.url).context["cl"].queryset.count() == 1
        assert desk[None].get(card.url).status_code == 404
        assert desk["Editor"].get(reverse("admin:work", args=["bogus"])).status_code == 404

    def test_what_was_done_is_told_by_whom_and_as_one_where_it_was_one(self, desk):
        findings = [make_finding(status="in-review", published_on=None) for _ in range(6)]
        data = {"action": "publish", "_selected_action": [one.pk for one in findings], "confirm": "1"}
        desk["Editor"].post(address(Finding, "changelist"), data)
        [deed] = desk["Librarian"].get(reverse("admin:index")).context["lately"]
        assert (deed.who, deed.before, len(deed.entries), deed.more) == ("editor", "published ", 4, 2)
        assert desk["Editor"].get(reverse("admin:index")).context["lately"][0].who == "You"
        assert desk[None].get(reverse("admin:index")).context["lately"] == []

    def test_nobody_is_shown_what_is_not_theirs(self, desk):
        make_finding(status="in-review", published_on=None)
        assert cards(desk[None].get(reverse("admin:index"))) == []

    def test_it_takes_no_more_queries_for_many_entries(self, desk, django_assert_max_num_queries):
        taken = []
        desk["Editor"].get(reverse("admin:index"))  # the first time, Django learns its content types
        for count in [3, 30]:
            with transaction.atomic():
                with gathered():
                    populate(count)
                with django_assert_max_num_queries(30) as queries:
                    desk["Editor"].get(reverse("admin:index"))
                taken.append(len(queries))
                transaction.set_rollback(True)
        assert taken[0] == taken[1]


class TestFinding:
    """The box on top of every page."""

    def find(self, client, text):
        return client.get(reverse("admin:find"), {"q": text})

    def test_a_code_leads_straight_to_its_entry_and_so_do_words_that_one_has(self, desk):
        finding = make_finding(heading="Trust grows slowly")
        source = make_source([("Lart", "Rachel")], issued="2003")
        for text in ["F1", "f1", "trust grows"]:
            assert self.find(desk["Librarian"], text)["Location"] == address(Finding, "change", finding.pk)
        assert self.find(desk["Librarian"], "Lart 2003")["Location"] == address(Source, "change", source.pk)

    def test_what_several_have_is_listed_by_kind_and_what_none_has_is_said(self, desk):
        for n in range(12):
            make_finding(heading=f"Trust {n}")
        make_theme(name="Trust")
        page = self.find(desk["Librarian"], "trust")
        assert [(part.title, len(part.rows), part.more) for part in page.context["parts"]] == [
            ("Findings", 10, True),
            ("Themes", 1, False),
        ]
        assert desk["Librarian"].get(page.context["parts"][0].url).context["cl"].result_count == 12
        assert "Nothing at the desk has all of these words" in text(self.find(desk["Librarian"], "zebra"))
        for odd in ["", " ", "F999", "a\0b", "[(*", "x" * 3000]:
            assert self.find(desk["Librarian"], odd).status_code == 200

    def test_nobody_finds_what_is_not_theirs(self, desk):
        make_finding(heading="Trust grows")
        for words in ["F1", "trust"]:
            page = self.find(desk[None], words)
            assert page.status_code == 200
            assert page.context["parts"] == []


def test_an_index_of_an_app_leads_to_the_first_page(desk):
    for app in ["findings", "sources", "curation"]:
        assert desk["Editor"].get(reverse("admin:app_list", args=[app]))["Location"] == reverse("admin:index")


def test_a_list_says_what_is_late_who_has_it_and_keeps_its_filters(desk):
    today = timezone.localdate()
    make_finding(review_due_on=today - timedelta(days=3), last_checked_on=today - timedelta(days=900))
    make_finding(status="in-review", published_on=None)
    page = text(desk["Editor"].get(address(Finding, "changelist")))
    assert "3 days late" in page and "an editor" in page and "nobody" in page
    narrowed = text(desk["Editor"].get(address(Finding, "changelist"), {"due": "yes"}))
    assert "?_changelist_filters=due%3Dyes" in narrowed


def test_views_of_a_list_count_what_they_show(desk):
    make_finding()
    make_finding(status="in-review", published_on=None)
    page = desk["Editor"].get(address(Finding, "changelist"))
    counted = {label: (query, count) for label, query, count, _ in page.context["views"]}
    assert {label: count for label, (_, count) in counted.items()} == {
        "All": 2,
        "With you": 0,
        "Waiting for an editor": 1,
        "Due within 30 days": 0,
        "Naming no study": 2,
    }
    for query, count in counted.values():
        assert desk["Editor"].get(f"{address(Finding, 'changelist')}?{query}").context["cl"].result_count == count
