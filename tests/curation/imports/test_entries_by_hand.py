"""Librarians take a review out and in by hand: export, upload, look, choose, import, send on, undo."""

import json

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.imports import admin, importing
from curation.models import Import, ImportRow
from findings.models import Finding, Theme
from findings.review_files import jsonfile, tables
from sources.imports import BIBLIOGRAPHY
from tests import factories
from tests.findings.review_files.samples import THEME, document, exported, finding, make_whole_review, planned, small

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/curation/import/add/entries/"
PUBLIC = {"status": "published", "published_on": "2020-01-02"}


def sent(client, document, name="review.json", **data):
    data["file"] = SimpleUploadedFile(name, document if isinstance(document, bytes) else jsonfile.write(document))
    return client.post(UPLOAD, data, follow=True)


def page(batch, query=""):
    return reverse("admin:curation_import_change", args=[batch.pk]) + query


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def signed_in(*codenames, group=None):
    user = User.objects.create_user("-".join(codenames) or group or "nobody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def test_from_the_upload_to_the_result_and_back(admin_client):
    assert f'href="{UPLOAD}"' in text(admin_client.get("/admin/curation/import/"))
    assert '<label for="id_file">' in text(admin_client.get(UPLOAD))
    shown = text(sent(admin_client, small(finding(heading="Doors & walls"))))
    assert 'value="Import 3 entries as drafts"' in shown and "Doors &amp; walls" in shown
    assert not Finding.objects.exists()
    batch = Import.objects.get()
    result = text(admin_client.post(page(batch), {"import": "1"}, follow=True))
    assert "3 entries created, 0 updated." in result
    assert f'href="/admin/findings/finding/{Finding.objects.get().pk}/change/"' in result
    undo = reverse("admin:curation_import_undo", args=[batch.pk])
    assert undo in result
    assert "deletes the 3 entries" in text(admin_client.get(undo))
    assert "was undone" in text(admin_client.post(undo, follow=True))
    assert not Finding.objects.exists()
    assert "This prevents it" in text(admin_client.post(undo))


def test_a_review_is_exported_by_its_button(admin_client):
    review = make_whole_review()
    address = reverse("admin:findings_review_export", args=[review.pk])
    assert address in text(admin_client.get(f"/admin/findings/review/{review.pk}/change/"))
    response = admin_client.get(address)
    assert response.content == exported(review)
    assert response["Content-Disposition"] == f'attachment; filename="{review.slug}.json"'
    assert json.loads(admin_client.get(address, {"glossary": "no"}).content)["terms"] == []
    assert admin_client.get("/admin/findings/review/999/export/").status_code == 404
    for client in [signed_in("view_review"), signed_in("view_finding")]:
        assert client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_what_differs_stands_in_a_table_and_is_done_as_chosen(admin_client):
    held = factories.make_finding(slug="ours", body="Ours.")
    shown = text(sent(admin_client, document(findings=[{"code": "F1", "slug": "ours", "body": "Theirs."}])))
    assert "<td>Ours.</td><td>Theirs.</td>" in shown and "Differs" in shown
    batch = Import.objects.get()
    row = batch.rows.get()
    assert "0 entries created" in text(
        admin_client.post(page(batch), {f"choice-{row.pk}": "skip", "import": ""}, follow=True)
    )
    held.refresh_from_db()
    assert held.body == "Ours."


def test_what_is_perhaps_held_asks_for_a_decision(admin_client):
    factories.make_theme(name="Under one roof together")
    shown = text(sent(admin_client, document(themes=[THEME | {"name": "Under one rooof together", "code": "T7"}])))
    assert (
        "<strong>1 to decide:</strong> left out unless you choose." in shown
        and "Leave it out: use T1 as it is" in shown
    )
    batch = Import.objects.get()
    assert "Under one rooof" in text(admin_client.get(page(batch, "?shown=decide")))
    assert "None." in text(admin_client.get(page(batch, "?shown=new")))
    admin_client.post(page(batch), {f"choice-{batch.rows.get().pk}": "create", "import": ""})
    assert Theme.objects.count() == 2


def test_choices_are_kept_from_page_to_page(admin_client, monkeypatch):
    monkeypatch.setattr(admin, "ROWS_ON_A_PAGE", 2)
    assert "Page 1 of 3" in text(sent(admin_client, small(*[finding(f"F{n}") for n in [1, 2, 3]])))
    batch = Import.objects.get()
    last = batch.rows.last()
    response = admin_client.post(page(batch), {f"choice-{last.pk}": "skip", "page": "2", "shown": "new"})
    assert response["Location"].endswith("?shown=new&p=2")
    assert "Import 4 entries" in text(admin_client.get(response["Location"]))


def test_one_choice_can_be_made_for_all_that_are_shown(admin_client):
    themes = [factories.make_theme(name=f"Theme {name}", summary="Ours.") for name in ["one", "two"]]
    said = [{"code": theme.code, "slug": theme.slug, "summary": "Theirs."} for theme in themes]
    shown = text(sent(admin_client, document(themes=said)))
    assert "2 of the sources, themes and terms differ" in shown and "Import 0 entries" in shown
    batch = Import.objects.get()
    admin_client.post(page(batch), {"all": "explode", "shown": "changed"})
    admin_client.post(page(batch), {"all": "update", "shown": "new"})
    assert "Import 0 entries" in text(admin_client.get(page(batch)))
    librarian = signed_in(group="Librarian")
    librarian.post(page(batch), {"all": "update", "shown": "changed"})
    assert "Import 0 entries" in text(admin_client.get(page(batch)))
    admin_client.post(page(batch), {"all": "update", "shown": "changed"})
    assert "Import 2 entries" in text(admin_client.get(page(batch)))
    admin_client.post(page(batch), {"import": ""})
    assert set(Theme.objects.values_list("summary", flat=True)) == {"Theirs."}


@pytest.mark.parametrize("query", ["?p=x", "?p=99999999999999999999", "?shown=<b>", "?shown=faulty", "?shown=findings"])
def test_odd_addresses_and_forms_answer(admin_client, query):
    sent(admin_client, small())
    batch = Import.objects.get()
    text(admin_client.get(page(batch, query)))
    for post in [{"page": "9" * 30}, {"choice-x": "create"}, {"choice-" + "9" * 40: "skip"}, {"choice-1": "\x00"}]:
        assert admin_client.post(page(batch), post).status_code == 302
    admin_client.post(page(batch), {"import": "1"})
    text(admin_client.get(page(batch, query)))
    text(admin_client.post(page(batch), {"act": "explode"}))
    assert admin_client.get("/admin/curation/import/999/undo/").status_code == 404


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "Line 1: this is not JSON"),
        (b"[1]", "it does not begin with"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b'{"a": ' * 5000, "too many times over"),
        (b'{"format": "joined-up-review", "version": 1, "a\\ud800": 1}', "no part “a\ufffd”"),
        (b'{"a\\ud800": 1, "a\\ud800": 1}', "The key “a\ufffd” stands twice"),
        (jsonfile.write(small(finding("F1\\u0000"))).replace(b"F1\\\\u", b"F1\\u"), "cannot be kept"),
        (jsonfile.write(small(finding(stance="<b>"))), "Findings, entry 1 (F1): Stance: “&lt;b&gt;” is none of"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(admin_client, data, told):
    assert told in text(sent(admin_client, data))
    assert not Import.objects.exists()


def test_no_file_and_too_large_a_file_are_told_in_words(admin_client, monkeypatch):
    assert "Choose a file." in text(admin_client.post(UPLOAD, {}))
    assert "empty" in text(sent(admin_client, b""))
    monkeypatch.setattr(importing, "MAX_BYTES", 10)
    assert "larger than 20 MB" in text(sent(admin_client, small()))


def test_a_refusal_names_the_entries_and_imports_nothing(admin_client):
    sent(admin_client, small())
    batch = Import.objects.get()
    theme = batch.rows.get(kind="themes")
    told = text(admin_client.post(page(batch), {f"choice-{theme.pk}": "skip", "import": ""}))
    assert "Findings, entry 1 (F1): it refers to T1, which is skipped." in told
    assert not Finding.objects.exists()
    assert "Compared with the entries" in text(admin_client.post(page(batch), {"again": ""}, follow=True))
    assert "was discarded" in text(admin_client.post(page(batch), {"discard": ""}, follow=True))
    assert not ImportRow.objects.exists()


def test_an_import_is_sent_for_review_and_published_from_its_result(admin_client):
    sent(admin_client, small())
    batch = Import.objects.get()
    admin_client.post(page(batch), {"import": ""})
    assert "Send all drafts for review (3)" in text(admin_client.get(page(batch)))
    shown = text(admin_client.post(page(batch), {"act": "send-for-review"}, follow=True))
    assert "Sent for review: 3 entries." in shown and "Publish all that are in review (3)" in shown
    assert "Published: 3 entries." in text(admin_client.post(page(batch), {"act": "publish"}, follow=True))
    assert Finding.objects.get().status == "published"
    assert "has been changed since: status" in text(
        admin_client.post(reverse("admin:curation_import_undo", args=[batch.pk]))
    )


def test_what_holds_back_the_publishing_is_told(admin_client):
    factories.make_theme(name=THEME["name"], status="draft", published_on=None)
    sent(admin_client, small())
    batch = Import.objects.get()
    admin_client.post(page(batch), {"import": ""})
    admin_client.post(page(batch), {"act": "send-for-review"})
    shown = text(admin_client.post(page(batch), {"act": "publish"}))
    assert "Nothing was done. This prevents it:" in shown and "Publish “Another theme” (T1) first" in shown


class TestTables:
    def test_a_workbook_comes_back_as_it_went_out(self, admin_client):
        review = make_whole_review()
        address = reverse("admin:findings_review_export", args=[review.pk])
        book = admin_client.get(address, {"format": "xlsx"})
        assert book["Content-Disposition"] == f'attachment; filename="{review.slug}.xlsx"'
        assert "Import 0 entries" in text(sent(admin_client, book.content, "book.xlsx"))
        batch = Import.objects.get()
        assert set(batch.rows.values_list("match", "choice")) == {("same", "skip")}
        assert not batch.rows.exclude(differences=[]).exists() and batch.format == "xlsx"

    def test_the_rows_of_a_table_are_the_places_and_what_was_not_read_is_told(self, admin_client):
        factories.make_review(title="Held")
        theme = factories.make_theme(name="Roofs")
        head = "Heading,Review,Theme,What helps or hinders,Bottom line,Body,Has practice example,Colour\n"
        row = "A roof helps,Held,Roofs,Facilitator,It helps.,It does so at length.,,red\n"
        shown = text(sent(admin_client, (head + row).encode(), "Findings.CSV"))
        assert "Colour" in shown and "Import 1 entry" in shown
        batch = Import.objects.get()
        assert batch.rows.get().place in shown
        admin_client.post(page(batch), {"import": ""})
        assert (Finding.objects.get().heading, Finding.objects.get().theme) == ("A roof helps", theme)

    @pytest.mark.parametrize(
        ("name", "data"), [("a.xlsx", b"bad"), ("a.csv", b"a,b\n1,2\n"), ("a.json", b"PK\x03\x04bad")]
    )
    def test_a_table_that_cannot_be_read_is_told(self, admin_client, name, data):
        assert "This could not be read, and nothing was imported." in text(sent(admin_client, data, name))

    def test_an_empty_workbook_can_be_had_and_holds_nothing(self, admin_client):
        book = admin_client.get("/admin/findings/review/template.xlsx")
        assert "There are no entries in the file" in text(sent(admin_client, book.content, "template.xlsx"))
        assert signed_in().get("/admin/findings/review/template.xlsx").status_code == 403

    def test_a_review_that_fits_into_no_workbook_is_told(self, admin_client, monkeypatch):
        def write(document):
            raise tables.Unwritable("There are too many.")

        monkeypatch.setattr(tables, "write", write)
        address = reverse("admin:findings_review_export", args=[factories.make_review().pk])
        assert "There are too many." in text(admin_client.get(address, {"format": "xlsx"}, follow=True))


class TestPermission:
    def test_without_the_right_to_add_entries_there_is_no_way_in(self):
        batch = planned(small())
        pages = [UPLOAD, page(batch), reverse("admin:curation_import_undo", args=[batch.pk])]
        for client in [signed_in("add_source"), signed_in("add_finding", "view_finding")]:
            for address in pages:
                assert client.get(address).status_code == 403
                assert client.post(address, {"import": "1"}).status_code == 403
        assert signed_in("add_finding").get("/admin/curation/import/").status_code == 403
        assert Client().get(UPLOAD).status_code == 302
        assert not Finding.objects.exists()

    def test_who_may_import_bibliographies_alone_sees_those_in_the_list(self):
        planned(small())
        importing.upload(BIBLIOGRAPHY, b"TY  - BOOK\nTI  - A work\nER  - \n", "list.ris")
        shown = text(signed_in("add_source").get("/admin/curation/import/"))
        assert "list.ris" in shown and "Import a bibliography" in shown
        assert "review.json" not in shown and "Import entries" not in shown

    def test_a_librarian_imports_drafts_and_may_send_but_not_publish_them(self):
        client = signed_in(group="Librarian")
        assert "Keep the status" not in text(client.get(UPLOAD))
        sent(client, small(finding(**PUBLIC)), keeps_status="on")
        batch = Import.objects.get()
        assert not batch.keeps_status
        client.post(page(batch), {"import": ""})
        assert Finding.objects.get().status == "draft"
        client.post(page(batch), {"act": "send-for-review"})
        assert Finding.objects.get().status == "in-review"
        assert "Publish all" not in text(client.get(page(batch)))
        assert client.post(page(batch), {"act": "publish"}).status_code == 403

    def test_a_librarian_is_not_offered_to_change_what_readers_see(self):
        factories.make_finding(slug="ours")
        client = signed_in(group="Librarian")
        shown = text(sent(client, document(findings=[{"code": "F1", "slug": "ours", "body": "Anew."}])))
        assert 'value="update"' not in shown
        assert 'value="update"' in text(signed_in(group="Editor").get(page(Import.objects.get())))

    def test_an_editor_keeps_the_status_of_the_file(self):
        client = signed_in(group="Editor")
        assert "Keep the status" in text(client.get(UPLOAD))
        sent(client, document(themes=[THEME | PUBLIC]), keeps_status="on")
        client.post(page(Import.objects.get()), {"import": ""})
        assert Theme.objects.get().status == "published"

    def test_forged_forms_are_refused(self, admin_user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin_user)
        batch = planned(small())
        for address in [UPLOAD, page(batch), reverse("admin:curation_import_undo", args=[batch.pk])]:
            assert client.post(address, {"import": "1"}).status_code == 403
        assert not Finding.objects.exists()


def test_a_page_takes_the_same_queries_for_three_rows_as_for_thirty(admin_client):
    factories.make_review(), factories.make_theme()
    taken = []
    for count in [3, 30]:
        held = [factories.make_finding(slug=f"s{count}-{n}", heading=f"Thing {n} of {count}") for n in range(count)]
        findings = [{"code": one.code, "slug": one.slug, "body": "Anew."} for one in held]
        batch = planned(document(findings=findings, themes=[THEME | {"code": f"T{count}", "name": f"Roof {count}"}]))
        queries = []
        for act in [lambda batch=batch: admin_client.get(page(batch)), lambda batch=batch: importing.apply(batch)]:
            act()
            with CaptureQueriesContext(connection) as captured:
                text(admin_client.get(page(batch)))
            queries.append(len(captured))
        taken.append(queries)
    assert taken[0] == taken[1]
