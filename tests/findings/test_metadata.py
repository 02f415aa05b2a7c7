"""What machines read on the page of an entry, in its head, its header and its linkset."""

import datetime
import json
import re

import html5lib
import pytest
from django.db import transaction

from curation.changelog import gathered
from findings import metadata, provenance
from sources.bibliography.zotero import seen
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
MAKERS = [make_finding, make_theme, make_review, make_implication]
KINDS = ["Claim", "DefinedTerm", "Report", "CreativeWork"]


def head_of(client, entry):
    return html5lib.parse(client.get(entry.get_absolute_url()).content.decode(), namespaceHTMLElements=False)[0]


def json_ld_of(client, entry):
    scripts = [tag for tag in head_of(client, entry).iter("script") if tag.get("type") == "application/ld+json"]
    assert len(scripts) == 1
    return json.loads(scripts[0].text)


def links_of(header):
    """A header ``Link`` as (rel, href, type)."""
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?(?:, |$)', header)
    return [(rel, href, media_type) for href, rel, media_type in found]


@pytest.fixture
def finding():
    """A finding with all that can be told of it."""
    review = make_review([("Flood", "Steve")], title="The review", publisher="A house", year="2007", rights="Theirs.")
    finding = make_finding(
        review=review,
        theme=make_theme(name="Change"),
        heading="It helps",
        bottom_line="In one line.",
        last_checked_on=datetime.date(2024, 5, 6),
        wording_changed_on=datetime.date(2021, 7, 8),
    )
    finding.tags.add("trust", "Status")
    cite(
        finding,
        make_source(title="A work", doi="10.1/a", csl_type="article-journal", retracted_on=datetime.date.today()),
    )
    cite(finding, make_source(title="A draft", status="draft", published_on=None))
    return finding


class TestHead:
    @pytest.mark.parametrize("make", MAKERS)
    def test_a_page_names_its_clean_address_and_itself(self, client, make):
        entry = make()
        head = head_of(client, entry)
        canonical = [link.get("href") for link in head.iter("link") if link.get("rel") == "canonical"]
        assert canonical == [HERE + entry.get_absolute_url()]
        told = {tag.get("property"): tag.get("content") for tag in head.iter("meta") if tag.get("property")}
        assert told["og:type"] == "website"
        assert told["og:title"] == str(entry)
        assert told["og:url"] == canonical[0]
        assert told["og:description"]

    def test_zotero_saves_a_finding_as_a_web_page_of_the_day_it_was_worded(self, client, finding):
        tags = [
            (tag.get("name") or tag.get("property"), tag.get("content"))
            for tag in head_of(client, finding).iter("meta")
        ]
        item = seen([tag for tag in tags if all(tag)], first_time="2024-05-06")
        assert item.kind == "webpage"
        assert item.title == "It helps"
        assert item.date == "2021/07/08"
        assert item.url == f"{HERE}/{finding.code}"
        assert "citation_journal_title" not in dict(tags)

    @pytest.mark.parametrize("make", MAKERS)
    def test_a_draft_tells_machines_nothing(self, admin_client, make):
        response = admin_client.get(make(status="draft", published_on=None).get_absolute_url())
        assert "Link" not in response
        assert b"ld+json" not in response.content
        assert b"og:title" not in response.content

    def test_no_page_says_more_than_its_template_escapes(self, client):
        entry = make_finding(heading='"><script>alert(1)</script>', bottom_line="</script><b>\u2028&")
        page = client.get(entry.get_absolute_url()).content.decode()
        assert "<script>alert" not in page
        assert json_ld_of(client, entry)["description"] == "</script><b> &"


class TestSchemaOrg:
    def test_a_finding_is_a_claim_that_appears_in_the_review_and_cites_works(self, client, finding):
        about = json_ld_of(client, finding)
        assert about["@type"] == "Claim"
        assert about["@id"] == f"{HERE}/{finding.code}"
        assert about["appearance"] == {"@type": "Report", "@id": f"{HERE}/{finding.review.code}", "name": "The review"}
        assert about["about"]["name"] == "Change"
        assert about["keywords"] == ["Status", "trust"]
        assert about["creditText"] == f"Joined-up. {provenance.line(finding.review)}"
        assert about["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert (about["datePublished"], about["dateModified"]) == ("2020-01-02", "2021-07-08")
        assert about["version"] == 1
        [work] = about["citation"]
        assert work["@type"] == "ScholarlyArticle"
        assert work["author"] == [{"@type": "Person", "name": "B Hudson"}]
        assert work["sameAs"] == "https://doi.org/10.1/a"
        assert work["creativeWorkStatus"] == "Retracted"

    def test_a_theme_is_a_term_of_the_set_of_themes(self, client):
        about = json_ld_of(client, make_theme(name="Change"))
        assert (about["@type"], about["inDefinedTermSet"]["@type"]) == ("DefinedTerm", "DefinedTermSet")

    def test_a_review_is_a_report_with_its_findings_as_parts(self, client, finding):
        about = json_ld_of(client, finding.review)
        assert about["@type"] == "Report"
        assert about["creditText"] == "Steve Flood"
        assert about["author"] == [{"@type": "Person", "name": "Steve Flood"}]
        assert "license" not in about, "the review is not ours"
        assert about["temporalCoverage"] == "2007"
        assert about["publisher"]["name"] == "A house"
        assert about["datePublished"] == "2007"
        assert [part["@id"] for part in about["hasPart"]] == [f"{HERE}/{finding.code}"]

    def test_a_practice_point_is_based_on_its_review_and_mentions_the_findings_that_we_link(self, client, finding):
        about = json_ld_of(client, make_implication([finding]))
        assert about["isBasedOn"]["@id"] == f"{HERE}/{finding.review.code}"
        assert [part["@id"] for part in about["mentions"]] == [f"{HERE}/{finding.code}"]

    def test_a_source_is_a_work_of_its_kind(self, client):
        about = json_ld_of(client, make_source(title="A work", csl_type="report", publisher="A department"))
        assert (about["@type"], about["name"], about["publisher"]["name"]) == ("Report", "A work", "A department")

    def test_who_asks_for_json_ld_gets_what_the_page_says(self, client, finding):
        for entry in [finding, finding.citations.first().source]:
            response = client.get(entry.get_absolute_url(), headers={"Accept": "application/ld+json"})
            assert response["Content-Type"].split(";")[0] == "application/ld+json"
            assert response["Vary"] == "Accept"
            told = response.json()
            assert told["@context"] == "https://schema.org"
            assert told.items() <= json_ld_of(client, entry).items()

    def test_staff_may_ask_for_a_draft_too(self, admin_client):
        draft = make_finding(status="draft", published_on=None, heading="Not yet out")
        told = admin_client.get(draft.get_absolute_url(), headers={"Accept": "application/ld+json"}).json()
        assert told["name"] == "Not yet out"
        assert "datePublished" not in told

    def test_what_readers_cannot_open_is_not_named(self, client):
        finding = make_finding(review=make_review(title="Hidden", status="draft", published_on=None))
        assert "appearance" not in json_ld_of(client, finding)


class TestDublinCore:
    def test_a_finding_in_the_fifteen_elements(self, finding):
        told = metadata.dublin_core(finding, "https://example.org")
        review = finding.review
        assert told == [
            ("title", "It helps"),
            ("creator", "Joined-up"),
            ("subject", "Change"),
            ("subject", "Status"),
            ("subject", "trust"),
            ("description", "In one line."),
            ("description", provenance.line(review)),
            ("publisher", "Joined-up"),
            ("date", "2021-07-08"),
            ("type", "Text"),
            ("format", "text/html"),
            ("identifier", f"https://example.org/{finding.code}"),
            ("source", f"https://example.org/{review.code}"),
            ("language", "en-GB"),
            ("relation", f"https://example.org/{finding.citations.first().source.code}"),
            ("coverage", "2007"),
            ("rights", provenance.rights()),
            ("rights", "Theirs."),
        ]

    @pytest.mark.parametrize("make", MAKERS)
    def test_every_kind_has_what_a_harvester_needs(self, make):
        entry = make([("Flood", "Steve")], year="2007") if make is make_review else make()
        told = dict(metadata.dublin_core(entry, HERE))
        assert {"title", "creator", "description", "date", "identifier", "language"} <= set(told)
        assert told["creator"] == ("Flood, Steve" if make is make_review else "Joined-up")


class TestSignposting:
    @pytest.mark.parametrize(("make", "kind"), list(zip(MAKERS, KINDS, strict=True)))
    def test_the_header_names_the_permanent_address_the_kind_and_the_linkset(self, client, make, kind):
        entry = make()
        for method in [client.get, client.head]:
            links = links_of(method(entry.get_absolute_url())["Link"])
            by_rel = {}
            for rel, href, media_type in links:
                by_rel.setdefault(rel, []).append((href, media_type))
            assert by_rel["cite-as"] == [(f"{HERE}/{entry.code}", "")]
            assert [href for href, _ in by_rel["type"]] == [
                "https://schema.org/AboutPage",
                f"https://schema.org/{kind}",
            ]
            assert by_rel["linkset"] == [(f"{HERE}/{entry.code}/linkset.json", "application/linkset+json")]

    def test_every_record_is_there_in_the_type_that_is_said(self, client, finding):
        for entry in [finding, make_implication()]:
            records = [
                link for link in links_of(client.get(entry.get_absolute_url())["Link"]) if link[0] == "describedby"
            ]
            assert [href.rsplit(".", 1)[1] for _, href, _ in records] == ["ris", "bib", "json"]
            for _, href, media_type in records:
                response = client.get(href.removeprefix(HERE))
                assert response.status_code == 200
                assert response["Content-Type"].split(";")[0] == media_type
                assert ";" not in media_type

    def test_the_head_has_the_same_links_as_the_header(self, client, finding):
        response = client.get(finding.get_absolute_url())
        header = links_of(response["Link"])
        head = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)[0]
        rels = {rel for rel, _, _ in header}
        links = [(link.get("rel"), link.get("href"), link.get("type", "")) for link in head.iter("link")]
        assert [link for link in links if link[0] in rels] == header

    def test_the_linkset_says_all_that_the_header_says_and_links_back(self, client, finding):
        response = client.get(f"/{finding.code}/linkset.json")
        assert response["Content-Type"] == "application/linkset+json"
        context, *back = response.json()["linkset"]
        page = HERE + finding.get_absolute_url()
        assert context["anchor"] == page
        for rel, href, media_type in links_of(client.get(finding.get_absolute_url())["Link"]):
            if rel != "linkset":
                assert ({"href": href, "type": media_type} if media_type else {"href": href}) in context[rel]
        assert {link["anchor"] for link in back} == {target["href"] for target in context["describedby"]}
        assert all(link["describes"] == [{"href": page, "type": "text/html"}] for link in back)

    def test_the_linkset_of_a_review_and_a_theme_lists_published_findings(self, client, finding):
        make_finding(review=finding.review, theme=finding.theme, status="draft", published_on=None)
        for entry in [finding.review, finding.theme]:
            [context] = client.get(f"/{entry.code}/linkset.json").json()["linkset"]
            assert context["item"] == [{"href": HERE + finding.get_absolute_url(), "type": "text/html"}]

    @pytest.mark.parametrize("make", MAKERS)
    def test_a_draft_has_no_linkset_and_a_withdrawn_entry_says_so(self, client, admin_client, make):
        draft = make(status="draft", published_on=None)
        for browser in [client, admin_client]:
            assert browser.get(f"/{draft.code}/linkset.json").status_code == 404
        gone = client.get(f"/{make(**withdrawn()).code}/linkset.json")
        assert (gone.status_code, gone["Content-Type"].split(";")[0]) == (410, "text/plain")

    def test_a_code_in_small_letters_does_too(self, client):
        assert client.get(f"/{make_finding().code.lower()}/linkset.json").status_code == 200


def test_metadata_takes_no_more_queries_for_thirty_works_than_for_three(django_assert_max_num_queries):
    taken = []
    for count in [3, 30]:
        with transaction.atomic():
            with gathered():
                finding = make_finding()
                for _n in range(count):
                    cite(finding, make_source())
            with django_assert_max_num_queries(18) as queries:
                loaded = type(finding).objects.whole().get(pk=finding.pk)
                metadata.PageMetadata(loaded, HERE)
                metadata.dublin_core(loaded, HERE)
            taken.append(len(queries))
            transaction.set_rollback(True)
    assert taken[0] == taken[1]
