"""Small parts of the pages: symbols, stance markers, references and prose."""

import re
from functools import cache

from django.utils.html import format_html, format_html_join

from curation.text import listed
from findings.choices import ReviewKind, Stance, WengerElement
from findings.models import Review
from findings.records import record_of
from sources.bibliography import references
from sources.bibliography.formats import WRITTEN
from sources.models import DESIGNS, StudyDesign


@cache
def icon(name):
    """A symbol of templates/includes/sprite.html, as decoration: say it in words beside it."""
    return format_html(
        '<svg class="ico" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="#{}"/></svg>', name
    )


# A page in pieces: what is no running text, a tag, a compound that is no part of an address.
PIECES = re.compile(
    r"<(script|style|title|textarea|option|svg|pre)\b.*?</\1>|<[^>]*>"
    r"|(?<![\w/.-])(?P<compound>[^\W\d_]+(?:-[^\W\d_]+)+)(?![\w/-]|\.\w)",
    re.DOTALL,
)
LONGEST_UNBROKEN = 14  # characters: longer compounds would not fit beside large text on a phone


def unbroken(page):
    """The HTML `page`, its short compounds, such as “joined-up”, marked so that no line breaks at their hyphen.

    What is copied, searched for and read aloud stays as it was written: a no-break hyphen would be another character.
    """
    return PIECES.sub(_unbroken, page)


def _unbroken(piece):
    is_short = piece["compound"] and len(piece["compound"]) <= LONGEST_UNBROKEN
    return f'<span class="nb">{piece[0]}</span>' if is_short else piece[0]


def element_icon(element):
    return icon(f"e-{WengerElement(element).value}")


def source_icon(source):
    return icon("i-journal" if source.is_article else "i-book")


def design_gloss(source):
    """What the kind of study that `source` is can and cannot show."""
    return StudyDesign(source.study_design).gloss


def drawing(theme):
    return _drawing(theme.drawing)


@cache
def _drawing(name):
    return format_html(
        '<svg class="drawn" viewBox="0 0 96 54" aria-hidden="true" focusable="false"><use href="#t-{}"/></svg>', name
    )


@cache
def stance(value, size=""):
    """The stance marker: symbol and word."""
    return format_html(
        '<span class="stance stance-{}{}">{}{}</span>',
        value,
        " stance-lg" if size == "large" else "",
        icon(f"s-{value}"),
        Stance(value).label,
    )


@cache
def glyph(value):
    """The symbol alone, for use beside the words."""
    return format_html('<span class="glyph stance-{}">{}</span>', value, icon(f"s-{value}"))


@cache
def stance_glyph(value):
    """The symbol alone, for use beside a key; the word is there for those who do not see it."""
    return format_html(
        '<span class="glyph stance-{}">{}<span class="vh">{}: </span></span>',
        value,
        icon(f"s-{value}"),
        Stance(value).label,
    )


def names_works(finding):
    """The works that a finding names, in a phrase; it claims no more than is named."""
    works = [_named(citation.source) for citation in finding.citations.all()]
    if not works:
        return f"No study named in the {ReviewKind(finding.review.kind_of_text).short_name}"
    return format_html("Names " + listed(["{}"] * len(works)), *works)


def _named(source):
    design = f", {DESIGNS.get(source.study_design, source.study_design).lower()}" if source.study_design else ""
    if not source.is_public:
        return source.short_citation + design
    return format_html('<a href="{}">{}</a>{}', source.get_absolute_url(), source.short_citation, design)


def unapi(entry):
    """What tells reference managers which entry stands here. One on a page, and they offer that; several, and they ask
    which: so the page of an entry names itself alone."""
    return format_html('<abbr class="unapi-id" title="{}" aria-hidden="true"></abbr>', entry.code)


def export_formats():
    """The formats in which entries can be had, as pairs of extension and Format."""
    return WRITTEN.items()


def runs_html(runs):
    """The runs of a reference, or of other text, with those that are set in italics as such."""
    return format_html_join("", "{}", ((format_html("<i>{}</i>", text) if italic else text,) for text, italic in runs))


def reference(work, style="harvard"):
    """The reference of a record or a source, or of the publication of a review."""
    record = record_of(work, "") if isinstance(work, Review) else work
    return runs_html(references.reference(record, style))


def prose(text, glossary, citations=()):
    return glossary.prose(text, [citation.label for citation in citations])


def page_numbers(paginator, number):
    return paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
