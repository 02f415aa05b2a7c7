"""What a reader gets at each address."""

import csv
import datetime
import re
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from curation.changelog import gathered
from findings import related
from findings.choices import Stance
from findings.models import Finding, KeyMessage, ReviewSource
from findings.related import related_to
from findings.views import FINDINGS_A_SIDE
from joinedup import __version__
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
    withdrawn,
)
from tests.wording import wording

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def populate(count):
    """`count` of everything, all of it linked to everything else that a page lists."""
    source = make_source(slug="source")
    note = {"since_then": f"2018: The law has changed. [{source.code}]"}
    review = make_review(slug="review", kind_of_text="summary", **note)
    ReviewSource.objects.create(review=review, source=make_source(), role="summarises")
    theme = make_theme(slug="theme", **note)
    findings = [make_finding(review=review, theme=theme, slug=f"finding-of-{n}", **note) for n in range(count)]
    stances = ["barrier", "facilitator", "mixed", "context"]
    for n, finding in enumerate(findings):
        finding.stance = stances[n % 4]
        finding.save()
        finding.tags.add("trust", f"tag {n}")
        cite(finding, source)
        cite(finding, make_source(study_design="survey"))
        make_theme()
        make_review()
        make_term(f"Word {n}", also_called=[f"other {n}"])
    for element in ["mutual-engagement", "joint-enterprise", "shared-repertoire"]:
        for _n in range(count):
            make_implication(findings, review=review, element=element, **note).tags.add("trust")
    make_implication(findings, review=review, element="joint-enterprise", slug="implication", **note)
    for _n in range(count):
        make_key_message(findings, review=review, **note)


LISTS = [
    "/",
    "/reviews/",
    "/reviews/review/",
    "/themes/",
    "/themes/theme/",
    "/findings/",
    "/findings/?show=all&theme=theme&tag=trust&source=source&stance=barrier&element=joint-enterprise&basis=named-source",
    "/findings/finding-of-1/",
    "/practice/",
    "/practice/joint-enterprise/",
    "/practice/joint-enterprise/implication/",
    "/sources/",
    "/sources/?type=other",
    "/sources/source/",
    "/tags/trust/",
    "/map/",
    "/map/?by=practice",
    "/glossary/",
]


@pytest.mark.databases
class TestQueryBudget:
    """Every page takes the same number of queries for 3 rows as for 30, and none more than 21."""

    def test_three_rows_and_thirty(self, client, django_assert_max_num_queries):
        taken = {}
        for count in [3, 30]:
            with transaction.atomic():
                with gathered():
                    populate(count)
                for address in LISTS:
                    with django_assert_max_num_queries(21, info=address) as queries:
                        assert client.get(address).status_code == 200
                    taken.setdefault(address, []).append(len(queries))
                transaction.set_rollback(True)
        assert {address for address, (three, thirty) in taken.items() if three != thirty} == set()


@pytest.mark.databases
class TestBadInput:
    VALUES = [
        "bogus",
        "0",
        "-1",
        "abc",
        "10" * 5,
        "9" * 5000,
        "x" * 10_000,
        "%00",
        "%FF%FE",
        "%C3%28",
        "%F0%9F%92%A9",
        "²",
        "'\"<b>",
    ]
    PARAMETERS = [
        "page",
        "theme",
        "stance",
        "element",
        "basis",
        "tag",
        "source",
        "review",
        "sort",
        "show",
        "by",
        "type",
        "q",
    ]

    def test_a_page_never_fails_on_a_parameter(self, client):
        populate(2)
        for address in LISTS:
            path = address.split("?")[0]
            for value in self.VALUES:
                query = "&".join(f"{name}={value}" for name in self.PARAMETERS)
                assert client.get(f"{path}?{query}").status_code == 200, (path, value[:20])

    @pytest.mark.parametrize("name", ["theme", "stance", "element", "basis", "tag", "source", "review"])
    @pytest.mark.parametrize("value", ["bogus", "%00", "x" * 10_000])
    def test_an_unknown_filter_is_left_out_and_the_reader_told(self, client, name, value):
        make_finding(heading="Here all the same")
        page = text(client.get(f"/findings/?{name}={value}"))
        assert "filter was left out" in page
        assert "Here all the same" in page

    @pytest.mark.parametrize(("asked", "shown"), [("0", 1), ("abc", 1), ("-3", 1), ("1000000000", 3), ("9" * 5000, 3)])
    def test_an_impossible_page_shows_the_nearest_and_says_so(self, client, asked, shown):
        for _n in range(25):
            make_finding()
        response = client.get(f"/findings/?page={asked}")
        assert response.context["page"].number == shown
        assert "There is no page" in text(response)

    @pytest.mark.parametrize(
        "path",
        [
            "/findings/%00/",
            "/findings/%FF/",
            "/F0",
            "/F99999999999",
            "/Z1",
            "/practice/bogus/",
            "/practice/bogus/x/",
            "/tags/none/",
            "/themes/" + "x" * 10_000 + "/",
        ],
    )
    def test_an_impossible_address_is_not_found(self, client, path):
        response = client.get(path)
        assert response.status_code == 404
        assert "We can’t find that page" in text(response)

    def test_what_a_reader_types_is_escaped(self, client):
        assert "<script>alert" not in text(client.get("/findings/?theme=<script>alert(1)</script>"))


@pytest.mark.databases
class TestFilters:
    def test_filters_and_order_keep_each_other_and_the_reading_list(self, client):
        make_finding(stance="mixed")
        page = text(client.get("/findings/?stance=mixed&stance=bogus&sort=newest&page=1&items=F3,F9"))
        forms = re.findall(r'<form[^>]*action="/findings/".*?</form>', page, re.DOTALL)
        hidden = [re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form) for form in forms]
        assert hidden == [
            [("items", "F3,F9"), ("sort", "newest")],
            [("items", "F3,F9"), ("stance", "mixed")],
        ]

    def test_filters_narrow_together_and_values_of_one_widen(self, client):
        theme, other = make_theme(slug="one"), make_theme(slug="two")
        a = make_finding(theme=theme, stance="barrier")
        b = make_finding(theme=other, stance="barrier")
        make_finding(theme=other, stance="mixed")

        def found(query):
            return list(client.get(f"/findings/?{query}").context["page"])

        assert found("stance=barrier") == [a, b]
        assert found("stance=barrier&theme=one") == [a]
        assert found("theme=one&theme=two&stance=barrier") == [a, b]

    def test_by_tag_source_element_and_basis(self, client):
        source = make_source(slug="hudson", study_design="systematic-review")
        a, b = make_finding(), make_finding()
        a.tags.add("trust")
        cite(a, source)
        make_implication([b], element="joint-enterprise")
        for query, expected in [
            ("tag=trust", [a]),
            ("source=hudson", [a]),
            ("element=joint-enterprise", [b]),
            ("basis=systematic-review", [a]),
            ("basis=review-only", [b]),
            ("basis=review-only&basis=systematic-review", [a, b]),
            ("basis=named-source", []),
        ]:
            assert list(client.get(f"/findings/?{query}").context["page"]) == expected, query

    def test_counts_say_what_a_value_would_find_under_the_other_filters(self, client):
        theme = make_theme(slug="one")
        make_finding(theme=theme, stance="barrier")
        make_finding(theme=make_theme(slug="two"), stance="mixed")
        facets = {facet.name: facet for facet in client.get("/findings/?theme=one").context["facets"]}
        assert [(option.value, option.count) for option in facets["stance"].options] == [("barrier", 1)]
        assert [(option.value, option.count) for option in facets["theme"].options] == [("one", 1), ("two", 1)]

    def test_of_more_than_are_counted_any_value_is_offered_without_a_count(self, client, monkeypatch):
        monkeypatch.setattr("findings.filters.MOST_COUNTED", 2)
        one, two, empty = (make_theme(slug=slug) for slug in ["one", "two", "empty"])
        for theme in [one, one, two]:
            make_finding(theme=theme).tags.add("trust")
        response = client.get("/findings/")
        facets = {facet.name: facet for facet in response.context["facets"]}
        assert [(option.value, option.count) for option in facets["theme"].options] == [
            ("one", None),
            ("two", None),
            ("empty", None),
        ]
        assert [(option.value, option.count) for option in facets["tag"].options] == [("trust", None)]
        assert [option.value for option in facets["stance"].options] == Stance.values
        assert "3 findings" in text(response)
        facets = {facet.name: facet for facet in client.get("/findings/?theme=one").context["facets"]}
        assert [(option.value, option.count) for option in facets["stance"].options] == [("barrier", 2)]
        assert [option.count for option in facets["theme"].options] == [None, None, None]
        assert empty.slug in text(client.get("/findings/?theme=empty"))

    def test_each_chosen_filter_can_be_removed(self, client):
        make_finding(theme=make_theme(slug="one"), stance="barrier")
        response = client.get("/findings/?theme=one&stance=barrier&page=1")
        assert sorted(query for _, _, query in response.context["removals"]) == ["stance=barrier", "theme=one"]

    def test_no_fit_says_what_to_do(self, client):
        make_finding(stance="barrier")
        assert "No finding fits all of these filters" in text(client.get("/findings/?stance=mixed"))


class TestStatus:
    @pytest.mark.parametrize("make", [make_finding, make_theme, make_review, make_source, make_implication])
    def test_a_draft_is_not_found_by_the_public_and_marked_for_staff(self, client, admin_client, make):
        draft = make(status="draft", published_on=None)
        for address in [draft.get_absolute_url(), draft.short_url]:
            assert client.get(address).status_code == 404
        assert "Only people who are logged in" in text(admin_client.get(draft.get_absolute_url()))

    @pytest.mark.parametrize("make", [make_finding, make_theme, make_review, make_source, make_implication])
    def test_a_withdrawn_entry_answers_gone_and_says_why_and_what_instead(self, client, make):
        other = make()
        gone = make(**withdrawn(withdrawal_reason="It claimed too much.", replaced_by=other))
        response = client.get(gone.get_absolute_url())
        assert response.status_code == 410
        page = text(response)
        assert "It claimed too much." in page
        assert other.get_absolute_url() in page
        assert "4 March 2021" in page
        assert "noindex" in page
        assert f"{gone.code}, withdrawn 4 March 2021" in page
        assert client.get(gone.short_url)["Location"] == gone.get_absolute_url()

    def test_a_withdrawn_finding_leaves_every_list(self, client):
        populate(2)
        gone = make_finding(
            heading="Gone for good", review=Finding.objects.first().review, theme=Finding.objects.first().theme
        )
        gone.tags.add("trust")
        for field, value in withdrawn().items():
            setattr(gone, field, value)
        gone.save()
        for address in LISTS:
            assert "Gone for good" not in text(client.get(address)), address

    def test_a_draft_shows_in_no_list(self, client):
        populate(2)
        first = Finding.objects.first()
        draft = make_finding(
            heading="Not yet", review=first.review, theme=first.theme, status="draft", published_on=None
        )
        draft.tags.add("trust")
        make_implication([draft])
        make_key_message([draft])
        cite(draft, make_source(slug="only-of-draft"))
        for address in [*LISTS, "/sources/only-of-draft/"]:
            assert "Not yet" not in text(client.get(address)), address

    def test_an_earlier_slug_moves_for_good(self, client):
        for make in [make_finding, make_theme, make_review, make_source, make_implication]:
            entry = make()
            before = entry.get_absolute_url()
            entry.slug = f"{entry.slug}-new"
            entry.save()
            response = client.get(before)
            assert (response.status_code, response["Location"]) == (301, entry.get_absolute_url())

    def test_an_earlier_slug_of_a_withdrawn_finding_leads_to_its_tombstone(self, client):
        finding = make_finding(slug="old")
        finding.slug = "new"
        finding.status, finding.withdrawn_on, finding.withdrawal_reason = "withdrawn", datetime.date.today(), "Wrong."
        finding.save()
        assert client.get("/findings/old/", follow=True).status_code == 410

    def test_a_withdrawn_key_message_has_its_tombstone_at_its_code_and_a_line_on_the_page(self, client):
        message = make_key_message(**withdrawn(withdrawal_reason="Not in the review."))
        assert client.get(f"/{message.code}").status_code == 410
        page = text(client.get(message.review.get_absolute_url()))
        assert f'id="{message.code}"' in page
        assert "Not in the review." in page

    def test_a_key_message_of_a_draft_review_is_not_found(self, client):
        message = make_key_message(review=make_review(status="draft", published_on=None))
        assert client.get(f"/{message.code}").status_code == 404


class TestCodes:
    def test_every_kind_of_code_leads_to_its_page_in_either_case(self, client):
        makers = [make_finding, make_theme, make_review, make_source, make_implication, make_key_message]
        for entry in [make() for make in makers]:
            for code in [entry.code, entry.code.lower()]:
                response = client.get(f"/{code}")
                assert (response.status_code, response["Location"]) == (302, entry.get_absolute_url())

    @pytest.mark.parametrize(
        ("pasted", "plain"),
        [
            *(
                (f"/{code}", "/F23")
                for code in ["F23/", "F23.", "F23)", "F23,", "F23;", "F23:", "F23”", "F23’", "F23…"]
            ),
            *((f"/{code}", "/F23") for code in ["F23 ", " f23", "(F23)", "<F23>", "“F23”", "F23!?", "F23//", "_F23_"]),
            *((f"/{code}", "/F23") for code in ["F23%29", "F23%E2%80%9D.", "%46%32%33.", "F23\n", "F23\xa0", "%2FF23"]),
            *(
                (f"/{code}", "/F23")
                for code in ["Ｆ２３", "F23\u200b", "\ufeffF23", "F\u00ad23", "F23\u200e.", "F23\ufe0f"]
            ),
            ("/f23v1/", "/F23v1"),
            ("/F23V2.", "/F23v2"),
            ("/F23.ris.", "/F23.ris"),
            ("/F23.BIB/", "/F23.bib"),
            ("/s5.", "/S5"),
        ],
    )
    def test_a_code_as_people_paste_it_leads_to_the_plain_one(self, client, pasted, plain):
        make_finding(number=23)
        response = client.get(pasted if "%" in pasted else quote(pasted))
        assert (response.status_code, response["Location"]) == (301, plain)

    def test_a_pasted_code_keeps_what_stands_behind_it_and_an_unknown_one_says_that_there_is_none(self, client):
        response = client.get("/F23)?items=F3,F9&with=sources")
        assert (response.status_code, response["Location"]) == (301, "/F23?items=F3,F9&with=sources")
        assert client.get("/F23.", follow=True).status_code == 404

    @pytest.mark.parametrize(
        "odd", ["X23.", "F0.", "F2³", "F23’s", "F3/F23", "F23v0.", "F23.exe", "F 23", "F3,F23", "F23.." + "." * 300]
    )
    def test_what_is_no_code_is_not_found_as_before(self, client, odd):
        make_finding(number=23)
        assert client.get(quote(f"/{odd}")).status_code == 404

    def test_no_page_is_mistaken_for_a_pasted_code(self, client):
        theme = make_theme(slug="f23")
        assert client.get("/themes/f23/").context["theme"] == theme
        assert client.get("/themes/f23")["Location"] == "/themes/f23/"


@pytest.mark.databases
class TestFindingPage:
    def test_it_traces_the_finding_to_sources_and_practice(self, client):
        finding = make_finding(body="It was seen.[5] And [9] stays.\n\nSecond paragraph.")
        source = make_source(study_design="interview-study", doi="10.1/a")
        cite(finding, source, number=5, locator="7-8", locator_label="page", note="How it is used.")
        implication = make_implication([finding])
        message = make_key_message([finding])
        page = text(client.get(finding.get_absolute_url()))
        assert 'href="#cite-5"' in page
        assert 'id="cite-5"' in page
        assert "[9]" in page
        assert "page 7-8" in page
        assert "How it is used." in page
        assert "One interview study is named." in page
        for entry in [source, implication, message]:
            assert entry.get_absolute_url() in page
        assert f"http://testserver/{finding.code}" in page

    def test_a_retracted_source_puts_a_notice_on_the_finding(self, client):
        finding = make_finding()
        cite(finding, make_source(retracted_on=datetime.date(2022, 5, 6), retraction_reason="Data were made up."))
        page = text(client.get(finding.get_absolute_url()))
        assert "has been retracted" in page
        assert "Data were made up." in page

    def test_related_findings_share_the_most(self):
        finding, close, far, none = (make_finding() for _ in range(4))
        for other in [finding, close]:
            other.tags.add("trust", "status")
        far.tags.add("trust")
        make_implication([finding, close])
        assert related_to(finding) == [close, far]
        assert none not in related_to(finding)

    def test_a_tag_that_very_many_share_relates_nothing(self, monkeypatch):
        monkeypatch.setattr(related, "COMMON", 2)
        finding, other, far = (make_finding() for _ in range(3))
        for one in [finding, other, far]:
            one.tags.add("everywhere")
        assert related_to(finding) == []
        for one in [finding, other]:
            one.tags.add("trust")
        assert related_to(finding) == [other]

    def test_overdue_says_so_and_hides_nothing(self, client):
        finding = make_finding(review_due_on=datetime.date(2020, 1, 3))
        assert "due for a check" in text(client.get(finding.get_absolute_url()))


class TestTheme:
    def test_a_side_with_many_findings_shows_the_first_and_leads_to_all(self, client):
        theme = make_theme(slug="full")
        findings = [make_finding(theme=theme, heading=f"Claim {n}.") for n in range(10, 24)]
        page = text(client.get("/themes/full/"))
        shown = [finding for finding in findings if finding.heading in page]
        assert shown == findings[:FINDINGS_A_SIDE]
        assert "All 14 findings: What gets in the way" in page

    def test_it_leads_to_the_themes_around_it_and_to_all(self, client):
        themes = [make_theme(name=f"Theme {n:02}") for n in range(20)]
        here, page = themes[12], text(client.get(themes[12].get_absolute_url()))
        named = re.findall(r"Theme \d\d", page.partition("<h2>Other themes</h2>")[2])
        assert named == [theme.name for theme in themes[6:19] if theme != here]
        assert ">All themes</a>" in page


class TestGlossary:
    def test_a_term_is_explained_at_its_first_use_only_by_any_spelling(self, client):
        make_term("Co-location", spellings=["colocation"], also_called=["shared office"])
        finding = make_finding(body="Colocation helps. So does co-location, or a shared office.")
        page = text(client.get(finding.get_absolute_url()))
        assert page.count('popovertarget="term-co-location"') == 1
        assert ">Colocation</button>" in page
        assert "Words explained" in page

    def test_part_of_a_word_is_left_alone(self, client):
        make_term("Status")
        assert "popovertarget" not in text(client.get(make_finding(body="Statuses and non-status.").get_absolute_url()))

    def test_a_term_is_found_in_any_case_and_shown_as_it_stands(self, client):
        make_term("Co-location")
        page = text(client.get(make_finding(body="In İzmir, CO-LOCATION helps & “grows”.").get_absolute_url()))
        assert "<p>In İzmir, <button" in page
        assert ">CO-LOCATION</button>" in wording(page)
        assert "</span> helps &amp; “grows”.</p>" in page

    def test_a_definition_is_escaped(self, client):
        make_term("Trust", definition="<b>&</b>")
        page = text(client.get(make_finding(body="<i>Trust</i>").get_absolute_url()))
        assert "&lt;b&gt;&amp;&lt;/b&gt;" in page
        assert "&lt;i&gt;" in page

    def test_a_word_that_leads_to_a_term_is_told_apart_from_its_names(self, client):
        term = make_term("Confidentiality", also_called=["professional secrecy"], spellings=["confidential"])
        term.labels.create(label="GDPR", kind="leads-here")
        for address in ["/glossary/", "/search/?q=GDPR"]:
            page = text(client.get(address))
            assert "What Confidentiality means." in page
            assert "GDPR" not in re.search(r"(Also called</dt><dd>.*?</dd>|Also: .*?</p>)", page + "Also: </p>")[0]
        assert "<dt>Words that lead here</dt><dd>GDPR</dd>" in text(client.get("/glossary/"))


class TestMap:
    def test_it_opens_by_what_findings_say_and_each_is_in_one_square(self, client):
        make_finding(stance="facilitator")
        make_finding()
        response = client.get("/map/")
        [row] = response.context["map"].rows
        assert [cell.count for cell in row.cells] == [1, 1, 0, 0, 0, 0]
        assert "None</span>" in text(response)
        assert "the sorting into six is ours" in text(response)

    def test_by_practice_points_it_says_that_its_columns_are_ours_and_an_empty_one_is_no_gap(self, client):
        finding = make_finding(stance="facilitator")
        for _n in range(2):
            make_implication([finding], element="joint-enterprise")
        make_finding()
        response = client.get("/map/?by=practice")
        [row] = response.context["map"].rows
        assert [cell.count for cell in row.cells] == [0, 1, 0]
        assert response.context["map"].left_out == 1
        page = text(response)
        assert "The columns follow links that we made" in page
        assert "1 finding goes with no practice point" in page
        assert "No link made" in page
        assert "Gap" not in page

    def test_its_earlier_address_leads_to_the_view_by_practice_points(self, client):
        response = client.get("/map/?by=element")
        assert (response.status_code, response["Location"]) == (301, "/map/?by=practice")

    @pytest.mark.parametrize(("by", "column"), [("practice", 1), ("stance", 0)])
    def test_a_cell_leads_to_just_its_findings(self, client, by, column):
        finding = make_finding(stance="facilitator")
        make_implication([finding], element="joint-enterprise")
        make_finding()
        cell = client.get(f"/map/?by={by}").context["map"].rows[0].cells[column]
        response = client.get("/map/", {"by": by, "at": cell.name})
        assert response.context["map"].rows[0].opened.findings == [finding]
        assert list(client.get(response.context["opened_url"]).context["page"]) == [finding]

    @pytest.fixture
    def mapped(self):
        ours, theirs = make_review(slug="ours"), make_review(slug="theirs")
        theme = make_theme(slug="theme")
        named = make_finding(review=ours, theme=theme, stance="facilitator")
        cite(named, make_source(study_design="survey"))
        tagged = make_finding(review=ours, theme=theme, stance="facilitator")
        tagged.tags.add("trust")
        other = make_finding(review=theirs, theme=theme, stance="barrier")
        return named, tagged, other

    @pytest.mark.parametrize(
        ("params", "counts"),
        [
            ({}, [2, 1]),
            ({"review": "ours"}, [2, 0]),
            ({"review": "theirs"}, [0, 1]),
            ({"study": "survey"}, [1, 0]),
            ({"study": "none"}, [1, 1]),
            ({"tag": "trust"}, [1, 0]),
            ({"tag": "trust", "study": "survey"}, [0, 0]),
        ],
    )
    def test_it_can_be_of_one_review_kind_of_study_or_tag(self, client, mapped, params, counts):
        shown = client.get("/map/", params).context["map"]
        assert shown.totals[:2] == counts
        [row] = [row for row in shown.rows if row.theme.slug == "theme"]
        assert [cell.count for cell in row.cells[:2]] == counts

    def test_of_one_review_it_has_its_themes_and_names_no_other(self, client, mapped):
        elsewhere = make_finding(review=mapped[2].review, theme=make_theme(slug="elsewhere"))
        for params, themes in [({"review": "ours"}, {"theme"}), ({"tag": "trust"}, {"theme", "elsewhere"})]:
            response = client.get("/map/", params)
            assert {row.theme.slug for row in response.context["map"].rows} == themes
        response = client.get("/map/", {"review": "theirs", "at": f"{elsewhere.theme.code}.{elsewhere.stance}"})
        assert [review.slug for review in response.context["reviews"]] == ["theirs"]

    def test_the_other_view_keeps_the_filters(self, client, mapped):
        page = text(client.get("/map/", {"review": "ours", "at": f"{mapped[0].theme.code}.facilitator"}))
        assert 'href="/map/?review=ours&amp;by=practice"' in page and 'href="/map/?review=ours"' in page
        assert 'href="/map/"' in text(client.get("/map/", {"by": "practice"})).partition("<h1>")[2]

    def test_an_opened_square_keeps_the_filters(self, client, mapped):
        response = client.get("/map/", {"tag": "trust", "at": f"{mapped[0].theme.code}.facilitator"})
        page = text(response)
        assert mapped[1].heading in page and f">{mapped[0].code}<" not in page
        assert "tag=trust" in response.context["opened_url"]

    @pytest.mark.parametrize(
        "params", [{"review": "x"}, {"study": "guess"}, {"tag": "\0"}, {"at": "x"}, {"at": "T1.no"}]
    )
    def test_what_is_not_there_is_told_or_opens_nothing(self, client, mapped, params):
        page = text(client.get("/map/", params))
        assert "map-open" not in page
        assert "left out" in page or "at" in params

    def test_it_comes_as_a_spreadsheet(self, client, mapped):
        response = client.get("/map/", {"format": "csv", "review": "ours"})
        assert response["Content-Type"].startswith("text/csv")
        head, *rows = csv.reader(response.content.decode("utf-8-sig").splitlines())
        assert head[:4] == ["Code", "Theme", "What helps", "What gets in the way"]
        assert [row[2:4] for row in rows if row[0] == mapped[0].theme.code] == [["2", "0"]]
        assert rows[-1][1:4] == ["All themes", "2", "0"]


class TestSourcePage:
    def test_it_links_out_by_doi_address_isbn_and_the_librarys_resolver(self, client, settings):
        source = make_source(doi="10.1/a", url="https://example.org/x", isbn="9780521663632")
        page = text(client.get(source.get_absolute_url()))
        assert "https://doi.org/10.1/a" in page
        assert "https://example.org/x" in page
        assert "9780521663632" in page
        assert "Find in our library" not in page
        settings.OPENURL_RESOLVER = "https://resolver.example.org/openurl"
        page = text(client.get(source.get_absolute_url()))
        assert "https://resolver.example.org/openurl?ctx_ver=Z39.88-2004&amp;" in page
        assert "rft.btitle=A+work" in page

    def test_a_newer_edition_is_named(self, client):
        newer = make_source(issued="2012")
        source = make_source(newer_edition=newer)
        assert newer.get_absolute_url() in text(client.get(source.get_absolute_url()))


class TestFixedPages:
    @pytest.mark.parametrize("name", ["about", "help", "accessibility", "privacy"])
    def test_they_answer(self, client, name):
        assert client.get(reverse(name)).status_code == 200

    def test_about_names_the_version_of_the_software(self, client):
        assert f"its version {__version__}" in text(client.get("/about/"))

    def test_an_anonymous_reader_gets_no_cookie(self, client):
        populate(1)
        for address in ["/", "/findings/", "/about/"]:
            assert not client.get(address).cookies

    def test_an_error_page_needs_nothing(self, client, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError("secret detail")

        monkeypatch.setattr("findings.models.ThemeQuerySet.with_glance", broken)
        client.raise_request_exception = False
        response = client.get("/themes/")
        assert response.status_code == 500
        assert "Something went wrong at our end" in text(response)
        assert "secret detail" not in text(response)


class TestWaysIn:
    def test_the_list_of_one_stance_is_called_what_the_link_to_it_says(self, client):
        make_finding(stance="barrier")
        home = text(client.get("/"))
        assert "What gets in the way: 1 finding</a>" in home
        page = text(client.get("/findings/?stance=barrier"))
        assert "<h1>What gets in the way</h1>" in page
        assert "<h1>All findings</h1>" in text(client.get("/findings/?stance=barrier&stance=mixed"))
        assert "<h1>All findings</h1>" in text(client.get("/findings/"))

    def test_home_shows_twelve_themes_and_the_way_to_all(self, client):
        for n in range(13):
            make_theme(name=f"Theme {n}.")
        page = text(client.get("/"))
        assert [n for n in range(13) if f"Theme {n}." in page] == list(range(12))
        assert "All 13 themes</a>" in page

    def test_a_practice_point_leads_to_its_question_in_the_team_check(self, client):
        point = make_implication()
        page = text(client.get(point.get_absolute_url()))
        assert f'href="/practice/team-check/?points={point.code}"' in page

    def test_lists_show_a_key_message_in_short_and_its_own_place_the_whole(self, client):
        message = make_key_message([make_finding()], body="All of it, with its limits.", in_short="The gist.")
        home = text(client.get("/"))
        assert "The gist." in home and "All of it" not in home
        assert "All of it, with its limits." in text(client.get(message.review.get_absolute_url()))
        KeyMessage.objects.update(in_short="")
        assert "All of it, with its limits." in text(client.get("/"))

    def test_more_than_twenty_five_words_are_not_short(self):
        message = make_key_message()
        message.in_short = "word " * 25
        message.full_clean()
        message.in_short = "word " * 26
        with pytest.raises(ValidationError, match="At most 25 words: here are 26"):
            message.full_clean()
