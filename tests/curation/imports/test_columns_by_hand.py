"""A table with columns that are not known, as a librarian brings it in: upload, say what the columns are, preview."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from curation.imports import importing
from curation.models import Import, ImportFile
from sources.bibliography.formats import table
from sources.models import Source
from tests.curation.imports.test_importing import a_user
from tests.sources.bibliography.formats.test_table import workbook

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/curation/import/add/bibliography/"
ROWS = [["Titel", "Autor", "Jahr", "Regal", "DOI"], ["Teams", "Quill, Jo", "2004", "A4", "10.5555/t"]]
CSV = "\n".join(";".join(f'"{cell}"' for cell in row) for row in ROWS).encode()
MAPPING = ["title", "authors", "year", table.LEFT_OUT, "doi"]


def sent(client, data=CSV, name="liste.csv"):
    answer = client.post(UPLOAD, {"file": SimpleUploadedFile(name, data)}, follow=True)
    return answer, Import.objects.first()


def said(client, batch, fields=MAPPING, **more):
    posted = {f"column-{place}": field for place, field in enumerate(fields)}
    return client.post(f"/admin/curation/import/{batch.pk}/columns/", {**posted, **more}, follow=True)


def chosen(page):
    """What each select of a page has chosen."""
    return [
        re.search(r'<option value="([^"]*)" selected', select)[1]
        for select in re.findall(r"<select.*?</select>", page, re.DOTALL)
    ]


FILES = {
    "semicolons": (CSV, "liste.csv"),
    "tabs": (CSV.replace(b'";"', b'"\t"'), "liste.tsv"),
    "a workbook": (workbook(ROWS), "liste.xlsx"),
    "another encoding": (CSV.decode().encode("utf-16"), "liste.csv"),
}


@pytest.mark.parametrize(("data", "name"), FILES.values(), ids=FILES)
def test_from_the_upload_over_the_columns_to_the_sources(admin_client, data, name):
    answer, batch = sent(admin_client, data, name)
    page = answer.content.decode()
    assert "<b>4 columns of this table have headings that we do not know.</b>" in page
    assert chosen(page) == ["kept", "kept", "kept", "kept", "doi"]
    assert re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', page) == [*zip(*ROWS, strict=True)]
    preview = said(admin_client, batch).content.decode()
    assert "Teams" in preview
    admin_client.post(f"/admin/curation/import/{batch.pk}/change/", {"import": ""})
    source = Source.objects.get()
    assert (source.title, source.issued, source.doi, source.note) == ("Teams", "2004", "10.5555/t", "")
    assert source.contributors.get().family == "Quill"
    assert not ImportFile.objects.exists()


def test_what_is_kept_in_the_note_is_told(admin_client):
    _, batch = sent(admin_client)
    said(admin_client, batch, ["title", "authors", "year", table.KEPT, "doi"])
    assert batch.rows.get().record["note"] == "Regal: A4"
    batch.refresh_from_db()
    assert any("Regal" in message for _, message, _ in batch.problems)


def test_without_titles_nothing_is_lost_and_the_page_says_what_to_do(admin_client):
    _, batch = sent(admin_client)
    page = said(admin_client, batch, ["note", "authors", "year", "", "doi"]).content.decode()
    assert "Say which column has the titles" in page
    assert chosen(page) == ["note", "authors", "year", "", "doi"]
    assert Import.objects.get().status == "columns"
    assert "Teams" in said(admin_client, batch).content.decode()


def test_a_field_that_there_is_not_is_refused(admin_client):
    _, batch = sent(admin_client)
    page = said(admin_client, batch, ["title", "nonsense", "year", "", "doi"]).content.decode()
    assert "nonsense is not one of the available choices" in page
    assert Import.objects.get().status == "columns"


def test_back_from_the_preview_the_columns_can_be_named_otherwise(admin_client):
    _, batch = sent(admin_client)
    preview = said(admin_client, batch, ["title", "kept", "kept", "kept", "doi"])
    address = f"/admin/curation/import/{batch.pk}/columns/"
    assert f'href="{address}"' in preview.content.decode()
    assert chosen(admin_client.get(address).content.decode()) == ["title", "kept", "kept", "kept", "doi"]
    said(admin_client, batch)
    said(admin_client, batch)  # sent again
    row = batch.rows.get()
    assert (row.record["issued"], row.record["note"]) == ("2004", "")
    assert chosen(admin_client.get(address).content.decode()) == MAPPING


def test_columns_that_are_known_lead_to_the_preview_and_can_be_corrected(admin_client):
    known = b"Title,Author,Series,Cited by\nTeams,Quill; Jo,A1,7\n"
    answer, batch = sent(admin_client, known)
    assert "Say again what the columns are" in answer.content.decode()
    page = admin_client.get(f"/admin/curation/import/{batch.pk}/columns/").content.decode()
    assert chosen(page) == ["title", "authors", "series", ""]
    assert "This is what we took the columns for." in page
    said(admin_client, batch, ["title", "authors", "note", "kept"])
    record = batch.rows.get().record
    assert (record["series"], record["note"]) == ("", "Cited by: 7\nA1")


def test_until_the_columns_are_named_the_import_leads_to_their_page(admin_client):
    _, batch = sent(admin_client)
    address = f"/admin/curation/import/{batch.pk}/change/"
    for posted in [{}, {"import": ""}, {"again": ""}]:
        answer = admin_client.post(address, posted, follow=True)
        assert answer.redirect_chain[-1][0] == f"/admin/curation/import/{batch.pk}/columns/"
    assert "Waiting for its columns to be named" in admin_client.get("/admin/curation/import/").content.decode()
    assert not Source.objects.exists()


def test_after_the_import_the_columns_cannot_be_named_any_more(admin_client):
    _, batch = sent(admin_client)
    said(admin_client, batch)
    importing.apply(batch)
    for answer in [
        admin_client.get(f"/admin/curation/import/{batch.pk}/columns/", follow=True),
        said(admin_client, batch),
    ]:
        assert "The columns cannot be named any more" in answer.content.decode()
    assert Source.objects.count() == 1


def test_a_file_can_be_discarded_before_its_columns_are_named(admin_client):
    _, batch = sent(admin_client)
    assert "was discarded" in said(admin_client, batch, discard="").content.decode()
    assert not Import.objects.exists()
    assert not ImportFile.objects.exists()
    assert admin_client.get(f"/admin/curation/import/{batch.pk}/columns/").status_code == 404


def test_only_who_may_add_sources_sees_the_columns(client, admin_client):
    _, batch = sent(admin_client)
    client.force_login(a_user("view_finding"))
    assert client.get(f"/admin/curation/import/{batch.pk}/columns/").status_code == 403
    assert said(client, batch).status_code == 403


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_takes_the_same_queries_for_few_columns_as_for_many(
    admin_client, django_assert_max_num_queries, count
):
    data = ",".join(["Titel", *(f"Spalte {n}" for n in range(count))]) + "\nT" + ",x" * count + "\n"
    _, batch = sent(admin_client, data.encode())
    with django_assert_max_num_queries(6):
        page = admin_client.get(f"/admin/curation/import/{batch.pk}/columns/")
    assert page.content.decode().count("<select") == count + 1


def test_the_form_says_what_it_takes(admin_client):
    page = admin_client.get(UPLOAD).content.decode()
    assert "a spreadsheet (.xlsx), CSV or tab-separated text" in page
    assert {".csv", ".tsv", ".xlsx", ".ris", ".nbib", ".bib", ".json"} <= set(
        re.search(r'accept="([^"]*)"', page)[1].split(",")
    )
