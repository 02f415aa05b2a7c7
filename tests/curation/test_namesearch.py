"""The desk finds an entry by what people type of it: its code, and its name with whatever marks and accents."""

import re
import unicodedata

import pytest
from django.urls import reverse
from taggit.models import Tag

from curation.namesearch import pattern
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.factories import make_finding, make_source, make_term, make_theme
from tests.test_admin import address, populate

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def listed(client, model, text):
    return list(client.get(address(model, "changelist"), {"q": text}).context["cl"].result_list)


def offered(client, model, field, text):
    asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
    answer = client.get(reverse("admin:autocomplete"), {**asked, "term": text})
    results = answer.json()["results"]
    return [choice["detail"] or choice["text"].removesuffix(", published").rsplit(", ", 1)[0] for choice in results]


@pytest.mark.parametrize("model", [Review, Theme, Finding, KeyMessage, PracticeImplication, Source])
def test_every_list_finds_an_entry_by_its_code(admin_client, model):
    populate(2)
    entry = model.objects.get(number=2)
    for text in [entry.code, entry.code.lower(), "2", f" {entry.code} ", f"{str(entry).split()[0]} {entry.code}"]:
        assert entry in listed(admin_client, model, text), text
    for text in [f"{entry.LETTER}99", "X2", f"{entry.LETTER}2 nowhere"]:
        assert listed(admin_client, model, text) == [], text


def test_a_chooser_finds_an_entry_by_its_code(admin_client):
    make_source(title="On trust")
    make_source(title="On time", issued="1999")
    make_finding(heading="Trust grows")
    assert offered(admin_client, Finding.citations.rel.related_model, "source", "2") == ["On time", "On trust"]
    for text in ["S2", "s2"]:
        assert offered(admin_client, Finding.citations.rel.related_model, "source", text) == ["On time"]
    assert offered(admin_client, PracticeImplication, "findings", "f1") == ["Trust grows"]
    assert offered(admin_client, Finding.citations.rel.related_model, "source", "F1") == []


NAMES = {
    "O’Neill": ["O'Neill", "o’neill", "OʼNEILL", "o`neill"],
    "Müller": ["Muller", "müller", "MÜLLER", "mu\u0308ller"],
    "Mu\u0308nster": ["Münster", "munster", "MÜNSTER"],
    "Łódź": ["lodz", "Łodź", "ŁÓDŹ"],
    "Weiß": ["weiss", "WEISS", "weiß"],
    "Ærø": ["aero", "ærø", "ÆRØ"],
    "Jean‑Luc": ["Jean-Luc", "jean–luc", "jean—luc"],
    "Smith-Jones": ["Smith‑Jones", "smith–jones"],
    "Émile": ["emile", "ÉMILE", "e\u0301mile"],
    "Παπαδόπουλος": ["παπαδοπουλος", "ΠΑΠΑΔΌΠΟΥΛΟΣ"],
    "Чайковский": ["чайковский", "ЧАЙКОВСКИЙ"],
    "日本": ["日本"],
    "a+b (c) [d] $1": ["A+B", "(c)", "[D]", "$1"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_with_any_apostrophe_dash_accent_and_case(admin_client, name):
    make_source([("Nobody", "N")], title="Another")
    source = make_source([(name, "A")], title="On trust")
    for text in [name, *NAMES[name]]:
        assert listed(admin_client, Source, text) == [source], text
        assert offered(admin_client, Finding.citations.rel.related_model, "source", text) == ["On trust"], text


def test_letters_that_are_others_are_not_found(admin_client):
    make_source([("Miller", "A")], title="Another")
    for text in ["Müller", "O'Miller", "Mil-ler"]:
        assert listed(admin_client, Source, text) == []


def test_words_may_stand_apart_and_quoted_ones_together(admin_client):
    source = make_source([("Frost", "N")], title="Professionalism, partnership and joined-up thinking")
    make_source([("Frost", "N")], title="Thinking of partnership")
    assert len(listed(admin_client, Source, "frost partnership thinking")) == 2
    assert listed(admin_client, Source, '"partnership and joined–up"') == [source]
    assert listed(admin_client, Source, "frost nobody") == []


def test_a_chooser_tells_apart_what_has_the_same_name(admin_client):
    make_source([("Hudson", "Bob")], title="On trust", issued="2002", number=5)
    make_source([("Murphy", "M")], title="On trust", issued="1995", status="draft", published_on=None, number=6)
    page = reverse("admin:autocomplete")
    asked = {"app_label": "findings", "model_name": "citation", "field_name": "source", "term": "on trust"}
    first, second = admin_client.get(page, asked).json()["results"]
    assert (first["text"], first["detail"]) == ("Hudson (2002), S5, published", "On trust")
    assert second["text"].endswith("S6, draft")
    for text in ["hudson 2002", "S5", "Hudson trust"]:
        assert offered(admin_client, Finding.citations.rel.related_model, "source", text) == ["On trust"], text
    assert len(admin_client.get(page, {**asked, "term": "hudson 2002"}).json()["results"]) == 1


def test_an_entry_is_listed_once_however_many_contributors_match(admin_client):
    source = make_source([("Frost", "N"), ("Frost", "M")])
    assert listed(admin_client, Source, "frost") == [source]
    assert offered(admin_client, Finding.citations.rel.related_model, "source", "frost") == ["A work"]


def test_a_chooser_offers_what_is_called_just_that_first(admin_client):
    for name in ["Building trust", "Trust at work", "Trust"]:
        make_theme(name=name)
    assert offered(admin_client, Finding, "theme", "trust") == ["Trust", "Trust at work", "Building trust"]


def test_terms_and_tags_are_found_however_they_are_written(admin_client):
    term = make_term("Réseau d’aide", also_called=["Helper–network"])
    tag = Tag.objects.create(name="Éducation", slug="education")
    for text in ["reseau", "d'aide", "helper-network"]:
        assert listed(admin_client, Term, text) == [term]
    assert listed(admin_client, Tag, "education") == [tag]


@pytest.mark.parametrize(
    "text", ["", " ", "'", '"', "\\", "(", "[", "*", "a\0b", "F", "F0", "F" + "9" * 400, "x " * 500]
)
def test_whatever_is_typed_is_answered(admin_client, text):
    make_finding()
    assert admin_client.get(address(Finding, "changelist"), {"q": text}).status_code == 200
    assert isinstance(offered(admin_client, PracticeImplication, "findings", text), list)


def test_the_expression_of_a_name_finds_it_composed_or_not():
    for name in NAMES:
        for form in ["NFC", "NFD"]:
            assert re.search(pattern(name), unicodedata.normalize(form, name)), name
