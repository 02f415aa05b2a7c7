"""A trainer's whole way, from collecting what to show to checking, a year later, what she handed out."""

import io
import re

import pytest
from docx import Document
from playwright.sync_api import expect
from pptx import Presentation

from findings.models import Finding
from tests.factories import withdrawn
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server):
    load_signposts()
    return live_server.url


@pytest.fixture
def trainer(context, page):
    """Her browser, which may use the clipboard."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_default_timeout(15_000)
    return page


def add(page, code):
    button = page.locator(f"main [data-list-add={code}]").first
    button.click()
    expect(button).to_contain_text("On your list")


def listed(page):
    return page.locator("main .items .card-top .fid").all_inner_texts()


def downloaded(page, link):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link, exact=True).click()
    return waiting.value.suggested_filename, io.BytesIO(waiting.value.path().read_bytes())


def search(page, words):
    box = page.get_by_role("combobox", name="Search findings").first
    box.fill(words)
    box.press("Enter")
    expect(page.locator("#count")).to_contain_text(words)


def test_a_trainer_makes_a_handout_and_slides_of_eight_entries_and_checks_them_a_year_later(site, trainer):
    page = trainer
    collect_eight_from_six_pages(page, site)
    codes = put_the_last_first(page)
    make_the_handout(page, site, codes)
    open_the_word_document(page, site, codes)
    open_the_slides(page, site, codes)
    copy_a_citation(page, site)
    type_a_code_by_hand(page, site)
    check_the_handout_after_a_year(page, site)


def collect_eight_from_six_pages(page, site):
    page.goto(site)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Themes").click()
    page.get_by_role("link", name="Co-location", exact=True).first.click()
    add(page, "F23")
    add(page, "F22")
    search(page, "joint training")
    add(page, "F3")
    add(page, "F4")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Practice").click()
    page.get_by_role("link", name="Peripheral team members", exact=True).first.click()
    add(page, "P10")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sources").click()
    page.get_by_role("link", name=re.compile("Interprofessionality in health")).first.click()
    add(page, "S5")
    page.get_by_role("link", name="Joined-up home").first.click()
    page.get_by_role("link", name="What gets in the way").click()
    expect(page).to_have_url(f"{site}/findings/?stance=barrier")
    add(page, "F12")
    page.get_by_role("link", name=re.compile("^Staff commonly name a shortage")).click()
    add(page, "F25")
    expect(page.locator("[data-list-count]")).to_have_text("8 on it")


def put_the_last_first(page):
    page.get_by_role("link", name="Reading list").click()
    codes = listed(page)
    assert codes == ["F23", "F22", "F3", "F4", "P10", "S5", "F12", "F25"]
    page.get_by_role("button", name="To the top: Staff commonly name a shortage").click()
    codes = ["F25", *codes[:-1]]
    expect(page).to_have_url(re.compile(r"items=" + ",".join(codes)))
    page.reload()
    assert listed(page) == codes
    return codes


def make_the_handout(page, site, codes):
    page.get_by_role("link", name="Handout", exact=True).click()
    for code in codes:
        expect(page.locator(".sheet")).to_contain_text(code)
    page.get_by_label("Whole wording").check()
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".sheet")).to_contain_text("in effect")
    page.emulate_media(media="print")
    expect(page.locator(".handout-tools")).to_be_hidden()
    expect(page.locator(".site-head")).to_be_hidden()
    expect(page.get_by_role("img", name="QR code: opens").first).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Reading list", exact=True).first.click()
    assert listed(page) == codes


def headings(codes):
    return {code: str(Finding.objects.get(number=int(code[1:]))) for code in codes if code.startswith("F")}


def open_the_word_document(page, site, codes):
    name, file = downloaded(page, "Document (Word)")
    assert name.endswith(".docx")
    text = "\n".join(paragraph.text for paragraph in Document(file).paragraphs)
    places = [text.index(heading) for heading in headings(codes).values()]
    assert places == sorted(places), "in the order of the list"
    assert "Peripheral team members" in text


def open_the_slides(page, site, codes):
    name, file = downloaded(page, "Slides (PowerPoint)")
    assert name.endswith(".pptx")
    slides = Presentation(file).slides
    told = ["\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame) for slide in slides]
    for code, heading in headings(codes).items():
        (slide,) = [text for text in told if heading in text]
        assert f"/{code}" in slide


def copy_a_citation(page, site):
    page.get_by_role("link", name=re.compile("^One interview study links co-location")).click()
    page.locator("#cite > summary").click()
    page.get_by_role("button", name="Copy reference").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "One interview study links co-location with respect and trust" in copied
    assert "F23" in copied


def type_a_code_by_hand(page, site):
    page.goto(f"{site}/f23")  # in the address bar
    expect(page).to_have_url(f"{site}/findings/co-location-respect-and-trust/")


def check_the_handout_after_a_year(page, site):
    page.get_by_role("link", name="Reading list").click()
    _, file = downloaded(page, "Slides (PowerPoint)")
    Finding.objects.filter(number=12).update(**withdrawn())
    page.get_by_role("contentinfo").get_by_role("link", name="Check a handout").click()
    page.get_by_label("Or the file").set_input_files(
        {
            "name": "slides of last year.pptx",
            "mimeType": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "buffer": file.read(),
        }
    )
    page.get_by_role("button", name="Check", exact=True).click()
    report = page.locator("main")
    expect(report.get_by_role("heading", name=re.compile("withdrawn", re.I)).first).to_be_visible()
    expect(report.locator(".rows-split .fid").first).to_contain_text("F12")
    page.get_by_role("link", name="Make a fresh list").first.click()
    assert "F12" not in listed(page)
