"""PDFs written by hand: lines of text at places, in three fonts. And Word documents with notes, which python-docx
cannot write."""

import io
import zipfile

ROMAN, BOLD = "F1", "F2"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*pages):
    """A PDF; a page is a list of (text, x, y, size) or (text, x, y, size, font)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    for name in ["Times-Roman", "Times-Bold", "Helvetica"]:
        objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
    for page in pages:
        content = "\n".join(map(_shown, page)).encode("cp1252")
        number = len(objects) + 1
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
            f"/Contents {number + 1} 0 R >>"
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _shown(piece):
    text, x, y, size, font = (*piece, ROMAN)[:5]
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET"


def _file(objects):
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body if isinstance(body, bytes) else body.encode()))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def lines(text, x, top, size=10, step=12):
    """Each line of `text` at its place, from the top."""
    return [(line, x, top - place * step, size) for place, line in enumerate(text.strip().split("\n"))]


def docx(body, **parts):
    """A Word document: `body` and the named parts (`footnotes`, `styles`) are the XML inside their roots."""
    roots = {"document": ("document", f"<w:body>{body}</w:body>"), **{k: (k, v) for k, v in parts.items()}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, (root, inner) in roots.items():
            archive.writestr(f"word/{name}.xml", f'<w:{root} xmlns:w="{W}">{inner}</w:{root}>')
    return out.getvalue()


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"
