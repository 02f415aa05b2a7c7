"""Each page says who says so, how old it is and how sure, and marks what is ours; from what is held, and no more."""

import datetime
import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from findings import provenance
from findings.choices import Stance
from findings.models import ReviewContributor, ReviewSource
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
from tests.wording import wording

pytestmark = pytest.mark.django_db
FIXED_PAGES = ["about", "help", "privacy", "accessibility"]


def text(response):
    return response.content.decode()


def words(response):
    """What a reader sees, without the marks of HTML."""
    main = re.search(r"<main.*</main>", wording(text(response)), re.DOTALL)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def summary():
    """An undated summary of a longer review, with a finding that names a work and one that names none."""
    review = make_review(
        slug="summary", kind_of_text="summary", title="Short and sweet", series="BRIEFS", country="Scotland",
        publisher="A Body", how_to_get_it="Ask a library for it.", bear_in_mind="It is short.\nIt is old.",
        publisher_details="Phone: 0131 496 0000\nWeb: body.example", rights="It belongs to A Body.",
        practice_note="Hints, not rules.",
    )  # fmt: skip
    ReviewContributor.objects.create(review=review, role="compiler", family="Doe", given="Jo")
    longer = make_source([("Kerr", "Una")], title="The long version", issued="1998", issued_is_approximate=True)
    ReviewSource.objects.create(review=review, source=longer, role="summarises")
    naming = make_finding(review=review, heading="It helps", stance="facilitator")
    cite(naming, make_source(issued="1991", study_design="survey"))
    make_finding(review=review, heading="It hinders", theme=naming.theme)
    return review


class TestHome:
    def test_it_promises_only_what_the_data_holds(self, client, summary):
        page = words(client.get("/"))
        assert "What one research review says" in page
        assert "2 findings in plain English, from a research review of about 1998 (Scotland)." in page
        assert "One names the work behind it." in page
        assert "From BRIEFS, an undated summary of a research review of about 1998, Scotland" in page
        assert "What helps: 1 finding " in page and "What gets in the way: 1 " in page
        assert "What it takes" not in page

    def test_where_no_finding_names_a_work_it_says_so(self, client):
        make_finding()
        assert "1 finding in plain English, from an undated research review. None names the work behind it." in words(
            client.get("/")
        )

    def test_several_reviews_are_told_of_together_and_each_in_its_line(self, client, summary):
        make_finding(review=make_review(title="Another", year="2024", country="Wales"))
        page = words(client.get("/"))
        assert "What two research reviews say" in page
        assert "3 findings in plain English, from two research reviews, of about 1998 to 2024." in page
        assert "From BRIEFS" in page and "From Another, a research review of 2024, Wales" in page

    def test_of_many_reviews_it_says_how_many_and_leads_to_them(self, client):
        for n in range(3):
            make_finding(review=make_review(title=f"Review {n}", year=f"200{n}"))
        page = words(client.get("/"))
        assert "from three research reviews, of 2000 to 2002." in page
        assert "From three reviews, in our words." in page

    def test_without_a_finding_it_promises_none(self, client):
        assert "No finding is published yet." in words(client.get("/"))


class TestReview:
    def test_a_summary_is_told_of_in_four_steps_from_its_fields(self, client, summary):
        response = client.get("/reviews/summary/")
        assert [step.name for step in response.context["steps"]] == [
            "The studies", "The longer review", "The summary", "Our wording"
        ]  # fmt: skip
        page = words(response)
        assert "One work is named in the summary, of 1991." in page
        assert "The long version" in page and "Una Kerr, about 1998" in page
        assert "Compiled by Jo Doe, no date" in page
        assert f"{settings.SITE_NAME}, 2020" in page

    def test_a_review_that_is_no_summary_has_three_steps(self, client):
        review = make_review(year="2024", publisher="Gwasg")
        make_finding(review=review)
        response = client.get(review.get_absolute_url())
        assert [step.name for step in response.context["steps"]] == ["The studies", "The review", "Our wording"]
        assert "The review names none of them." in words(response) and "Gwasg, 2024" in words(response)

    def test_it_counts_what_we_took_from_it_and_no_more(self, client):
        review = make_review()
        address = review.get_absolute_url()
        assert "We worked from this." in words(client.get(address)) and "from it" not in words(client.get(address))
        make_finding(review=review)
        assert "We worked from this. 1 finding is from it." in words(client.get(address))
        make_implication(review=review)
        assert "We worked from this. 1 finding and 1 practice point are from it." in words(client.get(address))

    def test_a_large_number_of_works_does_not_look_like_a_year(self):
        studies, *_ = provenance.steps(make_review(), {"count": 1989, "oldest": "1990-05"}, "", "")
        assert studies.text.endswith("1,989 works are named in the review; the oldest is of 1990.")

    def test_of_many_themes_it_names_twelve_and_leads_to_all(self, client):
        review = make_review()
        for n in range(13):
            make_finding(review=review, theme=make_theme(slug=f"theme-{n}", name=f"Theme {n}."))
        page = text(client.get(review.get_absolute_url()))
        assert "Theme 11." in page and "Theme 12." not in page
        assert f'<a href="/map/?review={review.slug}">All 13 themes on the map</a>' in page

    def test_it_says_how_to_get_the_original_and_whose_work_it_is_as_printed(self, client, summary):
        page = words(client.get("/reviews/summary/"))
        for told in ["It is short.", "Ask a library for it.", "It belongs to A Body.", "Phone 0131 496 0000"]:
            assert told in page
        assert "As printed. These details may no longer work." in page
        assert 'id="original"' in text(client.get("/reviews/summary/"))

    def test_what_is_not_filled_in_leaves_no_empty_part(self, client):
        page = words(client.get(make_review().get_absolute_url()))
        for heading in [
            "Whose work it is",
            "What to bear in mind",
            "As printed",
            "Key messages",
            "How it was compiled",
        ]:
            assert heading not in page

    def test_a_note_on_a_key_message_and_its_links_are_marked_as_ours(self, client, summary):
        message = make_key_message(review=summary, note="The evidence has nothing on it.")
        message.findings.set(summary.findings.all())
        page = words(client.get("/reviews/summary/"))
        assert "The evidence has nothing on it. Our note" in page
        assert "2 findings read with it : In short Links ours" in page

    def test_what_has_changed_stands_with_the_message_and_names_its_source(self, client, summary):
        law = make_source(title="Secrets Act 2018", issued="2018", publisher="", authors=())
        make_key_message(review=summary, since_then=f"2018: The law has changed. [{law.code}]")
        assert "2018 The law has changed. Secrets Act 2018" in words(client.get("/reviews/summary/"))


class TestWhoseWords:
    def test_every_list_says_once_from_which_review_its_words_are(self, client, summary):
        finding = summary.findings.first()
        finding.tags.add("tea")
        make_implication([finding], review=summary, element="joint-enterprise")
        for address in [
            "/", "/map/", "/map/?by=practice", "/themes/", "/findings/", "/practice/", "/practice/joint-enterprise/",
            "/tags/tea/", "/search/?q=helps", "/reviews/", finding.theme.get_absolute_url(),
        ]:  # fmt: skip
            assert words(client.get(address)).count("From BRIEFS, an undated summary") == 1, address

    def test_earlier_versions_and_tombstones_say_so_too(self, client, summary):
        finding = summary.findings.first()
        gone = make_finding(review=summary, theme=finding.theme, **withdrawn())
        message = make_key_message(review=summary)
        for address in [
            f"{finding.get_absolute_url()}versions/", f"{finding.get_absolute_url()}versions/1/",
            f"{finding.theme.get_absolute_url()}versions/1/", f"{summary.get_absolute_url()}versions/1/",
            f"/{message.code}v1", gone.get_absolute_url(),
        ]:  # fmt: skip
            assert "From BRIEFS, an undated summary" in words(client.get(address, follow=True)), address
        assert "From BRIEFS" not in words(client.get(f"{make_source().get_absolute_url()}versions/1/"))

    def test_what_was_compared_is_never_called_checked(self, client, summary):
        day = datetime.date(2026, 3, 4)
        finding = make_finding(review=summary, last_checked_on=day, review_due_on=datetime.date(2020, 1, 1))
        point = make_implication([finding], review=summary, last_checked_on=day)
        for address in ["/", finding.get_absolute_url(), point.get_absolute_url()]:
            page = words(client.get(address))
            assert "ompared with" in page and "ast checked" not in page, address


class TestOurs:
    """What we add to a review is marked wherever it stands."""

    def test_links_are_marked_as_ours(self, client, summary):
        finding, other = summary.findings.all()
        for one in [finding, other]:
            one.tags.add("tea")
        point = make_implication([finding], review=summary, questions="Do we?")
        message = make_key_message([finding], review=summary)
        message.implications.add(point)
        elsewhere = make_finding(review=summary, theme=make_theme(name="Elsewhere"))
        elsewhere.tags.add("tea")
        for address, heading, mark in [
            ("/", "More, with 1 finding", "Links ours"),
            ("/reviews/summary/", "read with it", "Links ours"),
            ("/reviews/summary/", "What the six sorts mean", "Ours, not the review’s"),
            ("/about/", "What the six sorts mean", "Ours, not the review’s"),
            (finding.get_absolute_url(), "Practice points that go with it", "Links ours"),
            (finding.get_absolute_url(), "Key message", "Link ours"),
            (finding.get_absolute_url(), "Read alongside", "Chosen by shared links and tags"),
            (finding.get_absolute_url(), "Since then", "Added by us"),
            (finding.theme.get_absolute_url(), "Also about this, in other themes", "Links ours"),
            (point.get_absolute_url(), "From the point to the evidence", "Links ours"),
            (point.get_absolute_url(), "Whose to take up: teams", "Our reading"),
            (point.get_absolute_url(), "Questions for your team", "Ours, not the review’s"),
            (point.get_absolute_url(), "Key message", "Link ours"),
        ]:
            page = words(client.get(address))
            assert re.search(re.escape(heading) + f".{{0,90}}?{mark}", page), (address, heading)

    def test_a_source_that_no_review_cites_is_marked_as_added_by_us(self, client, summary):
        ours, cited = make_source(title="Ours"), summary.findings.first().citations.get().source
        assert "Added by us" in words(client.get(ours.get_absolute_url()))
        assert "Added by us" not in words(client.get(cited.get_absolute_url()))
        longer = summary.review_sources.get().source
        assert "Added by us" not in words(client.get(longer.get_absolute_url()))
        assert text(client.get("/sources/")).count("Added by us") == 1


class TestPracticePoint:
    def test_it_says_who_how_old_and_that_it_is_no_rule(self, client, summary):
        page = words(client.get(make_implication(review=summary).get_absolute_url()))
        assert "Who says so BRIEFS, a summary of a research review, Scotland. In our words." in page
        assert "How old Summary undated; review of about 1998. Not updated since." in page
        assert "How sure Hints, not rules." in page
        page = words(client.get(make_implication(review=make_review()).get_absolute_url()))
        assert "How sure The review makes the point. Which findings go with it is our reading." in page

    @pytest.mark.parametrize(
        ("audience", "told"),
        [
            ("team", "Whose to take up: teams"),
            ("policy", "Whose to take up: those who make policy, fund or employ"),
            ("both", "Whose to take up: teams, and those who make policy, fund or employ"),
        ],
    )
    def test_it_says_whose_it_is_to_take_up(self, client, audience, told):
        assert told in words(client.get(make_implication(audience=audience).get_absolute_url()))

    def test_its_trail_ends_where_no_study_is_named(self, client, summary):
        naming, none = summary.findings.all()
        page = words(client.get(make_implication([naming, none], review=summary).get_absolute_url()))
        trail = page[page.index("From the point to the evidence") : page.index("What the review says, in our words")]
        assert "One practice point, two findings that go with it." in trail
        assert trail.count("No study is named.") == 1 and "Survey" in trail
        assert "review as a whole" not in page

    def test_without_a_finding_it_says_that_we_linked_none(self, client):
        page = words(client.get(make_implication(questions="").get_absolute_url()))
        assert "We have linked no finding to this point." in page
        assert "Questions for your team" not in page

    def test_the_gloss_comes_before_wengers_word(self, client):
        make_implication(element="joint-enterprise")
        for address in ["/", "/practice/", "/practice/joint-enterprise/"]:
            page = words(client.get(address))
            assert page.index("Working to a shared purpose") < page.lower().index("joint enterprise"), address


class TestSource:
    def test_checked_and_unchecked_facts_stand_apart(self, client):
        source = make_source(checked="Title.", unchecked="Volume: as the review prints it.", country="Norway")
        page = words(client.get(source.get_absolute_url()))
        assert "Checked Title. Not checked Volume: as the review prints it." in page
        assert "Country Norway" in page
        page = words(client.get(make_source().get_absolute_url()))
        assert "Checked Nothing is recorded as checked." in page

    def test_it_says_where_our_notes_name_it(self, client):
        source = make_source(title="Later work")
        finding = make_finding(since_then=f"2012: More is known. [{source.code}]")
        make_finding(since_then=f"2012: This names another. [{source.code}1]", status="draft", published_on=None)
        message = make_key_message(since_then=f"2012: More is known. [{source.code}]")
        page = text(client.get(source.get_absolute_url()))
        noted = page[page.index("Named in our notes") : page.index("The full record")]
        assert re.findall(r"code\">(\w+)</span>", noted) == [finding.code, message.code]

    def test_a_title_that_ends_with_its_year_gets_no_second(self):
        law = {"authors": (), "publisher": ""}
        assert make_source(title="Secrets Act 2018", issued="2018", **law).short_citation == "Secrets Act 2018"
        assert make_source(title="Secrets Act 2018", issued="2019", **law).short_citation == "Secrets Act 2018 (2019)"
        assert make_source(title="Secrets", issued="2018", **law).short_citation == "Secrets (2018)"


class TestFixedPages:
    def test_about_says_that_sorts_are_ours_and_gives_no_scores(self, client):
        page = words(client.get("/about/"))
        for stance in Stance:
            assert stance.words.meaning.capitalize()[:20] in page
        assert "We give no scores." in page
        assert "traced to its sources" not in page

    def test_help_says_how_our_words_may_be_reused(self, client):
        page = text(client.get("/help/"))
        reuse = page[page.index('id="reuse"') :].split("<h2")[0]
        assert settings.LICENCE["name"] in reuse and settings.LICENCE["url"] in reuse
        assert "belong to their publishers" in reuse

    @pytest.mark.parametrize("name", FIXED_PAGES)
    def test_no_sentence_is_longer_than_25_words(self, client, name):
        main = re.search(r"<main.*</main>", text(client.get(reverse(name))), re.DOTALL)[0]
        blocks = re.split(r"</?(?:p|li|h\d|dt|dd|ul|ol|div|nav)\b[^>]*>", main)
        sentences = [
            sentence
            for block in blocks
            for sentence in re.split(r"(?<=[.!?:])\s+", " ".join(unescape(re.sub(r"<[^>]+>", "", block)).split()))
        ]
        assert [sentence for sentence in sentences if len(sentence.split()) > 25] == []
