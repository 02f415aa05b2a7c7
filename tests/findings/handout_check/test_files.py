"""What is read of an uploaded handout; and that no file does harm, whatever is in it."""

import io
import json
import time
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.sandbox import Unreadable
from findings.handout_check import files, office
from findings.handout_check.files import MAX_BYTES, MAX_PARAGRAPHS, read_apart, read_file
from findings.handout_check.reading import Link
from tests.findings.handout_check.makers import docx, pdf, pptx, with_part, word_xml

CHROMIUM = Path(__file__).with_name("data") / "chromium.pdf"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def texts(data):
    return [(where, text) for text, where, links in read_file(data) if text.strip()]


def addresses(data):
    return [(paragraph.where, link.address) for paragraph in read_file(data) for link in paragraph.links]


def refused(data, read=read_file):
    with pytest.raises(Unreadable) as caught:
        read(data)
    return str(caught.value)


def test_slides_are_read_in_order_with_tables_notes_and_links():
    data = pptx(
        {"title": "Trust", "text": "As F3v1 says", "notes": "F23 too"},
        {"text": "More", "link": ("here", "https://h.example/F4"), "table": "F5", "shape": "https://h.example/F6"},
    )
    assert texts(data) == [
        ("Slide 1", "Trust"),
        ("Slide 1", "As F3v1 says"),
        ("Slide 1, notes", "F23 too"),
        ("Slide 2", "More"),
        ("Slide 2", "here"),
        ("Slide 2", "F5"),
    ]
    assert addresses(data) == [("Slide 2", "https://h.example/F4"), ("Slide 2", "https://h.example/F6")]


def test_a_document_is_read_with_tables_footers_and_links():
    data = docx("See F3", link=("this", "https://h.example/F4"), table="F5", footer="F6", field="https://h.example/F7")
    assert texts(data) == [("", "See F3"), ("", "See this for more."), ("", "F5"), ("", "here"), ("Footer", "F6")]
    assert addresses(data) == [("", "https://h.example/F4"), ("", "https://h.example/F7")]
    linked = read_file(data)[1]
    assert linked.links == (Link(4, 8, "https://h.example/F4"),)


def test_a_code_that_is_written_in_pieces_is_one():
    pieces = word_xml("<w:p><w:r><w:t>finding F</w:t></w:r><w:r><w:t>2</w:t></w:r><w:r><w:t>3</w:t></w:r></w:p>")
    assert texts(with_part(docx(), "word/document.xml", pieces)) == [("", "finding F23")]


def test_text_that_was_deleted_or_stands_twice_for_older_programs_is_read_once():
    body = (
        "<w:p><w:del><w:r><w:delText>F1</w:delText></w:r></w:del><w:ins><w:r><w:t>F2</w:t></w:r></w:ins>"
        '<mc:AlternateContent xmlns:mc="m"><mc:Choice><w:p><w:r><w:t>F3</w:t></w:r></w:p></mc:Choice>'
        "<mc:Fallback><w:p><w:r><w:t>F3</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
        "<w:r><w:t>F4</w:t></w:r></w:p>"
    )
    assert texts(with_part(docx(), "word/document.xml", word_xml(body))) == [("", "F3"), ("", "F2F4")]


def test_a_pdf_that_a_browser_printed_is_read_with_its_links():
    data = CHROMIUM.read_bytes()
    text = " ".join(text for _, text in texts(data))
    assert "finding F23 (version 1) says" in text and "Version 1. Available at: http://testserver/F3v1" in text
    assert addresses(data) == [("Page 1", "http://testserver/P9")]  # the other stands in the text


def test_a_pdf_made_by_hand_is_read():
    data = pdf("See F3", "https://h.example/F4")
    assert texts(data) == [("Page 1", "See F3")]
    assert addresses(data) == [("Page 1", "https://h.example/F4")]


def test_text_and_html_are_read_whatever_they_are_called():
    assert texts(b"\xef\xbb\xbfSee F3\r\n\r\nand F4") == [("Line 1", "See F3"), ("Line 3", "and F4")]
    html = b"<!doctype html><title>x</title><style>F9</style><p>See <a href='/F4'>this</a> &amp; F5<p>F6"
    assert texts(html) == [("", "See this & F5"), ("", "F6")]
    assert addresses(html) == [("", "/F4")]


def test_macros_are_never_looked_at():
    assert texts(with_part(docx("See F3"), "word/vbaProject.bin", b"Sub AutoOpen()")) == [("", "See F3")]


def test_no_more_paragraphs_than_are_allowed():
    assert len(read_file(b"F3\n" * 20_000)) == MAX_PARAGRAPHS
    many = word_xml("<w:p><w:r><w:t>F3</w:t></w:r></w:p>" * 20_000)
    assert MAX_PARAGRAPHS <= len(read_file(with_part(docx(), "word/document.xml", many))) < MAX_PARAGRAPHS + 2000


# What cannot be read, each with a message of its own


def bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (30 * 1024 * 1024))
    return made.getvalue()


def locked():
    data = bytearray(docx("F3"))
    for sign, place in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]:
        at = data.find(sign)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(sign, at + 4)
    return bytes(data)


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", files.EMPTY),
        (b"x" * (MAX_BYTES + 1), files.TOO_LARGE),
        (bomb(), office.BOMB),
        (locked(), office.LOCKED),
        (docx("F3")[:-200], office.DAMAGED),
        (with_part(docx(), "word/document.xml", word_xml("<w:p>&e;</w:p>", ENTITY)), office.ENTITIES),
        (with_part(docx(), "word/document.xml", "<" + "a>" * 10), office.DAMAGED),
        (with_part(docx(), "word/document.xml", word_xml("<w:p>" * 50_000)), office.DAMAGED),
        (with_part(pptx({}), "ppt/presentation.xml", "not xml"), office.DAMAGED),
        (files.OLE + b"\0" * 600, files.OLD),
        (files.OLE + files.ENCRYPTED, office.LOCKED),
        (b"{\\rtf1 F3}", files.OTHER),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50, files.OTHER),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:30],
)
def test_what_cannot_be_read_is_refused_in_words(data, message):
    assert refused(data) == message


def test_an_archive_of_something_else_is_told():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../../etc/passwd", "F3")
    assert refused(made.getvalue()) == office.OTHER


def test_a_link_out_of_the_archive_leads_nowhere():
    data = pptx({"text": "F3"})
    relations = (
        '<Relationships xmlns="r"><Relationship Id="a" Type="x/notesSlide" Target="../../../../../etc/passwd"/>'
        '<Relationship Id="b" Type="x/notesSlide" Target="/etc/passwd"/></Relationships>'
    )
    assert texts(with_part(data, "ppt/slides/_rels/slide1.xml.rels", relations)) == [("Slide 1", "F3")]


def test_a_hundred_thousand_links_are_read_in_seconds():
    data = pptx({"text": "F3"})
    links = "".join(
        f'<Relationship Id="r{n}" Type="x/hyperlink" Target="https://h.example/F{n}" TargetMode="External"/>'
        for n in range(100_000)
    )
    started = time.monotonic()
    read_file(with_part(data, "ppt/slides/_rels/slide1.xml.rels", f'<Relationships xmlns="r">{links}</Relationships>'))
    assert time.monotonic() - started < 10


# PDF that is broken, or made to harm


def test_a_pdf_without_text_is_told():
    from findings.handout_check.pdf import PICTURES

    assert refused(pdf("")) == PICTURES


def test_a_pdf_under_a_password_is_told():
    from pypdf import PdfReader, PdfWriter

    from findings.handout_check.pdf import LOCKED

    writer = PdfWriter(PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    assert refused(made.getvalue()) == LOCKED


@pytest.mark.parametrize(
    "data",
    [
        pdf()[:200],
        b"%PDF-1.7 nothing else",
        pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
        pdf().replace(b"/Parent 2 0 R", b"/Parent 3 0 R"),
        pdf().replace(b"/Contents 4 0 R", b"/Contents 3 0 R"),
        pdf(page="/Annots 3 0 R"),
        pdf(page="/Annots [[[[[3 0 R]]]]]"),
        pdf(content=b"BT " + b"[" * 100_000),
        pdf(content=b"q " * 500_000),
        pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"),
        pdf(catalogue="[" * 20_000),
    ],
)
def test_a_broken_pdf_never_does_more_than_be_refused(data):
    try:
        read_apart(data)
    except Unreadable as unreadable:
        assert str(unreadable).endswith(".")


def test_a_pdf_that_unpacks_to_far_more_than_its_size_is_refused():
    packed = zlib.compress(zlib.compress(b"BT (F3) Tj ET " * 20_000_000, 9), 9)
    stream = pdf(content=packed).replace(b"<< /Length", b"<< /Filter [/FlateDecode /FlateDecode] /Length", 1)
    started = time.monotonic()
    refused(stream, read_apart)
    assert time.monotonic() - started < 2 * files.READER.seconds


# The process of its own


def test_what_is_read_apart_is_what_is_read():
    for data in [pptx({"text": "F3", "link": ("é", "https://h.example/F4")}), docx("F3"), pdf(), b"F3"]:
        assert read_apart(data) == read_file(data)


def test_what_cannot_be_read_in_time_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setattr(files, "READER", replace(files.READER, seconds=0.001))
    assert refused(b"F3", read_apart) == files.SLOW


def test_halves_of_characters_never_reach_a_page():
    assert json.dumps(files._sound("F3 \ud800")) == '"F3 ?"'


# Anything at all

WHOLE = [
    pptx({"text": "F3", "notes": "F4", "shape": "https://h.example/F6"}),
    docx("F3", field="/F7"),
    pdf(address="/F3"),
]
WHOLE += [CHROMIUM.read_bytes(), b"<html><p>F3 <a href='/F4'>x</a>"]


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=8)), max_size=6))
def test_a_damaged_file_is_read_or_refused(data, damages):
    data = bytearray(data)
    for at, put in damages:
        data[at % len(data) : at % len(data) + len(put)] = put
    with suppress(Unreadable):
        read_file(bytes(data))


@given(st.text("<>/wp:t rinstrText=\"'&;#x0F3", max_size=200))
def test_any_xml_is_read_or_refused(body):
    with suppress(Unreadable):
        read_file(with_part(WHOLE[1], "word/document.xml", word_xml(body)))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    with suppress(Unreadable):
        read_file(data)
