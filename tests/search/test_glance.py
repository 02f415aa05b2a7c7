"""Above the list: both sides of what the words name."""

import html5lib
import pytest

from findings.models import TermLabel
from tests.factories import make_finding, make_key_message, make_term, make_theme

pytestmark = pytest.mark.django_db


def glance(client, query, **more):
    """{heading of a side: headings of its findings}, None if there is no glance."""
    page = html5lib.parse(client.get("/search/", {"q": query, **more}).content.decode(), namespaceHTMLElements=False)
    answers = [part for part in page.iter("section") if part.get("class") == "answer"]
    if not answers:
        return None
    sides = [side for side in answers[0].iter("div") if side.find("h3") is not None]
    return {side.find("h3").text: [next(item.iter("a")).text for item in side.iter("li")] for side in sides}


@pytest.fixture
def theme():
    theme = make_theme(name="Shared kitchens", slug="kitchens", also_asked_as="canteens\ncooking together")
    for stance in ["facilitator", "barrier", "condition", "context"]:
        make_finding(theme=theme, stance=stance, heading=f"Kitchens: {stance}")
    make_finding(theme=make_theme(), heading="Kitchens elsewhere", stance="facilitator")
    return theme


@pytest.mark.parametrize("query", ["shared kitchens", "Shared  Kitchens", "canteens", "Cooking together"])
def test_the_name_of_a_theme_shows_what_helps_and_what_gets_in_the_way(client, theme, query):
    assert glance(client, query) == {
        "What helps": ["Kitchens: facilitator"],
        "What gets in the way, or works both ways": ["Kitchens: barrier"],
        "What it takes": ["Kitchens: condition"],
    }


def test_a_finding_of_another_theme_on_the_same_matter_stands_with_them(client, theme):
    other = make_finding(theme=make_theme(), heading="What remains", stance="barrier")
    make_key_message([theme.findings.first(), other], heading="Not everything")
    found = glance(client, "shared kitchens")
    assert found["What gets in the way, or works both ways"] == ["Kitchens: barrier", "What remains"]
    assert "Not everything" in client.get("/search/", {"q": "shared kitchens"}).content.decode()


def test_a_term_of_the_glossary_leads_to_the_theme_that_has_one_of_its_names(client, theme):
    make_term("Joint cooking", also_called=["shared kitchens"])
    assert glance(client, "joint cooking")["What helps"] == ["Kitchens: facilitator"]


def test_a_term_without_a_theme_shows_the_findings_that_are_found(client, theme):
    term = make_term("Elsewhere")
    TermLabel.objects.create(term=term, label="kitchens elsewhere")
    assert glance(client, "elsewhere") == {"What helps": ["Kitchens elsewhere"]}


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("kitchens in schools", {}),
        ("shared kitchens", {"kind": "finding"}),
        ("shared kitchens", {"sort": "newest"}),
        ("nothing at all", {}),
    ],
)
def test_other_words_filters_and_orders_show_the_list_alone(client, theme, query, more):
    assert glance(client, query, **more) is None


def test_a_theme_with_nothing_that_helps_or_hinders_has_no_two_sides(client):
    theme = make_theme(name="Background")
    make_finding(theme=theme, stance="context")
    assert glance(client, "background") is None
