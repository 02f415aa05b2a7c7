"""One tag for a name, however it is typed and on whatever database."""

import unicodedata

import pytest
from taggit.models import Tag

from curation.imports import importing
from curation.tagging import called, key
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests.factories import make_finding, make_implication, make_source

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

SAME = ["Ünï", "ünï", "ÜNÏ", unicodedata.normalize("NFD", "ünï"), "  Ünï  "]


@pytest.mark.parametrize("make", [make_source, make_finding, make_implication])
def test_names_that_differ_in_case_accents_as_stored_or_spaces_are_one_tag(make):
    for name in SAME:
        make().tags.add(name)
    entry = make()
    entry.tags.set(SAME)
    assert [tag.name for tag in Tag.objects.all()] == ["Ünï"]
    assert [tag.name for tag in entry.tags.all()] == ["Ünï"]


def test_other_names_stay_other_tags_and_spaces_within_are_one():
    source = make_source()
    source.tags.set(["Rôles", "roles", "joint   working", " "])
    assert set(source.tags.names()) == {"Rôles", "joint working", "roles"}
    source.tags.set(["JOINT WORKING"])
    assert list(source.tags.names()) == ["joint working"]
    assert Tag.objects.count() == 3


def test_tags_are_taken_over_from_another_entry_and_from_any_collection():
    one, other = make_source(), make_finding()
    one.tags.set({"trust", "roles"})
    other.tags.set(one.tags.all())
    other.tags.add(*(name for name in ["TRUST", "time"]))
    assert set(other.tags.names()) == {"trust", "roles", "time"}


def test_more_names_than_a_query_can_take_are_looked_up():
    make_source().tags.add("Ünï")
    assert list(called({"ÜNÏ", *(f"word {n}" for n in range(300_000))})) == [key("ünï")]


def test_an_import_finds_the_tag_that_a_keyword_names():
    make_source(title="Another").tags.add("Ünï")
    record = "TY  - BOOK\nTI  - A new work\nKW  - ÜNÏ\nKW  - unheard of\nER  - \n"
    batch = importing.upload(BIBLIOGRAPHY, record.encode(), "a.ris")
    importing.apply(batch)
    assert list(Source.objects.get(title="A new work").tags.names()) == ["Ünï"]
