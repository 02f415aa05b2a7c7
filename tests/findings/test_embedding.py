"""A finding on other people's pages: the card, and oEmbed as WordPress reads it."""

import re
from urllib.parse import quote
from xml.etree import ElementTree

import html5lib
import pytest

from findings import provenance
from tests.factories import make_finding, make_review, make_theme, withdrawn

pytestmark = pytest.mark.django_db

HERE = "http://testserver"


def text(response):
    return response.content.decode()


def card_of(finding):
    return f"{finding.get_absolute_url()}embed/"


class TestCard:
    def test_it_says_the_finding_and_how_to_reach_it(self, client):
        finding = make_finding(heading="It <helps>", bottom_line="In one line.", stance="facilitator")
        page = html5lib.parse(text(client.get(card_of(finding))), namespaceHTMLElements=False)
        words = " ".join(page.find("body").itertext())
        for part in [
            "Helps",
            finding.code,
            "It <helps>",
            "In one line.",
            "Version 1, 2 January 2020",
            provenance.line(finding.review),
            "No study is named in the review.",
            "CC BY 4.0",
        ]:
            assert part in words
        assert f"{HERE}/{finding.code}" in words
        link = page.find(".//h1/a")
        assert link.get("href") == HERE + finding.get_absolute_url()
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")

    def test_it_alone_may_be_framed(self, client):
        finding = make_finding()
        card = client.get(card_of(finding))
        assert "X-Frame-Options" not in card
        assert card["Content-Security-Policy"].split("; ").count("frame-ancestors *") == 1
        for path in [finding.get_absolute_url(), "/findings/none/embed/", "/", "/oembed", "/admin/login/"]:
            response = client.get(path)
            assert response["X-Frame-Options"] == "DENY", path
            assert "frame-ancestors 'none'" in response["Content-Security-Policy"], path

    def test_it_has_no_cookie_and_no_script_and_asks_not_to_be_indexed(self, client):
        response = client.get(card_of(make_finding()))
        assert response.cookies == {}
        page = html5lib.parse(text(response), namespaceHTMLElements=False)
        assert list(page.iter("script")) == []
        assert [tag.get("content") for tag in page.iter("meta") if tag.get("name") == "robots"] == ["noindex"]

    def test_every_link_leaves_the_frame_safely(self, client):
        page = html5lib.parse(text(client.get(card_of(make_finding()))), namespaceHTMLElements=False)
        for link in page.iter("a"):
            assert link.get("target") == "_blank" and "noopener" in link.get("rel").split()
            assert link.get("href").startswith(HERE) or "license" in link.get("rel").split()

    def test_a_withdrawn_finding_says_so_and_what_to_use(self, client):
        other = make_finding(heading="Use this")
        finding = make_finding(bottom_line="No longer so.", **withdrawn(replaced_by=other))
        response = client.get(card_of(finding))
        assert response.status_code == 410
        assert "X-Frame-Options" not in response
        page = text(response)
        assert "Withdrawn 4 March 2021" in page
        assert "It claimed too much." in page
        assert other.get_absolute_url() in page
        assert "No longer so." not in page

    def test_a_withdrawn_finding_does_not_name_a_replacement_that_is_a_draft(self, client):
        draft = make_finding(heading="Not yet out", status="draft", published_on=None)
        assert "Not yet out" not in text(client.get(card_of(make_finding(**withdrawn(replaced_by=draft)))))

    def test_an_earlier_address_moves_for_good(self, client):
        finding = make_finding()
        before = card_of(finding)
        finding.slug = "moved"
        finding.save()
        response = client.get(before)
        assert (response.status_code, response["Location"]) == (301, "/findings/moved/embed/")

    def test_a_draft_is_not_found_by_the_public(self, client):
        assert client.get(card_of(make_finding(status="draft", published_on=None))).status_code == 404

    def test_it_takes_few_queries(self, client, django_assert_max_num_queries):
        finding = make_finding()
        with django_assert_max_num_queries(7):
            client.get(card_of(finding))

    def test_the_finding_page_has_the_code_to_copy(self, client):
        finding = make_finding(heading='“Quotes” & "signs"')
        page = html5lib.parse(text(client.get(finding.get_absolute_url())), namespaceHTMLElements=False)
        code = next(element for element in page.iter("p") if element.get("id") == "embed-text").text
        frame = html5lib.parseFragment(code, namespaceHTMLElements=False).find("iframe")
        assert frame.get("src") == HERE + card_of(finding)
        assert frame.get("title") == f'Joined-up, finding {finding.code}: “Quotes” & "signs" (A review, review)'

    def test_a_draft_offers_no_code(self, admin_client):
        finding = make_finding(status="draft", published_on=None)
        assert "embed-text" not in text(admin_client.get(finding.get_absolute_url()))


def ask(client, url, **more):
    return client.get("/oembed", {"url": url, **more})


class TestOEmbed:
    def test_it_answers_to_page_code_card_and_earlier_address(self, client):
        finding = make_finding(slug="before")
        finding.slug = "now"
        finding.save()
        paths = [
            "/findings/now/",
            "/findings/now",
            "/findings/now/?utm=1#evidence",
            "/findings/now/embed/",
            "/findings/before/",
            f"/{finding.code}",
            f"/{finding.code.lower()}",
        ]
        for path in paths:
            reply = ask(client, HERE + path)
            assert reply.status_code == 200, path
            assert "/findings/now/embed/" in reply.json()["html"], path
        assert ask(client, "https://testserver/findings/now/").status_code == 200

    def test_a_reply_has_what_the_kind_rich_needs(self, client):
        finding = make_finding(heading="It helps", review=make_review(year="2007"))
        reply = ask(client, f"{HERE}/{finding.code}").json()
        assert (reply["version"], reply["type"], reply["title"]) == (
            "1.0",
            "rich",
            "It helps (A review, review of 2007)",
        )
        assert (reply["width"], reply["height"]) == (600, 380)
        assert reply["provider_name"] == "Joined-up"

    def test_wordpress_keeps_the_frame(self, client):
        """wp_filter_oembed_result: a frame whose tags stand together, with these attributes and no other."""
        html = ask(client, f"{HERE}/{make_finding(heading='A > B').code}").json()["html"]
        assert re.search(r"<iframe.*?></iframe>", html, re.S)
        assert "<blockquote" not in html
        frame = html5lib.parseFragment(html, namespaceHTMLElements=False).find("iframe")
        assert set(frame.attrib) == {"src", "title", "width", "height"}

    def test_wordpress_discovers_it_on_the_finding_page(self, client):
        """WP_oEmbed::discover reads the first 150 KB up to </head>, and links without angle brackets in them."""
        finding = make_finding(heading='A <b> & "c"')
        head = client.get(finding.get_absolute_url()).content[: 150 * 1024].decode().split("</head>")[0]
        links = [link for link in re.findall(r"<link([^<>]+)/?>", head) if "application/json+oembed" in link]
        assert len(links) == 1
        address = re.search(r'href="([^"]+)"', links[0])[1].replace("&amp;", "&")
        reply = client.get(address.removeprefix(HERE))
        assert reply["Content-Type"] == "application/json"
        assert reply.json()["title"] == 'A <b> & "c" (A review, review)'

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ({"maxwidth": "300"}, (300, 660)),
            ({"maxwidth": "1000", "maxheight": "1000"}, (600, 380)),
            ({"maxheight": "100"}, (600, 100)),
            ({"maxwidth": "1", "maxheight": "1"}, (1, 1)),
            ({"maxwidth": "9" * 5000}, (600, 380)),
            ({"maxwidth": "", "maxheight": ""}, (600, 380)),
        ],
    )
    def test_it_keeps_within_the_size_that_is_asked_for(self, client, asked, given):
        reply = ask(client, f"{HERE}/{make_finding().code}", **asked).json()
        assert (reply["width"], reply["height"]) == given
        assert f'width="{given[0]}" height="{given[1]}"' in reply["html"]

    @pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "²", "00", " "])
    def test_a_size_that_is_none_is_a_bad_request(self, client, value):
        for name in ["maxwidth", "maxheight"]:
            response = ask(client, f"{HERE}/{make_finding().code}", **{name: value})
            assert response.status_code == 400
            assert "whole numbers" in text(response)

    def test_xml_says_the_same(self, client):
        finding = make_finding(heading="A & B <c>")
        response = ask(client, f"{HERE}/{finding.code}", format="xml")
        assert response["Content-Type"].startswith("text/xml")
        told = {element.tag: element.text for element in ElementTree.fromstring(response.content)}
        reply = ask(client, f"{HERE}/{finding.code}").json()
        assert told == {name: str(value) for name, value in reply.items()}

    def test_an_unknown_format_is_not_implemented(self, client):
        assert ask(client, f"{HERE}/{make_finding().code}", format="yaml").status_code == 501

    def test_without_an_address_it_is_a_bad_request(self, client):
        assert client.get("/oembed").status_code == 400

    def test_anything_else_is_not_found(self, client):
        finding = make_finding(slug="here")
        draft = make_finding(status="draft", published_on=None)
        gone = make_finding(**withdrawn())
        theme = make_theme()
        for address in [
            f"https://elsewhere.example/{finding.code}",
            f"ftp://testserver/{finding.code}",
            f"http://testserver.example.org/{finding.code}",
            f"/{finding.code}",
            f"{HERE}/",
            f"{HERE}/findings/",
            f"{HERE}/findings/none/",
            f"{HERE}/findings/here/versions/",
            f"{HERE}{theme.get_absolute_url()}",
            f"{HERE}/{theme.code}",
            f"{HERE}/{draft.code}",
            HERE + draft.get_absolute_url(),
            f"{HERE}/{gone.code}",
            HERE + gone.get_absolute_url(),
            f"{HERE}/findings/%00/",
            f"{HERE}/F99999999999",
            "http://[",
            "x" * 5000,
            "http://testserver:port/F1",
        ]:
            assert ask(client, address).status_code == 404, address

    def test_staff_get_no_more_of_a_draft_than_the_public(self, admin_client):
        draft = make_finding(status="draft", published_on=None)
        assert ask(admin_client, HERE + draft.get_absolute_url()).status_code == 404

    def test_pages_elsewhere_may_read_every_answer(self, client):
        finding = make_finding()
        for query in [f"url={quote(HERE)}/{finding.code}", "", "url=x", f"url={quote(HERE)}/F1&format=yaml"]:
            assert client.get(f"/oembed?{query}")["Access-Control-Allow-Origin"] == "*"

    def test_addresses_are_those_of_the_site_where_that_is_set(self, client, settings):
        settings.SITE_URL = "https://www.example.org"
        finding = make_finding()
        reply = ask(client, f"https://www.example.org/{finding.code}").json()
        assert f'src="https://www.example.org{card_of(finding)}"' in reply["html"]
