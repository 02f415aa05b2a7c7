"""A second review from its file to twenty published findings: a Word document with notes, and pages in two columns."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from curation import workflow
from findings.extraction import coverage, secondreading
from findings.extraction.bibliography import found_in
from findings.extraction.documents import read_file
from findings.extraction.models import ReviewText
from findings.extraction.plain import read_plain
from findings.extraction.reading import read
from findings.models import Finding, Review, Theme
from tests.browser.chromium import chromium
from tests.factories import make_review, make_source

from .second_text import FINDINGS, NOTES, TEXT, as_pdf, as_word

TYPED = [one.text for one in read(read_plain(TEXT)).sentences]


def missing(data):
    found = [one.text for one in read(read_file(data)).sentences]
    return [text for text in TYPED if text not in found], len(found)


def test_the_word_document_gives_every_sentence_as_it_was_typed_and_its_notes():
    assert missing(as_word()) == ([], len(TYPED) + len(NOTES))


@pytest.mark.skipif(not chromium(), reason="no Chromium found")
def test_pages_in_two_columns_give_every_sentence_as_it_was_typed(tmp_path):
    lost, _ = missing(as_pdf(tmp_path))
    assert lost == ["Mill Lane", "email: post@plots.example"]  # an address without an empty line: one paragraph


class Librarian:
    """Works at the reading view, and counts the requests that change something."""

    def __init__(self, client, review):
        self.client, self.base, self.steps = client, f"/admin/findings/review/{review.pk}/", 0

    def post(self, page="reading/", **values):
        self.steps += 1
        answer = self.client.post(self.base + page, values)
        assert answer.status_code == 302, (values, answer.context and answer.context["desk"].problem)

    def labels(self, text, **asked):
        return [one.label for one in text.sentences.open().filter(**asked)]


@pytest.mark.django_db
def test_twenty_findings_are_published_and_every_sentence_is_accounted_for(client, people):
    review = make_review(title="Gardens in common", status="in-review", published_on=None)
    client.force_login(people["Librarian"])
    desk = Librarian(client, review)
    desk.post("reading/text/", file=SimpleUploadedFile("gardens.docx", as_word()))
    text = ReviewText.objects.get(review=review)
    sources = [make_source(title=one.reference.record.title) for one in found_in(text)]
    assert len(sources) == 7
    name_the_works(desk, text, sources)
    name_the_themes(desk, text)
    for opening, stance, heading, short in FINDINGS:
        word_a_finding(desk, text, opening, stance, heading, short)
    name_the_rest(desk, text)
    assert coverage.next_open(text) is None
    assert Finding.objects.filter(status="draft").count() == 20
    publish_all(client, people, review)
    assert Finding.objects.published().count() == 20
    assert {pair.state for pair in secondreading.pairs(review)} == {"agreed"}
    assert Finding.objects.get(heading=FINDINGS[0][2]).citations.count() == 1
    assert desk.steps < 60


def name_the_works(desk, text, sources):
    for label, source in zip(desk.labels(text, section__title="References", kind="paragraph"), sources, strict=False):
        desk.post(make="citation", s=label, source=source.code)
    notes = {"Barrow": 0, "Dale": 1, "Field": 2, "Gate": 3, "Hill": 4, "Marsh": 5, "Stile": 6}
    for name, place in notes.items():
        [label] = [one.label for one in text.sentences.filter(kind="note") if name in one.wording]
        desk.post(add="1", s=label, code=sources[place].code)


def name_the_themes(desk, text):
    for title in ["Talking and learning", "Water, tools and keys", "Time and change", "Living near the garden"]:
        [label] = desk.labels(text, wording=title)
        desk.post(make="theme", s=label, name=title, summary="What the review has on it.")
    [label] = desk.labels(text, wording="Support from outside")
    desk.post(make="theme", s=label, name="Support from outside", summary="What councils do.")


def word_a_finding(desk, text, opening, stance, heading, short):
    [sentence] = text.sentences.filter(wording__startswith=opening, state="open").order_by("number")[:1]
    page = desk.client.get(f"{desk.base}reading/", {"s": sentence.label, "make": "finding"})
    suggested = page.context["desk"].suggested
    assert suggested["theme"].name == sentence.section.title
    desk.post(
        make="finding",
        s=sentence.label,
        claim=heading,
        bottom_line=short,
        body=short,
        stance=stance,
        theme=suggested["theme"].pk,
        cites=suggested["cites"],
    )


def name_the_rest(desk, text):
    for paragraph in range(1, 5):
        labels = desk.labels(text, section__title="Key messages", paragraph=paragraph)
        desk.post(make="key-message", s=labels, claim=f"In short, {paragraph}", body="It may be so.")
    titled = {"section__title": "What might be taken forward", "kind": "item"}
    for paragraph in range(2, 7):
        labels = desk.labels(text, **titled, paragraph=paragraph)
        desk.post(
            make="practice-point", s=labels, claim=f"Rota {paragraph}", summary="It may.", element="joint-enterprise"
        )
    desk.post(make="about", s=desk.labels(text, section__title="About this review", kind="paragraph"))
    desk.post(make="about", s=desk.labels(text, section__title="How the studies were found", kind="paragraph"))
    desk.post(make="aside", s=desk.labels(text, section__title="Three places"), reason="Describes a place")
    desk.post(make="aside", s=desk.labels(text, kind="heading"), reason="Heading")
    desk.post(make="aside", s=desk.labels(text, section__title="References"), reason="Address")
    desk.post(make="aside", s=desk.labels(text), reason="Says nothing of its own")


def publish_all(client, people, review):
    editor = people["Editor"]
    client.force_login(editor)
    workflow.perform("publish", Review.objects.get(pk=review.pk), editor)
    for theme in Theme.objects.filter(status="draft"):
        workflow.perform("publish", workflow.perform("send-for-review", theme, editor), editor)
    for pair in secondreading.pairs(review):
        posted = {"code": pair.entry.code, "read": pair.read, "verdict": "agree"}
        if isinstance(pair.entry, Finding):
            posted["publish"] = "1"
        assert client.post(f"/admin/findings/review/{review.pk}/second-reader/", posted).status_code == 302
