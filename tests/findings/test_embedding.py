"""A finding on other people's pages: the card, and oEmbed as WordPress reads it."""

import re
from urllib.parse import quote
from xml.etree import ElementTree

import html5lib
import pytest

from findings import provenance
from findings.embedding import Card
from tests.factories import make_finding, make_implication, make_key_message, make_review, make_theme, withdrawn
from tests.wording import wording

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
        assert f"testserver/{finding.code}" in "".join(page.find("body").itertext())
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
        page = html5lib.parse(wording(text(client.get(finding.get_absolute_url()))), namespaceHTMLElements=False)
        code = next(element for element in page.iter("p") if element.get("id") == f"embed-text-{finding.code}").text
        frame = html5lib.parseFragment(code, namespaceHTMLElements=False).find(".//iframe")
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
        assert reply["width"] == 600 and 200 < reply["height"] < 400
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
            ({"maxwidth": "1000", "maxheight": "1000"}, (600, None)),
            ({"maxheight": "100"}, (600, 100)),
            ({"maxwidth": "1", "maxheight": "1"}, (1, 1)),
            ({"maxwidth": "9" * 5000}, (600, None)),
            ({"maxwidth": "", "maxheight": ""}, (600, None)),
        ],
    )
    def test_it_keeps_within_the_size_that_is_asked_for(self, client, asked, given):
        finding = make_finding()
        width, height = given[0], given[1] or Card(finding).height(600)
        reply = ask(client, f"{HERE}/{finding.code}", **asked).json()
        assert (reply["width"], reply["height"]) == (width, height)
        assert f'width="{width}" height="{height}"' in reply["html"]

    def test_a_narrow_or_a_longer_card_is_higher(self, client):
        short, long = make_finding(bottom_line="So."), make_finding(bottom_line="So it is said. " * 30)

        def height(finding, width):
            return ask(client, f"{HERE}/{finding.code}", maxwidth=width).json()["height"]

        assert height(short, 600) < height(short, 320) < height(long, 320)
        assert height(long, 600) < height(long, 320)

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


class TestOtherKinds:
    """Practice points and key messages have a card and oEmbed too."""

    @pytest.fixture(params=[make_implication, make_key_message])
    def entry(self, request):
        return request.param([make_finding()], heading="Share a base")

    def test_the_card_says_what_kind_it_is_and_can_be_framed(self, client, entry):
        response = client.get(Card(entry).path)
        assert response.status_code == 200 and "X-Frame-Options" not in response and response.cookies == {}
        for words in [entry.kind.capitalize(), entry.code, "Share a base", Card(entry).in_short]:
            assert words in text(response)
        assert "<script" not in text(response)

    def test_oembed_knows_its_page_its_code_and_its_card(self, client, entry):
        for address in [entry.get_absolute_url(), f"/{entry.code}", Card(entry).path]:
            reply = ask(client, HERE + address)
            assert reply.status_code == 200, address
            assert f'src="{HERE}{Card(entry).path}"' in reply.json()["html"]

    def test_its_page_has_the_code_to_copy(self, client, entry):
        page = text(client.get(entry.get_absolute_url()))
        assert f'id="embed-text-{entry.code}"' in page

    def test_a_withdrawn_one_says_so_and_oembed_knows_it_no_more(self, client, entry):
        path = Card(entry).path
        type(entry).objects.filter(pk=entry.pk).update(**withdrawn())
        response = client.get(path)
        assert response.status_code == 410
        assert f"We no longer stand by this {entry.kind}" in text(response)
        assert ask(client, f"{HERE}/{entry.code}").status_code == 404

    def test_what_is_not_public_is_not_found(self, client, entry):
        path = Card(entry).path
        type(entry).objects.filter(pk=entry.pk).update(status="draft", published_on=None)
        assert client.get(path).status_code == 404
        assert ask(client, f"{HERE}/{entry.code}").status_code == 404

    def test_a_message_of_a_hidden_or_another_review_is_not_found(self, client):
        hidden = make_key_message(review=make_review(status="draft", published_on=None))
        shown = make_key_message(review=make_review(slug="here"))
        other = make_review(slug="elsewhere")
        for path in [
            Card(hidden).path,
            f"/reviews/{other.slug}/{shown.code}/embed/",
            f"/reviews/{shown.review.slug}/F1/embed/",
            f"/reviews/{shown.review.slug}/nonsense/embed/",
        ]:
            assert client.get(path).status_code == 404, path
        assert ask(client, f"{HERE}/{hidden.code}").status_code == 404
        assert ask(client, f"{HERE}/reviews/here/").status_code == 404
