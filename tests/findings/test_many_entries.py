"""With two reviews each entry says of which it is; long pages come in parts, and a box narrows them."""

import pytest

from tests.factories import make_finding, make_implication, make_review, make_term, make_theme
from tests.wording import wording

pytestmark = pytest.mark.django_db


def text(client, address):
    return client.get(address).content.decode()


@pytest.fixture
def two_reviews():
    """A finding and a practice point of each, all under one theme; gives the findings."""
    theme = make_theme(name="Trust")
    findings = []
    for name in ["Day work", "Night work"]:
        review = make_review(title=f"{name} with families", series=name)
        findings.append(make_finding(heading=f"{name} helps", review=review, theme=theme))
        findings[-1].tags.add("shifts")
        make_implication([findings[-1]], heading=f"Plan the {name.lower()}", review=review)
    return findings


class TestTwoReviews:
    @pytest.mark.parametrize("address", ["/findings/", "/tags/shifts/", "/practice/", "/practice/joint-enterprise/"])
    def test_each_row_of_a_list_says_of_which_it_is(self, client, two_reviews, address):
        assert {f"From {name}<" in text(client, address) for name in ["Day work", "Night work"]} == {True}

    def test_the_findings_of_a_theme_and_the_results_of_a_search_say_it_too(self, client, two_reviews):
        for address in [two_reviews[0].theme.get_absolute_url(), "/search/?q=helps", "/search/?q=plan"]:
            assert "From Night work<" in text(client, address), address

    def test_a_list_of_one_review_does_not(self, client, two_reviews):
        assert "From Night work<" not in text(client, f"/findings/?review={two_reviews[1].review.slug}")

    def test_the_way_down_to_an_entry_leads_through_its_review(self, client, two_reviews):
        for entry in [two_reviews[1], two_reviews[1].implications.get()]:
            crumbs = (
                text(client, entry.get_absolute_url()).partition('aria-label="Breadcrumb"')[2].partition("</nav>")[0]
            )
            assert f'<a href="{entry.review.get_absolute_url()}">Night work</a>' in crumbs

    def test_with_one_review_it_leads_through_the_themes_or_the_practice_points(self, client):
        finding = make_finding(review=make_review(series="Alone"))
        for entry, way in [(finding, "Themes"), (make_implication([finding]), "Practice")]:
            crumbs = (
                text(client, entry.get_absolute_url()).partition('aria-label="Breadcrumb"')[2].partition("</nav>")[0]
            )
            assert f">{way}</a>" in crumbs and "Alone" not in crumbs

    def test_the_review_is_the_first_that_can_be_filtered_by(self, client, two_reviews):
        for address in ["/findings/", "/search/?q=helps"]:
            assert client.get(address).context["facets"][0].name == "review"

    @pytest.mark.parametrize("address", ["/findings/?show=all", "/practice/", "/search/?q=helps", "/themes/"])
    def test_it_takes_no_more_queries_for_more_entries(
        self, client, two_reviews, address, django_assert_max_num_queries
    ):
        theme = two_reviews[0].theme

        def more(number):
            for _ in range(number):
                for finding in two_reviews:
                    another = make_finding(heading="It helps", review=finding.review, theme=theme)
                    make_implication([another], review=finding.review)

        more(2)
        client.get(address)
        with django_assert_max_num_queries(40) as few:
            client.get(address)
        number = len(few)
        more(13)
        client.get(address)  # which brings the search index up to date
        with django_assert_max_num_queries(number):
            client.get(address)


class TestManyPracticePoints:
    @pytest.fixture
    def points(self):
        return [make_implication(heading=f"Point {i:02}", summary=f"Do {i:02} soon.") for i in range(1, 32)]

    def test_a_group_shows_its_first_and_leads_to_all(self, client, points):
        page = text(client, "/practice/")
        assert "Point 05<" in page and "Point 06<" not in page
        assert "All 31 points" in page
        element = text(client, "/practice/joint-enterprise/")
        assert "Point 20<" in element and "Point 21<" not in element
        assert "Point 31<" in text(client, "/practice/joint-enterprise/?page=2")

    def test_words_narrow_them_and_stay_in_the_box(self, client, points):
        for address in ["/practice/", "/practice/joint-enterprise/"]:
            page = text(client, f"{address}?q=soon+29")
            assert "Point 29<" in page and "Point 01<" not in page
            assert 'value="soon 29"' in page

    def test_what_nothing_has_is_said(self, client, points):
        assert "None of this group has “xylophone”." in text(client, "/practice/?q=xylophone")

    @pytest.mark.parametrize("typed", ["%00", "%25", "_", "a" * 5000, "%3Cb%3E", "+" * 50])
    def test_anything_can_be_typed(self, client, points, typed):
        for address in ["/practice/", "/practice/joint-enterprise/", "/glossary/"]:
            response = client.get(f"{address}?q={typed}")
            assert response.status_code == 200
            assert "<b>” " not in response.content.decode()

    def test_a_few_stand_on_the_page_without_a_box(self, client):
        make_implication(heading="Alone")
        assert 'id="narrow"' not in text(client, "/practice/")
        assert 'id="narrow"' not in text(client, "/practice/joint-enterprise/")


class TestGlossary:
    def test_words_narrow_it_by_any_name_of_a_term(self, client):
        make_term("Co-location", also_called=["Hot desking"])
        make_term("Trust")
        page = text(client, "/glossary/?q=HOT")
        assert "What Co-location means" in wording(page)
        assert "What Trust means" not in page
        assert "1 term with “HOT”" in page
        assert "No term has these words." in text(client, "/glossary/?q=xylophone")


class TestManyThemes:
    def test_they_come_in_pages_with_less_of_each(self, client):
        for i in range(1, 14):
            theme = make_theme(name=f"Theme {i:02}")
            for _ in range(4 if i == 1 else 1):
                make_finding(theme=theme)
        page = text(client, "/themes/")
        assert "Theme 12<" in page and "Theme 13<" not in page
        assert "All 4 findings" in page
        assert "Theme 13<" in text(client, "/themes/?page=2")
        assert "There is no page “9” in this list" in text(client, "/themes/?page=9")
