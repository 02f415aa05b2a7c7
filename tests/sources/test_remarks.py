"""What an import remarks is told at the record and the field, and stays with the source until somebody ticks it off;
keywords become tags as somebody chooses; editors import and publish in one."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from taggit.models import Tag

from curation.entries import Status
from curation.imports import importing
from curation.models import Import
from findings.accounts import EDITOR, LIBRARIAN
from sources import merging
from sources.imports import BIBLIOGRAPHY
from sources.models import Remark, Source
from tests.factories import make_source

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

Choice, Keywords = importing.Choice, Import.Keywords
UPLOAD = "/admin/curation/import/add/bibliography/"


def ris(title="A work", *lines):
    return "\n".join(["TY  - BOOK", f"TI  - {title}", *lines, "ER  - ", ""])


UNCLEAR = ris("Trust in teams", "AU  - Hudson, B.", "PY  - 20O4", "SN  - 1234")
KEYED = ris("Keyed", "KW  - Trust", "KW  - Joint training", "KW  - Child Abuse, Sexual")


def planned(*records, user=None):
    return importing.upload(BIBLIOGRAPHY, "".join(records).encode(), "list.ris", user)


def taken_in(*records, user=None, keywords=None):
    batch = planned(*records, user=user)
    if keywords:
        importing.choose_keywords(batch, keywords, user)
        batch.refresh_from_db()
    return importing.apply(batch, user=user)


def page(batch):
    return reverse("admin:curation_import_change", args=[batch.pk])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


class TestRemarks:
    def test_they_stand_at_the_record_and_the_field(self, admin_client):
        file = SimpleUploadedFile("list.ris", (ris("Plain") + UNCLEAR).encode())
        shown = text(admin_client.post(UPLOAD, {"file": file}, follow=True))
        batch = Import.objects.get()
        plain, unclear = batch.rows.order_by("position")
        assert plain.remarks == [] and {field for field, _ in unclear.remarks} == {"issued", "isbn"}
        assert batch.problems == []
        assert "<strong>Date:</strong> “20O4” is not a date with a year." in shown
        only = text(admin_client.get(f"{page(batch)}?shown=remarked"))
        assert "Trust in teams" in only and "Plain" not in only

    def test_what_is_of_no_record_is_told_of_the_file(self):
        batch = planned(ris("Plain"), "TY  - BOOK\nTI  - Cut")
        assert [message for _, message, _ in batch.problems] and not batch.rows.exclude(remarks=[]).exists()

    def test_they_stay_with_the_source_until_ticked_off(self, desk):
        batch = taken_in(UNCLEAR)
        source = Source.objects.get()
        assert [(one.field, one.batch) for one in source.remarks.open()] == [("issued", batch), ("isbn", batch)]
        form = reverse("admin:sources_source_change", args=[source.pk])
        assert "Remarks of the import" in text(desk[LIBRARIAN].get(form))
        assert "Remarks of imports" in text(desk[LIBRARIAN].get("/admin/"))
        listed = "/admin/sources/source/?open-remarks=yes"
        assert "Trust in teams" in text(desk[LIBRARIAN].get(listed))
        tick = reverse("admin:sources_source_tick_off", args=[source.pk])
        first, second = source.remarks.open()
        assert "1 remark ticked off." in text(desk[LIBRARIAN].post(tick, {"remark": [first.pk]}, follow=True))
        assert list(source.remarks.open()) == [second]
        text(desk[LIBRARIAN].post(tick, {"remark": [second.pk]}, follow=True))
        first.refresh_from_db()
        assert first.done_at and first.done_by.username == LIBRARIAN.lower()
        assert "Remarks of the import" not in text(desk[LIBRARIAN].get(form))
        assert "Trust in teams" not in text(desk[LIBRARIAN].get(listed))

    def test_a_tick_needs_the_right_and_takes_only_those_of_its_source(self, desk):
        taken_in(UNCLEAR)
        source, other = Source.objects.get(), make_source()
        tick = reverse("admin:sources_source_tick_off", args=[other.pk])
        ids = [one.pk for one in source.remarks.open()]
        assert "Nothing was ticked off" in text(
            desk[LIBRARIAN].post(tick, {"remark": [*ids, "x", "9" * 30]}, follow=True)
        )
        assert source.remarks.open().count() == 2
        assert desk[LIBRARIAN].get(tick).status_code == 405
        assert Client().post(tick, {"remark": ids}).status_code == 302

    def test_those_of_many_sources_are_ticked_off_in_one(self, desk):
        taken_in(UNCLEAR, ris("Other", "SN  - 1234"), ris("Third", "SN  - 1234"))
        chosen = Source.objects.exclude(title="Third")
        form = {"action": "tick_off_all", "_selected_action": [source.pk for source in chosen]}
        listed = "/admin/sources/source/"
        assert "3 remarks ticked off." in text(desk[LIBRARIAN].post(listed, form, follow=True))
        assert [one.source.title for one in Remark.objects.open()] == ["Third"]
        assert "None of these sources has an open remark." in text(desk[LIBRARIAN].post(listed, form, follow=True))

    def test_nothing_public_has_them(self, client):
        taken_in(UNCLEAR)
        source = Source.objects.get()
        addresses = [source.get_absolute_url(), f"/{source.code}.ris", f"/api/v1/sources/{source.code}"]
        Source.objects.update(status=Status.PUBLISHED, published_on="2026-01-01")
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200
            assert "is not a date with a year" not in response.content.decode()

    def test_the_same_file_again_keeps_each_once(self):
        taken_in(ris("Trust", "DO  - 10.1000/a", "SN  - 1234"))
        batch = planned(ris("Trust", "DO  - 10.1000/a", "SN  - 1234", "PB  - A Press"))
        row = batch.rows.get()
        assert row.choice == Choice.FILL
        importing.apply(batch)
        assert Remark.objects.count() == 1

    def test_of_a_source_that_is_held_only_those_of_what_was_taken(self):
        make_source(title="Trust", doi="10.1000/a", isbn="", issued="2004")
        batch = planned(ris("Trust", "DO  - 10.1000/a", "PY  - 20O4", "PB  - A Press"))
        importing.apply(batch, {batch.rows.get().pk: Choice.FILL})
        assert not Remark.objects.exists()

    def test_an_undo_takes_them_back(self):
        batch = taken_in(ris("Trust", "DO  - 10.1000/a", "SN  - 1234"))
        importing.undo(batch)
        assert not Source.objects.exists() and not Remark.objects.exists()

    def test_a_merge_keeps_them_once(self, admin_user):
        taken_in(ris("One", "SN  - 1234"), ris("Other", "SN  - 1234"))
        kept, other = Source.objects.order_by("number")
        merging.merge(kept, [other], admin_user)
        assert [one.source for one in Remark.objects.all()] == [kept]

    def test_the_database_keeps_each_once(self):
        source = make_source()
        Remark.objects.create(source=source, message="Look.")
        with pytest.raises(IntegrityError), transaction.atomic():
            Remark.objects.create(source=source, message="Look.")


class TestKeywords:
    @pytest.mark.parametrize(
        ("which", "tags"),
        [
            (None, ["trust"]),
            (Keywords.KNOWN, ["trust"]),
            (Keywords.ALL, ["Child Abuse, Sexual", "Joint training", "trust"]),
            (Keywords.NONE, []),
        ],
    )
    def test_become_tags_as_somebody_chooses_in_the_casing_of_ours(self, which, tags):
        Tag.objects.create(name="trust")
        batch = taken_in(KEYED, keywords=which)
        assert sorted(one.name for one in Source.objects.get().tags.all()) == sorted(tags)
        assert batch.keyword_counts == {"all": 3, "known": 1, "none": 0}

    def test_those_that_do_not_are_told_in_the_row(self, admin_client):
        Tag.objects.create(name="trust")
        shown = text(admin_client.post(UPLOAD, {"text": KEYED}, follow=True))
        assert "These do not become tags: Joint training, Child Abuse, Sexual." in shown
        assert "all (3)" in shown and "those that are tags here (1)" in shown
        batch = Import.objects.get()
        shown = text(admin_client.post(page(batch), {"keywords": "all"}, follow=True))
        assert "do not become tags" not in shown and "Joint training" in shown

    def test_a_choice_for_a_row_stays(self):
        batch = planned(KEYED, ris("Other", "KW  - Power"))
        importing.choose(batch, {batch.rows.get(position=1).pk: Choice.SKIP})
        importing.choose_keywords(batch, Keywords.ALL)
        assert [row.choice for row in batch.rows.order_by("position")] == [Choice.CREATE, Choice.SKIP]

    def test_the_tags_of_a_source_that_has_some_are_left_alone(self):
        held = make_source(title="Keyed", doi="10.1000/a")
        held.tags.add("ours")
        batch = planned(ris("Keyed", "DO  - 10.1000/a", "KW  - Trust"))
        importing.choose_keywords(batch, Keywords.ALL)
        assert "tags" not in {shown["field"] for shown in batch.rows.get().differences}
        Source.objects.get().tags.clear()
        importing.compare_again(batch)
        assert "tags" in {shown["field"] for shown in batch.rows.get().differences}

    def test_one_that_is_too_long_is_told(self):
        batch = planned(ris("Keyed", f"KW  - {'long ' * 30}"))
        importing.choose_keywords(batch, Keywords.ALL)
        batch.refresh_from_db()
        assert "is too long for a tag." in batch.rows.get().remarks[0][1]
        importing.apply(batch)
        assert not Tag.objects.exists()

    def test_an_undo_takes_the_tags_that_it_made(self):
        Tag.objects.create(name="trust")
        importing.undo(taken_in(KEYED, keywords=Keywords.ALL))
        assert [one.name for one in Tag.objects.all()] == ["trust"]


class TestPublish:
    def test_an_editor_imports_and_publishes_in_one(self, desk):
        batch = planned(ris("One"), ris("Two"))
        shown = text(desk[EDITOR].get(page(batch)))
        assert 'value="Import and publish"' in shown
        assert "2 sources created and published" in text(desk[EDITOR].post(page(batch), {"publish": "1"}, follow=True))
        assert {one.status for one in Source.objects.all()} == {Status.PUBLISHED}

    def test_a_librarian_is_told_that_it_is_for_editors(self, desk):
        batch = planned(ris("One"))
        shown = text(desk[LIBRARIAN].get(page(batch)))
        assert 'value="Import and publish"' not in shown and "To publish is for editors" in shown
        assert desk[LIBRARIAN].post(page(batch), {"publish": "1"}).status_code == 403
        assert not Source.objects.exists()


class TestChoices:
    def test_all_that_are_here_can_be_left_out_at_once(self, admin_client):
        make_source(title="Held", doi="10.1000/a", publisher="")
        batch = planned(ris("Held", "DO  - 10.1000/a", "PB  - A Press"), ris("New"))
        assert batch.rows.get(position=0).choice == Choice.FILL
        admin_client.post(page(batch), {"leave_out_held": ""})
        assert [row.choice for row in batch.rows.order_by("position")] == [Choice.SKIP, Choice.CREATE]

    def test_what_is_not_offered_has_its_reason(self, desk):
        make_source(title="Same", doi="10.1000/a", isbn="", issued="")
        public = make_source(title="Public", doi="10.1000/b", status=Status.PUBLISHED)
        batch = planned(
            ris("Same", "DO  - 10.1000/a"),
            ris("Public", "DO  - 10.1000/b", "PB  - Another Press", "SP  - 3"),
        )
        shown = text(desk[LIBRARIAN].get(page(batch)))
        assert "Nothing in it that we lack." in shown
        assert f"To change {public.code} is for editors: it is published." in shown
        assert "To change" not in text(desk[EDITOR].get(page(batch)))

    def test_everything_that_will_be_stored_is_shown(self, admin_client):
        batch = planned(ris("Whole", "AU  - Hudson, B.", "PY  - 2004", "PB  - A Press", "N1  - Seen in a list."))
        shown = text(admin_client.get(page(batch)))
        for told in ["Hudson, B. (2004)", "Seen in a list.", "A Press", "All that will be stored"]:
            assert told in shown

    def test_a_page_takes_the_same_queries_for_three_rows_as_for_thirty(self, admin_client):
        taken = []
        for count in [3, 30]:
            for n in range(count):
                make_source(title=f"Held {count} {n}", doi=f"10.1000/{count}-{n}")
            batch = planned(*[ris(f"Held {count} {n}", f"DO  - 10.1000/{count}-{n}", "SN  - 12") for n in range(count)])
            admin_client.get(page(batch))
            with CaptureQueriesContext(connection) as queries:
                text(admin_client.get(page(batch)))
            taken.append(len(queries))
        assert taken[0] == taken[1]
