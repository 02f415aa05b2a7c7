"""A new librarian brings a review in from a file, words findings beside their passages, and an editor reads them."""

import pytest
from playwright.sync_api import expect

from findings.extraction.models import Passage
from findings.models import Finding, Review
from tests.factories import make_review, make_theme
from tests.findings.extraction.second_text import FINDINGS, as_pdf

from .desk import log_in

pytestmark = pytest.mark.django_db(transaction=True)
WORDED = [FINDINGS[1], FINDINGS[13]]


@pytest.fixture
def review(desk):
    make_theme(name="Talking and learning")
    make_theme(name="Time and change")
    return make_review(title="Gardens in common")


def bring_in(page, desk, review, tmp_path):
    page.goto(f"{desk}findings/review/{review.pk}/change/")
    page.get_by_role("link", name="Read its text").click()
    page.get_by_label("File").set_input_files({"name": "gardens.pdf", "mimeType": "", "buffer": as_pdf(tmp_path)})
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("149 of 149 sentences are still open")).to_be_visible()


def sentence(page, opening):
    page.get_by_role(
        "link", name="Time and change" if opening.startswith("One study") else "Talking and learning"
    ).first.click()
    return page.locator(".sent", has_text=opening).first


def word(page, heading, short, stance):
    page.get_by_label("Heading").fill(heading)
    page.get_by_label("In short").fill(short)
    page.get_by_label("In full").fill(short)
    page.locator(f"input[name=stance][value={stance}]").check()


def test_findings_are_made_of_a_file_and_published_by_a_second_reader(page, desk, review, tmp_path):
    log_in(page, desk, "librarian")
    bring_in(page, desk, review, tmp_path)
    for opening, stance, heading, short in WORDED:
        one = sentence(page, opening)
        one.get_by_role("checkbox").check()
        page.locator("h2", has_text="Coverage").click()
        page.keyboard.press("f")
        word(page, heading, short, stance)
        page.get_by_role("button", name="Save draft, next open").click()
        expect(page.get_by_text(f"was saved as a draft: “{heading}”")).to_be_visible()
        expect(page.locator(".sent[aria-current]")).to_have_count(1)
    assert Finding.objects.filter(review=review, status="draft").count() == 2
    log_in(page, desk, "editor")
    page.goto(f"{desk}findings/review/{review.pk}/second-reader/")
    for left in (2, 1):
        card = page.locator(".pair").first
        expect(card.locator(".hedge").first).to_be_visible()
        card.get_by_label("Publish it too").check()
        card.get_by_role("button", name="Record it, next").click()
        expect(page.get_by_role("link", name=f"To read {left - 1}")).to_be_visible()
    assert Finding.objects.filter(review=review).published().count() == 2
    assert Review.objects.get(pk=review.pk).source_text.sentences.filter(state="covered").count() == 2


def test_checks_come_while_one_writes_and_a_part_of_a_sentence_can_be_marked(page, desk, review, tmp_path):
    log_in(page, desk, "librarian")
    bring_in(page, desk, review, tmp_path)
    one = sentence(page, "Neighbours who tend a plot")
    text = one.locator(".sent-text span").first
    text.evaluate(
        "node => { const range = document.createRange(); range.setStart(node.firstChild, 0);"
        " range.setEnd(node.firstChild, 'Neighbours who tend a plot together often talk'.length);"
        " getSelection().removeAllRanges(); getSelection().addRange(range); }"
    )
    expect(one.get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="Finding", exact=False).first.click()
    expect(page.locator(".passage")).to_have_text("“Neighbours who tend a plot together often talk”")
    page.get_by_label("Heading").fill("Neighbours always talk")
    page.get_by_label("In short").fill("They always do.")
    expect(page.get_by_text("A hedge is gone.").first).to_be_visible()
    expect(page.get_by_text("Surer than the passage.").first).to_be_visible()
    page.get_by_label("In short").fill("They often do.")
    page.get_by_label("Heading").fill("Neighbours often talk")
    expect(page.get_by_text("Hedges kept", exact=False)).to_be_visible()
    page.get_by_label("Gets in the way").check()
    page.get_by_role("button", name="Save draft", exact=True).click()
    expect(page.locator(".sent.is-open[aria-current] .part-covered")).to_have_text(Passage.objects.get().wording)
    assert Passage.objects.get().wording == "Neighbours who tend a plot together often talk"


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_it_works_without_script(page, desk, review, tmp_path):
    log_in(page, desk, "librarian")
    bring_in(page, desk, review, tmp_path)
    one = sentence(page, "In one interview study")
    one.get_by_role("checkbox").check()
    page.get_by_role("button", name="Set aside", exact=False).first.click()
    page.get_by_label("Why").fill("Repetition")
    page.get_by_role("button", name="Record it", exact=True).click()
    expect(page.locator(".sent[aria-current] .sent-state", has_text="Set aside")).to_be_visible()


def test_a_text_is_replaced_and_deleted_by_an_editor_who_is_told_what_goes(page, desk, review, tmp_path):
    log_in(page, desk, "librarian")
    bring_in(page, desk, review, tmp_path)
    opening, stance, heading, short = WORDED[0]
    sentence(page, opening).get_by_role("checkbox").check()
    page.locator("h2", has_text="Coverage").click()
    page.keyboard.press("f")
    word(page, heading, short, stance)
    page.get_by_role("button", name="Save draft, next open").click()
    expect(page.get_by_text(f"was saved as a draft: “{heading}”")).to_be_visible()
    page.get_by_role("link", name="Another text").click()
    page.get_by_label("Or paste").fill("Another text altogether. It says less.")
    page.get_by_role("button", name="Read it", exact=True).click()
    expect(page.get_by_role("heading", name="What would be lost")).to_be_visible()
    expect(page.get_by_text("An editor may replace it all the same.")).to_be_visible()
    expect(page.get_by_label("Or paste")).to_have_value("Another text altogether. It says less.")
    page.reload()
    page.go_back()

    log_in(page, desk, "editor")
    reading = f"{desk}findings/review/{review.pk}/reading/"
    page.goto(reading)
    expect(page.get_by_text("148 of 149 sentences are still open")).to_be_visible()
    page.get_by_role("link", name="Another text").click()
    page.get_by_role("link", name="delete it").click()
    expect(page.get_by_role("heading", name="1 entry loses its passages")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_text("148 of 149 sentences are still open")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Delete the text").click()
    expect(page.get_by_text("was deleted, with every passage of it")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("There is no text of Gardens in common here.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Or paste")).to_be_visible()
    assert Finding.objects.filter(review=review, heading=heading).exists()
    assert not Passage.objects.exists()
