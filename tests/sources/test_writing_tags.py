"""Tags are written in one way wherever people write them, and every tag has an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from taggit.models import Tag

from curation import tagging
from tests.factories import make_source

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Social Work", ["Social Work"]),
        ("trust, joint training", ["trust", "joint training"]),
        ("trust; joint training;", ["trust", "joint training"]),
        ("a, b; c\nd", ["a", "b", "c", "d"]),
        ('"Health, social care", trust', ["Health, social care", "trust"]),
        ('"He said ""no""; twice"', ['He said "no"; twice']),
        ('the "third" way, x', ['the "third" way', "x"]),
        ('"never closed, x', ['"never closed', "x"]),
        ('"closed" too soon, x', ['"closed" too soon', "x"]),
        ("Trust, trust,  TRUST ", ["Trust"]),
        ("a\x0bb, c\x00d", ["a b", "c d"]),
        ("tr\u200bust, trust, \u202etr\u00adust", ["trust"]),
        ("\u0645\u0634\u0627\u0631\u0643\u0629; 日本", ["\u0645\u0634\u0627\u0631\u0643\u0629", "日本"]),
        (" , ;; \u200b, \u00ad", []),
        ("", []),
    ],
)
def test_commas_and_semicolons_divide_tags_and_blanks_never_do(text, names):
    assert tagging.names_in(text) == names


@given(st.lists(st.text("aB é,;\"'\n日", max_size=6), max_size=5), st.sampled_from([", ", "; "]))
def test_what_is_shown_of_tags_comes_back_unchanged(names, between):
    names = list({tagging.key(name): tagging.tidy(name) for name in names if tagging.tidy(name)}.values())
    assert tagging.names_in(tagging.written(names, between)) == names


def test_a_text_that_is_made_to_cost_much_is_taken_apart_soon():
    for odd in ['"', '""', '"a,', '"";', ",", " ", '" "', 'x "']:
        tagging.names_in(odd * 100_000)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("joint training", "joint-training"),
        ("Café", "cafe"),
        ("日本 trust", "trust"),
        ("日本", "tag-1"),
        ("…", "tag-1"),
        ("€", "tag-1"),
        ("🙂", "tag-1"),
        ("مشاركة", "tag-1"),
        ("/", "tag-1"),
        ("a/b", "ab"),
        ("x" * 100, "x" * 100),
        ("ﬁ" * 100, "fi" * 45 + "-1"),
    ],
)
def test_every_tag_has_an_address(name, slug, client):
    source = make_source(slug="a")
    source.tags.add(name)
    assert Tag.objects.get().slug in (slug, slug.removesuffix("-1"))
    assert client.get(f"/tags/{Tag.objects.get().slug}/").status_code == 200


def test_tags_whose_names_give_the_same_address_get_each_their_own():
    source = make_source()
    source.tags.add("日本", "…", "€", "C", "C++", "C#", "ﬁ" * 100, "ﬂ" * 100, "ﬁ" * 99, "x" * 100, "x" * 99 + "é")
    source.tags.add("x" * 99 + "ê")
    slugs = list(Tag.objects.values_list("slug", flat=True))
    assert len(set(slugs)) == 12 and all(tagging.ADDRESS.fullmatch(slug) for slug in slugs)


def test_a_tag_keeps_its_address_when_it_is_called_otherwise():
    tag = Tag.objects.create(name="trust")
    tag.name = "日本"
    tag.save()
    assert tag.slug == "trust"


@pytest.mark.parametrize("slug", ["", "日本", "a b", "a/b"])
def test_an_address_that_leads_nowhere_is_mended_when_the_tag_is_saved(slug):
    Tag.objects.bulk_create([Tag(name="Joint working", slug=slug)])
    tag = Tag.objects.get()
    tag.save()
    assert tag.slug == ("ab" if slug == "a/b" else "a-b" if slug == "a b" else "joint-working")


def test_what_is_typed_is_found_in_tags_whatever_its_case_and_accents():
    for name in ["Übergänge", "early uber", "Haubergs", "trust", "日本"]:
        Tag.objects.create(name=name)
    assert tagging.suggested("uber") == ["Übergänge", "early uber", "Haubergs"]
    assert tagging.suggested("ÜBER") == tagging.suggested("uber")
    assert tagging.suggested("日") == ["日本"]
    assert tagging.suggested(" ") == [] and tagging.suggested("nobody") == []
    assert len(tagging.suggested("u", most=2)) == 2
