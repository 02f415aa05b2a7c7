"""Any list of the desk goes out as a file, and no cell of it is a formula."""

import csv
import io
from zipfile import ZipFile

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook
from taggit.models import Tag

from curation import workflow
from curation.changelog import gathered
from curation.listexport import MOST_IN_A_CELL, guarded, xlsx
from curation.models import EarlierSlug, Import, LogEntry
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from joinedup.search.models import MissedSearch
from sources.models import Source
from tests.factories import make_finding, make_source, make_theme
from tests.test_admin import address, populate

LISTS = [
    Review,
    Theme,
    Finding,
    KeyMessage,
    PracticeImplication,
    Source,
    Term,
    Tag,
    LogEntry,
    EarlierSlug,
    Import,
    MissedSearch,
]
FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "  =1",
    "\u00a0=1",
    "\u200b-1",
    "＠a",
]
HARMLESS = ["a=1", "1-2", "", " ", "’=", "a\n=1", "“=1”"]


@pytest.fixture
def librarian(django_user_model):
    user = django_user_model.objects.create(username="librarian", is_staff=True)
    user.groups.add(Group.objects.get(name="Librarian"))
    browser = Client()
    browser.force_login(user)
    return browser


def export(browser, model, form, entries=None, query=""):
    """Choose the action for `entries`, or for all that the list with `query` holds."""
    chosen = model.objects.all()[:1] if entries is None else entries
    data = {"action": f"export_{form}", "select_across": int(entries is None), "index": 0}
    data["_selected_action"] = [entry.pk for entry in chosen]
    return browser.post(address(model, "changelist") + query, data)


def csv_rows(response):
    data = b"".join(response.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def xlsx_rows(response):
    sheet = load_workbook(io.BytesIO(response.content)).active
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def one_of_each(n):
    populate(n)
    for count, finding in enumerate(Finding.objects.all()):
        LogEntry.objects.create(entry=finding, name=LogEntry.Name.CHECK)
        EarlierSlug.objects.create(letter="F", slug=f"earlier-{count}", number=finding.number)
        Import.objects.create(
            filename=f"{count}.ris", type="bibliography", format="ris", problems=[["Line 1", "No title.", False]]
        )
        MissedSearch.objects.create(text=f"word {count}", day="2026-01-02", times=count)


@pytest.mark.databases
@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_takes_the_same_queries_for_three_rows_as_for_thirty(
    admin_client, form, django_assert_max_num_queries
):
    taken = {}
    for count in [3, 30]:
        with transaction.atomic():
            with gathered():
                one_of_each(count)
            for model in LISTS:
                with django_assert_max_num_queries(20, info=model.__name__) as queries:
                    rows = {"csv": csv_rows, "xlsx": xlsx_rows}[form](export(admin_client, model, form))
                assert len(rows) == model.objects.count() >= count
                taken.setdefault(model, []).append(len(queries))
            transaction.set_rollback(True)
    assert {model for model, (three, thirty) in taken.items() if three != thirty} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("model", LISTS)
class TestEveryList:
    def test_has_every_field_under_its_label_in_both_forms_alike(self, admin_client, model):
        with gathered():
            one_of_each(2)
        rows, sheet = csv_rows(export(admin_client, model, "csv")), xlsx_rows(export(admin_client, model, "xlsx"))
        labels = {field.verbose_name[:1].upper() + field.verbose_name[1:] for field in model._meta.concrete_fields}
        assert labels <= set(rows[0])
        assert rows == [{label: "" if v is None else str(v) for label, v in row.items()} for row in sheet]

    def test_is_refused_to_who_may_not_see_it(self, model, django_user_model):
        with gathered():
            one_of_each(1)
        browser = Client()
        browser.force_login(django_user_model.objects.create(username="nobody", is_staff=True))
        for form in ["csv", "xlsx"]:
            assert export(browser, model, form).status_code == 403
            assert export(Client(), model, form).status_code == 302

    def test_is_given_to_a_librarian(self, librarian, model):
        with gathered():
            one_of_each(1)
        if admin.site._registry[model].has_view_permission(librarian.get("/admin/").wsgi_request):
            response = export(librarian, model, "csv")
            assert response["Content-Disposition"].startswith("attachment; filename=")
            assert csv_rows(response)
        else:
            assert export(librarian, model, "csv").status_code == 403


@pytest.mark.django_db
class TestWhatGoesOut:
    def test_is_what_is_selected_or_all_that_the_filters_show(self, admin_client):
        barriers = [make_finding(heading=f"Barrier {n}") for n in range(3)]
        make_finding(stance="mixed", heading="Mixed")
        rows = csv_rows(export(admin_client, Finding, "csv", barriers[:1]))
        assert [row["Heading"] for row in rows] == ["Barrier 0"]
        rows = csv_rows(export(admin_client, Finding, "csv", query="?stance__exact=barrier"))
        assert {row["Heading"] for row in rows} == {"Barrier 0", "Barrier 1", "Barrier 2"}
        assert len(xlsx_rows(export(admin_client, Finding, "xlsx"))) == 4

    def test_a_row_says_code_labels_links_and_address(self, admin_client):
        finding = make_finding(theme=make_theme(name="Trust"), has_practice_example=True)
        finding.tags.add("respect", "trust")
        source = make_source(authors=[("Hudson", "B"), ("Lart", "R")])
        finding.citations.create(source=source, order=1)
        source.contributors.create(role="editor", literal="A Press, London")
        [row] = csv_rows(export(admin_client, Finding, "csv"))
        assert row["Code"] == "F1"
        assert (row["Theme"], row["Stance"], row["Status"]) == ("Trust", "Gets in the way", "Published")
        assert (row["Includes a practice example"], row["Published on"]) == ("yes", "2020-01-02")
        assert sorted(row["Tags"].split("; ")) == ["respect", "trust"]
        assert row["Sources"] == "S1"
        assert row["Page"] == f"http://testserver/findings/{finding.slug}/"
        [row] = xlsx_rows(export(admin_client, Source, "xlsx"))
        assert row["Contributors"] == "Hudson, B; Lart, R; A Press, London (editor)"
        assert row["Code number"] == 1

    def test_an_act_names_its_entry(self, admin_client, admin_user):
        finding = make_finding(heading="Trust grows", status="published")
        workflow.perform("check", finding, admin_user, note="The book")
        [row] = csv_rows(export(admin_client, LogEntry, "csv"))
        assert (row["Entry"], row["What was done"], row["By"]) == ("Trust grows", "Evidence checked", "admin")


@pytest.mark.django_db
@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_calculate_goes_out_as_text(admin_client, text):
    make_theme(name=text)
    [row] = csv_rows(export(admin_client, Theme, "csv"))
    assert row["Name"] == f"'{text}"
    content = export(admin_client, Theme, "xlsx").content
    sheet = load_workbook(io.BytesIO(content)).active
    column = [cell.value for cell in sheet[1]].index("Name")
    cell = sheet[2][column]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value.strip() == text.strip()
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_as_it_is(text):
    assert guarded(text) == text


def test_a_sign_behind_control_characters_is_seen_and_they_become_blanks():
    assert guarded("\x00\x1f=1\ud800\uffff") == "'  =1  "


@pytest.mark.parametrize("text", ["#REF!", "TRUE", "2003", "2003-05-12", "a\x00b", "é" * MOST_IN_A_CELL])
def test_a_sheet_holds_text_as_text(text):
    sheet = load_workbook(io.BytesIO(xlsx("A/B: [c]", [["Heading"], [text]]))).active
    assert sheet["A2"].data_type == "s"
    assert len(sheet["A2"].value) <= MOST_IN_A_CELL
    if len(text) == MOST_IN_A_CELL:
        assert sheet["A2"].value.endswith("(cut here: a cell holds no more)")
    else:
        assert sheet["A2"].value == text.replace("\x00", " ")


def test_what_excel_would_read_as_the_number_of_a_character_is_escaped():
    sheet = load_workbook(io.BytesIO(xlsx("A", [["Heading"], ["x_x0041_y"]]))).active
    assert sheet["A2"].value == "x_x005F_x0041_y"


@pytest.mark.django_db
def test_a_csv_file_is_streamed_with_windows_line_ends_and_every_cell_quoted(admin_client):
    make_theme(name='Say; "so"')
    response = export(admin_client, Theme, "csv")
    assert response.streaming
    head, *lines = b"".join(response.streaming_content).split(b"\r\n")
    assert head.startswith(b'\xef\xbb\xbf"Code","ID"')
    assert b'"Say; ""so"""' in lines[0]
    assert lines[-1] == b""
