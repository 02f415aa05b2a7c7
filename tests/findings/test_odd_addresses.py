"""One entry that no address can hold, however it came in, takes no page, list or feed with it."""

import json

import pytest
from django.core.management import call_command
from taggit.models import Tag

from findings.models import EarlierTag, Finding, TaggedFinding, TaggedImplication
from sources.models import Source, TaggedSource
from tests.factories import make_finding, make_implication, make_source, make_theme

pytestmark = pytest.mark.django_db

ODD = ["", "日本", "…", "a b", "a/b", "x\x0by", "\u202eabc", "%41", "?q=1", "#a"]
ALL = [
    "/",
    "/themes/",
    "/findings/",
    "/practice/",
    "/sources/",
    "/map/",
    "/sitemap.xml",
    "/feeds/findings.atom",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/search/?q=way",
    "/F1",
    "/S1",
    "/P1",
    "/F1.ris",
    "/S1.json",
    "/F1.bib",
    "/S1.txt",
    "/api/v1/tags",
    "/api/v1/sources",
    "/api/v1/findings",
    "/api/v1/implications",
    "/api/v1/search?q=way",
    "/reading-list/?items=F1,S1,P1",
    "/practice/team-check/",
]


@pytest.fixture
def entries():
    return make_finding(slug="f"), make_implication(slug="p"), make_source(slug="s")


def answers_of(client, addresses=ALL):
    return {address: client.get(address, follow=True).status_code for address in addresses}


@pytest.mark.parametrize("slug", ODD)
def test_a_stored_tag_without_an_address_takes_nothing_with_it(client, entries, slug):
    Tag.objects.bulk_create([Tag(name="日本", slug=slug), Tag(name="trust", slug="trust")])
    for tag in Tag.objects.all():
        for entry, link in zip(entries, [TaggedFinding, TaggedImplication, TaggedSource], strict=True):
            link.objects.create(content_object=entry, tag=tag)
    assert set(answers_of(client).values()) == {200}
    assert "/tags/trust/" in client.get("/sitemap.xml").content.decode()


@pytest.mark.parametrize("slug", [slug for slug in ODD if slug])
@pytest.mark.parametrize("model", [Finding, Source])
def test_an_entry_without_an_address_takes_no_other_with_it(client, entries, model, slug):
    model.objects.update(slug=slug)
    lists = [address for address in ALL if not address.startswith(("/F1", "/S1", "/P1"))]
    assert set(answers_of(client, lists).values()) == {200}
    assert "/practice/" in client.get("/sitemap.xml").content.decode()


def test_a_tag_from_a_fixture_without_an_address_gets_one(tmp_path, client):
    file = tmp_path / "tags.json"
    file.write_text(json.dumps([{"model": "taggit.tag", "pk": 1, "fields": {"name": "日本", "slug": ""}}]))
    call_command("loaddata", file, verbosity=0)
    assert Tag.objects.get().slug == "tag-1"


def test_an_earlier_address_of_a_tag_leads_on_to_one_that_needed_mending(client):
    make_finding().tags.add("日本")
    EarlierTag.objects.create(slug="japan", tag=Tag.objects.get())
    assert client.get("/tags/japan/")["Location"] == "/tags/tag-1/"
    assert client.get("/api/v1/tags/japan")["Location"].endswith("/api/v1/tags/tag-1")


def test_a_theme_without_an_address_takes_no_other_with_it(client):
    make_finding(theme=make_theme(slug="日本"))
    assert client.get("/findings/").status_code == client.get("/themes/").status_code == 200
