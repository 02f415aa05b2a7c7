"""Handouts as files, made by the programs that people make them with, or by hand where they are to be broken."""

import io
import zipfile

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pptx import Presentation
from pptx.util import Cm


def pptx(*slides):
    """Slides, each a dict: title, text, link (words, address), notes, table (a text), shape (an address)."""
    deck = Presentation()
    for content in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = content.get("title", "")
        frame = slide.placeholders[1].text_frame
        frame.text = content.get("text", "")
        if "link" in content:
            run = frame.add_paragraph().add_run()
            run.text, run.hyperlink.address = content["link"]
        if "notes" in content:
            slide.notes_slide.notes_text_frame.text = content["notes"]
        if "table" in content:
            table = slide.shapes.add_table(1, 1, Cm(1), Cm(1), Cm(5), Cm(1)).table
            table.cell(0, 0).text = content["table"]
        if "shape" in content:
            box = slide.shapes.add_textbox(Cm(1), Cm(5), Cm(5), Cm(1))
            box.click_action.hyperlink.address = content["shape"]
    return _saved(deck)


def docx(*paragraphs, link=None, table="", footer="", field=""):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if link:
        words, address = link
        paragraph = document.add_paragraph("See ")
        element = OxmlElement("w:hyperlink")
        element.set(qn("r:id"), document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        element.append(paragraph.add_run(words)._r)
        paragraph._p.append(element)
        paragraph.add_run(" for more.")
    if table:
        document.add_table(1, 1).cell(0, 0).text = table
    if field:
        paragraph = document.add_paragraph()
        for kind, text in [
            ("begin", ""),
            ("", f' HYPERLINK "{field}" '),
            ("separate", ""),
            ("text", "here"),
            ("end", ""),
        ]:
            run = paragraph.add_run(text if kind == "text" else "")
            if kind in ("begin", "separate", "end"):
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run._r.append(mark)
            elif not kind:
                code = OxmlElement("w:instrText")
                code.text = text
                run._r.append(code)
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    return _saved(document)


def with_part(data, name, content, **options):
    """An archive with one part put in, or in the place of the one with its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content, **options)
    return made.getvalue()


def word_xml(body, before=""):
    """The main part of a Word document."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0"?>{before}<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'


def pdf(text="See F3", address="", catalogue="", page="", content=None):
    """A PDF of one page, with more put into its dictionaries where it is to be broken."""
    drawn = content if content is not None else f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    link = f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI ({address}) >> >>]"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            f"/Resources << /Font << /F1 5 0 R >> >> {link if address else ''} {page} >>"
        ).encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(made),
    )


def _saved(document):
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
