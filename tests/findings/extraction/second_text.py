"""A second review, of our own making, as a Word document and as pages in two columns with a running head; and twenty
findings of it, as a librarian would word them."""

import html
import re
import subprocess
from pathlib import Path

from findings.extraction.blocks import LOWERED, SUPERSCRIPTS
from tests.browser.chromium import chromium

from .pages import docx, paragraph, run

FOLDER = Path(__file__).parent
TEXT = (FOLDER / "gardens.txt").read_text(encoding="utf-8")
NOTES = {
    "¹": "Barrow (1998).",
    "²": "Dale and Wood (2001), p. 14.",
    "³": "Marsh and Green (1999).",
    "⁴": "Gate (2003).",
    "⁵": "Stile (2000).",
    "⁶": "Field et al. (2004).",
    "⁷": "Hill (2002).",
}
MARKED = re.compile(f"([{SUPERSCRIPTS}])")
STYLES = "".join(f"<w:style w:styleId='Heading{n}'><w:name w:val='heading {n}'/></w:style>" for n in (1, 2, 3))

# The first words of a passage, stance, heading, in short.
FINDINGS = [tuple(line.split("\t")) for line in (FOLDER / "gardens.tsv").read_text(encoding="utf-8").splitlines()]


def lines():
    """(kind, text) of each paragraph: a heading of level 1 or 2, an item, a paragraph or a line of the address."""
    for chunk in TEXT.strip().split("\n\n"):
        for line in chunk.split("\n"):
            level = len(line) - len(line.lstrip("#"))
            kind = f"h{level}" if level else "item" if line.startswith("- ") else "p"
            yield kind, line.lstrip("# ").removeprefix("- ")


def as_word():
    """With notes at the foot, a numbered list of Word, and two columns."""
    body = []
    for kind, text in lines():
        runs = []
        for place, part in enumerate(re.split(r"\*\*", text)):
            for piece in MARKED.split(part):
                if piece in NOTES:
                    runs.append(f'<w:r><w:footnoteReference w:id="{piece.translate(LOWERED)}"/></w:r>')
                elif piece:
                    runs.append(run(html.escape(piece), "<w:b/>" if place % 2 else ""))
        style = f"<w:pStyle w:val='Heading{kind[1]}'/>" if kind[0] == "h" else ""
        numbered = "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>" if kind == "item" else ""
        body.append(paragraph(*runs, properties=style + numbered))
    columns = "<w:sectPr><w:cols w:num='2' w:space='720'/></w:sectPr>"
    notes = "".join(
        f'<w:footnote w:id="{mark.translate(LOWERED)}">{paragraph(run(note))}</w:footnote>'
        for mark, note in NOTES.items()
    )
    return docx("".join(body) + columns, footnotes=notes, styles=STYLES)


def as_pdf(folder):
    """Printed by Chromium: two columns, raised marks, notes in small print, a running head and page numbers."""
    said = []
    for kind, text in lines():
        piece = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text))
        piece = MARKED.sub(lambda match: f"<sup>{match[0].translate(LOWERED)}</sup>", piece)
        tag = {"h1": "h1", "h2": "h2", "item": "li"}.get(kind, "p")
        said.append(f"<{tag}>{piece}</{tag}>")
        if "a year or two to learn it" in text:
            said += [f"<p class=n>{mark.translate(LOWERED)} {html.escape(note)}</p>" for mark, note in NOTES.items()]
    head, *rest = said
    page = folder / "gardens.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{LOOK}</style>{head}<main>{''.join(rest)}</main>")
    out = folder / "gardens.pdf"
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run([*command, f"--print-to-pdf={out}", page.as_uri()], check=True, capture_output=True, timeout=120)
    return out.read_bytes()


LOOK = """
@page { size: A4; margin: 25mm 20mm; @top-left { content: "Gardens in common, a review"; font-size: 8pt; }
  @bottom-center { content: counter(page); font-size: 8pt; } }
body { font: 10.5pt/1.35 serif; } main { columns: 2; column-gap: 10mm; text-align: justify; hyphens: auto; }
h1 { font-size: 20pt; } h2 { font-size: 14pt; break-after: avoid; } sup { font-size: 6.5pt; line-height: 0; }
p { margin: 0 0 6pt; orphans: 3; widows: 3; } ul, li { margin: 0 0 6pt; padding: 0; } li { list-style: "• " inside; }
.n { font-size: 8pt; }
"""
