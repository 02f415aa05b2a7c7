"""A handout as slides: a title, a slide for each entry, the references. Nothing runs off a slide: a text that is too
long is set smaller, and then goes on on a next slide; the whole of it stands in the notes."""

from io import BytesIO

from django.conf import settings
from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Cm, Pt

from curation.text import printable
from findings import qrcodes
from findings.choices import Stance
from findings.handouts.measure import CM_PER_POINT, GAP, LINE, TooLong, fitting, split, width
from findings.handouts.office import BODY, BRAND, ERROR, HEADINGS, INK, LANGUAGE, SOFT, describe

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PAPER, DEEP, WHITE, ON_DEEP = "FBF8F5", "43173F", "FFFFFF", "ECD9E8"
THREAD, THREAD_ON_DEEP = "E39A1E", "F0AE3C"

# Boxes in cm: left, top, width, height.
PAGE = (33.867, 19.05)
TITLE = (2, 3.9, 29.867, 4.6)
TEXT = (2, 8.9, 24.6, 5.4)
WIDE = (2, 8.9, 29.867, 7.2)  # of a slide that goes on, without a QR code
EVIDENCE = (2, 14.6, 24.6, 1.6)
FOOT = (2, 16.85, 24.6, 1.8)
NAME = (27, 16.95, 4.867, 1.4)
QR = (27.867, 9.2, 4, 4)
LIST_TITLE = (2, 1.7, 29.867, 1.9)
LIST = (2, 4.3, 29.867, 11.6)
TITLE_SIZES, TEXT_SIZES, SMALL_SIZES = (40, 36, 32, 28, 24, 20), (24, 22, 20, 18), (18, 16, 14, 12)
MOST_SLIDES = 130  # each takes some 20 milliseconds
TITLE_LAYOUT, ENTRY_LAYOUT, LIST_LAYOUT = 0, 1, 5  # of the library's own presentation


def write(handout, body=False, large=False):
    """The bytes of a .pptx. `body`: with the whole wording on slides too; `large`: no text set smaller, rather more
    slides. Raises TooLong."""
    deck = _Deck(handout, TEXT_SIZES[:1] if large else TEXT_SIZES)
    deck.title()
    for item in handout.items:
        deck.entry(item, body)
    if handout.references:
        deck.paragraphs("References", [(reference.runs, reference.notice) for reference in handout.references])
    about = [
        *handout.drawn_from,
        *handout.practice_notes,
        handout.rights,
        "Cite the original study as well as the finding.",
        f"{handout.made}.",
    ]
    deck.paragraphs("About these slides", [([(line, False)], "") for line in about])
    return deck.saved()


class _Deck:
    def __init__(self, handout, sizes):
        self.handout = handout
        self.sizes = sizes
        self.presentation = Presentation()
        layouts = self.presentation.slide_layouts
        self.title_layout, self.entry_layout, self.list_layout = _dressed(self.presentation)
        for layout in list(layouts):
            if layout not in (self.title_layout, self.entry_layout, self.list_layout):
                layouts.remove(layout)
        describe(self.presentation.core_properties, handout)

    def saved(self):
        for slide in self.presentation.slides:
            for part in [slide, *([slide.notes_slide] if slide.has_notes_slide else [])]:
                for run in part.element.iter(qn("a:r")):
                    run.get_or_add_rPr().set("lang", LANGUAGE)
        file = BytesIO()
        self.presentation.save(file)
        return file.getvalue()

    def title(self):
        slide = self.presentation.slides.add_slide(self.title_layout)
        title, contents = slide.placeholders
        title.text = printable(self.handout.title)
        points = fitting(self.handout.contents, (22, 20, 18), 23, 3.2)
        _run(contents.text_frame.paragraphs[0], self.handout.contents, points or 18, ON_DEEP)
        _box(slide, (2, 1.9, 23, 1.2), settings.SITE_NAME, (24, 20, 18), ON_DEEP, font=HEADINGS)
        told = [*self.handout.drawn_from, *self.handout.practice_notes, f"{self.handout.made}."]
        _box(slide, (2, 13.4, 23, 4.4), "\n".join(told), (16, 14, 12), ON_DEEP)
        if qrcodes.is_readable(self.handout.address):
            _qr(slide, self.handout.address, (26.867, 7.4, 5, 5), "Open the list", WHITE)

    def entry(self, item, body):
        said = [*item.notices, item.in_short] if item.in_short else item.notices
        lots = self._lots(said, TEXT, len(item.notices))
        if body:
            lots += self._lots(item.body, WIDE)
        for number, (paragraphs, points) in enumerate(lots or [([], self.sizes[0])], start=1):
            count = f" ({number} of {len(lots)})" if len(lots) > 1 else ""
            self._entry_slide(item, count, paragraphs, points, is_first=number == 1)

    def _lots(self, texts, box, notices=0):
        """`texts` on as few slides as possible and then as large as possible: the paragraphs of each, and their size.

        A paragraph is a text and whether it is one of the first `notices`.
        """
        tried = [(split(texts, size, _within(box), box[3]), size) for size in self.sizes]
        lots, size = min(tried, key=lambda one: len(one[0]))
        return [([(text, number < notices) for number, text in lot], size) for lot in lots]

    def _slide(self, layout):
        slides = self.presentation.slides
        if len(slides) >= MOST_SLIDES:
            raise TooLong(
                f"This takes more than {MOST_SLIDES} slides. Leave out some entries, the whole wording or large print."
            )
        return slides.add_slide(layout)

    def _entry_slide(self, item, count, paragraphs, points, is_first):
        slide = self._slide(self.entry_layout)
        heading = printable(item.heading)
        _fit_title(slide.shapes.title, heading, count, TITLE)
        text_box = slide.placeholders[1]
        if not is_first:
            text_box.left, text_box.top, text_box.width, text_box.height = map(Cm, WIDE)
        frame = text_box.text_frame
        for number, (text, is_notice) in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(points * GAP * LINE)
            _run(paragraph, text, points, ERROR if is_notice else INK, bold=is_notice)
        if not paragraphs:
            text_box.element.getparent().remove(text_box.element)
        _pill(slide, item)
        _box(slide, (21.867, 1.9, 10, 1.2), item.code, (18,), SOFT, align=PP_ALIGN.RIGHT)
        if is_first:
            if item.evidence:
                _box(slide, EVIDENCE, _evidence(item), SMALL_SIZES, SOFT, bold=True)
            _qr(slide, item.address, QR, "Read and cite", INK)
        _foot(slide, f"{_bare(item.address)}  ·  {item.currency}\n{item.provenance}".rstrip())
        slide.notes_slide.notes_text_frame.text = printable("\n".join(_notes(item, self.handout)))

    def paragraphs(self, title, paragraphs):
        """Slides with one paragraph for each of `paragraphs`, which are runs and a notice."""
        texts = ["".join(text for text, _ in runs) + (f" {notice}" if notice else "") for runs, notice in paragraphs]
        lots = split(texts, 18, _within(LIST), LIST[3])
        for number, lot in enumerate(lots, start=1):
            slide = self._slide(self.list_layout)
            slide.shapes.title.text = f"{title}, {number} of {len(lots)}" if len(lots) > 1 else title
            frame = _frame(slide, LIST)
            for place, (which, text) in enumerate(lot):
                paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
                paragraph.space_after = Pt(18 * GAP * LINE)
                runs, notice = paragraphs[which]
                if " ".join(texts[which].split()) != " ".join(text.split()):
                    runs, notice = [(text, False)], ""
                for part, italic in runs:
                    _run(paragraph, part, 18, INK, font=HEADINGS, italic=italic)
                if notice:
                    _run(paragraph, f" {notice}", 18, ERROR, bold=True)
            _foot(slide, f"{self.handout.made}.")


def _within(box):
    """The width that text may take in a box. Bold type is wider than the measure of it."""
    return box[2] * 0.95


def _fit_title(shape, heading, count, box):
    """Set a heading as large as it fits; what would not fit at all is cut, and stands whole in the notes."""
    whole = heading + count
    points = fitting(whole, TITLE_SIZES, box[2], box[3])
    if points is None:
        points = TITLE_SIZES[-1]
        most = int(box[3] / (points * CM_PER_POINT * LINE)) - 1
        words = split([heading], points, box[2], most * points * CM_PER_POINT * LINE)[0][0][1]
        whole = f"{words}…{count}"
    _run(shape.text_frame.paragraphs[0], whole, points, INK)


def _evidence(item):
    shorter = f"{item.names_heading} {'; '.join(named.short for named in item.names)}"
    number = f"{item.names_heading} {len(item.names)}, see the notes"
    candidates = [item.evidence, shorter, number]
    return next(
        text for text in candidates if fitting(text, SMALL_SIZES[:3], _within(EVIDENCE), EVIDENCE[3]) or text == number
    )


def _bare(address):
    return address.split("://", 1)[-1]


def _notes(item, handout):
    kind = "" if item.label.lower() == item.kind else f"{item.label}. "
    yield f"{kind}{item.kind.capitalize()} {item.code}: {item.heading}"
    yield from item.notices
    yield from filter(None, [item.in_short])
    yield from item.body
    if item.names:
        yield f"{item.names_heading.rstrip(':')}:"
        yield from (f"– {named.long}" for named in item.names)
    elif item.evidence:
        yield f"{item.evidence}."
    if item.since_then:
        yield "Since then, added by us:"
        yield from (f"– {note}" for note in item.since_then)
    if item.references:
        yield "References:"
        for reference in item.references:
            text = "".join(text for text, _ in reference.runs)
            yield f"– {text} {reference.notice}".rstrip()
    yield f"{item.currency} {item.address}"
    yield f"Cite as: {item.cite_as}"
    if item.provenance:
        yield item.provenance
        yield handout.rights


def _frame(slide, box):
    frame = slide.shapes.add_textbox(*map(Cm, box)).text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


def _box(slide, box, text, sizes, colour, font=None, bold=False, align=None):
    """A box with a paragraph for each line of `text`, in the first of `sizes` that fits; else in the last, cut to what
    fits."""
    text = printable(text)
    points = fitting(text, sizes, _within(box), box[3])
    lines = text.split("\n")
    if points is None:
        points = sizes[-1]
        lines = [line for _, line in split(lines, points, _within(box), box[3])[0]]
        lines[-1] = f"{lines[-1][:-1]}…"
    frame = _frame(slide, box)
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = align
        _run(paragraph, line, points, colour, font=font, bold=bold)


def _run(paragraph, text, points, colour, font=None, bold=False, italic=False):
    run = paragraph.add_run()
    run.text = printable(text)
    run.font.size, run.font.color.rgb = Pt(points), RGBColor.from_string(colour)
    if font:
        run.font.name = font
    if bold:
        run.font.bold = True
    if italic:
        run.font.italic = True


def _pill(slide, item):
    tint, colour = WHITE, ERROR if item.is_withdrawn else BRAND
    if item.stance:
        tint, colour = Stance(item.stance).words.colours
    wide = max(4, width(item.label, 18) * 1.1 + 1.4)
    pill = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Cm(2), Cm(1.7), Cm(wide), Cm(1.3))
    pill.adjustments[0] = 0.5
    pill.element.remove(pill.element.find(qn("p:style")))  # the library's shadow and blue edge
    pill.fill.solid()
    pill.fill.fore_color.rgb = RGBColor.from_string(tint)
    pill.line.color.rgb = RGBColor.from_string(colour)
    pill.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    pill.text_frame.word_wrap = False
    pill.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    _run(pill.text_frame.paragraphs[0], item.label, 18, colour, bold=True)


def _qr(slide, address, box, caption, colour):
    picture = slide.shapes.add_picture(BytesIO(qrcodes.png(address, scale=8)), *map(Cm, box))
    picture.name = "QR code"
    picture.element.nvPicPr.cNvPr.set("descr", f"QR code: opens {address}")
    left, top, wide, high = box
    _box(slide, (left - 1, top + high + 0.15, wide + 2, 0.9), caption, (14,), colour, bold=True, align=PP_ALIGN.CENTER)


def _foot(slide, text):
    _box(slide, FOOT, text, (14, 12), SOFT)
    _box(slide, NAME, settings.SITE_NAME, (20, 16, 14, 12), BRAND, font=HEADINGS, align=PP_ALIGN.RIGHT)


# The look: the master and three layouts, so that an organisation's own template can take its place.


def _dressed(presentation):
    presentation.slide_width, presentation.slide_height = map(Cm, PAGE)
    master, layouts = presentation.slide_master, presentation.slide_layouts
    _set_fonts(master)
    _set_styles(master)
    chosen = [layouts[TITLE_LAYOUT], layouts[ENTRY_LAYOUT], layouts[LIST_LAYOUT]]
    for part in [master, *chosen]:
        for shape in list(part.placeholders):
            if shape.placeholder_format.type in (13, 15, 16):  # number, footer, date: our slides say these themselves
                shape.element.getparent().remove(shape.element)
        for properties in part.element.iter(qn("a:defRPr"), qn("a:rPr"), qn("a:endParaRPr")):
            properties.set("lang", LANGUAGE)
    first, entry, listed = chosen
    _place(master, [TITLE, TEXT])
    _place(first, [(2, 7.4, 23, 2.8), (2, 10.6, 23, 3.2)])
    _place(entry, [TITLE, TEXT])
    _place(listed, [LIST_TITLE])
    for layout, colour in [(first, DEEP), (entry, PAPER), (listed, PAPER)]:
        layout.background.fill.solid()
        layout.background.fill.fore_color.rgb = RGBColor.from_string(colour)
    for placeholder, points, colour in [(first.placeholders[0], 44, WHITE), (first.placeholders[1], 22, ON_DEEP)]:
        _set_look(placeholder, points, colour)
    _set_look(listed.placeholders[0], 36, INK)
    for layout, box, colour in [
        (first, (0, 6.7, 6.5, 0.12), THREAD_ON_DEEP),
        (entry, (0, 2.3, 2, 0.11), THREAD),
        (entry, (2, 16.6, 29.867, 0.11), THREAD),
        (listed, (0, 2.55, 1.6, 0.11), THREAD),
        (listed, (2, 16.6, 29.867, 0.11), THREAD),
    ]:
        _line(layout, box, colour)
    return chosen


def _set_fonts(master):
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(theme.blob)
    for name, font in [("majorFont", HEADINGS), ("minorFont", BODY)]:
        root.find(f".//{qn(f'a:{name}')}/{qn('a:latin')}").set("typeface", font)
    theme.blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _set_styles(master):
    """Titles and texts from the left and the top, without bullets."""
    styles = master.element.find(qn("p:txStyles"))
    title = styles.find(f"{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")
    text = styles.find(f"{qn('p:bodyStyle')}/{qn('a:lvl1pPr')}")
    text.set("marL", "0")
    text.set("indent", "0")
    for bullet in text.findall(qn("a:buChar")):
        text.replace(bullet, parse_xml(f"<a:buNone {nsdecls('a')}/>"))
    for shape in master.placeholders:
        frame = shape.text_frame
        frame.vertical_anchor = MSO_ANCHOR.TOP
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _set_look(placeholder, points, colour):
    """Size and colour of a layout's placeholder, which its slides take over."""
    body = placeholder.element.txBody
    styles = body.find(qn("a:lstStyle"))
    for child in list(styles):
        styles.remove(child)
    styles.append(
        parse_xml(
            f'<a:lvl1pPr {nsdecls("a")} marL="0" indent="0" algn="l"><a:buNone/><a:defRPr lang="{LANGUAGE}" '
            f'sz="{points * 100}" b="0" cap="none"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
            "</a:defRPr></a:lvl1pPr>"
        )
    )
    placeholder.text_frame.vertical_anchor = MSO_ANCHOR.TOP


def _place(part, boxes):
    for shape, box in zip(part.placeholders, boxes, strict=True):
        shape.left, shape.top, shape.width, shape.height = map(Cm, box)


def _line(layout, box, colour):
    """A line of the layout, where no screen reader meets it."""
    left, top, wide, high = (int(Cm(side)) for side in box)
    layout.shapes.element.append(
        parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{900 + top % 90}" name="Line"/><p:cNvSpPr/><p:nvPr '
            f'userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{wide}" cy="{high}"/>'
            '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
            f'<a:srgbClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
        )
    )
