"""A character that nobody can see, such as a soft return of PowerPoint, keeps the words on both sides of it apart in
whatever the site gives out, and breaks nothing."""

import io
import json
import re
import zipfile

import pytest
from django.core.management import call_command
from django.db import connection
from lxml import etree
from taggit.models import Tag

from curation.imports import importing
from curation.text import NOT_PRINTABLE, printable
from findings.models import Finding, PracticeImplication, Review, ReviewContributor, Term, Theme
from findings.review_files import jsonfile
from findings.review_files.export import review_document
from findings.review_files.filetype import REVIEW_FILE
from sources.models import Contributor, Source
from tests.factories import cite, make_finding, make_implication, make_review, make_source, make_term, make_theme

pytestmark = pytest.mark.django_db

ODD = ["\x0b", "\x0c", "\x01", "\x02", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\ufdd0", "\uffff"]

HTML = [
    "/",
    "/reviews/",
    "/themes/",
    "/findings/",
    "/practice/",
    "/sources/",
    "/map/",
    "/glossary/",
    "/search/?q=alpha",
]
HTML += [
    "/reviews/r/",
    "/themes/t/",
    "/findings/f/",
    "/practice/joint-enterprise/p/",
    "/sources/s/",
    "/findings/f/embed/",
]
HTML += ["/tags/alpha-omega/", "/reading-list/?items=F1,S1,P1", "/reading-list/handout/?items=F1,S1,P1&text=full"]
HTML += ["/practice/team-check/", "/practice/team-check/?a=P1.n", "/check/"]
XML = [
    "/sitemap.xml",
    "/feeds/findings.atom",
    "/themes/t/feed.atom",
    "/reviews/r/feed.atom",
    "/feeds/search.atom?q=alpha",
]
XML += [f"/oai?verb=ListRecords&metadataPrefix={form}" for form in ["oai_dc", "mods", "marcxml"]]
XML += ["/oai?verb=ListSets", "/oai?verb=Identify", "/opensearch.xml"]
XML += ["/oembed?format=xml&url=http://testserver/findings/f/"]
JSON = ["/oembed?url=http://testserver/findings/f/", "/api/v1/search?q=alpha", "/api/v1/suggest?q=alpha"]
JSON += [f"/api/v1/{name}" for name in ["reviews", "themes", "findings", "implications", "sources", "tags"]]
JSON += ["/api/v1/reviews/R1", "/api/v1/themes/T1", "/api/v1/findings/F1", "/api/v1/implications/P1"]
JSON += ["/api/v1/sources/S1", "/api/v1/tags/alpha-omega", "/F1.json", "/S1.json", "/F1/linkset.json"]
TEXT = [f"/{code}.{extension}" for code in ["F1", "S1", "P1", "R1", "T1"] for extension in ["ris", "bib", "txt"]]
TEXT += ["/reading-list.csv?items=F1,S1,P1", "/unapi?id=F1&format=ris", "/unapi?id=S1&format=bibtex"]
OFFICE = ["/reading-list.docx?items=F1,S1,P1&text=full", "/reading-list.pptx?items=F1,S1,P1&text=full"]
OFFICE += ["/practice/team-check.docx?a=P1.n"]


@pytest.fixture(params=ODD, ids=ascii)
def odd(request):
    """A site whose every text has the character in it, as if it had been stored before anybody looked."""
    text = f"alpha{request.param}omega"
    review, theme = make_review([("Flood", "Steve")], slug="r"), make_theme(slug="t")
    source = make_source(slug="s", csl_type="chapter", container_title="c", place="p", series="s", edition="e")
    finding = make_finding(slug="f", review=review, theme=theme)
    cite(finding, source)
    point = make_implication([finding], slug="p", element="joint-enterprise", review=review)
    term = make_term("other words")
    finding.tags.add("alpha omega"), source.tags.add("alpha omega"), point.tags.add("alpha omega")
    Review.objects.update(title=text, summary=text, publisher=text, method=text, rights=text)
    Review.objects.update(updates=text, bear_in_mind=text, since_then=text, publisher_details=text, practice_note=text)
    ReviewContributor.objects.update(family=text, given=text)
    Theme.objects.update(name=text, summary=text)
    for name in ["title", "container_title", "publisher", "place", "series", "edition", "abstract", "summary", "note"]:
        Source.objects.update(**{name: text})
    Contributor.objects.update(family=text, given=text)
    Finding.objects.update(heading=text, bottom_line=text, body=f"{text}\n\n{text}")
    Finding.objects.update(not_named=text, not_known=text, since_then=text)
    PracticeImplication.objects.update(heading=text, summary=text, body=text)
    Term.objects.filter(pk=term.pk).update(preferred_label=text, definition=text)
    Tag.objects.update(name=text)
    call_command("rebuild_search_index", verbosity=0)
    return text


def look(text, where):
    assert "alphaomega" not in text, where
    found = re.search(f"[{NOT_PRINTABLE}]", text)
    assert not found, (where, text[max(0, found.start() - 80) : found.end() + 20])


def test_words_stay_apart_in_whatever_the_site_gives_out(odd, client):
    for address in [*HTML, *XML, *JSON, *TEXT]:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        body = (response.getvalue() if response.streaming else response.content).decode()
        look(body, address)
        if address in XML:
            etree.fromstring(body.encode())
        if address in JSON:
            look(json.dumps(json.loads(body), ensure_ascii=False), address)
            assert "\\u00" not in body and "\\f" not in body and "\\b" not in body, address
    for address in OFFICE:
        response = client.get(address)
        assert response.status_code == 200, address
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    part = archive.read(name)
                    etree.fromstring(part)
                    look("".join(etree.fromstring(part).itertext()), (address, name))
                    assert b"_x0" not in part, (address, name)


def test_words_stay_apart_in_the_tables_of_the_desk(odd, admin_client):
    for action in ["export_csv", "export_xlsx"]:
        sent = {"action": action, "_selected_action": [Source.objects.get().pk]}
        response = admin_client.post("/admin/sources/source/", sent)
        body = response.getvalue()
        if action == "export_xlsx":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                body = archive.read("xl/worksheets/sheet1.xml")
            etree.fromstring(body)
        look(body.decode(), action)
        assert "alpha omega" in body.decode()


def test_words_stay_apart_in_the_copy_to_read_offline(tmp_path, settings):
    finding = make_finding(slug="f")
    Finding.objects.update(heading="alpha\x0bomega", bottom_line="alpha\x85omega", body="alpha\u2028omega")
    call_command("export_site", tmp_path / "copy", verbosity=0)
    files = [file for file in (tmp_path / "copy").rglob("*") if file.suffix in {".html", ".js"}]
    assert any("alpha omega" in file.read_text() for file in files)
    for file in files:
        look(file.read_text(), file)
        assert "alpha\\u000bomega" not in file.read_text()
    assert finding.pk


@pytest.mark.databases
@pytest.mark.parametrize("sign", ["\x00", *ODD], ids=ascii)
def test_what_is_typed_or_pasted_is_kept_without_it(sign, admin_client):
    review, theme = make_review(), make_theme()
    page = "/admin/findings/finding/add/"
    management = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    sent = {f"citations-{name}": value for name, value in management.items()}
    sent |= {"review": review.pk, "theme": theme.pk, "stance": "barrier", "slug": "f", "tags": f"a{sign}b, c"}
    sent |= dict.fromkeys(["heading", "bottom_line", "body"], f"{sign}alpha{sign}omega{sign}")
    response = admin_client.post(page, sent)
    assert response.status_code == 302, response.context["errors"]
    finding = Finding.objects.get()
    assert finding.heading == finding.bottom_line.replace("\n", " ") == finding.body.replace("\n", " ") == "alpha omega"
    assert sorted(finding.tags.names()) == ["a b", "c"]


@pytest.mark.databases
@pytest.mark.parametrize("sign", ODD, ids=ascii)
def test_what_a_file_brings_is_kept_without_it(sign):
    make_finding(heading="Trust", bottom_line="alpha omega")
    document = review_document(Review.objects.get(), with_glossary=False)
    document["findings"][0] |= {"heading": "Otherwise", "bottom_line": f"alpha{sign}omega", "slug": "x", "code": "F9"}
    importing.apply(importing.upload(REVIEW_FILE, jsonfile.write(document), "review.json"))
    assert Finding.objects.get(heading="Otherwise").bottom_line.replace("\n", " ") == "alpha omega"


@pytest.mark.databases
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes a NUL")
@pytest.mark.parametrize(
    "address", ["/admin/findings/finding/?q=%00", "/admin/taggit/tag/suggest/?q=%00", "/search/?q=%00"]
)
def test_a_nul_in_an_address_is_no_error(address, admin_client):
    assert admin_client.get(address).status_code in (200, 302, 400)


def test_what_is_printable_stays_as_it_is():
    for text in ["a\tb\r\nc", "Über “uns”", "日本 🙂", "soft\u00adhyphen", "zero\u200dwidth", "\u202bright\u202c"]:
        assert printable(text) is text or printable(text) == text
    assert printable("a\x00b\x0bc\x85d\u2028e\ud800f\ufffeg") == "a b c d e f g"
