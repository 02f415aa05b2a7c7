"""Search as readers, programs and librarians meet it."""

import json

import html5lib
import pytest
from django.urls import reverse

from curation.changelog import gathered
from curation.models import Revision
from joinedup.search import index
from joinedup.search.models import MissedSearch
from tests.factories import make_finding, make_implication, make_source, make_term, make_theme, withdrawn

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def form_fields(response, look):
    """What the first form of a class sends if nothing in it is changed, as pairs."""
    page = html5lib.parse(text(response), namespaceHTMLElements=False)
    form = next(form for form in page.iter("form") if (form.get("class") or "").partition(" ")[0] == look)
    sent = [
        (field.get("name"), field.get("value"))
        for field in form.iter("input")
        if field.get("type") != "checkbox" or field.get("checked") is not None
    ]
    chosen = [(field.get("name"), option) for field in form.iter("select") for option in field.iter("option")]
    return sent + [(name, option.get("value")) for name, option in chosen if option.get("selected") is not None]


class TestPage:
    def test_it_shows_results_with_the_words_marked(self, client):
        finding = make_finding(heading="Trust & respect <b>", bottom_line="Trust comes first.")
        page = text(client.get("/search/?q=trust"))
        assert "1 result for “trust”" in page
        assert "<mark>Trust</mark> &amp; respect &lt;b&gt;" in page
        assert "<mark>Trust</mark> comes first." in page
        assert finding.get_absolute_url() in page
        assert ">: Trust &amp; respect &lt;b&gt;</span></a>" in page  # what is put on the list, as it is read out

    def test_it_asks_for_words_when_there_are_none(self, client):
        assert "Type what you would say" in text(client.get("/search/"))

    def test_a_correction_is_told_and_can_be_refused(self, client):
        make_finding(body="Confidentiality.")
        page = text(client.get("/search/?q=confidentialty"))
        assert "Showing results for <b><i>confidentiality</i></b>" in page
        assert "Search instead for “confidentialty”" in page
        assert "?q=confidentialty&amp;typed=1" in page
        assert "Nothing here matches “confidentialty”" in text(client.get("/search/?q=confidentialty&typed=1"))

    def test_other_names_are_told_and_can_be_refused(self, client):
        make_finding(heading="Professional rivalry")
        make_term("Professional rivalry", also_called=["silos"])
        page = text(client.get("/search/?q=silos"))
        assert "Also searched: Professional rivalry." in page
        assert "Search only for “silos”" in page
        assert "Search other names" in text(client.get("/search/?q=silos&typed=1"))

    def test_the_glossary_explains_the_word(self, client):
        make_term("Rivalry", also_called=["silos"], definition="What rivalry is.")
        assert "What rivalry is." in text(client.get("/search/?q=SILOS"))

    def test_filters_stand_in_the_address_and_can_be_removed(self, client):
        theme = make_theme(slug="one", name="First theme")
        make_finding(theme=theme, body="Trust.", stance="barrier")
        make_finding(body="Trust.", stance="mixed")
        response = client.get("/search/?q=trust&theme=one&kind=finding")
        removals = sorted(query for _, _, query in response.context["removals"])
        assert removals == ["q=trust&kind=finding", "q=trust&theme=one"]
        checked = [option.value for facet in response.context["facets"] for option in facet.options if option.chosen]
        assert checked == ["finding", "one"]

    def test_new_words_start_a_new_search_that_keeps_the_order_and_the_reading_list(self, client):
        theme = make_theme(slug="one")
        make_finding(theme=theme, body="Trust.")
        response = client.get("/search/?q=trust&q=silos&q=trust&theme=one&kind=finding&sort=newest&page=1&items=F3&x=y")
        assert sorted(form_fields(response, "find")) == [("items", "F3"), ("q", "trust"), ("sort", "newest")]

    def test_the_order_and_the_filters_keep_the_words_and_each_other(self, client):
        theme = make_theme(slug="one")
        for _n in range(2):
            make_finding(theme=theme, body="Trust.")
        response = client.get("/search/?q=silos&q=trust&theme=one&theme=bogus&typed=1&sort=newest&page=1&items=F3&x=y")
        beside = [("q", "trust"), ("theme", "one"), ("typed", "1"), ("items", "F3")]
        assert sorted(form_fields(response, "sort")) == sorted([*beside, ("sort", "newest")])
        assert sorted(form_fields(response, "")) == sorted([*beside, ("sort", "newest")])

    def test_of_two_queries_in_an_address_the_last_is_searched_and_shown_and_no_link_repeats_the_other(self, client):
        for _n in range(12):
            make_finding(body="Trust.")
        page = text(client.get("/search/?q=silos&q=trust&theme=bogus"))
        assert "12 results for “trust”" in page
        assert 'value="trust"' in page
        assert 'value="silos"' not in page
        assert "?q=trust&amp;format=ris" in page

    def test_words_are_taken_as_typed_until_other_words_are_typed(self, client):
        make_finding(heading="Professional rivalry")
        make_term("Professional rivalry", also_called=["silos"])
        fields = dict(form_fields(client.get("/search/?q=silos&typed=1"), "find"))
        assert "Searched only for the words as typed" in text(client.get("/search/", fields))
        assert "Also searched" in text(client.get("/search/", {**fields, "typed": "trust"}))
        assert "Searched only" not in text(client.get("/search/", {**fields, "q": "trust"}))

    @pytest.mark.parametrize("pasted", ["{}.", "/{}", "({})", "“{}”", "{}v1", "https://example.org/{}", "{}\u200b"])
    def test_a_pasted_code_or_short_address_finds_its_entry_first(self, client, pasted):
        finding = make_finding()
        make_finding(body=f"Not {finding.code}, which {finding.code} is. Example org https.")
        response = client.get("/search/", {"q": pasted.format(finding.code.lower())})
        assert response.context["results"][0].entry == finding
        assert f'value="{finding.code}"' in text(response)

    def test_an_unknown_filter_is_left_out_and_told(self, client):
        make_finding(body="Trust.")
        for name in ["kind", "theme", "stance", "element", "tag", "source", "review", "sort"]:
            page = text(client.get(f"/search/?q=trust&{name}=bogus%00"))
            assert "bogus" in page, name
            assert "1 result" in page, name

    def test_nothing_found_says_what_to_try(self, client):
        theme = make_theme(name="A theme to browse")
        make_finding(theme=theme, body="Trust.")
        make_finding(theme=theme, body="Courts.", stance="mixed")
        page = text(client.get("/search/?q=trust+-trust+courts&stance=context"))
        assert "Nothing here matches" in page
        assert "Search without filters" in page
        assert "A theme to browse" in page

    def test_words_that_no_entry_has_are_named_and_what_comes_nearest_is_shown(self, client, settings):
        settings.CONTACT_EMAIL = "desk@example.org"
        near = make_finding(heading="Families notice the difference", body="Delays.")
        page = text(client.get("/search/?q=family+court+delays+xylophone"))
        assert (
            "Nothing here matches all of it.</b> These come nearest. The first lacks “court” and “xylophone”." in page
        )
        assert near.get_absolute_url() in page
        assert 'q=family">family</a> (1)' in page
        assert "mailto:desk@example.org" in page
        assert MissedSearch.objects.get().text == "family court delays xylophone"

    def test_nothing_found_shows_the_nearest_findings_and_how_to_tell_us(self, client):
        near = make_finding(heading="Trust and meetings")
        page = text(client.get('/search/?q="meetings+trust"'))
        assert "No entry has “meetings trust”" in page
        assert "The nearest finding<" in page
        assert near.get_absolute_url() in page
        assert "Is something missing?" in page

    def test_all_results_are_counted(self, client):
        with gathered():
            for _n in range(1201):
                make_finding(body="Trust.")
        page = text(client.get("/search/?q=trust"))
        assert "1,201 results for “trust”" in page
        assert 'id="f-stance-0"' not in page
        answer = client.get("/api/v1/search?q=trust").json()
        assert (answer["count"], answer["count_is_exact"]) == (1201, True)
        [kind] = answer["facets"]["kind"]
        assert kind["count"] == 1201

    def test_pages_follow_each_other(self, client):
        for _n in range(12):
            make_finding(body="Trust.")
        first = client.get("/search/?q=trust").context["results"]
        second = client.get("/search/?q=trust&page=2").context["results"]
        assert len(first) + len(second) == 12
        assert not {result.url for result in first} & {result.url for result in second}

    @pytest.mark.parametrize(
        "odd", ["%00", "%FF", "x" * 10_000, "%F0%9F%92%A9", '"*)(NEAR', "<script>alert(1)</script>"]
    )
    def test_odd_input_is_a_page(self, client, odd):
        make_finding()
        for name in ["q", "kind", "theme", "page", "sort", "typed"]:
            response = client.get(f"/search/?q=trust&{name}={odd}")
            assert response.status_code == 200
            assert "<script>alert" not in text(response)

    def test_the_number_of_queries_does_not_grow_with_the_results(self, client, django_assert_max_num_queries):
        for _n in range(2):
            make_implication([make_finding(body="Trust.")], body="Trust.")
            make_source(title="Trust")
        index.snapshot()
        with django_assert_max_num_queries(40) as few:
            client.get("/search/?q=trust")
        for _n in range(10):
            make_implication([make_finding(body="Trust.")], body="Trust.")
            make_source(title="Trust")
        index.snapshot()
        with django_assert_max_num_queries(40) as many:
            client.get("/search/?q=trust")
        assert len(many) <= len(few)


class TestApi:
    def test_its_answer_has_the_promised_shape(self, client):
        finding = make_finding(heading="Trust & respect", body="Trust.")
        answer = client.get("/api/v1/search?q=trust").json()
        assert answer["count"] == 1
        assert answer["count_is_exact"] is True
        assert answer["query"]["text"] == "trust"
        assert answer["facets"]["kind"] == [{"value": "finding", "label": "Findings", "count": 1, "chosen": False}]
        [result] = answer["results"]
        assert result["code"] == finding.code
        assert result["kind"] == "finding"
        assert result["title"] == "Trust & respect"
        assert result["url"] == f"http://testserver{finding.get_absolute_url()}"
        assert result["snippet"] == "<mark>Trust</mark>."
        assert result["snippet_text"] == "Trust."

    def test_limit_and_offset(self, client):
        for _n in range(5):
            make_finding(body="Trust.")
        every = [r["code"] for r in client.get("/api/v1/search?q=trust&limit=100").json()["results"]]
        assert [r["code"] for r in client.get("/api/v1/search?q=trust&limit=2&offset=2").json()["results"]] == every[
            2:4
        ]
        assert client.get("/api/v1/search?q=trust&offset=99").json()["results"] == []

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=101",
            "limit=abc",
            "limit=",
            "limit=²",
            "offset=-1",
            "offset=" + "9" * 99,
            "theme=bogus",
            "sort=up",
            "kind=%00",
            "review=",
            "sort=newest&sort=newest",
            "bogus=1",
        ],
    )
    def test_a_bad_parameter_is_named(self, client, query):
        response = client.get(f"/api/v1/search?q=trust&{query}")
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == 400
        assert problem["parameter"] == query.split("=")[0]

    def test_only_reading_is_allowed(self, client):
        assert client.post("/api/v1/search").status_code == 405

    def test_drafts_and_withdrawn_entries_never_show(self, client):
        make_finding(heading="Trust a", status="draft", published_on=None)
        make_finding(heading="Trust b", **withdrawn())
        assert client.get("/api/v1/search?q=trust").json()["count"] == 0
        assert client.get("/api/v1/suggest?q=trust").json() == {"suggestions": []}


class TestSuggestions:
    def test_headings_and_labels_are_completed(self, client):
        finding = make_finding(heading="Confidentiality remains")
        make_term("Confidentiality", also_called=["confidences"])
        suggestions = client.get("/api/v1/suggest?q=confid").json()["suggestions"]
        assert {
            "text": str(finding),
            "url": f"http://testserver{finding.get_absolute_url()}",
            "kind": "finding",
        } in suggestions
        assert {"Confidentiality", "confidences"} <= {suggestion["text"] for suggestion in suggestions}

    def test_several_words_are_completed_at_the_last(self, client):
        finding = make_finding(heading="Joint training is rare")
        make_finding(heading="Joint enterprise")
        assert [s["text"] for s in client.get("/api/v1/suggest?q=joint+tra").json()["suggestions"]] == [str(finding)]

    @pytest.mark.parametrize("odd", ["", "a", "%00", "%FF", "*", '"', "x" * 1000, "שלום", "- -", "''"])
    def test_odd_input_suggests_nothing_and_fails_never(self, client, odd):
        make_finding()
        assert client.get(f"/api/v1/suggest?q={odd}").json() == {"suggestions": []}


@pytest.mark.databases
class TestMissedSearches:
    def test_a_search_that_finds_little_is_counted_by_its_words_and_the_day(self, client):
        for typed in ["Family  Courts", "family courts", "FAMILY COURTS"]:
            client.get("/search/", {"q": typed})
        missed = MissedSearch.objects.get()
        assert (missed.text, missed.times, missed.results) == ("family courts", 3, 0)

    def test_a_search_that_finds_enough_is_not(self, client):
        for _n in range(3):
            make_finding(body="Trust.")
        client.get("/search/?q=trust")
        assert not MissedSearch.objects.exists()

    def test_the_api_and_later_pages_count_nothing(self, client):
        client.get("/api/v1/search?q=courts")
        client.get("/search/?q=courts&page=2&stance=mixed")
        assert not MissedSearch.objects.exists()

    def test_one_click_makes_the_readers_word_a_label_that_works_at_once(self, admin_client):
        finding = make_finding(heading="Rivalry")
        term = make_term("Rivalry")
        admin_client.get("/search/?q=turf+war")
        missed = MissedSearch.objects.get()
        assert reverse("admin:search_missedsearch_label", args=[missed.pk]) in text(
            admin_client.get(reverse("admin:search_missedsearch_changelist"))
        )
        page = reverse("admin:search_missedsearch_label", args=[missed.pk])
        assert 'value="turf war"' in text(admin_client.get(page))
        response = admin_client.post(page, {"term": term.pk, "kind": "also-called", "label": "turf war"})
        assert response.status_code == 302
        codes = [
            result["code"] for result in json.loads(admin_client.get("/api/v1/search?q=turf+war").content)["results"]
        ]
        assert finding.code in codes

    def test_a_label_that_is_taken_is_told_in_words(self, admin_client):
        make_term("Rivalry", also_called=["silos"])
        other = make_term("Other")
        admin_client.get("/search/?q=nothing+of+the+kind")
        page = reverse("admin:search_missedsearch_label", args=[MissedSearch.objects.get().pk])
        response = admin_client.post(page, {"term": other.pk, "kind": "also-called", "label": "SILOS"})
        assert "belongs to a term already" in text(response)
        assert not other.labels.exists()

    def test_who_may_not_change_terms_may_not_make_labels(self, client, django_user_model):
        client.get("/search/?q=courts")
        client.force_login(django_user_model.objects.create(username="visitor", is_staff=True))
        page = reverse("admin:search_missedsearch_label", args=[MissedSearch.objects.get().pk])
        assert client.get(page).status_code == 403


def test_liveness_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.databases
class TestQuestions:
    @pytest.fixture
    def page(self, client):
        client.get("/search/?q=stripes+on+horses+okapi")
        return reverse("admin:search_missedsearch_question", args=[MissedSearch.objects.get().pk])

    def test_one_click_makes_what_readers_typed_a_question_that_is_found_at_once(self, admin_client, page):
        finding = make_finding(heading="Zebras have stripes", questions_answered="Why zebras?")
        shown = text(admin_client.get(page))
        assert f'name="nearest" value="{finding.code}"' in shown
        assert reverse("admin:search_missedsearch_changelist") in shown
        sent = {"question": "Stripes on horses okapi", "nearest": finding.code, "code": ""}
        assert admin_client.post(page, sent).status_code == 302
        finding.refresh_from_db()
        assert finding.questions_answered == "Why zebras?\nStripes on horses okapi"
        assert Revision.objects.of(finding)[0].state["questions_answered"].endswith("okapi")
        found = admin_client.get("/api/v1/search?q=stripes+on+horses+okapi").json()
        assert (found["results"][0]["code"], found["query"]["matches_all"]) == (finding.code, True)
        assert "Stripes on horses okapi" in text(admin_client.get(finding.get_absolute_url()))

    @pytest.mark.parametrize(
        ("code", "told"), [("", "Name the entry"), ("S1", "is no finding"), ("F99", "is no finding")]
    )
    def test_another_entry_is_named_by_its_code_and_a_wrong_one_is_told(self, admin_client, page, code, told):
        make_source()
        assert told in text(admin_client.post(page, {"question": "Stripes?", "code": code}))
        point = make_implication()
        admin_client.post(page, {"question": "Stripes?", "code": point.code.lower()})
        point.refresh_from_db()
        assert point.questions_answered == "Stripes?"

    def test_an_entry_with_enough_questions_is_told(self, admin_client, page):
        finding = make_finding(questions_answered="\n".join(f"Question {n}?" for n in range(12)))
        response = admin_client.post(page, {"question": "One more?", "code": finding.code})
        assert "At most 12 lines" in text(response)

    def test_who_may_not_change_public_entries_is_sent_to_an_editor(self, desk, page):
        finding = make_finding(heading="Stripes on horses")
        assert "An editor can give it a question" in text(desk["Librarian"].get(page))
        response = desk["Librarian"].post(page, {"question": "Stripes?", "code": finding.code})
        assert "ask an editor" in text(response)
        assert desk["Editor"].post(page, {"question": "Stripes?", "code": finding.code}).status_code == 302
        assert desk[None].get(page).status_code == 403
