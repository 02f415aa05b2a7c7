"""A second reader compares wording and passage; what is agreed holds for what was read."""

import pytest
from django.utils import timezone

from findings.extraction import secondreading
from findings.extraction.models import SecondReading
from tests.factories import make_finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, people, text):
    client.force_login(people["Editor"])
    return f"/admin/findings/review/{text.review_id}/"


@pytest.fixture
def finding(client, people, text):
    """A librarian’s draft with a passage."""
    from findings.models import Finding, Theme

    client.force_login(people["Librarian"])
    client.post(
        f"/admin/findings/review/{text.review_id}/reading/",
        {
            "make": "finding",
            "s": "3",
            "claim": "Neighbours often talk",
            "bottom_line": "They often do.",
            "body": "They often do, with one plot.",
            "stance": "facilitator",
            "theme": Theme.objects.get().pk,
        },
    )
    client.logout()
    return Finding.objects.get()


def say(client, desk, entry, verdict, **more):
    [pair] = [pair for pair in secondreading.pairs(entry.review) if pair.entry == entry]
    return client.post(f"{desk}second-reader/", {"code": entry.code, "read": pair.read, "verdict": verdict, **more})


def shown(client, desk, show="to-read"):
    page = client.get(f"{desk}second-reader/", {"show": show})
    return [card["entry"] for card in page.context["cards"]]


def test_what_an_editor_agrees_to_is_published_and_says_when_it_was_compared(client, finding, desk, people):
    assert shown(client, desk) == [finding]
    assert say(client, desk, finding, "agree", publish="1").status_code == 302
    finding.refresh_from_db()
    today = timezone.localdate()
    assert (finding.status, finding.last_checked_on) == ("published", today)
    reading = SecondReading.objects.get()
    assert (reading.by, reading.verdict, reading.entry) == (people["Editor"], "agreed", finding)
    assert shown(client, desk) == [] and shown(client, desk, "agreed") == [finding]
    page = client.get(finding.get_absolute_url()).content.decode()
    assert "Compared with the review" in page and "paragraph 1" in page


def test_what_is_sent_back_needs_a_note_and_is_a_draft_again(client, finding, desk, people):
    from curation import workflow

    workflow.perform("send-for-review", finding, people["Librarian"])
    assert "Write what is to be done" in say(client, desk, finding, "send-back").content.decode()
    say(client, desk, finding, "send-back", note="The hedge is gone.")
    finding.refresh_from_db()
    assert finding.status == "draft"
    assert shown(client, desk, "sent-back") == [finding]
    assert "The hedge is gone." in client.get(f"{desk}second-reader/?show=sent-back").content.decode()


def test_what_is_left_for_later_comes_behind_all_others(client, finding, text, desk, people):
    others = [make_finding(review=text.review) for _ in range(6)]
    for number, other in enumerate(others, 4):
        client.post(f"{desk}reading/", {"add": "1", "s": str(number), "code": other.code})
    assert shown(client, desk)[:2] == [finding, others[0]]
    for entry in (finding, others[0]):
        page = client.get(say(client, desk, entry, "later")["Location"])
    assert [card["entry"] for card in page.context["cards"]] == others[1:6]
    assert page.context["more"] == 2 and not SecondReading.objects.exists()


def test_a_wording_that_changed_waits_for_a_second_reader_again(client, finding, desk):
    say(client, desk, finding, "agree")
    assert shown(client, desk, "agreed") == [finding]
    finding.bottom_line = "They sometimes do."
    finding.save()
    assert shown(client, desk) == [finding]


def test_what_was_changed_while_it_was_read_is_shown_again_and_nothing_is_recorded(client, finding, desk):
    posted = {"code": finding.code, "read": "another", "verdict": "agree"}
    assert "was changed while you were reading" in client.post(f"{desk}second-reader/", posted).content.decode()
    assert not SecondReading.objects.exists()


def test_nobody_is_the_second_reader_of_a_wording_of_their_own(client, finding, desk, people):
    from curation import history

    with history.recording(type(finding), [finding.pk], people["Editor"]):
        finding.bottom_line = "Mine."
        finding.save()
    assert "somebody else" in say(client, desk, finding, "agree").content.decode()


def test_a_librarian_sees_the_pairs_and_decides_nothing(client, finding, desk, people):
    client.force_login(people["Librarian"])
    assert shown(client, desk) == [finding]
    assert "pair-do" not in client.get(f"{desk}second-reader/").content.decode()
    assert say(client, desk, finding, "agree").status_code == 403


def test_a_note_with_characters_that_no_database_keeps_is_kept_without_them(client, finding, desk):
    assert say(client, desk, finding, "send-back", note="The hedge\0 is gone.").status_code == 302
    assert SecondReading.objects.get().note == "The hedge  is gone."
    assert client.post(f"{desk}reading/open/", {"because": "An\0appendix."}).status_code == 302


def test_an_odd_answer_is_asked_again(client, finding, desk):
    assert "Say whether you agree" in say(client, desk, finding, "perhaps").content.decode()
    assert client.post(f"{desk}second-reader/", {"code": "F999"}).status_code == 200
    make_finding()  # without a passage: nothing to compare
    assert shown(client, desk) == [finding]


def test_a_review_with_open_passages_is_published_only_after_an_editor_says_why(client, text, desk, people):
    from curation import workflow

    review = text.review
    type(review).objects.filter(pk=review.pk).update(status="in-review", published_on=None)
    with pytest.raises(workflow.Refused, match="14 sentences of its text are open"):
        workflow.perform("publish", review, people["Editor"])
    assert "Say why" in client.post(f"{desk}reading/open/", {"because": " "}, follow=True).content.decode()
    client.post(f"{desk}reading/open/", {"because": "The rest is an appendix."})
    assert workflow.perform("publish", review, people["Editor"]).is_public
    client.force_login(people["Librarian"])
    assert client.post(f"{desk}reading/open/", {"because": "Mine."}).status_code == 403
