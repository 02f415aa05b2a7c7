"""unAPI, by which reference managers take whole records from a page."""

import re
from html import escape
from xml.etree import ElementTree

import html5lib
import pytest

from sources.bibliography.formats import parse
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)

pytestmark = pytest.mark.django_db

MAKERS = [make_finding, make_theme, make_review, make_implication, make_key_message, make_source]


def formats_of(response):
    root = ElementTree.fromstring(response.content)
    assert root.tag == "formats"
    return root.get("id"), {format.get("name"): format.get("type") for format in root}


def ids_on(client, path):
    page = html5lib.parse(client.get(path).content.decode(), namespaceHTMLElements=False)
    servers = [link.get("href") for link in page.iter("link") if link.get("rel") == "unapi-server"]
    assert servers == ["http://testserver/unapi"]
    return [abbr.get("title") for abbr in page.iter("abbr") if abbr.get("class") == "unapi-id"]


class TestServer:
    def test_it_lists_formats_for_all(self, client):
        response = client.get("/unapi")
        assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
        assert formats_of(response) == (
            None,
            {
                "ris": "application/x-research-info-systems",
                "bibtex": "application/x-bibtex",
                "csl-json": "application/vnd.citationstyles.csl+json",
            },
        )

    @pytest.mark.parametrize("make", MAKERS)
    def test_it_lists_formats_for_an_entry_and_gives_each(self, client, make):
        entry = make()
        response = client.get("/unapi", {"id": entry.code})
        assert response.status_code == 300
        code, formats = formats_of(response)
        assert code == entry.code
        for name, media_type in formats.items():
            record = client.get("/unapi", {"id": entry.code, "format": name})
            assert record.status_code == 200
            assert record["Content-Type"].split(";")[0] == media_type
            [read] = parse(record.content).records
            assert read.title == str(entry)

    def test_a_source_comes_as_what_it_is_with_its_tags(self, client):
        source = make_source(title="A work", csl_type="report", publisher="A department")
        source.tags.add("trust")
        [read] = parse(client.get("/unapi", {"id": source.code.lower(), "format": "ris"}).content).records
        assert (read.csl_type, read.publisher, read.keywords) == ("report", "A department", ("trust",))

    @pytest.mark.parametrize("code", ["F999", "X1", "F0", "abc", "F" + "9" * 50, "\x00", "²", "F1 "])
    def test_an_unknown_entry_is_not_found(self, client, code):
        for query in [{"id": code}, {"id": code, "format": "ris"}]:
            assert client.get("/unapi", query).status_code == 404

    def test_a_draft_is_not_found_and_a_withdrawn_entry_says_so(self, client):
        draft = make_finding(status="draft", published_on=None)
        assert client.get("/unapi", {"id": draft.code, "format": "ris"}).status_code == 404
        gone = client.get("/unapi", {"id": make_finding(**withdrawn()).code, "format": "ris"})
        assert gone.status_code == 410
        assert "withdrawn on 4 March 2021" in gone.content.decode()

    def test_an_unknown_format_is_not_acceptable_and_says_which_there_are(self, client):
        response = client.get("/unapi", {"id": make_finding().code, "format": "marc"})
        assert response.status_code == 406
        assert "ris, bibtex, csl-json" in response.content.decode()

    def test_a_format_without_an_entry_is_a_bad_request(self, client):
        assert client.get("/unapi", {"format": "ris"}).status_code == 400


class TestPages:
    @pytest.fixture
    def entries(self):
        review, theme, source = make_review(slug="review"), make_theme(slug="theme"), make_source()
        findings = [make_finding(review=review, theme=theme, stance="barrier") for _ in range(3)]
        for finding in findings:
            cite(finding, source)
            finding.tags.add("trust")
        points = [make_implication(findings), make_implication(findings)]
        return review, theme, source, findings, points

    def test_the_page_of_one_entry_names_it_alone(self, client, entries):
        _, _, source, findings, points = entries
        for entry in [source, findings[0], points[0]]:
            assert ids_on(client, entry.get_absolute_url()) == [entry.code]

    def test_lists_name_every_entry_in_them(self, client, entries):
        review, theme, source, findings, points = entries
        codes = [finding.code for finding in findings]
        assert ids_on(client, "/findings/") == codes
        assert ids_on(client, theme.get_absolute_url()) == [theme.code, *codes]
        assert ids_on(client, review.get_absolute_url()) == [review.code, *codes]
        assert ids_on(client, "/tags/trust/") == codes
        assert ids_on(client, "/sources/") == [source.code]
        assert ids_on(client, "/practice/") == [point.code for point in points]
        assert ids_on(client, "/practice/joint-enterprise/") == [point.code for point in points]
        assert set(ids_on(client, "/search/?q=something")) == set(codes)

    def test_what_is_named_can_be_had(self, client, entries):
        for code in ids_on(client, entries[1].get_absolute_url()):
            assert re.match(rb"TY  - ", client.get("/unapi", {"id": code, "format": "ris"}).content)


@pytest.mark.parametrize("address", ["/reading-list/", "/reading-list/handout/"])
def test_a_reading_list_and_its_handout_offer_their_entries_one_by_one(client, address):
    finding, point, source, gone = make_finding(), make_implication(), make_source(), make_finding(**withdrawn())
    items = ",".join(entry.code for entry in [point, finding, gone, source])
    assert sorted(ids_on(client, f"{address}?items={items}")) == sorted([point.code, finding.code, source.code])
    page = client.get(f"{address}?items={items}").content.decode()
    assert re.findall(r'class="Z3988" title="([^"]+)"', page) == [escape(source.coins)]
