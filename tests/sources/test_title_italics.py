"""What is in italics in a title: typed, imported, looked up, shown and exported."""

import io
import json

import docx
import pptx
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from curation.imports import importing
from sources import filling
from sources.bibliography.record import Record
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests.factories import cite, make_finding, make_source
from tests.test_desk import text

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

GILLICK = {"title": "After Gillick", "title_italics": "Gillick", "doi": "10.5555/g"}


def planned(title, **values):
    item = {"type": "book", "title": title, "author": [{"family": "Hudson", "given": "B."}], **values}
    return importing.upload(BIBLIOGRAPHY, json.dumps([item]).encode(), "list.json")


def updated(batch, choice):
    importing.apply(batch, {row.pk: choice for row in batch.rows.all()})
    source = Source.objects.get()
    return source.title, source.title_italics


def test_pages_show_them(client):
    source = make_source(**GILLICK)
    cite(make_finding(), source)
    shown = "After <i>Gillick</i>"
    for page in [source.get_absolute_url(), reverse("sources")]:
        assert shown in client.get(page).content.decode()
    finding = client.get(source.citations.get().finding.get_absolute_url()).content.decode()
    assert "Hudson, B. (2002) <i>After </i>Gillick. A Press" in finding


def test_exports_have_them_where_the_format_can(client):
    source = make_source(**GILLICK)
    page = f"/{source.code}"
    assert client.get(f"{page}.json").json()[0]["title"] == "After <i>Gillick</i>"
    assert r"title = {After \emph{Gillick}}" in client.get(f"{page}.bib").content.decode()
    assert "TI  - After Gillick\r\n" in client.get(f"{page}.ris").content.decode()
    entry = client.get(f"/api/v1/sources/{source.code}").json()
    assert (entry["title"], entry["title_italics"]) == ("After Gillick", "Gillick")


@pytest.mark.parametrize("typed", ["gillick", "Gillick; Fraser", "Gillicks"])
def test_words_that_are_not_in_the_title_are_refused(typed):
    source = make_source(**GILLICK | {"title_italics": typed})
    with pytest.raises(ValidationError, match="is not in the title"):
        source.full_clean()


@pytest.mark.parametrize("typed", ["Gillick;", " After ;Gillick", "After Gillick", ""])
def test_words_of_the_title_are_taken(typed):
    make_source(**GILLICK | {"title_italics": typed}).full_clean()


@pytest.mark.parametrize(
    ("title", "choice", "expected"),
    [
        ("<i>After</i> Gillick", "fill", ("After Gillick", "Gillick")),
        ("<i>After</i> Gillick", "update", ("After Gillick", "After")),
        ("After Gillick", "update", ("After Gillick", "Gillick")),
        ("After <i>Gillick</i>: teams", "fill", ("After Gillick", "Gillick")),
        ("After <i>Gillick: teams</i>", "update", ("After Gillick: teams", "Gillick: teams")),
        ("Before it all", "update", ("Before it all", "")),
    ],
)
def test_an_import_takes_them_with_their_title(title, choice, expected):
    make_source(**GILLICK)
    assert updated(planned(title, DOI="10.5555/g"), choice) == expected


@pytest.mark.parametrize(
    ("title", "expected"), [("After <i>Gillick</i>", "Gillick"), ("Since <i>Fraser</i> and Gillick", "")]
)
def test_an_import_fills_them_in_only_where_they_stand_in_the_title(title, expected):
    make_source(**GILLICK | {"title_italics": ""})
    assert updated(planned(title, DOI="10.5555/g"), "fill") == ("After Gillick", expected)


def test_the_preview_shows_them(desk):
    batch = planned("After <i>Gillick</i>")
    page = text(desk["Librarian"].get(reverse("admin:curation_import_change", args=[batch.pk])))
    assert "Words of the title in italics" in page
    assert "Hudson, B. (no date) <i>After </i>Gillick." in page


def test_a_look_up_takes_them_with_their_title(django_user_model):
    user = django_user_model.objects.create_superuser("root")
    source = make_source(**GILLICK)
    found = Record("book", "Before Fraser", title_italics="Fraser")
    filling.fill_in(source, found, ["title"], user, "")
    source.refresh_from_db()
    assert (source.title, source.title_italics) == ("Before Fraser", "Fraser")


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(desk):
    source = make_source(**GILLICK, status="draft", published_on=None)
    address = reverse("admin:sources_source_change", args=[source.pk])
    form = desk["Librarian"].get(address).context["adminform"].form
    sent = {name: "" if value is None else value for name, value in form.initial.items()}
    parts = {f"{part}-{count}_FORMS": 0 for part in ("contributors", "notices") for count in ("TOTAL", "INITIAL")}
    page = desk["Librarian"].post(address, sent | parts | {"title": "After Fraser"})
    assert "“Gillick” is not in the title. Write the words as they stand there." in text(page)
    assert 'name="title_italics" value="Gillick"' in page.content.decode()
    assert "After Fraser" in text(page)


def test_what_a_trainer_takes_along_has_them(client):
    source = make_source(**GILLICK)
    finding = make_finding()
    cite(finding, source)
    items = f"items={finding.code},{source.code}"
    handout = client.get(f"/reading-list/handout/?{items}&sources=1").content.decode()
    assert "<i>After </i>Gillick" in handout
    document = docx.Document(io.BytesIO(client.get(f"/reading-list.docx?{items}").content))
    runs = [(run.text, bool(run.italic)) for paragraph in document.paragraphs for run in paragraph.runs]
    assert ("After ", True) in runs
    assert any(text.startswith("Gillick") and not italic for text, italic in runs)
    slides = pptx.Presentation(io.BytesIO(client.get(f"/reading-list.pptx?{items}").content))
    shown = [
        (run.text, bool(run.font.italic))
        for slide in slides.slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]
    assert ("After ", True) in shown
    assert any(text.startswith("Gillick") and not italic for text, italic in shown)
