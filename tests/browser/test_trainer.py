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

from .readers import Reader, WithKeyboard, WithMouse, desktop, phone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server):
    load_signposts()
    return live_server.url


CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
TITLE, NOTE = "Under one roof", "Ask who shares a building"


def add(trainer, code):
    button = trainer.page.locator(f"main [data-list-add={code}]").first
    trainer.choose(button)
    expect(button).to_contain_text("On your list")


def lists(page, codes):
    expect(page.locator("main .items .card-top .fid")).to_have_text(codes)


def downloaded(trainer, link):
    with trainer.page.expect_download() as waiting:
        trainer.choose(trainer.page.get_by_role("link", name=link, exact=True))
    return waiting.value.suggested_filename, io.BytesIO(waiting.value.path().read_bytes())


def search(trainer, words):
    page = trainer.page
    box = page.locator("header").get_by_role("combobox")
    if not box.is_visible():
        trainer.choose(page.get_by_role("link", name="Search", exact=True))
        box = page.locator("main").get_by_role("combobox")
    trainer.write(box, words)
    box.press("Enter")
    expect(page.locator("#count")).to_contain_text(words)


def go(trainer, name):
    trainer.choose(trainer.page.get_by_role("navigation", name="Main").get_by_role("link", name=name))


@pytest.mark.parametrize(
    "acting",
    [
        pytest.param(Reader, marks=phone(**CLIPBOARD), id="phone"),
        pytest.param(WithMouse, marks=desktop(**CLIPBOARD), id="desktop"),
        pytest.param(WithKeyboard, marks=desktop(**CLIPBOARD), id="desktop-keyboard"),
    ],
)
def test_a_trainer_makes_a_handout_and_slides_of_eight_entries_and_checks_them_a_year_later(site, page, acting):
    page.set_default_timeout(15_000)
    trainer = acting(page)
    collect_eight_from_six_pages(trainer, site)
    codes = put_the_last_first(trainer)
    name_the_list(trainer, codes)
    make_the_handout(trainer, codes)
    open_the_word_document(trainer, codes)
    open_the_slides(trainer, codes)
    copy_a_citation(trainer)
    type_a_code_by_hand(trainer, site)
    check_the_handout_after_a_year(trainer)


def collect_eight_from_six_pages(trainer, site):
    page = trainer.page
    page.goto(site)
    go(trainer, "Themes")
    trainer.choose(page.get_by_role("link", name="Co-location", exact=True).first)
    add(trainer, "F23")
    add(trainer, "F22")
    search(trainer, "joint training")
    add(trainer, "F3")
    add(trainer, "F4")
    go(trainer, "Practice")
    trainer.choose(page.get_by_role("link", name="Peripheral team members", exact=True).first)
    add(trainer, "P10")
    go(trainer, "Sources")
    trainer.choose(page.get_by_role("link", name=re.compile("Interprofessionality in health")).first)
    add(trainer, "S5")
    trainer.choose(page.get_by_role("link", name="Joined-up home").first)
    trainer.choose(page.get_by_role("link", name="What gets in the way"))
    expect(page).to_have_url(f"{site}/findings/?stance=barrier")
    add(trainer, "F12")
    trainer.choose(page.get_by_role("link", name=re.compile("^Staff commonly name a shortage")))
    add(trainer, "F25")
    expect(page.locator("[data-list-count]")).to_have_text("8 on it")
    trainer.sees_a_page("Staff commonly name a shortage")


def put_the_last_first(trainer):
    page = trainer.page
    strip = page.get_by_role("complementary", name="Your reading list")
    expect(strip).to_contain_text("8 entries on your reading list")
    trainer.choose(strip.get_by_role("link", name="Open the list"))
    trainer.sees_a_page("Reading list")
    codes = ["F23", "F22", "F3", "F4", "P10", "S5", "F12", "F25"]
    lists(page, codes)
    trainer.choose(page.get_by_role("button", name="To the top: Staff commonly name a shortage"))
    codes = ["F25", *codes[:-1]]
    expect(page).to_have_url(re.compile(r"items=" + ",".join(codes)))
    page.reload()
    lists(page, codes)
    trainer.choose(page.locator("#S5").get_by_role("button", name="Remove"))
    trainer.choose(page.get_by_role("button", name="Put S5 back"))
    expect(page.get_by_text("S5 added, at place 7 of 8.").first).to_be_visible()
    lists(page, codes)
    return codes


def name_the_list(trainer, codes):
    page = trainer.page
    trainer.choose(page.locator("summary", has_text="Give it a title, group or date"))
    trainer.write(page.get_by_label("Title"), TITLE)
    trainer.write(page.get_by_label("Group"), "Night team")
    trainer.choose(page.get_by_role("button", name="Save", exact=True))
    trainer.sees_a_page(TITLE)
    trainer.choose(page.locator("#F23 summary"))
    trainer.write(page.locator("#F23 textarea"), NOTE)
    trainer.choose(page.get_by_role("button", name="Save title and notes in the address"))
    expect(page).to_have_url(re.compile("nF23="))
    page.go_back()
    page.go_forward()
    expect(page.locator("#F23 textarea")).to_have_value(NOTE)
    lists(page, codes)


def make_the_handout(trainer, codes):
    page = trainer.page
    trainer.choose(page.get_by_role("link", name="Handout", exact=True))
    expect(page.locator(".sheet h1")).to_have_text(TITLE)
    for told in [*codes, NOTE, "Night team"]:
        expect(page.locator(".sheet")).to_contain_text(told)
    trainer.tick(page.get_by_label("Whole wording"))
    trainer.choose(page.get_by_role("button", name="Update"))
    expect(page.locator(".sheet")).to_contain_text("in effect")
    page.emulate_media(media="print")
    expect(page.locator(".handout-tools")).to_be_hidden()
    expect(page.locator(".site-head")).to_be_hidden()
    expect(page.get_by_role("img", name="QR code: opens").first).to_be_visible()
    page.emulate_media(media="screen")
    trainer.choose(page.get_by_role("link", name="Reading list", exact=True).first)
    lists(page, codes)


def headings(codes):
    return {code: str(Finding.objects.get(number=int(code[1:]))) for code in codes if code.startswith("F")}


def open_the_word_document(trainer, codes):
    name, file = downloaded(trainer, "Document (Word)")
    assert name == "under-one-roof.docx"
    text = "\n".join(paragraph.text for paragraph in Document(file).paragraphs)
    places = [text.index(heading) for heading in headings(codes).values()]
    assert places == sorted(places), "in the order of the list"
    assert "Peripheral team members" in text


def open_the_slides(trainer, codes):
    name, file = downloaded(trainer, "Slides (PowerPoint)")
    assert name == "under-one-roof.pptx"
    slides = Presentation(file).slides
    told = ["\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame) for slide in slides]
    for code, heading in headings(codes).items():
        (slide,) = [text for text in told if heading in text]
        assert f"/{code}" in slide


def copy_a_citation(trainer):
    page = trainer.page
    trainer.choose(page.get_by_role("link", name=re.compile("^One interview study links co-location")))
    trainer.choose(page.locator("#cite > summary"))
    trainer.choose(page.get_by_role("button", name="Copy reference").first)
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "One interview study links co-location with respect and trust" in copied
    assert "F23" in copied


def type_a_code_by_hand(trainer, site):
    page = trainer.page
    page.goto(f"{site}/f23")  # in the address bar
    expect(page).to_have_url(f"{site}/findings/co-location-respect-and-trust/")


def check_the_handout_after_a_year(trainer):
    page = trainer.page
    trainer.choose(page.locator("[data-list-tool]"))
    _, file = downloaded(trainer, "Slides (PowerPoint)")
    Finding.objects.filter(number=12).update(**withdrawn())
    trainer.choose(page.get_by_role("contentinfo").get_by_role("link", name="Check a handout"))
    page.get_by_label("Or the file").set_input_files(
        {
            "name": "slides of last year.pptx",
            "mimeType": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "buffer": file.read(),
        }
    )
    trainer.choose(page.get_by_role("button", name="Check", exact=True))
    report = page.locator("main")
    expect(report.get_by_role("heading", name=re.compile("withdrawn", re.I)).first).to_be_visible()
    expect(report.locator(".rows-split .fid").first).to_contain_text("F12")
    trainer.choose(page.get_by_role("link", name="Make a fresh list").first)
    expect(page).to_have_url(re.compile("/reading-list/"))
    expect(page.locator("main .items")).not_to_contain_text("F12")
