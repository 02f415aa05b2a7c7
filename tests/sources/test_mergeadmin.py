"""Duplicates among the sources, and merging them, on the desk, role by role."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.changelog import gathered
from sources import duplicates
from sources.models import Different, Source
from tests.cards import cards
from tests.factories import cite, make_finding, make_source
from tests.test_admin import address
from tests.test_desk import text

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

TITLE = "Interprofessional collaboration in community health services"
DUPLICATES = "admin:sources_source_duplicates"
MERGE = "admin:sources_source_merge"


def hidden(response):
    """The fields of a merge page as a browser would send them back."""
    context = response.context
    sent = {f"seen-{source.pk}": source.token for source in [context["kept"], *context["others"]]}
    for row in context["rows"]:
        if row["differs"]:
            sent |= {f"take-{row['name']}": source.pk for source, _, taken in row["cells"] if taken}
    return sent


def compare(browser, *sources, **also):
    return browser.get(reverse(MERGE), {"source": [source.pk for source in sources], **also})


def confirm(browser, page, **also):
    context = page.context
    sources = [context["kept"], *context["others"]]
    sent = {"source": [source.pk for source in sources], "keep": context["kept"].pk, **hidden(page), **also}
    return browser.post(reverse(MERGE), sent)


class TestDuplicates:
    def test_the_desk_says_how_many_there_are_and_leads_to_them(self, desk):
        for _ in range(2):
            make_source(title=TITLE)
        for role in ["Librarian", "Editor"]:
            page = desk[role].get(reverse("admin:index"))
            card = next(card for card in cards(page) if card.title == "Probable duplicates")
            assert (card.count, card.url) == (1, reverse(DUPLICATES))
            assert "S2" in text(desk[role].get(reverse(DUPLICATES)))
        assert "robable duplicate" not in text(desk[None].get(reverse("admin:index")))
        assert desk[None].get(reverse(DUPLICATES)).status_code == 403

    def test_the_first_page_does_not_wait_for_many_sources_to_be_compared(self, desk, monkeypatch):
        for _ in range(2):
            make_source(title=TITLE)
        monkeypatch.setattr(duplicates, "MANY", 1)
        monkeypatch.setattr(duplicates, "_last", (frozenset(), []))
        counts = []
        for address_of in [reverse("admin:index"), reverse(DUPLICATES), reverse("admin:index")]:
            page = desk["Editor"].get(address_of)
            if address_of == reverse("admin:index"):
                counts.append(next(card.count for card in cards(page) if card.title == "Probable duplicates"))
        assert counts == [None, 1]

    def test_only_an_editor_is_offered_to_merge(self, desk):
        for _ in range(2):
            make_source(title=TITLE)
        assert "Compare and merge" in text(desk["Editor"].get(reverse(DUPLICATES)))
        assert "Compare and merge" not in text(desk["Librarian"].get(reverse(DUPLICATES)))

    @pytest.mark.parametrize("role", ["Librarian", "Editor"])
    def test_what_was_said_not_to_be_the_same_is_not_shown_again(self, desk, role):
        sources = [make_source(title=TITLE) for _ in range(3)]
        sent = {"source": [source.pk for source in sources], "different": "1"}
        page = desk[role].post(reverse(DUPLICATES), sent, follow=True)
        assert "Not the same work: S1, S2, S3." in text(page)
        assert "No two sources look like the same work." in text(page)
        assert Different.objects.count() == 3
        assert {pair.by.username for pair in Different.objects.all()} == {role.lower()}
        desk[role].post(reverse(DUPLICATES), sent)
        assert Different.objects.count() == 3

    def test_one_alone_is_not_enough(self, desk):
        source = make_source()
        for chosen in [[], [source.pk], ["x", "9" * 30, source.pk]]:
            page = desk["Editor"].post(reverse(DUPLICATES), {"source": chosen, "different": "1"}, follow=True)
            assert "Choose at least two sources" in text(page)
        assert not Different.objects.exists()

    def test_nobody_else_says_so(self, desk):
        sources = [make_source(title=TITLE) for _ in range(2)]
        sent = {"source": [source.pk for source in sources], "different": "1"}
        assert desk[None].post(reverse(DUPLICATES), sent).status_code == 403
        assert not Different.objects.exists()

    def test_the_list_takes_the_same_queries_for_three_groups_as_for_thirty(self, desk):
        taken = []
        for count in [3, 30]:
            with transaction.atomic():
                with gathered():
                    for n in range(count):
                        for _ in range(2):
                            make_source(title=f"{n} {TITLE}")
                with CaptureQueriesContext(connection) as queries:
                    page = desk["Editor"].get(reverse(DUPLICATES))
                assert page.context["page"].paginator.count == count
                taken.append(len(queries))
                transaction.set_rollback(True)
        assert taken[0] == taken[1]

    def test_any_page_number_is_answered(self, desk):
        for page in ["0", "99", "x", "9" * 40]:
            assert desk["Editor"].get(reverse(DUPLICATES), {"p": page}).status_code == 200


class TestMerging:
    def test_from_the_list_to_the_page_that_says_what_was_done(self, desk, client):
        kept = make_source(title=TITLE, slug="kept")
        other = make_source(title=f"{TITLE}: a review", slug="other", publisher="Their Press")
        draft = make_source(title=TITLE, status="draft", published_on=None)
        for source in [other, other, draft]:
            cite(make_finding(), source)
        other.tags.add("trust")
        sent = {"source": [draft.pk, other.pk, kept.pk], "compare": "1"}
        page = desk["Editor"].post(reverse(DUPLICATES), sent, follow=True)
        # The most cited one that is public is proposed; the editor keeps the first instead.
        assert page.context["kept"] == other
        page = compare(desk["Editor"], kept, other, draft, keep=kept.pk)
        for words in [
            "S1 (kept)",
            "differs",
            "the same",
            "3 citations will move to S1",
            "1 tag on a source will move to S1",
            "S2 was public: it is withdrawn",
            "S3 was never public: it is deleted",
            "There is no button to undo this.",
        ]:
            assert words in text(page)
        done = confirm(desk["Editor"], page, **{"take-title": other.pk})
        assert done.status_code == 302
        page = text(desk["Editor"].get(done["Location"]))
        for words in ["S2 “", "3 citations", "1 tag", "/S2", "/sources/other/", "/sources/kept/"]:
            assert words in page
        kept.refresh_from_db()
        assert (kept.title, kept.publisher, kept.citations.count()) == (f"{TITLE}: a review", "A Press", 3)
        assert client.get("/sources/other/")["Location"] == "/sources/kept/"
        assert client.get("/S2")["Location"] == "/sources/kept/"
        assert client.get("/S3").status_code == 404

    def test_what_the_kept_one_leaves_empty_is_proposed_from_the_other(self, desk):
        kept, other = make_source(doi="", volume="3"), make_source(doi="10.1000/a", volume="")
        page = compare(desk["Editor"], kept, other)
        taken = {
            row["name"]: next(source for source, _, taken in row["cells"] if taken) for row in page.context["rows"]
        }
        assert (taken["doi"], taken["volume"]) == (other, kept)
        assert not next(row for row in page.context["rows"] if row["name"] == "title")["differs"]

    def test_the_list_action_leads_there_for_editors_only(self, desk):
        sources = [make_source(), make_source()]
        chosen = {"action": "merge", "_selected_action": [source.pk for source in sources]}
        response = desk["Editor"].post(address(Source, "changelist"), chosen, follow=True)
        assert response.context["kept"] == sources[0]
        assert "Merge …" not in text(desk["Librarian"].get(address(Source, "changelist")))

    def test_too_many_are_told_so(self, desk):
        sources = [make_source() for _ in range(12)]
        chosen = {"action": "merge", "_selected_action": [source.pk for source in sources]}
        page = desk["Editor"].post(address(Source, "changelist"), chosen, follow=True)
        assert "Choose two to 10 sources" in text(page)

    def test_a_citation_that_becomes_part_of_another_is_named(self, desk):
        kept, other, finding = make_source(), make_source(), make_finding()
        for source in [kept, other]:
            cite(finding, source)
        page = compare(desk["Editor"], kept, other)
        assert "1 citation (F1 → S2) will become part of one that S1 has already" in text(page)

    def test_only_editors_merge(self, desk):
        kept, other = make_source(), make_source()
        page = compare(desk["Editor"], kept, other)
        for role in ["Librarian", None]:
            assert compare(desk[role], kept, other).status_code == 403
            assert confirm(desk[role], page).status_code == 403
        assert Source.objects.published().count() == 2

    def test_what_changed_in_between_is_told_and_nothing_is_merged(self, desk):
        kept, other = make_source(), make_source()
        page = compare(desk["Editor"], kept, other)
        other.contributors.update(family="Other")
        told = confirm(desk["Editor"], page)
        assert "Nothing was merged: S2 changed while you were looking." in text(told)
        assert Source.objects.published().count() == 2
        assert confirm(desk["Editor"], told).status_code == 302

    def test_what_is_gone_is_told(self, desk):
        kept, other, draft = make_source(), make_source(), make_source(status="draft", published_on=None)
        page = compare(desk["Editor"], kept, other, draft)
        draft.delete()
        assert "One of the sources is gone" in text(confirm(desk["Editor"], page))
        assert Source.objects.published().count() == 2
        page = compare(desk["Editor"], kept, other)
        assert confirm(desk["Editor"], page).status_code == 302
        again = desk["Editor"].post(reverse(MERGE), {"source": [kept.pk, other.pk]}, follow=True)
        assert "Choose two to 10 sources that are there still" in text(again)

    def test_what_breaks_a_rule_is_told_and_nothing_is_merged(self, desk):
        kept = make_source(status="draft", published_on=None)
        other = make_source(retracted_on="2020-01-01", retraction_reason="Wrong figures.")
        page = compare(desk["Editor"], kept, other, keep=kept.pk)
        assert "S2 is public and S1 is not" in text(page)
        assert "S2 is public and S1 is not" in text(confirm(desk["Editor"], page))
        make_source(title="Third")
        third = Source.objects.get(title="Third")
        page = compare(desk["Editor"], third, other, keep=third.pk)
        told = confirm(desk["Editor"], page, **{"take-retracted_on": third.pk})
        assert "Give the date of the retraction too" in text(told)
        assert Source.objects.published().count() == 2

    @pytest.mark.parametrize("query", ["", "source=1", "source=x&source=-1", "source=999&source=998"])
    def test_an_odd_address_is_answered_in_words(self, desk, query):
        response = desk["Editor"].get(f"{reverse(MERGE)}?{query}", follow=True)
        assert "Choose two to 10 sources" in text(response)

    def test_text_of_a_record_is_shown_as_text(self, desk):
        sources = [make_source(title="<script>alert(1)</script>"), make_source(abstract="<b>bold</b>")]
        page = text(compare(desk["Editor"], *sources))
        assert "<script>alert" not in page
        assert "<b>bold" not in page

    def test_a_page_of_a_merge_is_for_those_who_may_see_the_source(self, desk):
        kept, other = make_source(), make_source()
        page = reverse("admin:sources_source_merged", args=[kept.pk])
        assert desk["Editor"].get(page).status_code == 404
        confirm(desk["Editor"], compare(desk["Editor"], kept, other))
        assert desk["Librarian"].get(page).status_code == 200
        assert desk[None].get(page).status_code == 403
        assert "Merged" in text(desk["Editor"].get(address(Source, "change", other.pk)))

    def test_the_contributors_of_all_that_are_compared_are_read_together(self, desk):
        sources, taken = [make_source(title=TITLE) for _ in range(4)], []
        for some in [sources[:2], sources]:
            with CaptureQueriesContext(connection) as queries:
                assert compare(desk["Editor"], *some).status_code == 200
            taken.append(sum("sources_contributor" in query["sql"] for query in queries.captured_queries))
        assert taken[0] == taken[1]

    def test_looking_and_merging_take_the_same_queries_for_three_citations_as_for_thirty(self, desk):
        taken = []
        for count in [1, 3, 30]:  # the first time, Django learns its content types
            with transaction.atomic():
                with gathered():
                    kept, other = make_source(), make_source()
                    for _ in range(count):
                        cite(make_finding(), other)
                with CaptureQueriesContext(connection) as looking:
                    page = compare(desk["Editor"], kept, other, keep=kept.pk)
                with CaptureQueriesContext(connection) as merging:
                    assert confirm(desk["Editor"], page).status_code == 302
                taken.append((len(looking), len(merging)))
                transaction.set_rollback(True)
        assert taken[1] == taken[2]
