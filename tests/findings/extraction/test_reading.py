"""The desk's reading view: choose passages, make entries of them, and see what is left."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.extraction.bringing_in import bring_in
from findings.extraction.models import KeptRemark, Passage, ReviewText
from findings.extraction.plain import read_plain
from findings.models import Finding, KeyMessage, PracticeImplication, Term, Theme
from tests.factories import make_finding, make_review, make_source

from .conftest import GARDEN
from .pages import pdf

pytestmark = pytest.mark.django_db

FINDING = {
    "make": "finding",
    "claim": "Neighbours who share often talk",
    "bottom_line": "Often, neighbours with one plot speak with each other.",
    "body": "",
    "stance": "facilitator",
}


@pytest.fixture
def desk(client, people, text):
    client.force_login(people["Librarian"])
    return f"/admin/findings/review/{text.review_id}/reading/"


def state(text, number):
    return text.sentences.get(number=number, part=0).state


def test_a_text_is_brought_in_from_a_file_or_by_pasting_and_only_by_those_who_may(client, people, django_user_model):
    review = make_review()
    address = f"/admin/findings/review/{review.pk}/reading/"
    client.force_login(django_user_model.objects.create(username="other", is_staff=True))
    assert client.get(address).status_code == 403
    client.force_login(people["Librarian"])
    assert client.get(address)["Location"] == f"{address}text/"
    scanned = SimpleUploadedFile("scan.pdf", pdf([]))
    assert "it was scanned" in client.post(f"{address}text/", {"file": scanned}).content.decode()
    assert "one of the two" in client.post(f"{address}text/", {}).content.decode()
    assert client.post(f"{address}text/", {"text": GARDEN})["Location"] == address
    assert ReviewText.objects.get().sentences.count() == 14
    again = client.post(f"{address}text/", {"file": SimpleUploadedFile("a.txt", b"Another one.")})
    assert again.status_code == 302 and ReviewText.objects.get().sentences.count() == 1


def test_a_new_finding_starts_with_what_its_place_and_its_note_mark_suggest(client, desk, text):
    marsh = make_source(authors=[("Marsh", "A")], issued="2001")
    client.post(desk, {"make": "citation", "s": "12", "source": marsh.code})
    page = client.get(desk, {"s": "3", "make": "finding"}).content.decode()
    theme = Theme.objects.get()
    assert f'<option value="{theme.pk}" selected>' in page
    assert f'value="{marsh.code}"' in page
    assert "Talking and lending, paragraph 1" in page
    assert '<b class="hedge">often</b>' in page
    barrier = client.get(desk, {"s": "7", "make": "finding"})
    assert barrier.context["desk"].suggested["stance"] == "barrier"


def test_a_line_of_references_and_a_note_start_with_the_work_that_they_name(client, desk, text):
    def suggested(number):
        return client.get(desk, {"s": number, "make": "citation"}).context["desk"].form["source"].value()

    assert suggested("14") == suggested("12") == ""
    sheds = make_source(title="Sheds", issued="1999", authors=[("Green", "B.")], publisher="Spade Press")
    talking = make_source(title="Talking over a hedge", issued="2001", authors=[("Marsh", "A.")])
    assert (suggested("14"), suggested("12")) == (sheds.code, talking.code)


def test_a_finding_is_saved_as_a_draft_with_its_passage_its_place_and_its_citation(client, desk, text):
    marsh = make_source(authors=[("Marsh", "A")], issued="2001")
    client.post(desk, {"make": "citation", "s": "12", "source": marsh.code})
    theme = Theme.objects.get()
    answer = client.post(desk, {**FINDING, "s": "3", "theme": theme.pk, "cites": marsh.code})
    finding = Finding.objects.get()
    assert answer["Location"] == f"{desk}?s=4#s4"
    assert (finding.status, finding.theme, finding.place_in_words) == (
        "draft",
        theme,
        "Talking and lending, paragraph 1",
    )
    assert [(one.source, one.number) for one in finding.citations.all()] == [(marsh, 1)]
    assert state(text, 3) == "covered"
    assert [passage.wording for passage in Passage.objects.of(finding)] == ["Neighbours who share a plot often talk.¹"]


def test_each_use_makes_what_it_says(client, desk, text):
    client.post(desk, {"make": "key-message", "s": "4", "claim": "They may lend", "body": "They may."})
    client.post(
        desk,
        {
            "make": "practice-point",
            "s": ["10", "11"],
            "claim": "A rota can help",
            "summary": "It can.",
            "element": "joint-enterprise",
        },
    )
    client.post(desk, {"make": "theme", "s": "9", "name": "Rotas", "summary": "What a rota can do."})
    client.post(desk, {"make": "term", "s": "5", "preferred_label": "plot", "definition": "A piece of land."})
    client.post(desk, {"make": "about", "s": "1"})
    client.post(desk, {"make": "aside", "s": "2", "reason": "Heading"})
    assert [model.objects.count() for model in (KeyMessage, PracticeImplication, Theme, Term)] == [1, 1, 2, 1]
    assert [state(text, number) for number in (1, 2, 4, 5, 9, 10, 11)] == ["covered", "aside", *["covered"] * 5]
    assert state(text, 3) == "open"


def test_what_is_missing_is_told_and_nothing_is_saved(client, desk, text):
    for posted in [
        {**FINDING, "s": "3"},  # no theme
        {**FINDING, "s": "3", "theme": Theme.objects.get().pk, "cites": "S99"},
        {"make": "aside", "s": "3", "reason": " "},
        {**FINDING, "s": "99"},
        {"add": "1", "s": "3", "code": "F99"},
        {"make": "nothing", "s": "3"},
        {},
    ]:
        answer = client.post(desk, posted)
        assert answer.status_code == 200, posted
    assert not Finding.objects.exists() and not Passage.objects.exists()
    assert "There is no entry F99" in client.post(desk, {"add": "1", "s": "3", "code": "F99"}).content.decode()


def test_a_part_of_a_sentence_is_made_something_of_and_the_rest_stays_open(client, desk, text):
    posted = {"make": "aside", "s": "7", "reason": "Repetition"}
    client.post(desk, {**posted, "part_words": "quarrels about it are common"})
    assert state(text, 7) == "open"
    assert "Open, in part" in client.get(desk, {"section": 1}).content.decode()
    client.post(desk, {**posted, "part": "7:0-18"})
    assert state(text, 7) == "aside"
    assert "not in the sentence" in client.post(desk, {**posted, "part_words": "elsewhere"}).content.decode()


def test_passages_go_into_an_entry_that_is_there_which_gets_its_place(client, desk, text, people):
    draft = make_finding(status="draft", published_on=None)
    public = make_finding()
    for entry in (draft, public):
        client.post(desk, {"add": "1", "s": "4", "code": entry.code})
        entry.refresh_from_db()
    assert draft.place_in_words == "Talking and lending, paragraph 1"
    assert public.place_in_words == ""  # a librarian does not change what readers see
    client.force_login(people["Editor"])
    client.post(desk, {"add": "1", "s": "5", "code": public.code})
    public.refresh_from_db()
    assert public.place_section == "Talking and lending"


def test_the_form_of_an_entry_shows_its_passages_and_the_way_to_them(client, desk, people):
    finding = make_finding(status="draft", published_on=None)
    client.post(desk, {"add": "1", "s": "4", "code": finding.code})
    page = client.get(f"/admin/findings/finding/{finding.pk}/change/").content.decode()
    assert "“They may lend tools.”" in page and f'href="{desk}?s=4#s4"' in page
    assert client.get("/admin/findings/finding/add/").status_code == 200
    public = make_finding()
    client.post(desk, {"add": "1", "s": "5", "code": public.code})
    assert "“Not all of them do.”" in client.get(f"/admin/findings/finding/{public.pk}/change/").content.decode()


def test_a_sentence_that_is_done_stays_in_hand_and_is_not_chosen_for_the_next_entry(client, desk):
    posted = {"make": "aside", "s": "3", "reason": "Repetition", "stay": "1"}
    after = client.post(desk, posted, follow=True)
    [row] = [row for row in after.context["rows"] if row["in_hand"]]
    assert row["sentence"].label == "3" and not row["is_ticked"]
    assert "Take sentence 3 back" in after.content.decode()
    again = client.get(desk, {"s": "3", "make": "finding"})
    assert [bool(row["is_ticked"]) for row in again.context["rows"] if row["in_hand"]] == [True]


def test_a_passage_is_taken_back_and_its_entry_stays(client, desk, text):
    finding = make_finding(status="draft", published_on=None)
    client.post(desk, {"add": "1", "s": "4", "code": finding.code})
    passage = Passage.objects.get()
    client.post(f"{desk}take-back/{passage.pk}/")
    assert state(text, 4) == "open" and Finding.objects.filter(pk=finding.pk).exists()


def test_checks_look_at_what_is_typed_and_a_reason_keeps_a_remark(client, desk, text):
    posted = {**FINDING, "claim": "Neighbours always talk", "bottom_line": "They always do.", "s": "3"}
    said = client.post(f"{desk}checks/", posted).content.decode()
    assert "A hedge is gone" in said and "Surer than the passage" in said
    fine = client.post(f"{desk}checks/", {**FINDING, "s": "3"}).content.decode()
    assert "check-look" not in fine and "Hedges kept" in fine
    keeps = {"keep-key": "certainty:always", "keep-says": "Surer\0", "keep-reason": "It says so\0below."}
    client.post(desk, {**posted, **keeps, "theme": Theme.objects.get().pk})
    kept = KeptRemark.objects.get()
    assert (kept.entry, kept.reason) == (Finding.objects.get(), "It says so below.")


def test_repetitions_are_shown(client, desk):
    page = client.get(desk, {"section": 1}).content.decode()
    assert "The same as 8" in page and "The same as 3" in page


def test_the_reading_view_takes_the_same_queries_for_3_sentences_as_for_30(client, people):
    client.force_login(people["Editor"])
    counts = []
    for number in (3, 30):
        review = make_review()
        said = " ".join(f"Sentence {n} may say something of gardens." for n in range(number))
        text = bring_in(review, read_plain(said), "", people["Editor"])
        address = f"/admin/findings/review/{review.pk}/reading/"
        for one in text.sentences.all():
            client.post(address, {"add": "1", "s": one.label, "code": make_finding(review=review).code})
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address)
        counts.append(len(queries))
    assert client.get(address).status_code == 200 and "30 sentences are done" in client.get(address).content.decode()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query", ["s=x", "s=0", "s=1&part=1:9-2", "section=x&page=x", "make=x&s=1", "s=" + "9" * 50, "part=7:"]
)
def test_odd_addresses_answer_with_the_page(client, desk, query):
    assert client.get(f"{desk}?{query}").status_code == 200


def test_a_sentence_is_corrected(client, desk, text):
    one = text.sentences.get(number=4)
    page = f"{desk}correct/{one.pk}/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"act": "divide", "before": "They may"})["Location"] == f"{desk}?s=4#s4"
    assert client.post(page, {"act": "join"}).status_code == 302
    assert "Copy the words" in client.post(page, {"act": "divide", "before": "No"}).content.decode()
    client.post(page, {"act": "edit", "wording": "They may lend  spades."})
    one.refresh_from_db()
    assert one.wording == "They may lend spades."
