"""Handouts: one `Handout`, and each form it takes, opened again."""

import re
import time
import zlib
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from io import BytesIO
from unittest.mock import patch

import pytest
from django.conf import settings
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation
from pptx.oxml.ns import qn as pqn
from pptx.util import Emu
from pypdf import PdfReader

from curation.changelog import gathered
from findings import qrcodes
from findings.handouts import measure, pdf, slides, word
from findings.handouts.handout import make_handout
from findings.reading_lists.naming import Naming
from findings.reading_lists.options import Options
from findings.reading_lists.reading_list import ReadingList
from tests.factories import cite, make_finding, make_implication, make_review, make_source, withdrawn
from tests.signposts import load_signposts

database = pytest.mark.django_db
SITE = "https://evidence.example.org"
SHEET = "/reading-list/handout/"
RETRACTED = {"retracted_on": date(2021, 3, 4), "retraction_reason": "Made up."}


def text(response):
    return response.content.decode()


def handout_of(*entries, style="harvard"):
    chosen = ReadingList(tuple(entry.code for entry in entries))
    return make_handout(chosen.entries(), chosen, SITE, style)


def document_of(handout, body=True, **options):
    return Document(BytesIO(word.write(handout, Options(body, **options))))


def deck_of(handout, **options):
    return Presentation(BytesIO(slides.write(handout, Options(**options))))


def said_on(slide):
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def one_of_each():
    finding = make_finding(
        heading="Sharing a base helps",
        stance="facilitator",
        bottom_line="It helps trust.",
        body="Staff said so.[5] Others did not [5] [6], in one place.\n\nA second paragraph.[9]",
        last_checked_on=date(2025, 6, 7),
    )
    cite(finding, make_source(issued="2002", title="Achilles"), number=5)
    cite(finding, make_source(issued="2002", title="Heel", **RETRACTED), number=6)
    gone = make_finding(heading="It was said", bottom_line="Old line.", **withdrawn())
    return finding, make_implication([finding], heading="Share a base"), gone


# What it says


@database
def test_note_numbers_become_citations_of_the_style_before_the_stop():
    finding, *_ = one_of_each()
    said = handout_of(finding).items[0].body
    assert said == [
        "Staff said so (Hudson, 2002a). Others did not (Hudson, 2002a) (Hudson, 2002b), in one place.",
        "A second paragraph.[9]",
    ]
    said = handout_of(finding, style="vancouver").items[0].body
    assert said[0] == "Staff said so (1). Others did not (1) (2), in one place."


@database
def test_references_hold_each_work_once_with_its_retraction():
    finding, point, gone = one_of_each()
    handout = handout_of(finding, point, gone)
    references = ["".join(part for part, _ in reference.runs) for reference in handout.references]
    assert [reference.split(")")[0] for reference in references] == ["Hudson, B. (2002a", "Hudson, B. (2002b"]
    assert [reference.notice for reference in handout.references] == ["", "Retracted 4 March 2021. Made up."]
    assert handout.items[0].notices == ["Retracted: Hudson (2002). Retracted 4 March 2021. Made up."]
    assert handout.items[1].evidence == f"Findings that we link to it: {finding.code}"
    assert handout.contents == "Two findings and one practice point"


@database
def test_of_a_withdrawn_entry_only_the_heading_and_the_notice_are_left():
    *_, gone = one_of_each()
    item = handout_of(gone).items[0]
    assert (item.heading, item.in_short, item.paragraphs, item.names) == ("It was said", "", [], [])
    assert item.notices == ["Withdrawn 4 March 2021. It claimed too much. Nothing replaces it."]


@database
def test_an_entry_due_for_a_check_says_so():
    due = make_finding(review_due_on=date(2021, 1, 1), last_checked_on=date(2020, 5, 5))
    assert "due for a check" in handout_of(due).items[0].notices[0]


@database
def test_whose_words_they_are_stands_once_for_one_review_and_at_each_entry_for_several(client):
    welsh = make_review(title="Working in Wales", year="2024", country="Wales", practice_note="Ideas, no more.")
    new, old = make_finding(heading="New", review=welsh), make_finding(heading="Old", review=make_review())
    point = make_implication([new], review=welsh)
    line = "From Working in Wales, a research review of 2024, Wales. In our words. Not updated since."
    for written, count in [((new, point), 1), ((new, point, old), 3)]:
        items = ",".join(entry.code for entry in written)
        assert text(client.get(f"{SHEET}?items={items}")).count(line) == count
        said = "\n".join(one.text for one in document_of(handout_of(*written)).paragraphs)
        assert said.count(line) == count
        assert said.count("Practice points: ideas, no more.") == 1
    slides = deck_of(handout_of(new, old)).slides
    assert line in said_on(slides[1]) and line not in said_on(slides[2])
    assert line in slides[1].notes_slide.notes_text_frame.text


@database
def test_what_has_happened_since_is_handed_out_and_marked_as_ours(client):
    act = make_source(number=9, authors=[], publisher="", title="An Act", issued="2018")
    finding = make_finding(since_then=f"2018: The law changed. [{act.code}]")
    told = "2018: The law changed (An Act (2018))."
    assert f"<b>Since then, added by us.</b> {told}" in text(client.get(f"{SHEET}?items={finding.code}"))
    notes = deck_of(handout_of(finding)).slides[1].notes_slide.notes_text_frame.text
    assert f"Since then, added by us:\n– {told}" in notes


# Print page


@database
def test_the_sheet_has_each_entry_with_its_code_to_scan_and_the_references(client):
    entries = one_of_each()
    items = ",".join(entry.code for entry in entries)
    page = text(client.get(f"{SHEET}?items={items}"))
    for entry in entries:
        assert f'<span class="fid code">{entry.code}<' in page
    for said in [
        "Helps",
        "Compared with the review on 7 June 2025.",
        f"{entries[0].code}v1",
        "It helps trust.",
        "<i>Achilles</i>",
        "Retracted 4 March",
    ]:
        assert said in page
    assert "A second paragraph." not in page
    assert "A second paragraph." in text(client.get(f"{SHEET}?items={items}&body=1"))
    assert "sheet-large" not in page
    assert "sheet-large" in text(client.get(f"{SHEET}?items={items}&large=1"))
    assert "(1)" in text(client.get(f"{SHEET}?items={items}&body=1&style=vancouver"))


@database
def test_a_bad_parameter_shows_the_sheet_with_a_notice_and_an_empty_list_leads_back(client):
    finding, *_ = one_of_each()
    response = client.get(f"{SHEET}?items={finding.code},oops&large=huge&style=<b>")
    assert response.status_code == 200
    for told in ["“large” can be 1 or 0, not “huge”.", "There is no style “&lt;b&gt;”", "“oops”"]:
        assert told in text(response)
    response = client.get(f"{SHEET}?items=F999")
    assert response["Location"] == "/reading-list/?items=F999"


def test_no_stylesheet_colours_a_code_to_scan():
    """It has a light and a dark part, which a rule for its paths would make one."""
    for sheet in (settings.BASE_DIR / "static" / "css").glob("*.css"):
        assert not re.search(r"\.qr\s+(?:path|\*)", sheet.read_text()), sheet.name


def test_the_number_of_sides_grows_with_what_is_printed():
    class Nothing:
        items = findings = points = references = drawn_from = practice_notes = []
        rights = versions = ""

    assert measure.sides(Nothing, Options(body=True, large=True, holds=[])) == 1


# Word


@database
def test_the_word_document_has_headings_lists_and_a_table_with_a_header_row():
    finding, point, gone = one_of_each()
    document = document_of(handout_of(finding, point, gone))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == ["Sharing a base helps", "Share a base", "It was said", "References", "About this handout"]
    assert document.paragraphs[0].style.name == "Title"
    assert [p.text for p in document.paragraphs if p.style.name == "List Bullet"][:2] == [
        "Hudson (2002)",
        "Hudson (2002)",
    ]
    table = document.tables[0]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [row.cells[0].text for row in table.rows] == ["Code", finding.code, point.code, gone.code]
    said = "\n".join(p.text for p in document.paragraphs)
    for words in [
        "Helps. Finding",
        "Retracted 4 March 2021.",
        "A second paragraph",
        "Compared with the review on 7 June 2025",
    ]:
        assert words in said
    assert "Old line." not in said
    assert [run.text for p in document.paragraphs for run in p.runs if run.italic] == ["Achilles", "Heel"]


@database
def test_the_word_document_can_be_read_out(settings):
    settings.SITE_NAME = "Evidence & more"
    finding, *others = one_of_each()
    document = document_of(handout_of(finding, *others))
    assert document.core_properties.title == "Reading list: two findings and one practice point"
    assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    described = [picture.get("descr") for picture in document.element.body.iter(qn("wp:docPr"))]
    assert len(described) == 4
    assert described[0] == f"QR code: opens {SITE}/{finding.code}"
    assert all(p.text.strip() or p._p.findall(f".//{qn('w:drawing')}") for p in document.paragraphs), "no empty lines"
    footer = document.sections[0].footer.paragraphs[0]
    assert "Evidence & more" in footer.text
    fields = [field.get(qn("w:instr")) for field in footer._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


@database
def test_the_body_can_be_left_out_and_the_print_be_large():
    handout = handout_of(one_of_each()[0])
    assert "A second paragraph" not in "\n".join(p.text for p in document_of(handout, body=False).paragraphs)
    assert document_of(handout, large=True).styles["Body Text"].font.size.pt == 16


# Slides


def overflowing(presentation):
    """Names of shapes that hold more text than fits, by the measure, or that leave the slide."""
    found = []
    for number, slide in enumerate(presentation.slides, start=1):
        for shape in slide.shapes:
            right, bottom = shape.left + shape.width, shape.top + shape.height
            if min(shape.left, shape.top) < 0 or right > Emu(presentation.slide_width):
                found.append((number, shape.name, "leaves the slide at the side"))
            if bottom > Emu(presentation.slide_height):
                found.append((number, shape.name, "leaves the slide below"))
            if not shape.has_text_frame or not shape.text_frame.text:
                continue
            high = 0
            for paragraph in shape.text_frame.paragraphs:
                sizes = [run.font.size.pt for run in paragraph.runs if run.font.size] or [44]
                high += measure.height(paragraph.text, max(sizes), Emu(shape.width).cm)
            if high > Emu(shape.height).cm + 0.05 and shape.text_frame.word_wrap is not False:
                found.append((number, shape.name, f"{high:.1f} cm of text in {Emu(shape.height).cm:.1f} cm"))
    return found


@database
def test_slides_have_titles_text_alternatives_language_and_notes():
    finding, point, gone = one_of_each()
    deck = deck_of(handout_of(finding, point, gone))
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert titles == [
        "Reading list",
        "Sharing a base helps",
        "Share a base",
        "Is it done?",
        "It was said",
        "References",
        "About these slides",
    ]
    assert all(slide.shapes.title.is_placeholder for slide in deck.slides)
    first = deck.slides[1]
    for words in [
        "Helps",
        finding.code,
        "It helps trust.",
        "Names Hudson (2002)",
        "Version 1",
    ]:
        assert words in said_on(first)
    assert "A source" not in said_on(first)
    assert "Retracted: Hudson (2002). Retracted 4 March 2021." in said_on(first)
    notes = first.notes_slide.notes_text_frame.text
    for words in ["A second paragraph", "Cite as: Joined-up (2020)", "Hudson, B. (2002a) Achilles", f"{SITE}/F"]:
        assert words in notes
    assert "Withdrawn 4 March 2021." in said_on(deck.slides[4])
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    described = [picture._element.nvPicPr.cNvPr.get("descr") for picture in pictures]
    assert len(described) == 4
    assert all(words.startswith(f"QR code: opens {SITE}/") for words in described)
    languages = {run.find(pqn("a:rPr")).get("lang") for slide in deck.slides for run in slide.element.iter(pqn("a:r"))}
    assert languages == {"en-GB"}
    assert deck.core_properties.title.startswith("Reading list: two findings")
    assert overflowing(deck) == []
    unused = [shape.name for slide in deck.slides for shape in slide.placeholders if not shape.text_frame.text]
    assert unused == [], "no empty placeholder"


@database
@pytest.mark.parametrize("options", [{}, {"body": True}, {"body": True, "large": True}], ids=str)
def test_nothing_overflows_a_slide_and_nothing_is_lost(options, settings):
    settings.SITE_NAME = "The evidence library of the county of Somewhere-upon-Somewhat"
    words = "word " * 599 + "final"
    long = make_finding(heading="W" * 60 + " " + "mmmmm " * 22 + "end.", bottom_line=words, body=f"{words}\n\n{words}")
    assert len(long.heading) <= 200
    assert len(long.body) > 6000 - 30
    for number in range(12):
        work = make_source(
            title="A very long title indeed, with more and more words " * 12, authors=[(f"N{number}", "A")]
        )
        cite(long, work)
    source = make_source(title="Endless " * 300)
    deck = deck_of(handout_of(long, source), **options)
    assert overflowing(deck) == []
    mine = [slide for slide in deck.slides if long.code in said_on(slide).split("\n")]
    said = " ".join(shape.text_frame.text.replace("\n", " ") for slide in mine for shape in slide.placeholders)
    assert said.count("final") == (3 if options else 1)
    titles = [slide.shapes.title.text for slide in mine]
    assert len(set(titles)) == len(titles) > 1, "each slide has a title of its own"
    assert long.heading in mine[0].notes_slide.notes_text_frame.text


@database
@pytest.mark.parametrize("number", [1, 6, 12, 40])
def test_lists_of_any_length_fit_their_slides_with_a_heading_and_a_title_as_long_as_can_be(number):
    long = "A heading that says at length what some people said in some place, and why it matters to others " * 3
    with gathered():
        findings = [
            make_finding(heading=long[:200] if n % 6 == 0 else f"Finding {n}", bottom_line="It is so. " * 9, body="So.")
            for n in range(-(-number // 2))
        ]
        points = [make_implication(findings, questions=f"{long[:180]}?") for _ in range(number // 2)]
    chosen = ReadingList(tuple(entry.code for entry in [*findings, *points]), Naming(title="W" * 80, group="G" * 60))
    deck = deck_of(make_handout(chosen.entries(), chosen, SITE))
    assert overflowing(deck) == []
    assert (deck.slide_width.cm, deck.slide_height.cm) == (pytest.approx(33.867, 0.01), pytest.approx(19.05, 0.01))
    sizes = [
        run.font.size.pt
        for slide in list(deck.slides)[1:]
        for shape in slide.placeholders
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
        if run.font.size and said_on(slide).startswith("Finding")
    ]
    assert not sizes or min(sizes) >= 24, "what a room must read"


@database
def test_every_colour_and_font_of_a_slide_is_one_of_the_theme_so_that_another_template_replaces_it():
    finding, point, gone = one_of_each()
    deck = deck_of(handout_of(finding, point, gone))
    parts = [deck.slide_master, *deck.slide_layouts, *deck.slides]
    assert [part for part in parts if list(part.element.iter(pqn("a:srgbClr")))] == []
    fonts = {one.get("typeface") for slide in deck.slides for one in slide.element.iter(pqn("a:latin"))}
    assert fonts == {"+mj-lt"}
    used = {one.get("val") for part in parts for one in part.element.iter(pqn("a:schemeClr"))}
    assert {"tx1", "bg1", "tx2", "accent1", "accent2"} <= used


@database
def test_a_question_to_discuss_follows_its_practice_point_and_is_marked_as_ours():
    finding, point, _ = one_of_each()
    deck = deck_of(handout_of(finding, point))
    titles = [slide.shapes.title.text for slide in deck.slides]
    asked = deck.slides[titles.index(point.heading) + 1]
    assert asked.shapes.title.text == point.team_question
    for words in ["To discuss", slides.OURS, f"Hold it against {finding.code}"]:
        assert words in said_on(asked)
    assert slides.OURS in asked.notes_slide.notes_text_frame.text
    assert "Practice point" in said_on(deck.slides[titles.index(point.heading)])
    alone = deck_of(handout_of(finding))
    (last,) = [slide for slide in alone.slides if slide.shapes.title.text == slides.AT_THE_END]
    assert slides.OURS in said_on(last)


@database
def test_a_handout_without_points_takes_those_its_findings_lead_to_and_says_who_chose_them(client):
    one, other = make_finding(), make_finding()
    shared = make_implication([one, other], heading="Linked to both")
    for number in range(4):
        make_implication([one], heading=f"Linked to one {number}")
    page = text(client.get(f"{SHEET}?items={one.code},{other.code}"))
    assert "Chosen by us" in page and page.count("Linked to") == 3
    assert "Linked to" not in text(client.get(f"{SHEET}?items={one.code}&with="))
    page = text(client.get(f"{SHEET}?items={one.code},{shared.code}"))
    assert "Chosen by us" not in page and page.count("Linked to") == 1


@database
def test_a_handout_holds_what_is_asked_for(client):
    finding, point, _ = one_of_each()
    items = f"items={finding.code},{point.code}"
    everything = text(client.get(f"{SHEET}?{items}&with=practice,notes,sources,strip"))
    for part in ["sheet-points", "sheet-notes", "sheet-refs", "sheet-strip"]:
        assert f'id="{part}"' in everything
        assert f'id="{part}"' not in text(client.get(f"{SHEET}?{items}&with="))
    assert point.heading in text(client.get(f"{SHEET}?{items}&with=")), "a point of the list is never lost"
    assert everything.count('aria-label="QR code: opens') == 3
    assert "not “confetti”" in text(client.get(f"{SHEET}?{items}&with=confetti"))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.sampled_from([12, 18, 40]))
def test_text_is_divided_without_loss_and_each_part_fits(paragraphs, points):
    lots = measure.split(paragraphs, points, within=6, most=5)
    divided = "".join(text for lot in lots for _, text in lot)
    bare = str.maketrans("", "", " \t\r\n")
    assert divided.translate(bare) == "".join(paragraphs).translate(bare)
    for lot in lots:
        high = sum(measure.height(text, points, 6) for _, text in lot)
        assert high <= 5 + 0.01


def test_text_is_divided_after_a_sentence_if_that_leaves_no_large_gap():
    sentences = [
        "Sharing a building helps people to talk.",
        "It does so slowly, given time.",
        "Some of them never do so.",
    ]
    (first,), (second,) = measure.split([" ".join(sentences)], 20, within=12, most=2.4)
    assert first == (0, " ".join(sentences[:2])) and second == (0, sentences[2])
    (first,), *_ = measure.split([f"So. Then {'on and ' * 40}"], 20, within=12, most=3)
    assert first[1].startswith("So. Then on and on"), "a stop so early would leave the slide empty"


def test_a_word_too_wide_is_broken():
    lines = measure.wrapped("a " + "W" * 100, 20, within=5)
    assert "".join(lines) == "a" + "W" * 100
    assert all(measure.width(line, 20) <= 5 for line in lines)


@database
def test_control_characters_do_not_break_a_file():
    finding = make_finding(heading="A\x0bB", bottom_line="C\x01D", body="E\x0cF\ufffe")
    handout = handout_of(finding)
    assert "A B" in [p.text for p in document_of(handout).paragraphs]
    assert deck_of(handout, body=True).slides[1].shapes.title.text.startswith("A B")


# Time, and PDF


@pytest.mark.slow
@database
@pytest.mark.parametrize("kind", ["docx", "pptx"])
def test_a_long_list_takes_time_as_its_length(client, kind):
    with gathered():
        work = make_source()
        findings = [make_finding(body="A sentence of some length. " * 30) for _ in range(50)]
        for finding in findings:
            cite(finding, work)

    def takes(number):
        items = ",".join(finding.code for finding in findings[:number])
        begun = time.process_time()
        assert client.get(f"/reading-list.{kind}?items={items}&body=1").status_code == 200
        return time.process_time() - begun

    takes(1)  # loads the library
    assert takes(50) < 3 * 5 * takes(10)


@database
def test_without_weasyprint_the_pdf_address_says_how_to_print(client):
    finding = make_finding()
    with patch.object(pdf, "is_available", lambda: False):
        response = client.get(f"/reading-list.pdf?items={finding.code}")
    assert response.status_code == 501
    assert "Save as PDF" in text(response)
    assert f'href="{SHEET}?items={finding.code}"' in text(response)


@database
@pytest.mark.skipif(not find_spec("weasyprint"), reason="WeasyPrint is not installed: readers print from the browser")
def test_with_weasyprint_the_pdf_is_tagged(client):
    finding, *_ = one_of_each()
    body = client.get(f"/reading-list.pdf?items={finding.code}").content
    assert body.startswith(b"%PDF-")
    unpacked = body
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, re.S):
        with suppress(zlib.error):
            unpacked += zlib.decompress(stream)
    for mark in [b"/StructTreeRoot", b"/H2", b"/Figure", b"/Lang", b"pdfuaid"]:
        assert mark in unpacked, mark


@database
@pytest.mark.skipif(not find_spec("weasyprint"), reason="WeasyPrint is not installed: readers print from the browser")
@pytest.mark.parametrize("asked", ["", "&large=1&with=practice,notes,sources,strip", "&body=1"])
@pytest.mark.parametrize("number", [1, 6, 12, 40])
def test_with_weasyprint_lists_of_any_length_become_a_pdf_that_names_every_code(client, number, asked):
    load_signposts()
    codes = [*(f"F{each}" for each in range(1, 28)), *(f"P{each}" for each in range(1, 14))][:number]
    pages = PdfReader(BytesIO(client.get(f"/reading-list.pdf?items={','.join(codes)}{asked}").content)).pages
    words = "\n".join(page.extract_text() for page in pages)
    assert [code for code in codes if not re.search(rf"\b{code}\b", words)] == []
    assert settings.SITE_NAME in words


@database
def test_signposts_makes_every_file(client):
    load_signposts()
    for extension in ["docx", "pptx", "csv", "ris", "bib", "json"]:
        assert client.get(f"/reading-list.{extension}?items=F3,F23,P9,T2,R1,K2,S1&body=1").status_code == 200


@pytest.mark.django_db
def test_a_long_list_has_no_code_that_would_be_too_fine_to_read(client, monkeypatch):
    codes = ",".join(make_finding(heading=f"Finding number {n}").code for n in range(4))
    with_code = client.get("/reading-list.docx", {"items": codes}).content
    assert len(Document(BytesIO(with_code)).inline_shapes) == 5
    monkeypatch.setattr(qrcodes, "LONGEST", 40)
    without = client.get("/reading-list.docx", {"items": codes}).content
    assert len(Document(BytesIO(without)).inline_shapes) == 4
    assert client.get("/reading-list.pptx", {"items": codes}).status_code == 200
    assert not qrcodes.is_readable("x" * 3000)
