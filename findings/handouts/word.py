"""A handout as a Word document: real styles, headings and a table, to be edited."""

from io import BytesIO

from django.conf import settings
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from curation.text import printable
from findings import qrcodes
from findings.handouts.office import BODY, BRAND, ERROR, HEADINGS, INK, LANGUAGE, SOFT, describe

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
QR_SIDE = Cm(2.2)


def write(handout, options):
    """The bytes of a .docx. Of the `options` those on the whole wording, large print, sources and notes matter."""
    document = Document()
    _dress(document, 16 if options.large else 11)
    describe(document.core_properties, handout)
    document.add_paragraph(printable(handout.title), "Title")
    subtitle = ". ".join(filter(None, [handout.occasion, handout.contents, handout.made]))
    document.add_paragraph(printable(f"{subtitle}."), "Subtitle")
    for line in [*handout.drawn_from, *handout.practice_notes]:
        document.add_paragraph(printable(line), "Provenance")
    if len(handout.items) > 1:
        _contents(document, handout)
    for item in handout.items:
        _entry(document, item, options.body, whose=not handout.is_of_one_review)
    if handout.references and "sources" in options.holds:
        document.add_heading("References", 1)
        for reference in handout.references:
            paragraph = document.add_paragraph(style="Reference")
            for text, italic in reference.runs:
                paragraph.add_run(printable(text)).italic = italic or None
            if reference.notice:
                document.add_paragraph(printable(reference.notice), "Notice")
    document.add_heading("About this handout", 1)
    about = [
        handout.rights,
        "Cite the original study as well as the finding.",
        f"Still current? {handout.check_address}",
    ]
    if handout.has_readable_address:
        about.append(f"The list as it is now: {handout.address}")
    for line in about:
        document.add_paragraph(printable(line), "List Bullet").paragraph_format.keep_with_next = True
    if handout.has_readable_address:
        _picture(document, handout.address, "The list as it is now")
    _footer(document, handout)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _entry(document, item, body, whose):
    document.add_heading(printable(item.heading), 1)
    kind = item.label if item.label.lower() == item.kind else f"{item.label}. {item.kind.capitalize()}"
    document.add_paragraph(f"{kind} {item.code}. {item.currency}", "Label").paragraph_format.keep_with_next = True
    if whose and item.provenance:
        document.add_paragraph(printable(item.provenance), "Label")
    for notice in item.notices:
        document.add_paragraph(printable(notice), "Notice")
    if item.in_short:
        document.add_paragraph(printable(item.in_short), "In short")
    if item.note:
        document.add_paragraph(printable(f"Note: {item.note}"), "List note")
    if body:
        for runs in item.paragraphs:
            paragraph = document.add_paragraph(style="Body Text")
            for text, italic in runs:
                paragraph.add_run(printable(text)).italic = italic or None
    if len(item.names) > 1:
        document.add_paragraph(item.names_heading, "Label").paragraph_format.keep_with_next = True
        for named in item.names:
            document.add_paragraph(printable(named.long), "List Bullet")
    elif item.evidence:
        document.add_paragraph(printable(item.evidence), "Label")
    if item.since_then:
        document.add_paragraph("Since then, added by us:", "Label").paragraph_format.keep_with_next = True
        for note in item.since_then:
            document.add_paragraph(printable(note), "List Bullet")
    # The code stays on the page of what it leads to. `document.paragraphs` would make them all anew for each entry.
    last = next(document.element.body.iterchildren(qn("w:p"), reversed=True))
    Paragraph(last, document).paragraph_format.keep_with_next = True
    _picture(document, item.address, item.address)


def _picture(document, address, told):
    """A line with the QR code of `address`, and what is `told` beside it."""
    paragraph = document.add_paragraph(style="Short link")
    picture = paragraph.add_run().add_picture(BytesIO(qrcodes.png(address, scale=8)), QR_SIDE, QR_SIDE)
    described = picture._inline.docPr
    described.set("descr", f"QR code: opens {address}")
    described.set("name", f"QR code {described.get('id')}")
    paragraph.add_run(f" {told}")


def _contents(document, handout):
    table = document.add_table(1, 3, "Table Grid")
    _fill(table.rows[0], ["Code", "What it says", "Kind"], bold=True)
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    for item in handout.items:
        _fill(table.add_row(), [item.code, item.heading, item.label])
    table.autofit = False
    for column, wide in zip(table.columns, [Cm(2), Cm(11), Cm(4)], strict=True):
        column.width = wide
        for cell in column.cells:
            cell.width = wide
    for row in table.rows:
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    for name, text in [
        ("w:tblCaption", "In this handout"),
        ("w:tblDescription", "Code, heading and kind of each entry"),
    ]:
        element = OxmlElement(name)
        element.set(qn("w:val"), text)
        table._tbl.tblPr.append(element)


def _fill(row, texts, bold=None):
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].style = "Table text"
        cell.paragraphs[0].add_run(printable(text)).bold = bold


def _footer(document, handout):
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.style = "Footer"
    paragraph.add_run(f"{settings.SITE_NAME}. {handout.made}. Page ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ")
    _field(paragraph, "NUMPAGES")


def _field(paragraph, name):
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _dress(document, points):
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin, section.footer_distance = Cm(1.8), Cm(2.2), Cm(1)
    styles = document.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)
    _style(styles["Normal"], points, INK, after=0.35)
    _style(styles["Title"], points * 2.2, BRAND, font=HEADINGS, after=0.2)
    _style(styles["Subtitle"], points * 1.15, SOFT, after=1)
    styles["Subtitle"].font.italic = False
    for style, mark in [("Title", "w:pBdr"), ("Title", "w:spacing"), ("Subtitle", "w:spacing")]:
        for element in list(styles[style].element.iter(qn(mark))):
            # Of the library's own template: a blue rule and wide letters. The spacing of paragraphs stays.
            if mark == "w:pBdr" or element.get(qn("w:val")):
                element.getparent().remove(element)
    _style(styles["Heading 1"], points * 1.4, INK, font=HEADINGS, before=1.4, after=0.2)
    _style(styles["Body Text"], points, INK, after=0.35)
    _style(styles["List Bullet"], points, INK, after=0.15)
    _style(styles["Footer"], points * 0.85, SOFT)
    styles["Footer"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, size, colour, after in [
        ("Label", points * 0.95, SOFT, 0.15),
        ("In short", points * 1.15, INK, 0.35),
        ("Provenance", points, INK, 0.35),
        ("List note", points, INK, 0.35),
        ("Notice", points, ERROR, 0.35),
        ("Reference", points, INK, 0.35),
        ("Short link", points * 0.9, SOFT, 0.2),
        ("Table text", points * 0.95, INK, 0.1),
    ]:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = styles["Normal"], True
        _style(style, size, colour, after=after)
    styles["Notice"].font.bold = True
    styles["List note"].font.italic = True
    styles["Table text"].paragraph_format.space_before = Pt(points * 0.1)
    hanging = styles["Reference"].paragraph_format
    hanging.left_indent, hanging.first_line_indent = Cm(0.8), Cm(-0.8)


def _style(style, points, colour, font=BODY, before=0, after=0):
    """Dress a style; `before` and `after` are space, in its own size of type."""
    style.font.name, style.font.size = font, Pt(round(points * 2) / 2)
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(points * before), Pt(points * after)
