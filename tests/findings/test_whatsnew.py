"""What is new, as readers see it on a page."""

import datetime

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation import history
from curation.versions import make_version
from findings.whatsnew import DAYS_A_PAGE, NAMED
from tests.factories import make_finding, make_implication, make_key_message, make_source, withdrawn

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
ADDRESS = "/whats-new/"


def shown(client, **params):
    """(what happened, to what) on the page, in order."""
    page = html5lib.parse(client.get(ADDRESS, params).content.decode(), namespaceHTMLElements=False)
    [main] = page.iter("main")
    happened = ["".join(text.itertext()).strip() for text in main.iter("p") if text.get("class") == "change"]
    titles = [next(title.iter("a")).text for title in main.iter("h3")]
    return list(zip(happened, titles, strict=True))


def change(finding, heading, note):
    before = history.state_of(finding)
    finding.heading, finding.wording_changed_on = heading, datetime.date.today()
    finding.save()
    make_version(finding, before, note)


def test_new_changed_and_withdrawn_entries_stand_newest_first(client):
    old = make_finding(heading="An old one", published_on="2026-01-01")
    make_implication(heading="A point", published_on="2026-03-01")
    make_source(title="A work", published_on="2026-02-01")
    make_finding(heading="A mistake", **{**withdrawn(), "published_on": "2026-01-05", "withdrawn_on": "2026-04-01"})
    change(old, "An old one, said better", "It says “can” now.")
    found = [item for item in shown(client) if item[1] in {"An old one, said better", "A point", "A work", "A mistake"}]
    assert found == [
        ("Wording changed", "An old one, said better"),
        ("Withdrawn", "A mistake"),
        ("New", "A point"),
        ("New", "A work"),
        ("New", "An old one, said better"),
    ]
    assert "It says “can” now." in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("kind", ["new", "changed", "withdrawn"])
def test_one_kind_of_news_can_be_asked_for(client, kind):
    finding = make_finding(heading="Reworded")
    change(finding, "Reworded", "Why.")
    make_finding(heading="Gone", **withdrawn())
    words = {"new": "New", "changed": "Wording changed", "withdrawn": "Withdrawn"}
    assert {word for word, _ in shown(client, kind=kind)} == {words[kind]}


def test_drafts_corrections_and_what_became_of_drafts_are_no_news(client):
    make_finding(heading="Unborn", status="draft", published_on=None)
    finding = make_finding(heading="Corected")
    finding.heading = "Corrected"
    finding.save()
    found = shown(client)
    assert ("New", "Corrected") in found
    assert not [item for item in found if item[1] == "Unborn" or item[0] == "Wording changed"]


def test_many_of_a_kind_on_one_day_are_counted_and_few_are_named(client):
    review = make_finding().review
    theme = review.findings.get().theme
    for n in range(NAMED + 1):
        make_finding(heading=f"Claim {n}", review=review, theme=theme, published_on="2025-05-05")
        if n < NAMED:
            make_implication(heading=f"Point {n}", review=review, published_on="2025-05-05")
    found = shown(client)
    assert ("New", f"{NAMED + 1} findings") in found
    assert not [title for _, title in found if title.startswith("Claim")]
    assert [title for _, title in found if title.startswith("Point")] == [f"Point {n}" for n in range(NAMED)]


def test_every_link_leads_somewhere(client):
    change(make_finding(heading="Reworded"), "Reworded", "Why.")
    make_key_message()
    make_finding(**withdrawn())
    page = html5lib.parse(client.get(ADDRESS).content.decode(), namespaceHTMLElements=False)
    [main] = page.iter("main")
    for link in main.iter("a"):
        address = link.get("href").partition("#")[0] or ADDRESS
        assert client.get(address, follow=True).status_code in (200, 410), address


def test_older_news_stand_on_further_pages_and_nothing_is_lost_between(client):
    review = make_finding(published_on="2020-01-01").review
    theme = review.findings.get().theme
    start = datetime.date(2021, 1, 1)
    for n in range(DAYS_A_PAGE + 5):
        day = start + datetime.timedelta(days=n)
        make_finding(heading=f"Claim {n}", review=review, theme=theme, published_on=day)
    seen, address = [], ADDRESS
    while address:
        page = html5lib.parse(client.get(address).content.decode(), namespaceHTMLElements=False)
        [main] = page.iter("main")
        seen += [next(title.iter("a")).text for title in main.iter("h3")]
        onward = [link.get("href") for link in main.iter("a") if link.get("rel") == "next"]
        address = ADDRESS + onward[0] if onward else ""
    claims = [title for title in seen if title.startswith("Claim")]
    assert claims == [f"Claim {n}" for n in reversed(range(DAYS_A_PAGE + 5))]


@pytest.mark.parametrize(
    "params", [{"kind": "gossip"}, {"before": "yesterday"}, {"before": "\0"}, {"before": "9999-99-99"}]
)
def test_what_makes_no_sense_is_told(client, params):
    response = client.get(ADDRESS, params)
    assert response.status_code == 200
    assert "so " in response.content.decode()


def test_it_takes_as_many_queries_for_thirty_as_for_three(client):
    counts = []
    for more in (3, 27):
        for n in range(more):
            day = datetime.date(2024, 1, 1) + datetime.timedelta(days=n)
            change(make_finding(published_on=day), "Another", "Why.")
            make_finding(**withdrawn())
            make_key_message(published_on=day)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        counts.append(len(queries))
    assert counts[0] >= counts[1]
    assert counts[1] <= 40
