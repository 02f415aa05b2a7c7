"""A new librarian brings a second review in, from an empty form to twenty published findings with every sentence
accounted for. What she and her second reader do is counted, and printed."""

import re
import time

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from findings.extraction.models import Passage, ReviewText
from findings.models import Finding, Review
from sources.models import Source
from tests.findings.extraction.second_text import FINDINGS, as_pdf, as_word

from .desk import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THEMES = [
    "Talking and learning",
    "Water, tools and keys",
    "Time and change",
    "Living near the garden",
    "Support from outside",
]
ASIDE = {"How the studies were found": "Tells how it was made", "Three places": "Describes a place"}


class Hands:
    """Of somebody at the desk: counts what they press, fill in and tick, and the pages that they come to."""

    def __init__(self, page):
        self.page, self.clicks, self.fields, self.keys, self.began = page, 0, 0, 0, time.monotonic()

    def click(self, what):
        self.clicks += 1
        what.click()

    def check(self, what):
        self.clicks += 1
        what.check()

    def fill(self, label, text):
        self.fields += 1
        self.page.get_by_role("textbox", name=label, exact=True).or_(
            self.page.get_by_role("combobox", name=label, exact=True)
        ).fill(text)

    def press(self, key):
        self.keys += 1
        self.page.keyboard.press(key)

    def button(self, name):
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def uncheck(self, what):
        self.clicks += 1
        what.uncheck()

    def link(self, name):
        self.click(self.page.get_by_role("link", name=name).first)

    def told(self, text):
        expect(self.page.locator(".messagelist").get_by_text(text)).to_be_visible()

    def count(self, what):
        seconds = time.monotonic() - self.began
        print(
            f"{what}: {self.clicks} clicks, {self.fields} fields, {self.keys} single keys, {seconds:.0f} s by program"
        )


@pytest.fixture(params=["docx", "pdf"])
def file(request, tmp_path):
    data = as_word() if request.param == "docx" else as_pdf(tmp_path)
    return {"name": f"gardens.{request.param}", "mimeType": "", "buffer": data}


def test_a_new_librarian_brings_a_review_in_to_twenty_published_findings(page, desk, file):
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, desk, "librarian")
    hands = Hands(page)
    review = add_the_review(hands)
    bring_the_text_in(hands, file)
    text = ReviewText.objects.get(review=review)
    number = text.sentences.count()
    import_the_references(hands)
    reading = f"{desk}findings/review/{review.pk}/reading/"
    page.goto(reading)
    name_the_works(hands)
    name_the_themes(hands)
    for row in FINDINGS:
        word_a_finding(hands, *row)
    word_the_rest(hands)
    expect(page.get_by_text(f"All {number} sentences are done.")).to_be_visible()
    assert Finding.objects.filter(review=review, status="draft").count() == 20
    hands.count(f"{file['name']}, librarian, {number} sentences")

    log_in(page, desk, "editor")
    hands = Hands(page)
    publish_what_findings_hang_from(hands, desk)
    read_as_second_reader(hands, desk, review)
    hands.count(f"{file['name']}, editor")
    assert Finding.objects.filter(review=review).published().count() == 20
    assert {one.state for one in text.sentences.all()} == {"covered", "aside"}
    reach_readers(page, desk, review)


def add_the_review(hands):
    hands.link("Reviews")
    hands.link("Add review")
    hands.fill("Title", "Gardens in common")
    hands.fill("Summary", "What studies say of gardens that neighbours share.")
    hands.fill("Publisher", "Association of Plots")
    hands.fill("Year", "2006")
    hands.click(hands.page.get_by_role("button", name="Save and continue editing").first)
    hands.told("was added successfully")
    return Review.objects.get(title="Gardens in common")


def bring_the_text_in(hands, file):
    hands.link("Read its text")
    hands.clicks += 1
    hands.page.get_by_label("File").set_input_files(file)
    hands.button("Read it")
    hands.told("The text was read")


def import_the_references(hands):
    hands.link("References")
    expect(hands.page.locator("input[name=line]:checked")).to_have_count(7)
    hands.button("Show them in the import preview")
    hands.click(hands.page.get_by_role("button", name="Import 7 records"))
    expect(hands.page.get_by_text("7 sources created")).to_be_visible()
    hands.click(hands.page.get_by_role("button", name="Send all drafts for review"))
    hands.told("7 sources")


def sentence(page, opening):
    return page.locator(".sent", has=page.locator(".sent-text", has_text=re.compile(f"^{re.escape(opening)}"))).first


def open_section(hands, name):
    hands.click(hands.page.locator(".cover").get_by_role("link", name=name).first)


def to_the_section(hands, name):
    """Only if she is not there: after each finding the desk goes on to the next open sentence."""
    if hands.page.locator("#read").inner_text() != name:
        open_section(hands, name)


def take_in_hand(hands, *sentences):
    wanted = {one.get_attribute("id").removeprefix("s") for one in sentences}
    for box in hands.page.locator("input[name=s]:checked").all():
        if box.get_attribute("value") not in wanted:  # the next open one, which is in hand
            hands.uncheck(box)
    for one in sentences:
        if not one.get_by_role("checkbox").is_checked():
            hands.check(one.get_by_role("checkbox"))


def make(hands, key, *sentences):
    take_in_hand(hands, *sentences)
    if len(key) == 1:
        hands.press(key)
    else:
        hands.button(key)
    expect(hands.page.locator("#draft")).to_be_visible()


def open_ones(page):
    return page.locator(".sent.is-open").all()


def name_the_works(hands):
    """The lines of the list, and the notes: each starts with the work that it names."""
    page = hands.page
    open_section(hands, "References")
    lines = page.locator(".sent", has_text=re.compile(r"\((?:19|20)\d\d\)"))
    expect(lines).to_have_count(7)
    for _ in range(7):
        make(hands, "c", page.locator(".sent.is-open", has_text=re.compile(r"\((?:19|20)\d\d\)")).first)
        expect(page.get_by_label("Work", exact=True)).to_have_value(re.compile(r"S\d+"))
        hands.button("Record it")
    for note in ReviewText.objects.get().sentences.filter(kind="note").select_related("section"):
        to_the_section(hands, note.section.title)
        make(hands, "c", page.locator(f"#s{note.label}"))
        expect(page.get_by_label("Work", exact=True)).to_have_value(re.compile(r"S\d+"))
        hands.button("Record it")
    assert Passage.objects.filter(use="citation").values("object_id").distinct().count() == 7


def name_the_themes(hands):
    for name in THEMES:
        open_section(hands, name)
        make(hands, "Theme", hands.page.locator(".sent.kind-heading").first)
        hands.fill("Name", name)
        hands.fill("Summary", f"What the review has on {name.lower()}.")
        hands.button("Save draft")
        hands.told("was saved as a draft")


def word_a_finding(hands, opening, stance, heading, short):
    page, one = hands.page, ReviewText.objects.get().sentences.filter(wording__startswith=opening).first()
    to_the_section(hands, one.section.title)
    make(hands, "f", sentence(page, opening))
    expect(page.get_by_label("Theme").locator("option:checked")).to_contain_text(one.section.title)
    hands.fill("Heading", heading)
    hands.fill("In short", short)
    hands.fill("In full", short)
    hands.check(page.locator(f"input[name=stance][value={stance}]"))
    hands.button("Save draft, next open")
    hands.told(f"was saved as a draft: “{heading}”")


def word_the_rest(hands):
    page = hands.page
    open_section(hands, "Key messages")
    for number in range(1, 5):
        make(hands, "k", *next_item(page))
        hands.fill("Heading", f"In short, {number}")
        hands.fill("In full", "It may be so.")
        hands.button("Save draft")
        hands.told(f"was saved as a draft: “In short, {number}”")
    open_section(hands, "What might be taken forward")
    intro = page.locator(".sent.is-open.kind-paragraph").all()
    make(hands, "x", *intro)
    hands.fill("Why", "Says nothing of its own")
    hands.button("Record it")
    for number in range(1, 6):
        make(hands, "p", *next_item(page))
        hands.fill("Heading", f"Forward, {number}")
        hands.fill("In short", "It may help, the review says.")
        hands.fill("In full", "It may help. It is for those who run a garden to say.")
        hands.check(page.locator("input[name=element]").first)
        hands.button("Save draft")
        hands.told(f"was saved as a draft: “Forward, {number}”")
    for name, reason in ASIDE.items():
        open_section(hands, name)
        set_aside(hands, reason, open_ones(page))
    open_section(hands, "About this review")
    make(hands, "About the review", *page.locator(".sent.is-open.kind-paragraph").all())
    hands.button("Record it")
    expect(page.locator("#draft")).to_have_count(0)
    while page.locator("#next-open").count():
        hands.press("n")
        expect(page.locator(".sent.is-open[aria-current]")).to_have_count(1)
        set_aside(hands, "Heading or address", open_ones(page))


def next_item(page):
    """The sentences of the first item of the section that is open."""
    items = (
        ReviewText.objects.get().sentences.open().filter(kind="item", section__title=page.locator("#read").inner_text())
    )
    first = items.order_by("number").first()
    return [page.locator(f"#s{one.label}") for one in items.filter(paragraph=first.paragraph).order_by("number")]


def set_aside(hands, reason, sentences):
    make(hands, "x", *sentences)
    hands.fill("Why", reason)
    hands.button("Record it")
    expect(hands.page.locator("#draft")).to_have_count(0)


def publish_what_findings_hang_from(hands, desk):
    page = hands.page
    page.goto(f"{desk}curation/import/")
    hands.click(page.locator("#result_list").get_by_role("link", name=re.compile("References")).first)
    hands.click(page.get_by_role("button", name="Publish all that are in review"))
    assert Source.objects.filter(title__startswith="Six gardens", status="published").exists()
    for name in ["Reviews", "Themes"]:
        page.goto(desk)
        hands.click(page.get_by_role("navigation", name="Desk").get_by_role("link", name=name, exact=True))
        expect(page.get_by_role("search", name=name)).to_be_visible()
        for box in page.locator("#result_list tbody tr", has_text="Draft").all():
            hands.check(box.get_by_role("checkbox"))
        hands.button("Send for review and publish …")
        hands.click(page.locator("input[name=confirm]"))
        hands.told(re.compile("[Pp]ublished"))


def read_as_second_reader(hands, desk, review):
    page = hands.page
    page.goto(f"{desk}findings/review/{review.pk}/reading/")
    hands.link("Second reader")
    for left in range(29, 0, -1):
        card = page.locator(".pair").first
        hands.check(card.get_by_label("Publish it too"))
        hands.click(card.get_by_role("button", name="Record it, next"))
        expect(page.get_by_role("link", name=f"To read {left - 1}")).to_be_visible()


def reach_readers(page, desk, review):
    page.context.clear_cookies()
    finding = Finding.objects.get(heading=FINDINGS[0][2])
    page.goto(desk.removesuffix("/admin/") + finding.get_absolute_url())
    expect(page.get_by_role("heading", level=1, name=finding.heading)).to_be_visible()
    expect(page.get_by_text(f"compared with it on {date_format(timezone.localdate(), 'j F Y')}").first).to_be_visible()
    expect(page.get_by_text("under “Talking and learning”, paragraph 1").first).to_be_visible()
    assert "tend a plot together" not in page.content()
