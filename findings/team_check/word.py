"""The result of a team check as a Word document."""

from io import BytesIO

import docx
from django.conf import settings
from django.utils.formats import date_format
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from curation.text import printable
from findings import provenance
from findings.team_check.answers import Answer

TITLE = "Where our team stands"
NOT_ANSWERED = "Not answered"
MOVES = {1: "Moved on", -1: "Slipped back", 0: "No change", None: "–"}
BRAND = RGBColor(0x5B, 0x20, 0x57)


def team_check_docx(check, address, site_url, today):
    """`check` as the bytes of a document. `address` leads back to its answers, `site_url` begins other addresses."""
    document = docx.Document()
    _set_up(document, today)
    _write_about(document, check, address, site_url, today)
    _write_groups(document, check)
    _write_actions(document, check)
    _write_what_to_read(document, check, site_url)
    _write_answers(document, check)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _write_about(document, check, address, site_url, today):
    document.add_heading(TITLE, 1)
    if whose := ", ".join(filter(None, [check.typed.team, check.typed.date])):
        document.add_paragraph(printable(whose)).runs[0].bold = True
    document.add_paragraph(f"{check.all.total} questions: {check.all.words}. {check.since} There is no score.")
    document.add_paragraph(
        f"Made on {date_format(today, 'j F Y')} with {settings.SITE_NAME}. The same answers: {address}"
    )
    for review in check.reviews:
        document.add_paragraph(printable(provenance.line(review)))
    document.add_paragraph(
        "The questions, and the links from points to findings, are ours. The points are the review’s: indicators that "
        f"might be taken forward, not rules. Our wording: {settings.LICENCE['name']}, {settings.LICENCE['url']}. "
        "Quotations and the review belong to their publishers."
    )
    for point in check.withdrawn:
        document.add_paragraph(
            f"“{point}” ({point.code}) was withdrawn on {date_format(point.withdrawn_on, 'j F Y')}, so the answer to "
            f"it is left out. What happened to it: {site_url}{point.short_url}"
        )


def _write_groups(document, check):
    document.add_heading("By group", 2)
    rows = [(group.element.gloss, group) for group in check.groups] + [("All", check.all)]
    _table(
        document,
        ["Group", *Answer.labels, NOT_ANSWERED],
        [[label, *group.counts.values(), group.unanswered] for label, group in rows],
        [55, 24, 24, 24, 24, 27],
    )


def _write_actions(document, check):
    if not (rows := check.actions(more=2)):
        return
    document.add_heading("Actions", 2)
    named = [
        [f"{item.point.heading} ({item.point.code})" if item else "", action.what, action.who, action.when]
        for item, action in rows
    ]
    _table(document, ["About", "What", "Who", "By when"], named, [50, 68, 30, 30])


def _write_what_to_read(document, check, site_url):
    document.add_heading("Read first", 2)
    if not check.to_read:
        document.add_paragraph("Nothing was marked “not yet” or “partly”.")
        return
    document.add_paragraph(
        "The findings that we link to most of what is not yet, or only partly, in place. A place to begin."
    )
    for entry in check.to_read:
        finding = entry.finding
        item = document.add_paragraph(style="List Number")
        item.add_run(printable(finding.heading)).bold = True
        about = f" ({finding.get_stance_display()}, {finding.code}). {finding.bottom_line} {entry.behind}. "
        item.add_run(printable(about))
        item.add_run(f"{site_url}{finding.short_url}")


def _write_answers(document, check):
    document.add_heading("Our answers", 2)
    compared = {item.point.code: (before, move) for item, before, move in check.compared}
    then = ["Then", "Change"] if check.comparison else []
    widths = [58, 26, 26, 26, 42] if then else [65, 32, 81]
    for group in check.groups:
        document.add_heading(f"{group.element.gloss} (Wenger: {group.element.label.lower()})", 3)
        rows = []
        for item in group.asked:
            before, move = compared[item.point.code]
            moved = [before.label if before else NOT_ANSWERED, MOVES[move]] if then else []
            answer = item.answer.label if item.answer else NOT_ANSWERED
            rows.append([f"{item.point.team_question} ({item.point.code})", answer, *moved, item.note])
        _table(document, ["Question", "Answer", *then, "Note"], rows, widths)


def _set_up(document, today):
    """Language, page and names: the template that comes with the library is American."""
    about = document.core_properties
    about.title, about.author, about.language, about.comments = TITLE, settings.SITE_NAME, "en-GB", ""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(16)
    section.top_margin = section.bottom_margin = Mm(18)
    document.styles["Normal"].font.size = Pt(11)
    for level in (1, 2, 3):
        document.styles[f"Heading {level}"].font.color.rgb = BRAND
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "en-GB")


def _table(document, header, rows, widths):
    """A table whose first row is marked as its header, and comes again on each page."""
    table = document.add_table(0, len(header), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in [header, *rows]:
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, value in zip(added.cells, row, strict=True):
            cell.text = printable(str(value))
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    document.add_paragraph()
