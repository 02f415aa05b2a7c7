"""Ten awkward layouts, and what is made of each: the sentences that a person would read, with their note marks."""

import io
import zipfile

import pytest

from curation.sandbox import Unreadable
from findings.extraction.documents import read_apart, read_file
from findings.extraction.reading import read

from .pages import BOLD, docx, lines, paragraph, pdf, run


def sentences(data):
    return [(one.kind, one.text) for one in read(read_file(data)).sentences]


def texts(data, kind="paragraph"):
    return [text for found, text in sentences(data) if found == kind]


def test_words_divided_at_the_end_of_a_line_are_put_together_and_those_with_a_hyphen_keep_it():
    page = """Neighbours who met at the allotment often said that co-
operation came first. They named regu-
lar meetings, which are held at the gar-
den gate, and called them well-
known. The garden is small."""
    assert texts(pdf(lines(page, 70, 700))) == [
        "Neighbours who met at the allotment often said that co-operation came first.",
        "They named regular meetings, which are held at the garden gate, and called them well-known.",
        "The garden is small.",
    ]


def test_columns_are_read_one_after_the_other_even_if_the_file_has_them_line_by_line():
    left = """Plots that two families share
were dug earlier in the year.
One study found that they
were also weeded more often.
Not every plot was shared.
Some had been given up."""
    right = """Water was the reason given
most often for a quarrel, and
a rota did not always help.
Few rotas were written down.
Those that were written down
lasted for a year or more."""
    both = zip(lines(left, 60, 700), lines(right, 310, 700), strict=True)
    data = pdf([("Sharing a plot of land with others", 60, 740, 16, BOLD), *(piece for pair in both for piece in pair)])
    assert sentences(data) == [
        ("heading", "Sharing a plot of land with others"),
        ("paragraph", "Plots that two families share were dug earlier in the year."),
        ("paragraph", "One study found that they were also weeded more often."),
        ("paragraph", "Not every plot was shared."),
        ("paragraph", "Some had been given up."),
        ("paragraph", "Water was the reason given most often for a quarrel, and a rota did not always help."),
        ("paragraph", "Few rotas were written down."),
        ("paragraph", "Those that were written down lasted for a year or more."),
    ]


def test_running_heads_and_page_numbers_are_left_out():
    def page(number, said):
        return [("Allotments and their people", 60, 800, 9), *lines(said, 60, 740), (f"Page {number}", 290, 40, 9)]

    data = pdf(
        page(1, "The first page ends in the middle of a sentence that goes on\nwhere the next one"),
        page(2, "begins. Another sentence follows it here, and it is complete."),
        page(3, "A third page says nothing new."),
    )
    assert texts(data) == [
        "The first page ends in the middle of a sentence that goes on where the next one begins.",
        "Another sentence follows it here, and it is complete.",
        "A third page says nothing new.",
    ]
    assert "Allotments" not in str(sentences(data))


def test_a_note_at_the_foot_goes_on_over_the_end_of_a_page_and_leaves_the_sentence_whole():
    said = "Most gardens have a wall around them that is as old as they are.\n" * 3
    first = [*lines(said, 60, 740), *lines("Gardeners lend tools to one another", 60, 700)]
    first += [("1", 210, 704, 6), ("and they", 216, 700, 10)]
    second = lines("seldom lose them. That is all.", 60, 740)
    data = pdf(
        [*first, *lines("1 Green A (2001) Lending a spade, which is the\nfirst of several", 60, 80, 7, 9)],
        [*second, *lines("volumes. Leeds: Spade Press.", 60, 60, 7, 9)],
    )
    found = sentences(data)
    assert ("paragraph", "Gardeners lend tools to one another¹ and they seldom lose them.") in found
    assert ("paragraph", "That is all.") in found
    note = "1 Green A (2001) Lending a spade, which is the first of several volumes. Leeds: Spade Press."
    assert ("note", note) in found


def test_bullets_are_items_whatever_they_look_like():
    marks = ["•", "–", "*", "1.", "(a)"]
    text = "\n".join(f"{mark} Each gardener has a key{n}." for n, mark in enumerate(marks))
    for data in [text.encode(), pdf(lines(text, 60, 700))]:
        assert texts(data, "item") == [f"Each gardener has a key{n}." for n in range(5)]


def test_a_row_of_a_table_is_one_passage_with_its_cells():
    rows = [("Crop", "Plots", "Share"), ("Beans", "12", "30%"), ("Leeks", "28", "70%")]
    page = [
        (cell, 60 + 150 * column, 700 - 14 * row, 10)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    web = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    for data in [pdf(page), docx(f"<w:tbl>{cells}</w:tbl>"), f"<html><table>{web}</table>".encode()]:
        assert texts(data, "row") == ["Crop | Plots | Share", "Beans | 12 | 30%", "Leeks | 28 | 70%"]


def test_curly_quotes_and_what_stands_after_a_full_stop_close_a_sentence():
    text = (
        "They spoke of ‘a kind of truce.’² Others (e.g. Dr. Marsh et al. 2003, p. 4) did not! “Why?” she asked. "
        "It is 3.5 m wide."
    )
    assert texts(text.encode()) == [
        "They spoke of ‘a kind of truce.’²",
        "Others (e.g. Dr. Marsh et al. 2003, p. 4) did not!",
        "“Why?” she asked.",
        "It is 3.5 m wide.",
    ]


def test_no_break_blanks_soft_hyphens_and_ligatures_do_not_divide_words():
    text = "A ﬁeld of 3\u00a0ha was shared by four\u202ffami\u00adlies.\u00a0It was di\ufb03cult."
    assert texts(text.encode()) == ["A field of 3 ha was shared by four families.", "It was difficult."]


def test_lists_headings_notes_and_tracked_changes_of_word_are_told_apart():
    numbered = "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>"
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = (
        paragraph(run("What was found"), properties="<w:pStyle w:val='Heading2'/>")
        + paragraph(run("Sheds "), run("Sheds may be shared.", "<w:b w:val='0'/>"), reference)
        + paragraph(run("Keys", "<w:b/>"), run(" Each has one."), run("3", "<w:vertAlign w:val='superscript'/>"))
        + paragraph(run("One lock is enough."), properties=numbered)
        + paragraph(run("It lasts"), f"<w:del>{run(' not')}</w:del>", f"<w:ins>{run(' long')}</w:ins>", run("."))
    )
    notes = '<w:footnote w:id="2">' + paragraph(run("Marsh (1999) Sheds.")) + "</w:footnote>"
    styles = "<w:style w:styleId='Heading2'><w:name w:val='heading 2'/></w:style>"
    assert sentences(docx(body, footnotes=notes, styles=styles)) == [
        ("heading", "What was found"),
        ("paragraph", "Sheds Sheds may be shared.¹"),
        ("note", "¹ Marsh (1999) Sheds."),
        ("heading", "Keys"),
        ("paragraph", "Each has one.³"),
        ("item", "One lock is enough."),
        ("paragraph", "It lasts long."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Marsh, A. (2001) Hedges. Leeds: Spade Press. doi:10.5555/hedges",
        "Marsh A (2001) 'Hedges' Journal of Sheds 12 (3) pp. 4–9",
        "Hedges and gates: a reader, 2001. ISBN 0-521-42374-0",
        "Hill, S. and Marsh, A. (2002) Gates. Leeds: Spade Press",
    ],
)
def test_a_reference_that_no_stop_ends_is_no_heading(line):
    text = f"References\n\nGreen, B. (1999) Sheds. Leeds: Spade Press.\n\n{line}\n"
    assert sentences(text.encode())[-1] == ("paragraph", line)
    for heading in ["The Gardens Act (1989)", "What all of 1989 changed"]:
        assert texts(f"{heading}\n\nIt helps.\n".encode(), "heading") == [heading]


def test_a_scanned_pdf_is_told_to_hold_no_text():
    with pytest.raises(Unreadable, match="it was scanned"):
        read_file(pdf([]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 and no more",
        b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj",
        docx("<w:p>" * 10),
        docx("").replace(b"<w:document ", b'<!DOCTYPE a [<!ENTITY b "c">]><w:document '),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one",
        b"{\\rtf1 nothing}",
        b"<html><body></body></html>",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_that_says_what_to_do(data):
    with pytest.raises(Unreadable) as refused:
        read_file(data)
    assert str(refused.value).endswith(".")


def test_a_text_that_unpacks_to_far_more_is_refused():
    with pytest.raises(Unreadable, match="unpacks"):
        read_file(_bomb())


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 150_000_000)
    return out.getvalue()


def with_parts(document, **parts):
    """A Word document with other parts beside its text; `__` stands for a slash in their names."""
    out = io.BytesIO(document)
    with zipfile.ZipFile(out, "a") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def test_macros_objects_and_what_a_word_document_would_load_are_not_looked_at():
    said = paragraph(run("Plots may be shared.")) + "<w:p><w:r><w:object><w:t>evil</w:t></w:object></w:r></w:p>"
    outside = '<Relationships><Relationship Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/></Relationships>'
    parts = {"word__vbaProject.bin": b"\xd0\xcf\x11\xe0", "word___rels__settings.xml.rels": outside, "..__..__x": "x"}
    assert texts(with_parts(docx(said), **parts)) == ["Plots may be shared."]


def test_a_pdf_with_a_broken_table_or_a_count_that_is_no_count_is_read_and_one_that_runs_in_circles_is_refused():
    good = pdf(lines("Plots may be shared.", 60, 700))
    for odd in [good.replace(b"startxref\n", b"startxref\n9"), good.replace(b"/Count 1 ", b"/Count 1000000000 ")]:
        assert odd != good and texts(odd) == ["Plots may be shared."]
    with pytest.raises(Unreadable, match="damaged"):
        read_apart(good.replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]"))


def test_a_deep_page_does_no_harm():
    with pytest.raises(Unreadable, match="no text"):
        read_file(("<html><body>" + "<div>" * 100_000 + "Deep.").encode())
