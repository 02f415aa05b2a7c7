"""Librarians import a bibliography by hand: upload, look, choose, import, undo."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.imports import admin, importing
from curation.models import Import, ImportRow
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests.factories import cite, make_finding, make_source

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/curation/import/add/bibliography/"


def ris(title="A work", more=""):
    return f"TY  - BOOK\nTI  - {title}\nAU  - Hudson, B.\nPY  - 2002\n{more}ER  - \n"


def sent(client, data, name="list.ris"):
    data = data.encode() if isinstance(data, str) else data
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, data)}, follow=True)


def page(batch, query=""):
    return reverse("admin:curation_import_change", args=[batch.pk]) + query


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def signed_in(*codenames):
    user = User.objects.create_user("-".join(codenames) or "nobody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.databases
def test_from_the_button_to_the_result_and_back(admin_client):
    assert f'href="{UPLOAD}"' in text(admin_client.get("/admin/sources/source/"))
    assert '<label for="id_file">' in text(admin_client.get(UPLOAD))
    shown = text(sent(admin_client, ris() + ris("Second & last")))
    assert 'value="Import 2 records as drafts"' in shown and "Second &amp; last" in shown
    assert not Source.objects.exists()
    batch = Import.objects.get()
    result = text(admin_client.post(page(batch), {"import": "1"}, follow=True))
    assert "2 sources created, 0 updated." in result
    assert f'href="/admin/sources/source/{Source.objects.first().pk}/change/"' in result
    undo = reverse("admin:curation_import_undo", args=[batch.pk])
    assert undo in result
    assert "deletes the 2 sources" in text(admin_client.get(undo))
    assert "was undone" in text(admin_client.post(undo, follow=True))
    assert not Source.objects.exists()
    assert "This prevents it" in text(admin_client.post(undo))


def test_records_can_be_pasted(admin_client):
    assert "Pasted text" in text(admin_client.post(UPLOAD, {"text": "\r\n".join(ris().split("\n"))}, follow=True))
    assert Import.objects.get().record_count == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("list.nbib", "PMID- 1\nTI  - A work\nFAU - Hudson, Bob\nDP  - 2002\n"),
        ("list.bib", "@book{a, title={A work}, author={Hudson, Bob}, year=2002}"),
        ("list.json", '[{"type": "book", "title": "A work", "issued": {"date-parts": [[2002]]}}]'),
    ],
)
def test_each_format_is_read(admin_client, name, data):
    assert "Import 1 record" in text(sent(admin_client, data, name))


def test_what_differs_stands_in_a_table_and_is_done_as_chosen(admin_client):
    held = make_source(title="Ours", doi="10.1000/a", publisher="")
    assert "<td>Ours</td><td>A work</td>" in text(sent(admin_client, ris(more="DO  - 10.1000/a\nPB  - Press\n")))
    batch = Import.objects.get()
    row = batch.rows.get()
    data = {f"choice-{row.pk}": "update", "import": "1"}
    assert "1 updated" in text(admin_client.post(page(batch), data, follow=True))
    held.refresh_from_db()
    assert (held.title, held.publisher) == ("A work", "Press")
    assert held.code in text(admin_client.get(page(batch)))


def test_what_is_perhaps_held_asks_for_a_decision(admin_client):
    make_source(title="Working together with families in need", authors=[("Hudson", "B")])
    shown = text(sent(admin_client, ris("Working togehter with families in need")))
    assert "<strong>1 to decide:</strong> left out unless you choose." in shown
    assert 'value="Import 0 records"' in shown
    assert "Please decide" in text(admin_client.get(page(Import.objects.get(), "?shown=decide")))


def test_choices_are_kept_from_page_to_page_and_the_rest_is_as_proposed(admin_client, monkeypatch):
    monkeypatch.setattr(admin, "ROWS_ON_A_PAGE", 2)
    shown = text(sent(admin_client, "".join(ris(f"{word} thing of its own") for word in ["One", "Second", "Third"])))
    assert "Page 1 of 2" in shown
    batch = Import.objects.get()
    first = batch.rows.first()
    response = admin_client.post(page(batch), {f"choice-{first.pk}": "skip", "page": "2", "shown": "new"})
    assert response["Location"].endswith("?shown=new&p=2")
    assert "Import 2 records" in text(admin_client.get(response["Location"]))
    admin_client.post(page(batch), {"import": "1"})
    assert Source.objects.count() == 2


@pytest.mark.parametrize("query", ["?p=x", "?p=99999999999999999999", "?p=-1", "?shown=<b>", "?shown=faulty"])
def test_odd_addresses_answer(admin_client, query):
    sent(admin_client, ris())
    batch = Import.objects.get()
    text(admin_client.get(page(batch, query)))
    for post in [{"page": "9" * 30}, {"choice-x": "create"}, {"choice-" + "9" * 40: "skip"}, {"choice-1": "\x00"}]:
        assert admin_client.post(page(batch), post).status_code == 302
    admin_client.post(page(batch), {"import": "1"})
    text(admin_client.get(page(batch, query)))
    assert admin_client.get("/admin/curation/import/999/undo/").status_code == 404
    assert admin_client.get("/admin/curation/import/999/change/").status_code == 302


def test_a_refusal_names_the_lines_and_imports_nothing(admin_client):
    shown = text(sent(admin_client, ris() + ris("Second", f"PB  - {'x' * 301}\n")))
    assert "Publisher: Ensure this value has at most 300 characters" in shown
    batch = Import.objects.get()
    refused = admin_client.post(page(batch), {f"choice-{batch.rows.last().pk}": "create", "import": "1"})
    assert "Line 6 (Second): Publisher: Ensure" in text(refused)
    assert not Source.objects.exists()


@pytest.mark.databases
def test_an_undo_that_is_not_possible_says_why(admin_client):
    sent(admin_client, ris())
    batch = Import.objects.get()
    admin_client.post(page(batch), {"import": "1"})
    cite(make_finding(), Source.objects.get())
    undo = reverse("admin:curation_import_undo", args=[batch.pk])
    assert "S1 (Line 1): it is used by now, in a finding." in text(admin_client.post(undo))
    assert Source.objects.exists()


def test_a_file_can_be_compared_again_and_discarded(admin_client):
    sent(admin_client, ris())
    batch = Import.objects.get()
    make_source(title="A work", authors=[("Hudson", "B.")])
    assert "Import 0 records" in text(admin_client.post(page(batch), {"again": ""}, follow=True))
    assert "was discarded" in text(admin_client.post(page(batch), {"discard": ""}, follow=True))
    assert not ImportRow.objects.exists()


class TestBadFiles:
    @pytest.mark.parametrize(
        "data",
        [
            b" ",
            b"Dear all",
            b"\xff\xfe\x00\xd8",
            b"\x00" * 50,
            b"[{",
            b'{"a": ' * 5000,
            b"@book{",
            b"TY  - ",
            b"PK\x03\x04" * 9,
        ],
    )
    def test_what_cannot_be_read_is_told_in_words(self, admin_client, data):
        shown = text(sent(admin_client, data))
        assert "This could not be read" in shown or "Import 0 records" in shown
        assert not Source.objects.exists()

    def test_an_empty_form_asks_for_a_file(self, admin_client):
        for data in [{}, {"text": "  "}, {"text": "x", "file": SimpleUploadedFile("x.ris", b"x")}]:
            assert "one of the two" in text(admin_client.post(UPLOAD, data))
        assert "empty" in text(sent(admin_client, b""))

    def test_too_large_a_file_or_text_is_told_in_words(self, admin_client, monkeypatch):
        monkeypatch.setattr(importing, "MAX_BYTES", 10)
        assert "larger than" in text(sent(admin_client, ris()))
        assert "too long" in text(admin_client.post(UPLOAD, {"text": "x" * 3_000_000}))

    def test_a_file_cut_off_gives_what_can_be_read_and_says_so(self, admin_client):
        shown = text(sent(admin_client, ris() + "TY  - BOOK\nTI  - Cut o"))
        assert "remark" in shown

    def test_markup_in_a_file_stays_text(self, admin_client):
        shown = text(sent(admin_client, ris("<script>alert(1)</script>", "PB  - <b>x</b>\n"), "<i>.ris"))
        assert "<script>alert" not in shown and "<i>.ris" not in shown


class TestPermission:
    def test_without_the_right_to_add_sources_there_is_no_way_in(self):
        make_source()
        client = signed_in("view_source", "change_source")
        assert "Import a bibliography" not in text(client.get("/admin/sources/source/"))
        batch = importing.upload(BIBLIOGRAPHY, ris().encode(), "x.ris")
        pages = [UPLOAD, page(batch), reverse("admin:curation_import_undo", args=[batch.pk])]
        for address in [*pages, "/admin/curation/import/"]:
            assert client.get(address).status_code == 403
            assert Client().get(address).status_code == 302
        for address in pages:
            assert client.post(address, {"import": "1"}).status_code == 403
        assert not Source.objects.exclude(slug__startswith="source-").exists()

    def test_who_may_only_add_is_not_offered_to_update(self):
        make_source(doi="10.1000/a")
        client = signed_in("add_source", "view_source")
        shown = text(sent(client, ris(more="DO  - 10.1000/a\nCY  - London\n")))
        assert "Import 0 records" in shown and 'value="update"' not in shown

    def test_forged_forms_are_refused(self, admin_user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin_user)
        batch = importing.upload(BIBLIOGRAPHY, ris().encode(), "x.ris")
        for address in [UPLOAD, page(batch), reverse("admin:curation_import_undo", args=[batch.pk])]:
            assert client.post(address, {"text": ris(), "import": "1"}).status_code == 403
        assert Import.objects.count() == 1 and not Source.objects.exists()


def test_the_list_of_imports_is_read_only(admin_client):
    sent(admin_client, ris())
    shown = text(admin_client.get("/admin/curation/import/"))
    assert "list.ris" in shown and "Not imported yet" in shown
    batch = Import.objects.get()
    assert admin_client.post(f"/admin/curation/import/{batch.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.databases
def test_a_page_takes_the_same_queries_for_three_rows_as_for_thirty(admin_client):
    taken = []
    for count in [3, 30]:
        for n in range(count):
            make_source(doi=f"10.1000/{count}-{n}")
        sent(admin_client, "".join(ris(more=f"DO  - 10.1000/{count}-{n}\n") for n in range(count)))
        batch = Import.objects.first()
        with CaptureQueriesContext(connection) as queries:
            text(admin_client.get(page(batch)))
        taken.append(len(queries))
    assert taken[0] == taken[1]
