"""The text of a review is for the desk alone: everything that the public, a harvester or an administrator's log can get
is searched for it."""

import logging
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from findings.extraction.bringing_in import bring_in
from findings.extraction.models import KeptRemark, Passage, SecondReading, Sentence, Use
from findings.extraction.plain import read_plain
from findings.models import Review
from tests.factories import make_finding, make_review, make_theme
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db

SECRET = "Zanzibarian quillfeathers murmur beneath obsidian lighthouses."
WORDS = re.compile(r"zanzibarian|quillfeather|obsidian", re.I)
PUBLIC = """
/ /reviews/ /reviews/signposts-joined-up-working/ /themes/ /themes/co-location/ /findings/
/findings/co-location-respect-and-trust/ /practice/ /map/ /sources/
/glossary/ /whats-new/
/search/?q=zanzibarian /search/?q=obsidian+lighthouses /feeds/findings.atom
/feeds/search.atom?q=zanzibarian /themes/co-location/feed.atom /api/v1/reviews /api/v1/reviews/R1 /api/v1/findings
/api/v1/findings/F23 /api/v1/key-messages/K1 /api/v1/implications/P1 /api/v1/search?q=zanzibarian /api/v1/suggest?q=zanz
/oai?verb=ListRecords&metadataPrefix=oai_dc
/oai?verb=GetRecord&metadataPrefix=mods&identifier=F23 /F23.json /F23.ris /F23.txt
/R1.json /F23v1 /findings/co-location-respect-and-trust/versions/
/findings/co-location-respect-and-trust/embed/
/reading-list/?items=F23 /reading-list.csv?items=F23 /reading-list.docx?items=F23 /sitemap.xml /unapi?id=F23&format=ris
/api/v1/openapi.json /schemas/review-1.json /check/ /practice/team-check/
""".split()


@pytest.fixture
def kept(people):
    """A text with everything that can be made of it, about entries that are public."""
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


@pytest.mark.parametrize("address", PUBLIC)
def test_no_public_answer_has_it(client, kept, address):
    answer = client.get(address, follow=True)
    assert answer.status_code in (200, 404)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    said = body.decode("utf-8", "replace").lower()
    # A search repeats what it was asked for, and nothing beside it.
    assert not [word for word in WORDS.pattern.split("|") if word in said and word[:4] not in address]


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
