"""What a trainer takes away: a handout on one side, a card on her own page, the findings of a theme, the copy."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from findings.embedding import Card, embed_code
from findings.models import Finding, KeyMessage, PracticeImplication
from joinedup.offline import archive
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db(transaction=True)
SIX = "F3,F5,F23,F2,F25,F8"
SIZES = pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desk"])


@pytest.fixture
def site(live_server):
    load_signposts()
    return live_server.url


def printed(page):
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))).pages


@pytest.mark.parametrize(
    "items",
    [SIX, f"{SIX},P1,P14,P9&nF23=Start+here:+what+do+people+recognise%3F"],
    ids=["points that go with them", "points of the list"],
)
def test_six_findings_with_points_and_lines_for_notes_print_on_one_side(site, page, items):
    page.goto(f"{site}/reading-list/handout/?items={items}&title=Starting+to+work+together&group=Team&date=2026-12-03")
    sides = printed(page)
    assert len(sides) == 1
    text = sides[0].extract_text()
    for words in [
        "Starting to work together",
        "Team, 3 December 2026",
        "Notes",
        "Practice points",
        "F23v1",
        "This list",
    ]:
        assert words in text
    assert text.count("Compared with the review") == 1, "date and provenance once"
    assert "about 1 side of A4" in page.locator("main").inner_text()


@SIZES
def test_no_address_on_paper_breaks_inside_a_code(site, new_context, size):
    page = new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(f"{site}/reading-list/handout/?items={SIX}&with=strip")
    page.emulate_media(media="print")
    codes = page.locator(".sheet .addr .code:last-child")
    assert codes.count() >= 8
    lines = codes.evaluate_all("all => all.map(code => code.getClientRects().length)")
    assert set(lines) == {1}


def test_large_print_is_large_and_in_one_column(site, page):
    page.goto(f"{site}/reading-list/handout/?items={SIX}&large=1&with=practice,notes,sources,strip")
    page.emulate_media(media="print")
    sizes = page.locator(".sheet").evaluate(
        "sheet => [...sheet.querySelectorAll('p, li, h2')].filter(one => one.textContent.trim())"
        ".map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 21.3, "16 points"
    assert page.locator(".sheet-list").evaluate("list => getComputedStyle(list).columnCount") == "1"


@SIZES
def test_the_findings_of_a_theme_are_taken_along(site, new_context, size):
    page = new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=False).new_page()
    page.goto(f"{site}/T3")
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Printable handout").click()
    expect(page.locator(".sheet h1")).to_have_text(name)
    expect(page.locator(".sheet-list > li").first).to_be_visible()
    page.go_back()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Slides (PowerPoint)").click()
    assert waiting.value.suggested_filename.endswith(".pptx")
    assert waiting.value.suggested_filename != "reading-list.pptx"


@pytest.mark.parametrize("width", [320, 400, 470, 600])
def test_a_card_fits_a_column_and_grows_with_its_text_without_script(site, new_context, width):
    entries = [
        *Finding.objects.filter(number__in=[3, 19, 23]),
        *PracticeImplication.objects.filter(number__in=[9, 14]),
        *KeyMessage.objects.filter(number__in=[1, 2]),
    ]
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    codes = "".join(f"<section>{embed_code(entry, site)}</section>" for entry in entries)
    page.route("**/own-page", lambda route: route.fulfill(content_type="text/html", body=codes))
    page.goto(f"{site}/own-page")
    page.add_style_tag(content=f"section {{ inline-size: {width}px }}")
    heights = []
    for number, entry in enumerate(entries):
        frame = page.frames[number + 1]
        frame.wait_for_selector("h1")
        assert Card(entry).path in frame.url
        inside, outside = frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
        assert inside <= outside, f"{entry.code} is cut"
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        card = frame.locator(".card").evaluate(
            "card => { card.style.blockSize = 'max-content'; return card.scrollHeight }"
        )
        assert outside - card < 190, f"{entry.code} has too much room"
        heights.append(outside)
    assert len(set(heights)) > 3, "each as high as its text"


@SIZES
def test_the_page_of_the_offline_copy_comes_back_with_the_file(
    site, new_context, size, settings, tmp_path, monkeypatch
):

    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(archive, "start", lambda: None)
    page = new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=False).new_page()
    page.goto(site)
    page.get_by_role("link", name="Copy to read offline (ZIP)").click()
    expect(page.get_by_text("The copy is being made.")).to_be_visible()
    expect(page.get_by_role("link", name="Back to the start")).to_be_visible()
    archive.make()
    download = page.get_by_role("link", name="Download the ZIP")
    expect(download).to_be_visible()  # nobody presses anything
    with page.expect_download() as waiting:
        download.click()
    assert waiting.value.suggested_filename.startswith("joined-up-signposts-20")
