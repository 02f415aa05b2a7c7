"""Readers narrow the list of sources, sort it, and search in it."""

import html5lib
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from sources.models import Contributor
from tests.factories import cite, make_finding, make_source

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
ADDRESS = "/sources/"


def listed(client, **params):
    """The titles on the page, in order."""
    page = html5lib.parse(client.get(ADDRESS, params).content.decode(), namespaceHTMLElements=False)
    return ["".join(title.itertext()) for title in page.iter("h3") if title.get("class") == "row-title"]


def options(client, **params):
    """{(facet, value): (count, whether it is ticked)} beside the list."""
    page = html5lib.parse(client.get(ADDRESS, params).content.decode(), namespaceHTMLElements=False)
    found = {}
    for label in page.iter("label"):
        for box in label.iter("input"):
            count = next(span for span in label.iter("span") if span.get("class") == "n")
            found[box.get("name"), box.get("value")] = int(count.text), box.get("checked") is not None
    return found


@pytest.fixture
def works():
    survey = make_source(
        title="Counting visits", csl_type="article-journal", study_design="survey", issued="2004", doi="10.1000/visits"
    )
    theory = make_source(title="Thinking about teams", csl_type="book", study_design="theory", issued="1998-05")
    report = make_source(
        title="Reporting together", csl_type="report", study_design="survey", issued="", url="https://example.org/r"
    )
    for source, family in [(survey, "Müller"), (survey, "Jones"), (theory, "Adams")]:
        source.contributors.filter(family="Hudson").delete()
        place = source.contributors.count() + 1
        Contributor.objects.create(source=source, family=family, order=place)
    return survey, theory, report


class TestFacets:
    @pytest.mark.parametrize(
        ("params", "titles"),
        [
            ({"type": "article-journal"}, ["Counting visits"]),
            ({"type": ["book", "report"]}, ["Thinking about teams", "Reporting together"]),
            ({"type": "article"}, ["Counting visits"]),
            ({"type": "other"}, ["Thinking about teams", "Reporting together"]),
            ({"design": "survey"}, ["Counting visits", "Reporting together"]),
            ({"design": "survey", "type": "report"}, ["Reporting together"]),
            ({"year": "199"}, ["Thinking about teams"]),
            ({"year": "none"}, ["Reporting together"]),
            ({"access": "online"}, ["Reporting together"]),
            ({"access": ["publisher", "library"]}, ["Counting visits", "Thinking about teams"]),
            ({"design": "theory", "year": "200"}, []),
        ],
    )
    def test_values_of_one_facet_add_up_and_facets_narrow_each_other(self, client, works, params, titles):
        assert listed(client, **params) == titles

    def test_an_option_says_how_many_it_would_find_under_the_other_facets(self, client, works):
        found = options(client, design="survey")
        assert found["design", "survey"] == (2, True)
        assert found["design", "theory"] == (1, False)
        assert found["type", "article-journal"] == (1, False)
        assert ("type", "book") not in found
        assert found["year", "none"] == (1, False)

    def test_drafts_and_withdrawn_works_are_neither_listed_nor_counted(self, client, works):
        make_source(title="Not yet", status="draft", published_on=None, study_design="survey")
        assert "Not yet" not in listed(client)
        assert options(client)["design", "survey"] == (2, False)

    @pytest.mark.parametrize(
        "params", [{"type": "map"}, {"design": "guess"}, {"year": "20x4"}, {"access": "\0"}, {"sort": "x"}]
    )
    def test_what_is_no_choice_is_left_out_and_told(self, client, works, params):
        response = client.get(ADDRESS, params)
        assert response.status_code == 200
        assert len(listed(client, **params)) == 3
        assert "left out" in response.content.decode() or "cannot be sorted" in response.content.decode()

    def test_a_chosen_filter_can_be_taken_away_alone(self, client, works):
        for params in [{"type": "other", "q": "t"}, {"design": ["survey", "theory"], "sort": "title"}]:
            page = html5lib.parse(client.get(ADDRESS, params).content.decode(), namespaceHTMLElements=False)
            chips = [link.get("href") for link in page.iter("a") if link.get("class") == "chip"]
            assert len(chips) == 2
            for address in chips:
                [kept] = [
                    ticked for ticked, (_, is_ticked) in options(client, **query_of(address)).items() if is_ticked
                ]
                assert kept[1] not in ("other", "article")


def query_of(address):
    return dict(QueryDict(address.partition("?")[2]).lists())


class TestSorting:
    @pytest.mark.parametrize(
        ("sort", "titles"),
        [
            ("code", ["Counting visits", "Thinking about teams", "Reporting together"]),
            ("title", ["Counting visits", "Reporting together", "Thinking about teams"]),
            ("newest", ["Counting visits", "Thinking about teams", "Reporting together"]),
            ("oldest", ["Thinking about teams", "Counting visits", "Reporting together"]),
        ],
    )
    def test_the_list_stands_in_the_order_that_is_asked_for(self, client, works, sort, titles):
        assert listed(client, sort=sort) == titles

    def test_by_author_it_goes_by_whom_the_reference_begins_with(self, client, works):
        report = works[2]
        report.contributors.all().delete()
        Contributor.objects.create(source=report, literal="Zeta Trust", role="editor")
        Contributor.objects.create(source=report, literal="Beta Office", role="author")
        assert listed(client, sort="author") == ["Thinking about teams", "Reporting together", "Counting visits"]

    def test_by_citations_the_most_cited_comes_first(self, client, works):
        _, theory, report = works
        for _n in range(2):
            cite(make_finding(), theory)
        cite(make_finding(), report)
        assert listed(client, sort="cited")[:2] == ["Thinking about teams", "Reporting together"]


class TestSearch:
    @pytest.mark.parametrize(
        "typed",
        [
            "counting",
            "VISITS",
            "muller",
            "Müller Jones",
            "jones 2004",
            "10.1000/visits",
            "“counting”",
            "counting-visits",
        ],
    )
    def test_words_may_stand_in_any_part_of_the_record(self, client, works, typed):
        found = listed(
            client, q=typed.replace("“", '"').replace("”", '"').replace("counting-visits", "counting visits")
        )
        assert found == ["Counting visits"]

    def test_a_code_finds_its_work(self, client, works):
        assert works[1].title in listed(client, q=works[1].code)

    def test_facets_count_what_was_found(self, client, works):
        assert ("design", "survey") not in options(client, q="teams")

    def test_nothing_found_offers_the_way_back_and_the_whole_site(self, client, works):
        text = client.get(ADDRESS, {"q": "kite & <string>"}).content.decode()
        assert "No source fits" in text
        assert "/search/?q=kite%20%26%20%3Cstring%3E" in text

    @pytest.mark.parametrize("typed", ["\0", "%", "_", "[", "(", "\\", "a" * 5000, '"', "É" * 300])
    def test_no_text_breaks_the_page(self, client, works, typed):
        assert client.get(ADDRESS, {"q": typed}).status_code == 200


def test_files_hold_what_the_list_shows_in_its_order(client, works):
    text = client.get(ADDRESS, {"design": "survey", "sort": "title", "format": "ris"}).content.decode()
    assert [line[6:] for line in text.splitlines() if line.startswith("TI  - ")] == [
        "Counting visits",
        "Reporting together",
    ]


def test_the_list_takes_as_many_queries_for_thirty_works_as_for_three(client):
    counts = []
    for more in (3, 27):
        for _n in range(more):
            cite(make_finding(), make_source(study_design="survey", issued="2004"))
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS, {"design": "survey", "sort": "author", "q": "a"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


class TestSignposting:
    def test_a_source_page_says_in_head_and_header_where_its_records_are(self, client, works):
        survey = works[0]
        response = client.get(survey.get_absolute_url())
        head = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)[0]
        links = {(link.get("rel"), link.get("href")) for link in head.iter("link")}
        assert ("canonical", f"http://testserver{survey.get_absolute_url()}") in links
        for rel, address in [
            ("cite-as", f"http://testserver/{survey.code}"),
            ("type", "https://schema.org/AboutPage"),
            ("type", "https://schema.org/ScholarlyArticle"),
            ("describedby", f"http://testserver/{survey.code}.ris"),
            ("related", "https://doi.org/10.1000/visits"),
            ("linkset", f"http://testserver/{survey.code}/linkset.json"),
        ]:
            assert (rel, address) in links
            assert f'<{address}>; rel="{rel}"' in response["Link"]

    def test_its_linkset_leads_back_from_the_records(self, client, works):
        survey = works[0]
        context, *back = client.get(f"/{survey.code}/linkset.json").json()["linkset"]
        assert context["anchor"] == f"http://testserver{survey.get_absolute_url()}"
        assert {link["anchor"] for link in back} == {target["href"] for target in context["describedby"]}

    def test_a_draft_says_nothing_to_machines(self, admin_client):
        draft = make_source(status="draft", published_on=None)
        response = admin_client.get(draft.get_absolute_url())
        assert response.status_code == 200
        assert not response.has_header("Link")
        assert admin_client.get(f"/{draft.code}/linkset.json").status_code == 404


def test_a_name_of_a_fact_stands_once_however_many_people_have_the_role(client):
    source = make_source()
    source.contributors.all().delete()
    for order, (role, family) in enumerate([("author", "Adams"), ("author", "Brown"), ("editor", "Clark")], 1):
        Contributor.objects.create(source=source, role=role, family=family, order=order)
    page = html5lib.parse(client.get(source.get_absolute_url()).content.decode(), namespaceHTMLElements=False)
    for facts in page.iter("dl"):
        names = [name.text for name in facts.iter("dt")]
        assert len(names) == len(set(names))
    assert {"Adams", "Brown", "Clark"} <= {fact.text for fact in page.iter("dd")}
