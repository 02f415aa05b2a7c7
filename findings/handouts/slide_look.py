"""The look of our slides: theme, master and three layouts. Colours and fonts are those of the theme, so that an
organisation’s own template takes their place."""

from typing import NamedTuple

from lxml import etree
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Cm

from findings.choices import Stance
from findings.handouts.office import BODY, HEADINGS, LANGUAGE


class Colour(NamedTuple):
    """One of the theme; `lighter` is the part of the way to white."""

    of_theme: MSO_THEME_COLOR
    lighter: float = 0

    def paint(self, form):
        """Give it to a colour of a run, a line or a fill."""
        form.theme_color = self.of_theme
        if self.lighter:
            form.brightness = self.lighter

    @property
    def xml(self):
        name = MSO_THEME_COLOR.to_xml(self.of_theme)
        part = round(self.lighter * 100_000)
        inside = f'<a:lumMod val="{100_000 - part}"/><a:lumOff val="{part}"/>' if part else ""
        return f'<a:solidFill><a:schemeClr val="{name}">{inside}</a:schemeClr></a:solidFill>'


INK, SOFT = Colour(MSO_THEME_COLOR.TEXT_1), Colour(MSO_THEME_COLOR.TEXT_1, 0.25)
PAPER, DEEP, ON_DEEP = (Colour(getattr(MSO_THEME_COLOR, name)) for name in ("BACKGROUND_1", "TEXT_2", "BACKGROUND_2"))
THREAD = Colour(MSO_THEME_COLOR.ACCENT_1)
HEADING_FONT = "+mj-lt"  # in the theme: its font for headings
# As many of the stances, in their order, as a theme has colours left; all have their word too.
OF_STANCES = [getattr(MSO_THEME_COLOR, f"ACCENT_{number}") for number in range(2, 7)]
ERROR = Colour(OF_STANCES[list(Stance).index(Stance.BARRIER)])
THEME = {
    "dk1": "281A2A",
    "lt1": "FBF8F5",
    "dk2": "43173F",
    "lt2": "ECD9E8",
    "accent1": "E39A1E",
    **{f"accent{number}": stance.words.colours[1] for number, stance in zip(range(2, 7), Stance, strict=False)},
    "hlink": "5B2057",
    "folHlink": "5E4C5F",
}


def of_stance(stance):
    """The ground and the ink of its mark."""
    place = list(Stance).index(stance)
    ink = OF_STANCES[place] if place < len(OF_STANCES) else MSO_THEME_COLOR.TEXT_2
    return Colour(ink, 0.88), Colour(ink)


# Boxes in cm: left, top, width, height.
PAGE = (33.867, 19.05)
TITLE = (2, 3.9, 29.867, 3.7)
TEXT = (2, 8, 24.6, 6.5)
LIST_TITLE = (2, 1.7, 29.867, 1.9)
TITLE_LAYOUT, ENTRY_LAYOUT, LIST_LAYOUT = 0, 1, 5  # of the library's own presentation


def dressed(presentation):
    """Give a new presentation our look; its three layouts: title, entry, list."""
    presentation.slide_width, presentation.slide_height = map(Cm, PAGE)
    master, layouts = presentation.slide_master, presentation.slide_layouts
    _set_theme(master)
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
    _place(first, [(2, 8.4, 23, 3.4), (2, 12, 23, 2.2)])
    _place(entry, [TITLE, TEXT])
    _place(listed, [LIST_TITLE])
    for layout, colour in [(first, DEEP), (entry, PAPER), (listed, PAPER)]:
        layout.background.fill.solid()
        colour.paint(layout.background.fill.fore_color)
    for placeholder, points, colour in [(first.placeholders[0], 44, PAPER), (first.placeholders[1], 22, ON_DEEP)]:
        _set_look(placeholder, points, colour)
    _set_look(entry.placeholders[0], 40, INK)
    _set_look(entry.placeholders[1], 33, INK)
    _set_look(listed.placeholders[0], 36, INK)
    for layout, box, colour in [
        (first, (0, 7.9, 6.5, 0.12), THREAD),
        (entry, (0, 2.3, 2, 0.11), THREAD),
        (entry, (2, 16.5, 29.867, 0.11), THREAD),
        (listed, (0, 2.55, 1.6, 0.11), THREAD),
        (listed, (2, 16.5, 29.867, 0.11), THREAD),
    ]:
        _line(layout, box, colour)
    return chosen


def _set_theme(master):
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(theme.blob)
    for name, font in [("majorFont", HEADINGS), ("minorFont", BODY)]:
        root.find(f".//{qn(f'a:{name}')}/{qn('a:latin')}").set("typeface", font)
    scheme = root.find(f".//{qn('a:clrScheme')}")
    scheme.set("name", "Joined-up")
    for name, value in THEME.items():
        colour = scheme.find(qn(f"a:{name}"))
        colour.clear()
        etree.SubElement(colour, qn("a:srgbClr")).set("val", value)
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
            f'sz="{points * 100}" b="0" cap="none">{colour.xml}</a:defRPr></a:lvl1pPr>'
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
            f'</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{colour.xml}'
            "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
        )
    )
