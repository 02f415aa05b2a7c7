"""Everything that the public site gives out: it says whose words it states and from when, what may be done with them,
and claims no evidence that the data does not name. The outputs are found by following links from the home page."""

import csv
import io
import json
import re
import zipfile
from html import unescape
from urllib.parse import parse_qsl, quote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import lxml.html
import pytest
from docx import Document
from pptx import Presentation

from findings import provenance
from findings.handouts import pdf
from findings.models import Finding, KeyMessage, PracticeImplication, Review
from joinedup.offline.building import OfflineCopy
from tests.signposts import load_signposts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_cache")]

HERE = "http://testserver"
# What the site gives out and no link on it leads to: it is asked by programs, which know the address from a standard
# or from its documentation.
KNOWN_TO_PROGRAMS = [
    "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListRecords&metadataPrefix=mods",
    "/api/v1/",
    "/api/v1/search?q=co-location+respect+trust",
    "/feeds/search.atom?q=trust",
    "/search/?q=trust",
    "/search/?q=trust&format=ris",
    "/unapi?id=F23",
    *(f"/unapi?id=F23&format={name}" for name in ["ris", "bibtex", "csl-json"]),
    "/reading-list/?items=F3,F23,P9,T2,R1,K2,S1",
    "/F23v1",
]
# Address -> why it may state a finding and not say whose it is.
EXCEPTIONS = {
    r"/api/v1/suggest\?": "completes what a reader types with the name of a page; the page says it",
    r"/api/v1/openapi\.json": "describes answers, and states no entry but as an example",
}
# Words by which a page or a file would say that evidence stands behind a finding.
CLAIMS = re.compile(
    r"\brests? on\b(?! how one profession)|\bbased on the review as a whole\b|"
    r"\breview as a whole\b|\bevidence behind\b|"
    r"\bfindings? behind (?:it|them)\b|\bdraws on the research\b",
    re.I,
)


_outputs = []  # they take long to fetch, and every test here reads them


@pytest.fixture
def outputs(client):
    """(address, kind, text) of everything that can be reached. The data is the same in every test."""
    load_signposts()
    if not _outputs:
        _outputs.extend(_fetched(client))
    return _outputs


def _fetched(client):
    seen, found, waiting = set(), [], ["/", *KNOWN_TO_PROGRAMS]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        if response.status_code in (301, 302):
            waiting.append(urldefrag(response["Location"])[0].removeprefix(HERE))
            continue
        assert response.status_code in (200, 300), f"{address} answers {response.status_code}"
        content = b"".join(response) if response.streaming else response.content
        kind = response["Content-Type"].split(";")[0]
        text, links = read(kind, content)
        found.append((address, kind, text))
        for link in links:
            inside = _inside(link, address)
            if inside and inside not in seen and _is_followed(inside):
                waiting.append(inside)
    return found


def _inside(link, page):
    target = urldefrag(urljoin(HERE + page, link))[0]
    split = urlsplit(target)
    if (split.scheme, split.netloc) != ("http", "testserver") or split.path.startswith(("/static/", "/admin/")):
        return None
    return target.removeprefix(HERE)


def _is_followed(address):
    """Filters, lists and sizes combine without end: one parameter at a time, and the lists named above."""
    path, query = urlsplit(address).path, parse_qsl(urlsplit(address).query)
    if path.endswith("-copy.zip") or "qr." in path or path.endswith(".webmanifest"):
        return False  # the copy is built in a test of its own; a picture of an address states nothing
    if path.startswith(("/reading-list", "/findings/", "/practice/", "/sources/")) and dict(query).get("items"):
        return dict(query)["items"] == "F3,F23,P9,T2,R1,K2,S1" and (path != "/reading-list/")
    if path in ("/oembed", "/oai"):
        return True
    return len(query) <= 1


LINKING = {"a", "link", "iframe", "area"}


def read(kind, content):
    """The text that people or programs read in an output, and the links in it."""
    if kind == "text/html":
        page = lxml.html.document_fromstring(content.decode(), lxml.html.HTMLParser(remove_comments=True))
        links = [element.get("href") or element.get("src") for element in page.iter() if element.tag in LINKING]
        said = " ".join(" ".join(text for text in page.find("body").itertext()).split())
        return said, [link for link in links if link]
    if kind.endswith("json"):
        told = json.loads(content)
        strings = list(_strings(told))
        return "\n".join(strings), [one for one in strings if one.startswith((HERE, "/"))]
    if kind.endswith("xml"):
        root = ElementTree.fromstring(content)
        nodes = list(root.iter())
        words = [*root.itertext(), *(value for node in nodes for value in node.attrib.values())]
        links = [word.strip() for word in words if word.strip().startswith(HERE)]
        return unescape("\n".join(words)), links
    if kind.endswith("wordprocessingml.document"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            assert "word/document.xml" in parts.namelist()
        document = Document(io.BytesIO(content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in document.paragraphs), *cells]), []
    if kind.endswith("presentationml.presentation"):
        return "\n".join(words for slide in slides(content) for words in slide), []
    if kind == "text/csv":
        return "\n".join(" ".join(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))), []
    if kind.startswith("image/"):
        return "", []
    assert kind.startswith("text/") or kind in BIBLIOGRAPHIC, f"how is {kind} read?"
    return re.sub(r"[{}]", "", content.decode()), []


BIBLIOGRAPHIC = {"application/x-research-info-systems", "application/x-bibtex"}


def slides(content):
    """(words on the slide, words in its notes) of each slide."""
    for slide in Presentation(io.BytesIO(content)).slides:
        shown = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        yield shown, slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""


def _strings(value):
    if isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, str):
        yield value


def headings():
    return [entry.heading for kind in (Finding, PracticeImplication, KeyMessage) for entry in kind.objects.all()]


def states(text, stated):
    """A heading of a few words, such as “Co-location”, is the name of a theme too."""
    said = " ".join(text.split())
    return [heading for heading in stated if len(heading.split()) > 3 and heading in said]


def is_excepted(address):
    return any(re.match(pattern, address) for pattern in EXCEPTIONS)


def test_every_kind_of_output_is_reached(outputs):
    reached = {kind for _, kind, _ in outputs}
    assert reached >= {
        "text/html",
        "application/json",
        "application/atom+xml",
        "text/xml",
        "application/vnd.citationstyles.csl+json",
        "text/plain",
        "text/csv",
        "application/linkset+json",
        *BIBLIOGRAPHIC,
    }
    addresses = " ".join(address for address, _, _ in outputs)
    for part in [
        ".docx",
        ".pptx",
        "/embed/",
        "/oembed",
        "/feed.atom",
        "/reading-list/handout/",
        "/api/v1/findings/F23",
    ]:
        assert part in addresses, part


def test_every_public_output_that_states_a_finding_names_its_review_and_age(outputs):
    stated, review = headings(), Review.objects.get()
    silent = []
    for address, kind, text in outputs:
        if states(text, stated) and not is_excepted(address):
            missing = [part for part in (provenance.short_name(review), "about 2005") if part not in text]
            silent += [(address, kind, missing)] if missing else []
    assert silent == []


def test_each_exception_is_needed(outputs, client):
    stated = headings()
    found = client.get("/api/v1/suggest?q=training")
    assert states(found.content.decode(), stated) and is_excepted("/api/v1/suggest?q=training")


def test_every_slide_that_states_a_finding_names_its_review_and_age_and_so_do_its_notes(client):
    load_signposts()
    stated = headings()
    content = client.get("/reading-list.pptx?items=F3,F23,P9,K2").content
    for shown, notes in slides(content):
        if states(shown, stated):
            assert "SIGNPOSTS" in shown and "about 2005" in shown, shown
            assert "SIGNPOSTS" in notes and "about 2005" in notes and "CC BY 4.0" in notes, notes


def test_every_file_says_what_may_be_done_with_our_wording_and_whose_the_review_is(outputs):
    stated = headings()
    silent = [
        (address, kind)
        for address, kind, text in outputs
        if states(text, stated)
        and ("." in address.rpartition("/")[2] or "/embed/" in address or kind != "text/html")
        and not address.startswith(("/api/v1/", "/oembed"))
        and not is_excepted(address)
        and not ("creativecommons.org/licenses/by/4.0" in text or "CC BY 4.0" in text)
    ]
    assert silent == []


def test_no_output_claims_evidence_that_the_data_does_not_name(outputs):
    claimed = [
        (address, match[0])
        for address, _, text in outputs
        for match in CLAIMS.finditer(text)
        if not address.startswith("/glossary/")
    ]
    assert claimed == []


@pytest.mark.parametrize("extension", ["docx", "pptx", "csv"])
def test_a_file_names_for_each_finding_exactly_the_works_that_it_cites(client, extension):
    load_signposts()
    for finding in Finding.objects.whole():
        text, _ = read(*_file(client, f"/reading-list.{extension}?items={finding.code}"))
        works = [citation.source.short_citation for citation in finding.citations.all()]
        named = re.findall(r"Names (.+)", text) if extension != "csv" else []
        for work in works:
            assert work in text, (finding.code, work)
        if not works:
            assert "No study is named in the summary" in text, finding.code
            assert named == [], finding.code
        others = Finding.objects.whole().exclude(pk=finding.pk)
        for other in {citation.source.short_citation for one in others for citation in one.citations.all()} - set(
            works
        ):
            assert f"Names {other}" not in text, (finding.code, other)


def _file(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response["Content-Type"].split(";")[0], response.content


def test_practice_points_are_called_so_on_slides_and_are_said_to_be_indicators_once(client):
    load_signposts()
    _, content = _file(client, "/reading-list.pptx?items=P4,P9")
    shown = [words for words, _ in slides(content)]
    assert sum("Practice point" in words for words in shown[1:5:2]) == 2
    assert "indicators of" in shown[0]
    assert not any("indicators of" in words.lower() for words in shown[1:3])


@pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint is not installed")
def test_the_pdf_is_written_from_the_same_sheet(client):
    load_signposts()
    assert client.get("/reading-list.pdf?items=F23").content.startswith(b"%PDF-")


def test_the_offline_copy_says_it_on_its_first_page_and_on_every_other(settings, tmp_path):
    load_signposts()
    OfflineCopy(tmp_path).build()
    stated = headings()
    assert "about 2005" in (tmp_path / "index.html").read_text()
    about = (tmp_path / "READ-ME.txt").read_text()
    assert "SIGNPOSTS" in about and "about 2005" in about and "CC BY 4.0" in about
    for file in [*tmp_path.rglob("*.html"), *tmp_path.rglob("*.txt"), *tmp_path.rglob("*.ris")]:
        text = file.read_text()
        if states(unescape(text), stated):
            assert "SIGNPOSTS" in text and "about 2005" in text, file


def test_addresses_known_to_programs_are_quoted_as_they_are_asked():
    assert all(quote(address, safe="/?&=+,") == address for address in KNOWN_TO_PROGRAMS)
