"""A handout as slides: a title, a slide for each entry and each question to discuss, the references. Nothing runs off a
slide: a text that is too long is set smaller, and then goes on on a next slide; the whole of it stands in the notes."""

from io import BytesIO

from django.conf import settings
from pptx import Presentation
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Cm, Pt

from curation.text import printable
from findings import qrcodes
from findings.choices import Stance
from findings.handouts.measure import CM_PER_POINT, GAP, LINE, TooLong, fitting, split, width
from findings.handouts.office import LANGUAGE, describe
from findings.handouts.slide_look import (
    DEEP,
    ERROR,
    HEADING_FONT,
    INK,
    ON_DEEP,
    PAPER,
    SOFT,
    TEXT,
    TITLE,
    dressed,
    of_stance,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

# Boxes in cm: left, top, width, height.
WIDE = (2, 8, 29.867, 8.2)  # of a slide that goes on, without a QR code
EVIDENCE = (2, 14.75, 24.6, 1.5)
FOOT = (2, 16.85, 24.6, 1.8)
NAME = (27, 16.95, 4.867, 1.4)
QR = (27.667, 9.8, 4.2, 4.2)
LIST = (2, 4.3, 29.867, 11.6)
QUESTION = (2, 4.6, 29.867, 8.4)
# In points. What a room must read is not under 24; a slide more is made rather.
TITLE_SIZES, TEXT_SIZES, SMALL_SIZES = (40, 36, 32, 28, 24, 20), (33, 30, 28, 26, 24), (20, 18, 16, 14, 12)
BODY_SIZES = (24, 22, 20, 18)  # of the whole wording, to read along
QUESTION_SIZES = (50, 44, 40, 36, 32, 28, 24, 20)
MOST_SLIDES = 130  # each takes some 20 milliseconds
MOST_QUESTIONS = 12
OURS = "A question of ours, not the review’s"
AT_THE_END = "What would have to change here?"  # where no practice point on the list has a question of its own


def write(handout, options):
    """The bytes of a .pptx. Of the `options` three matter: the whole wording on slides too, large print (no text set
    smaller, rather more slides), and sources. Raises TooLong."""
    deck = _Deck(handout, options.large)
    deck.title()
    asked = [item for item in handout.items if item.question][:MOST_QUESTIONS]
    for item in handout.items:
        deck.entry(item, options.body)
        if item in asked:
            against = "  ".join(named.short for named in item.names)
            deck.question(item.question, f"Hold it against {against}" if against else "", item)
    if not asked:
        deck.question(AT_THE_END, "")
    if handout.references and "sources" in options.holds:
        deck.paragraphs("References", [(reference.runs, reference.notice) for reference in handout.references])
    about = [
        *handout.drawn_from,
        *handout.practice_notes,
        handout.compared,
        f"Versions: {handout.versions}." if handout.versions else "",
        handout.rights,
        "Cite the original study as well as the finding.",
        f"{handout.made}. Still current? {_bare(handout.check_address)}",
    ]
    deck.paragraphs("About these slides", [([(line, False)], "") for line in filter(None, about)])
    return deck.saved()


class _Deck:
    def __init__(self, handout, large):
        self.handout = handout
        self.sizes, self.body_sizes = [sizes[:1] if large else sizes for sizes in (TEXT_SIZES, BODY_SIZES)]
        self.presentation = Presentation()
        layouts = self.presentation.slide_layouts
        self.title_layout, self.entry_layout, self.list_layout = dressed(self.presentation)
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
        _fit_title(title, self.handout.title, "", (2, 8.4, 23, 3.4), PAPER, (44, 40, 36, 32, 28, 24))
        said = "\n".join(filter(None, [f"{self.handout.contents}.", self.handout.occasion]))
        points = fitting(said, (22, 20, 18), 22, 2.2) or 16
        for number, line in enumerate(said.split("\n")):
            frame = contents.text_frame
            _run(frame.paragraphs[0] if not number else frame.add_paragraph(), line, points, ON_DEEP)
        _box(slide, (2, 1.9, 23, 1.2), settings.SITE_NAME, (24, 20, 18), ON_DEEP, font=HEADING_FONT)
        if self.handout.naming.title:
            _box(slide, (2, 6.1, 20, 1), "Reading list", (18,), ON_DEEP, bold=True)
        told = [*self.handout.drawn_from, *self.handout.practice_notes, f"{self.handout.made}."]
        _box(slide, (2, 14.4, 23, 3.8), "\n".join(told), (16, 14, 12), ON_DEEP)
        if self.handout.has_readable_address:
            _qr(slide, self.handout.address, (26.867, 8.1, 5, 5), "Open the list", PAPER)

    def entry(self, item, body):
        said = [*item.notices, item.in_short] if item.in_short else item.notices
        lots = self._lots(said, TEXT, self.sizes, len(item.notices))
        if body:
            lots += self._lots(item.body, WIDE, self.body_sizes)
        for number, (paragraphs, points) in enumerate(lots or [([], self.sizes[0])], start=1):
            count = f" ({number} of {len(lots)})" if len(lots) > 1 else ""
            self._entry_slide(item, count, paragraphs, points, is_first=number == 1)

    def _lots(self, texts, box, sizes, notices=0):
        """`texts` on as few slides as possible and then as large as possible: the paragraphs of each, and their size.

        A paragraph is a text and whether it is one of the first `notices`.
        """
        tried = [(split(texts, size, _within(box), box[3]), size) for size in sizes]
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
        _pill(slide, item.label, *_colours(item))
        _box(slide, (21.867, 1.9, 10, 1.2), item.code, (18,), SOFT, align=PP_ALIGN.RIGHT)
        if is_first:
            if item.evidence:
                _box(slide, EVIDENCE, _evidence(item), SMALL_SIZES, SOFT, bold=True)
            _qr(slide, item.address, QR, "Read and cite", INK)
        _foot(slide, f"{_bare(item.address)}  ·  Version {item.version}\n{item.provenance}".rstrip())
        slide.notes_slide.notes_text_frame.text = printable("\n".join(_notes(item, self.handout)))

    def question(self, question, against, item=None):
        """A slide to talk about, which says that the question is none of the review's."""
        slide = self._slide(self.list_layout)
        title = slide.shapes.title
        title.left, title.top, title.width, title.height = map(Cm, QUESTION)
        _fit_title(title, printable(question), "", QUESTION, INK, QUESTION_SIZES)
        _pill(slide, "To discuss", None, INK, is_ours=True)
        _box(slide, (15.867, 1.9, 16, 1.2), OURS, (18,), SOFT, align=PP_ALIGN.RIGHT)
        if against:
            _box(slide, (2, 13.8, 29.867, 1.8), against, (24, 20, 18, 16), SOFT, bold=True)
        _foot(slide, f"{_bare(item.address)}  ·  {item.heading}" if item else f"{self.handout.made}.")
        notes = [question, f"{OURS}.", against]
        slide.notes_slide.notes_text_frame.text = printable("\n".join(filter(None, notes)))

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
                    _run(paragraph, part, 18, INK, font=HEADING_FONT, italic=italic)
                if notice:
                    _run(paragraph, f" {notice}", 18, ERROR, bold=True)
            _foot(slide, f"{self.handout.made}.")


def _within(box):
    """The width that text may take in a box. Bold type is wider than the measure of it."""
    return box[2] * 0.95


def _fit_title(shape, heading, count, box, colour=INK, sizes=TITLE_SIZES):
    """Set a heading as large as it fits; what would not fit at all is cut, and stands whole in the notes."""
    whole = heading + count
    points = fitting(whole, sizes, _within(box), box[3])
    if points is None:
        points = sizes[-1]
        most = int(box[3] / (points * CM_PER_POINT * LINE)) - 1
        words = split([heading], points, _within(box), most * points * CM_PER_POINT * LINE)[0][0][1]
        whole = f"{words}…{count}"
    _run(shape.text_frame.paragraphs[0], whole, points, colour)


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
    if item.note:
        yield f"Your note: {item.note}"
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
    run.font.size = Pt(points)
    colour.paint(run.font.color)
    if font:
        run.font.name = font
    if bold:
        run.font.bold = True
    if italic:
        run.font.italic = True


def _colours(item):
    if item.stance:
        return of_stance(Stance(item.stance))
    return PAPER, ERROR if item.is_withdrawn else DEEP


def _pill(slide, label, ground, ink, is_ours=False):
    """A mark with a word in it; of what is ours the edge is broken."""
    wide = max(4, width(label, 18) * 1.1 + 1.4)
    pill = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Cm(2), Cm(1.7), Cm(wide), Cm(1.3))
    pill.adjustments[0] = 0.5
    pill.element.remove(pill.element.find(qn("p:style")))  # the library's shadow and blue edge
    if ground:
        pill.fill.solid()
        ground.paint(pill.fill.fore_color)
    else:
        pill.fill.background()
    ink.paint(pill.line.color)
    pill.line.width = Pt(2.25 if is_ours else 1)
    if is_ours:
        pill.line.dash_style = MSO_LINE.DASH
    pill.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    pill.text_frame.word_wrap = False
    pill.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    _run(pill.text_frame.paragraphs[0], label, 18, ink, bold=True)


def _qr(slide, address, box, caption, colour):
    picture = slide.shapes.add_picture(BytesIO(qrcodes.png(address, scale=8)), *map(Cm, box))
    picture.name = "QR code"
    picture.element.nvPicPr.cNvPr.set("descr", f"QR code: opens {address}")
    left, top, wide, high = box
    _box(slide, (left - 1, top + high + 0.15, wide + 2, 0.9), caption, (14,), colour, bold=True, align=PP_ALIGN.CENTER)


def _foot(slide, text):
    _box(slide, FOOT, text, (14, 12), SOFT)
    _box(slide, NAME, settings.SITE_NAME, (20, 16, 14, 12), DEEP, font=HEADING_FONT, align=PP_ALIGN.RIGHT)
