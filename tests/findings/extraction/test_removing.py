"""A text is deleted by an editor, who is told before what goes with it; nothing of it is left in the database."""

import pytest
from django.core import serializers
from django.core.management import call_command

from curation.log import LogEntry
from findings.extraction.models import KeptRemark, Passage, ReviewText, SecondReading, Sentence, TextSection
from findings.models import Finding, Theme

pytestmark = pytest.mark.django_db

FINDING = {
    "make": "finding",
    "claim": "They sometimes speak",
    "bottom_line": "Sometimes, they speak.",
    "body": "",
    "stance": "facilitator",
    "keep-key": "hedge:often",
    "keep-says": "A hedge is gone.",
    "keep-reason": "Neighbours who share a plot often talk, it says.",
}


@pytest.fixture
def desk(client, people, text):
    """Of a text of which a finding was made, and read by a second reader; two sentences are set aside."""
    client.force_login(people["Librarian"])
    address = f"/admin/findings/review/{text.review_id}/reading/"
    client.post(address, {**FINDING, "s": "3", "theme": Theme.objects.get().pk})
    client.post(address, {"make": "aside", "s": ["1", "2"], "reason": "Heading"})
    client.post(address, {"make": "about", "s": "4"})
    SecondReading.objects.create(entry=Finding.objects.get(), verdict="agreed", by=people["Editor"], read="x")
    client.force_login(people["Editor"])
    return address


def told(client, desk):
    return client.get(f"{desk}delete/").context["told"]


def test_what_goes_with_it_is_told_and_nothing_of_it_is_left(client, desk, text, tmp_path):
    finding = Finding.objects.get()
    words = [one.wording for one in text.sentences.all() if len(one.wording.split()) > 3]
    page = client.get(f"{desk}delete/").content.decode()
    assert "1 entry loses its passages" in page and finding.code in page
    assert "2 were set aside" in page and "about the review" in page
    answer = client.post(f"{desk}delete/", {"told": told(client, desk)}, follow=True)
    assert "was deleted, with every passage" in answer.content.decode()
    for model in (ReviewText, TextSection, Sentence, Passage, KeptRemark):
        assert not model.objects.exists(), model
    dump = tmp_path / "everything.json"
    call_command("dumpdata", output=dump, verbosity=0, exclude=["sessions"])
    assert len(words) > 5 and finding.heading in dump.read_text("utf-8")
    assert not [one for one in words if one in dump.read_text("utf-8")]
    finding.refresh_from_db()
    assert finding.place_in_words == "Talking and lending, paragraph 1"
    assert SecondReading.objects.get().entry == finding
    assert serializers.serialize("json", [LogEntry.objects.on(text.review).get()]).count(finding.code) == 1
    assert client.get(desk)["Location"] == f"{desk}text/"
    assert "deleted the text of" in client.get("/admin/").content.decode()


def test_what_was_made_while_somebody_looked_is_told_first(client, desk):
    seen = told(client, desk)
    client.post(desk, {"make": "aside", "s": "5", "reason": "Repetition"})
    assert "while you were looking" in client.post(f"{desk}delete/", {"told": seen}).content.decode()
    assert client.post(f"{desk}delete/").status_code == 200
    assert ReviewText.objects.exists()


def test_only_an_editor_deletes_a_text(client, desk, people):
    seen = told(client, desk)
    client.force_login(people["Librarian"])
    assert client.get(f"{desk}delete/").status_code == 403
    assert client.post(f"{desk}delete/", {"told": seen}).status_code == 403
    assert ReviewText.objects.exists() and "delete it" not in client.get(f"{desk}text/").content.decode()


def test_a_text_that_lacks_passages_replaces_another_only_where_an_editor_ticks_it(client, desk, people):
    another = {"text": "They may lend tools."}
    client.force_login(people["Librarian"])
    page = client.post(f"{desk}text/", {**another, "loses": "on"}).content.decode()
    assert "What would be lost" in page and "An editor may replace it" in page and "They may lend tools." in page
    client.force_login(people["Editor"])
    assert "though these passages are lost" in client.post(f"{desk}text/", another).content.decode()
    assert Sentence.objects.count() == 14
    assert client.post(f"{desk}text/", {**another, "loses": "on"})["Location"] == desk
    assert Sentence.objects.get().passages.get().use == "about"
