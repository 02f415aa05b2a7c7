"""The text of a review is for the desk alone: everything that the public, a harvester or an administrator's log can get
is searched for it."""

import io
import logging
import re
import zipfile
from urllib.parse import unquote, unquote_plus, urldefrag, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve

from findings.extraction.bringing_in import bring_in
from findings.extraction.models import KeptRemark, Passage, SecondReading, Sentence, Use
from findings.extraction.plain import read_plain
from findings.models import Finding, PracticeImplication, Review, Theme
from sources.models import Source
from tests.factories import make_finding, make_review, make_theme
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db

SECRET = "Zanzibarian quillfeathers murmur beneath obsidian lighthouses."
WORDS = re.compile(r"zanzibarian|quillfeather|obsidian", re.I)
HERE = "http://testserver"
# Where a walk starts: the home page, and what no page of ours links to.
STARTS = """
/ /search/?q=zanzibarian /api/v1/search?q=zanzibarian /api/v1/suggest?q=zanz /feeds/search.atom?q=zanzibarian
/oai?verb=ListRecords&metadataPrefix=oai_dc /oai?verb=ListRecords&metadataPrefix=mods /unapi?id=F23&format=ris
/oembed?url=http://testserver/findings/co-location-respect-and-trust/ /sitemap.xml /F23 /F23.json /R1.json /F23v1
/robots.txt /.well-known/security.txt /healthz /readyz /room-copy.zip /favicon.ico /F23,
/reading-list/?items=F23,P1,K1 /reading-list/handout/?items=F23 /reading-list.docx?items=F23 /reading-list.csv?items=F23
/reading-list.pptx?items=F23 /F23/linkset.json /F23/qr.svg /practice/team-check.docx
/schemas/review-1.json /sitemap-1.xml /api/v1/nowhere
""".split()
LINK = re.compile(rf"""(?:href|src|action)="([^"]+)"|({HERE}/[^\s"'<>\\)]*)""")
KINDS = [Review, Theme, Finding, PracticeImplication, Source]
OF_A_KIND = 2  # addresses with one pattern and the same names in their query


def kind_of(address):
    parts = urlsplit(address)
    return resolve(unquote(parts.path)).route, tuple(sorted(part.partition("=")[0] for part in parts.query.split("&")))


def walk(client, starts, goes_on=True):
    """Address -> what it answers, as text: of every kind of public address that links lead to, some."""
    said, taken, waiting = {}, {}, list(starts)
    while waiting:
        address = waiting.pop(0)
        try:
            kind = kind_of(address)
        except Resolver404:  # an example in a text
            continue
        if address in said or taken.get(kind, 0) >= OF_A_KIND:
            continue
        taken[kind] = taken.get(kind, 0) + 1
        answer = client.get(address)
        said[address] = text = text_of(answer)
        if not goes_on:
            continue
        links = [one or other for one, other in LINK.findall(text.replace("&amp;", "&"))]
        for link in [*links, answer.get("Location", "")]:
            target = urldefrag(urljoin(HERE + address, link))[0]
            if target.startswith(f"{HERE}/") and not target.startswith((f"{HERE}/static/", f"{HERE}/admin/")):
                waiting.append(target.removeprefix(HERE))
    return said


def text_of(answer):
    """What an answer says, with its headers; of an archive, with what is packed in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{answer.headers}\n{body.decode('utf-8', 'replace')}"


def leaks(said):
    """The addresses that say more of the text than they were asked with."""
    found = []
    for address, text in said.items():
        asked = unquote_plus(address).lower()
        if any(word.lower() not in asked for word in WORDS.findall(text)):
            found.append(address)
    return found


def public_routes(patterns=None, before=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from () if route.startswith("admin/") else public_routes(pattern.url_patterns, route)
        elif not route.startswith("admin/"):
            yield route


@pytest.fixture
def kept(people, monkeypatch):
    """A text with everything that can be made of it, about entries that are public."""
    monkeypatch.setattr("joinedup.offline.archive.start", lambda: None)  # a test below
    load_signposts()
    review = Review.objects.get(number=1)
    text = bring_in(review, read_plain(f"# A heading\n\n{SECRET} {SECRET}\n"), f"{SECRET}.txt", people["Editor"])
    finding = review.findings.get(number=23)
    for sentence in text.sentences.all():
        Passage.objects.create(sentence=sentence, use=Use.FINDING, entry=finding, by=people["Editor"])
    KeptRemark.objects.create(entry=finding, key=SECRET, says=SECRET, reason=SECRET, by=people["Editor"])
    SecondReading.objects.create(entry=finding, verdict="agreed", note=SECRET, read="x", by=people["Editor"])
    Sentence.objects.settle()
    return text


def test_no_public_address_of_any_kind_says_anything_of_it(client, kept):
    pages = [kind.objects.published().first().get_absolute_url() for kind in KINDS]
    pages.append(f"{kept.review.get_absolute_url()}K1/")
    versions = [f"{page}versions/{number}" for page in pages for number in ("", "1/")]
    said = walk(client, [*STARTS, *pages, *versions])
    reached = {kind_of(address)[0] for address in said}
    assert set(public_routes()) - reached == set()
    assert len(said) > 100
    assert leaks(said) == []
    assert client.get("/api/v1/search?q=zanzibarian").json()["count"] == 0


def test_what_is_said_in_public_is_found_in_each_kind_of_answer(client, kept):
    finding = kept.review.findings.get(number=23)
    finding.bottom_line = SECRET
    finding.save()
    page = finding.get_absolute_url()
    for address in [
        page,
        f"{page}embed/",
        "/feeds/findings.atom",
        "/api/v1/findings/F23",
        "/reading-list.docx?items=F23",
        "/reading-list.csv?items=F23",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/api/v1/search?q=zanzibarian",
        "/F23.json",
    ]:
        assert leaks(walk(client, [address], goes_on=False)) == [address]


def test_no_page_of_it_opens_for_somebody_without_the_permission(client, kept, django_user_model):
    base = f"/admin/findings/review/{kept.review_id}/"
    pages = [
        "reading/",
        "reading/text/",
        "reading/delete/",
        "reading/checks/",
        "reading/open/",
        "second-reader/",
        "references/",
        "trail/",
        "trail.csv",
    ]
    pages += [f"reading/correct/{kept.sentences.first().pk}/", f"reading/take-back/{Passage.objects.first().pk}/"]
    staff = Client()
    staff.force_login(django_user_model.objects.create(username="staff", is_staff=True))
    for page in pages:
        assert client.get(base + page).status_code == 302  # to the log-in
        assert staff.get(base + page).status_code == 403
        assert staff.post(base + page).status_code == 403


def test_the_form_of_an_entry_shows_a_passage_only_to_those_who_may_read_the_text(client, kept, django_user_model):
    viewer = django_user_model.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_finding"))
    client.force_login(viewer)
    page = client.get(f"/admin/findings/finding/{kept.review.findings.get(number=23).pk}/change/")
    assert page.status_code == 200 and not WORDS.search(page.content.decode())


def test_the_review_file_and_exports_of_lists_leave_it_out(client, kept, people):
    client.force_login(people["Editor"])
    files = [client.get(f"/admin/findings/review/{kept.review_id}/export/").content]
    files.append(client.get(f"/admin/findings/review/{kept.review_id}/trail.csv").content)
    for file in files:
        assert len(file) > 100 and not WORDS.search(file.decode())
    asked_for = client.get(f"/admin/findings/review/{kept.review_id}/trail.csv?passages=yes").content.decode()
    assert WORDS.search(asked_for)


def test_no_log_has_it(client, kept, people, caplog):
    client.force_login(people["Librarian"])
    with caplog.at_level(logging.DEBUG):
        address = f"/admin/findings/review/{kept.review_id}/reading/"
        client.get(address)
        client.post(f"{address}text/", {"text": SECRET})
        client.post(address, {"make": "finding", "s": "2", "claim": SECRET})
        client.get(f"{address}correct/999999/")
    said = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not WORDS.search("\n".join(said))


def test_the_offline_copy_has_nothing_of_it(people, tmp_path):
    review = make_review()
    finding = make_finding(review=review, theme=make_theme())
    text = bring_in(review, read_plain(f"# A heading\n\n{SECRET}\n"), "", people["Editor"])
    Passage.objects.create(sentence=text.sentences.last(), use=Use.FINDING, entry=finding)
    call_command("export_site", tmp_path / "copy", verbosity=0)
    files = [file for file in (tmp_path / "copy").rglob("*") if file.is_file()]
    assert any(finding.slug in str(file) for file in files)
    assert not [file for file in files if WORDS.search(file.read_bytes().decode("utf-8", "replace"))]
