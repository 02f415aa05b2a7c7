"""What pages say of a source to reference managers, and the admin of that."""

from urllib.parse import parse_qsl

import html5lib
import pytest
from django.db import transaction
from django.urls import reverse

from curation.changelog import gathered
from sources.bibliography.metadata import coins, highwire
from sources.bibliography.record import CSL_TYPES
from sources.bibliography.zotero import preview, seen
from sources.models import Contributor, CslType, Source
from tests.factories import make_review, make_source
from tests.sources.bibliography.test_metadata import TRICKY, work


def test_records_and_sources_have_the_same_types():
    assert set(CslType.values) == set(CSL_TYPES)


def parsed(response):
    return html5lib.parse(response.content.decode(), treebuilder="etree", namespaceHTMLElements=False)


def tags_in(page):
    found = [(tag.get("name") or tag.get("property") or "", tag.get("content") or "") for tag in page.iter("meta")]
    return [tag for tag in found if tag[0]]


def spans_in(page):
    return [span.get("title") for span in page.iter("span") if span.get("class") == "Z3988"]


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize("title", TRICKY)
    def test_a_sources_page_says_in_its_head_what_it_is(self, client, title):
        source = make_source(title=title, last_checked_on="2026-01-02", doi="10.1000/a")
        page = parsed(client.get(source.get_absolute_url()))
        head = page.find("head")
        found = [(tag.get("name"), tag.get("content")) for tag in head.iter("meta") if tag.get("name")]
        assert [tag for tag in found if tag in highwire(source)] == highwire(source)
        assert seen(tags_in(page)) == preview(source).item
        assert not spans_in(page)

    def test_the_day_of_a_check_never_becomes_the_date_of_a_work(self, client):
        source = make_source(issued="", last_checked_on="2026-01-02")
        page = parsed(client.get(source.get_absolute_url()))
        times = [time.get("datetime") for time in page.iter("time")]
        assert times == ["2026-01-02"]
        assert seen(tags_in(page), first_time=times[0]).date == "n.d."
        assert seen([("citation_title", "X")], first_time=times[0]).date == "2026-01-02"

    def test_nothing_on_the_page_is_taken_for_an_author(self, client):
        source = make_source(authors=[])
        Contributor.objects.create(source=source, literal="research in practice")
        page = parsed(client.get(source.get_absolute_url()))
        assert "author" not in dict(tags_in(page))
        assert not [tag for tag in page.iter() if {"byline", "vcard"} & set((tag.get("class") or "").split())]

    @pytest.mark.parametrize("title", TRICKY)
    def test_lists_of_sources_carry_coins(self, client, title):
        source = make_source(title=title)
        source.tags.add("trust")
        review = make_review()
        review.review_sources.create(source=source, role="background")
        for address in ["/sources/", "/tags/trust/", review.get_absolute_url()]:
            [span] = spans_in(parsed(client.get(address)))
            assert span == coins(source), address
            assert dict(parse_qsl(span, strict_parsing=True))["rft.btitle"] == title

    def test_they_ask_the_database_no_more_for_thirty_than_for_three(self, client, django_assert_max_num_queries):
        for address in ["/sources/", "/tags/trust/", "review"]:
            taken = []
            for count in [3, 20]:
                with transaction.atomic():
                    with gathered():
                        review = make_review()
                        for _ in range(count):
                            source = make_source()
                            source.tags.add("trust")
                            review.review_sources.create(source=source, role="background")
                    with django_assert_max_num_queries(20) as queries:
                        page = parsed(client.get(review.get_absolute_url() if address == "review" else address))
                    assert len(spans_in(page)) == count
                    taken.append(len(queries))
                    transaction.set_rollback(True)
            assert taken[0] == taken[1], address

    def test_a_models_source_and_a_plain_work_are_told_alike(self):
        source = Source.objects.get(pk=make_source(authors=[("Hudson", "Bob")]).pk)
        assert source.highwire == highwire(work())
        assert source.coins == coins(work())


@pytest.mark.django_db
def test_the_admin_shows_what_zotero_would_save(admin_client):
    source = make_source(authors=[("Hudson", "B")], title="<i>A work</i>", csl_type="report")
    Contributor.objects.create(source=source, order=2, literal="Ofsted")
    page = admin_client.get(reverse("admin:sources_source_change", args=[source.pk])).content.decode()
    for words in [
        "What Zotero will see",
        "</strong>: Report",
        "Hudson, B.",
        "&lt;i&gt;A work",
        "“Ofsted” is not saved",
    ]:
        assert words in page
    assert "What Zotero will see" not in admin_client.get(reverse("admin:sources_source_add")).content.decode()
