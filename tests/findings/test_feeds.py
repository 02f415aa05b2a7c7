"""Atom feeds: what is news and what is not, each read by the rules of RFC 4287."""

import datetime
import re
from unittest import mock

import html5lib
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from lxml import etree

from curation import history, workflow
from curation.changelog import gathered
from curation.entries import EarlierSlug
from curation.log import LogEntry
from findings import provenance
from findings.models import Finding
from joinedup.search import index
from tests.factories import make_finding, make_implication, make_review, make_source, make_term, make_theme, withdrawn

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
SITE = "https://www.example.org"
ALL = "/feeds/findings.atom"


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = SITE


def day(number):
    return datetime.date(2024, 1, number)


def feed(client, address=ALL):
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = etree.fromstring(response.content)
    it_keeps_to_the_rules(found)
    return found


def it_keeps_to_the_rules(found):
    assert found.tag == f"{ATOM}feed"
    for node in [found, *entries(found)]:
        for name in ["id", "title", "updated"]:
            assert len(node.findall(f"{ATOM}{name}")) == 1 and node.findtext(f"{ATOM}{name}").strip()
        assert re.match(r"(https?://|tag:)", node.findtext(f"{ATOM}id"))
        assert len(node.findall(f"{ATOM}author/{ATOM}name")) == 1
        links = node.findall(f"{ATOM}link")
        assert all(link.get("href").startswith(SITE) for link in links)
        assert [link.get("rel") for link in links].count("alternate") == 1
        assert len({link.get("rel") for link in links}) == len(links)
        assert len(node.findall(f"{ATOM}rights")) <= 1
    for moment in [*found.iter(f"{ATOM}updated"), *found.iter(f"{ATOM}published")]:
        assert RFC_3339.fullmatch(moment.text)
    assert link(found, "self")
    ids = [node.findtext(f"{ATOM}id") for node in entries(found)]
    assert len(ids) == len(set(ids)) <= 50
    for node in entries(found):
        content = node.find(f"{ATOM}content")
        assert content.get("type") == "html" and len(content) == 0
        html5lib.HTMLParser(strict=True).parseFragment(content.text)
    times = [node.findtext(f"{ATOM}updated") for node in entries(found)]
    assert times == sorted(times, reverse=True)
    assert not times or found.findtext(f"{ATOM}updated") == times[0]


def entries(found):
    return found.findall(f"{ATOM}entry")


def titles(found):
    return [node.findtext(f"{ATOM}title") for node in entries(found)]


def link(node, rel):
    return next(
        (one.get("href").removeprefix(SITE) for one in node.findall(f"{ATOM}link") if one.get("rel") == rel), None
    )


def content(node):
    return "".join(html5lib.parseFragment(node.findtext(f"{ATOM}content"), namespaceHTMLElements=False).itertext())


def change(entry, user, on, changes_meaning=True, **values):
    """A change of wording as the desk makes it."""
    today = mock.patch("django.utils.timezone.localdate", return_value=on)
    with today, history.recording(type(entry), [entry.pk], user) as before:
        for name, value in values.items():
            setattr(entry, name, value)
        entry.save()
        told = {"changes_meaning": changes_meaning, "note": "It is more than that."}
        workflow.record_change(entry, user, before=before[entry.pk], **told)


class TestNews:
    def test_a_new_finding_is_told_with_its_words_and_whose_they_are(self, client):
        review = make_review(rights="All theirs.")
        make_finding(
            number=3,
            heading="It <helps> & more",
            body="One.\n\nTwo & three.",
            published_on=day(4),
            review=review,
            theme=make_theme(name="Trust"),
        )
        (item,) = entries(feed(client))
        assert item.findtext(f"{ATOM}title") == "It <helps> & more"
        assert item.findtext(f"{ATOM}id") == f"{SITE}/F3v1"
        assert item.findtext(f"{ATOM}updated") == "2024-01-04T00:00:00Z"
        assert item.findtext(f"{ATOM}rights") == f"{provenance.rights()} All theirs."
        assert item.findtext(f"{ATOM}author/{ATOM}name") == "Joined-up"
        assert [node.get("term") for node in item.findall(f"{ATOM}category")] == ["new", "Trust"]
        assert provenance.line(review) in content(item)
        assert "Two & three." in content(item) and "It does so in one line." in content(item)
        assert client.get(link(item, "alternate")).status_code == 200

    def test_a_change_of_meaning_is_an_item_of_its_own_with_both_wordings(self, client, admin_user):
        finding = make_finding(number=3, heading="It always helps", published_on=day(1))
        before = etree.tostring(entries(feed(client))[0])
        change(finding, admin_user, day(5), heading="It often helps")
        new, old = entries(feed(client))
        assert new.findtext(f"{ATOM}id") == f"{SITE}/F3v2"
        assert new.findtext(f"{ATOM}title") == "Meaning changed: It often helps"
        assert new.findtext(f"{ATOM}updated") == "2024-01-05T00:00:00Z"
        assert "It is more than that." in content(new)
        assert "It [removed: always][inserted: often] helps" in content(new)
        assert old.findtext(f"{ATOM}title") == "It always helps"
        same = [f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated", f"{ATOM}content"]
        assert [old.findtext(name) for name in same] == [etree.fromstring(before).findtext(name) for name in same]
        assert client.get(link(old, "alternate")).status_code == 200

    def test_a_correction_is_no_news(self, client, admin_user):
        finding = make_finding(published_on=day(1))
        before = feed(client)
        change(finding, admin_user, day(5), changes_meaning=False, heading="Something gets in the way!")
        after = feed(client)
        assert LogEntry.objects.get().name == LogEntry.Name.CORRECT
        for name in [f"{ATOM}id", f"{ATOM}updated"]:
            assert [node.text for node in after.iter(name)] == [node.text for node in before.iter(name)]

    def test_a_withdrawal_says_why_and_what_to_use_and_takes_the_words_back(self, client, admin_user):
        other = make_finding(heading="Use me", published_on=day(1))
        finding = make_finding(
            number=7, heading="It claims much", body="All of it.", published_on=day(2), last_checked_on=day(2)
        )
        with mock.patch("django.utils.timezone.localdate", return_value=day(9)):
            workflow.perform(workflow.Name.WITHDRAW, finding, admin_user, "It claimed too much.", other)
        found = feed(client)
        assert titles(found) == ["Withdrawn: It claims much", "Use me"]
        item = entries(found)[0]
        assert item.findtext(f"{ATOM}id") == f"{SITE}/F7#withdrawn-2024-01-09"
        assert "It claimed too much." in content(item) and "Use me" in content(item)
        assert "All of it." not in etree.tostring(found, encoding="unicode")
        assert f'href="{SITE}{other.get_absolute_url()}"' in item.findtext(f"{ATOM}content")

    def test_drafts_are_no_news(self, client):
        make_finding(status="draft", published_on=None)
        make_finding(status="in-review", published_on=None)
        assert entries(feed(client)) == []

    def test_a_sign_that_no_xml_can_hold_does_not_spoil_the_feed(self, client):
        make_finding(heading="Bell \x07", body="Escape \x1b")
        assert titles(feed(client)) == ["Bell  "]


class TestCollections:
    @pytest.mark.parametrize(("make", "name"), [(make_theme, "theme"), (make_review, "review")])
    def test_a_theme_or_a_review_has_a_feed_of_its_own_findings(self, client, make, name, admin_user):
        first, second = make(), make()
        finding = make_finding(heading="Mine", **{name: first})
        make_finding(heading="Another’s", **{name: second})
        make_finding(heading="Gone", **{name: first}, **withdrawn())
        change(finding, admin_user, day(5), heading="Mine now")
        found = feed(client, f"/{name}s/{first.slug}/feed.atom")
        assert titles(found) == ["Meaning changed: Mine now", "Withdrawn: Gone", "Mine"]
        assert str(first) in found.findtext(f"{ATOM}title")
        assert link(found, "alternate") == first.get_absolute_url()

    def test_an_earlier_address_leads_to_the_feed_and_a_withdrawn_theme_has_none(self, client):
        theme = make_theme(slug="now")
        EarlierSlug.objects.create(letter="T", slug="before", number=theme.number)
        response = client.get("/themes/before/feed.atom")
        assert (response.status_code, response["Location"]) == (301, "/themes/now/feed.atom")
        make_theme(slug="gone", **withdrawn())
        assert client.get("/themes/gone/feed.atom").status_code == 410
        make_theme(slug="draft", status="draft", published_on=None)
        assert client.get("/themes/draft/feed.atom").status_code == 404


@pytest.mark.databases
class TestPages:
    def follow(self, client, address=ALL):
        pages = []
        while address:
            found = feed(client, address)
            assert link(found, "self") == address
            pages.append([node.findtext(f"{ATOM}id").removeprefix(f"{SITE}/") for node in entries(found)])
            address = link(found, "next")
        return pages

    def test_pages_follow_each_other_and_each_item_stands_once(self, client, admin_user, monkeypatch):
        monkeypatch.setattr("findings.feeds.A_PAGE", 3)
        for number in range(1, 6):
            make_finding(number=number, published_on=day(1))
        make_finding(number=6, published_on=day(1), **withdrawn(withdrawn_on=day(3)))
        for on in [1, 3, 3]:
            finding = Finding.objects.get(number=2)
            change(finding, admin_user, day(on), heading=f"Once more {on} {finding.heading}")
        pages = self.follow(client)
        assert pages == [
            ["F6#withdrawn-2024-01-03", "F2v4", "F2v3"],
            ["F5v1", "F4v1", "F3v1"],
            ["F2v2", "F2v1", "F1v1"],
        ]

    def test_what_comes_meanwhile_moves_nothing_to_another_page(self, client, monkeypatch):
        monkeypatch.setattr("findings.feeds.A_PAGE", 2)
        for number in range(1, 5):
            make_finding(number=number, published_on=day(number))
        following = link(feed(client), "next")
        make_finding(number=5, published_on=day(9))
        assert self.follow(client, following) == [["F2v1", "F1v1"]]

    @pytest.mark.parametrize("before", ["x", "2024-13-01-1-1", "2024-01-01", "2024-01-01-1-1\n", "٢٠٢٤-01-01-1-1"])
    def test_a_place_that_is_none_is_told(self, client, before):
        response = client.get(ALL, {"before": before})
        assert response.status_code == 400
        assert "follow its links" in response.content.decode()

    def test_a_page_takes_as_many_queries_for_three_as_for_thirty(self, client, admin_user):
        counts = []
        for size in [3, 30]:
            with transaction.atomic(), gathered():
                for _ in range(size):
                    finding = make_finding(published_on=day(1), review=make_review(), theme=make_theme())
                    change(finding, admin_user, day(2), heading="Changed")
            with CaptureQueriesContext(connection) as queries:
                feed(client)
            counts.append(len(queries))
        assert counts[0] == counts[1]


@pytest.mark.databases
class TestSearch:
    def test_a_search_is_a_feed_of_what_it_finds_the_newest_first(self, client):
        make_finding(heading="Trust grows", published_on=day(1))
        make_source(title="On trust", published_on=day(3))
        make_implication(heading="Build trust", published_on=day(2))
        make_term("trust")
        make_finding(heading="Something else", published_on=day(4))
        found = feed(client, "/feeds/search.atom?q=trust&page=")
        assert titles(found) == ["On trust", "Build trust", "Trust grows"]
        assert link(found, "alternate") == "/search/?q=trust"

    def test_filters_narrow_it_and_what_changed_says_so(self, client, admin_user):
        theme = make_theme(slug="a-theme")
        finding = make_finding(heading="Trust", theme=theme, published_on=day(1))
        make_finding(heading="Trust elsewhere", theme=make_theme())
        change(finding, admin_user, day(5), heading="Trust helps")
        found = feed(client, "/feeds/search.atom?theme=a-theme&q=trust&x=1&kind=finding")
        assert titles(found) == ["Meaning changed: Trust helps"]
        assert link(found, "self") == "/feeds/search.atom?q=trust&kind=finding&theme=a-theme"
        assert client.get(link(found, "alternate")).status_code == 200

    def test_it_goes_on_page_by_page(self, client, monkeypatch):
        monkeypatch.setattr("findings.feeds.A_PAGE", 2)
        for number in range(1, 6):
            make_finding(heading="Trust", number=number, published_on=day(number))
        address, seen = "/feeds/search.atom?q=trust", []
        while address:
            found = feed(client, address)
            seen += [node.findtext(f"{ATOM}id").removeprefix(f"{SITE}/") for node in entries(found)]
            address = link(found, "next")
        assert seen == ["F5v1", "F4v1", "F3v1", "F2v1", "F1v1"]

    @pytest.mark.parametrize("asked", ["", "q=", "q=trust&page=0", "q=trust&page=x", "q=trust&stance=odd", "theme=no"])
    def test_what_cannot_be_searched_is_told(self, client, asked):
        response = client.get(f"/feeds/search.atom?{asked}")
        assert response.status_code == 400 and response["Content-Type"].startswith("text/plain")

    def test_it_takes_as_many_queries_for_three_as_for_thirty(self, client):
        counts = []
        for size in [3, 30]:
            with transaction.atomic(), gathered():
                for _ in range(size):
                    make_finding(heading="Trust", review=make_review(), theme=make_theme()).tags.add("a")
            index.snapshot()  # which follows what was made
            with CaptureQueriesContext(connection) as queries:
                feed(client, "/feeds/search.atom?q=trust&kind=finding")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestDiscovery:
    def test_pages_name_the_feed_that_is_theirs(self, client):
        finding = make_finding(heading="Trust")
        for page, theirs in [
            ("/", [ALL]),
            (finding.get_absolute_url(), [ALL]),
            (finding.theme.get_absolute_url(), [ALL, f"/themes/{finding.theme.slug}/feed.atom"]),
            (finding.review.get_absolute_url(), [ALL, f"/reviews/{finding.review.slug}/feed.atom"]),
            ("/search/?q=trust&kind=finding", [ALL, "/feeds/search.atom?q=trust&kind=finding"]),
            ("/search/", [ALL]),
        ]:
            found = html5lib.parse(client.get(page).content.decode(), namespaceHTMLElements=False)
            named = [node.get("href") for node in found.iter("link") if node.get("type") == "application/atom+xml"]
            assert named == theirs
            for address in named:
                feed(client, address)
