"""Small parts of the pages: symbols, stance markers, references and prose."""

from functools import cache, lru_cache

from django.template.defaultfilters import pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from jinja2 import pass_context

from findings.choices import ReviewKind, Stance, WengerElement
from findings.models import Review, Theme
from findings.records import record_of, record_of_edition, record_to_cite
from sources.bibliography import references
from sources.bibliography.formats import WRITTEN
from sources.bibliography.names import listed
from sources.exporting import site_url
from sources.markup import escaped
from sources.models import DESIGNS, Source, StudyDesign
from sources.routes import path


@cache
def icon(name):
    """A symbol of templates/includes/sprite.html, as decoration: say it in words beside it."""
    return format_html(
        '<svg class="ico" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="#{}"/></svg>', name
    )


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


def stance_count(count, value):
    return Stance(value).counted(count)


def names_works(finding):
    """The works that a finding names, in a phrase; it claims no more than is named."""
    works = [_named(citation.source) for citation in finding.citations.all()]
    kind = ReviewKind(finding.review.kind_of_text).short_name
    return SafeString(f"Names {listed(works)}" if works else f"No study named in the {kind}")


def _named(source):
    design = f", {DESIGNS.get(source.study_design, source.study_design).lower()}" if source.study_design else ""
    if not source.is_public:
        return escaped(source.short_citation + design)
    return f'<a href="{escaped(source.get_absolute_url())}">{escaped(source.short_citation)}</a>{escaped(design)}'


@pass_context
def cite_panel(context, entry, remind=False, edition=None):
    """How to cite and share `entry`, or an `edition` of it: its short address, its references, its files."""
    address, about = site_url(context["request"]), context.get("about")
    known = about and not edition and about.record
    record = known or (record_of_edition(edition, address) if edition else record_to_cite(entry, address))
    panel = context.environment.get_template("includes/cite_panel.html").render(
        entry=entry,
        edition=edition,
        address=address + (edition or entry).short_url,
        references=[
            (name, label, _html(references.reference(record, name))) for name, label in references.STYLES.items()
        ],
        notice=record.notice,
        is_source=isinstance(entry, Source),
        is_collection=isinstance(entry, Theme | Review),
        is_review=isinstance(entry, Review),
        files=export_formats(),
        remind=remind,
    )
    return SafeString(panel)


def unapi(entry):
    """What tells reference managers which entry stands here. One on a page, and they offer that; several, and they ask
    which: so the page of an entry names itself alone."""
    return SafeString(f'<abbr class="unapi-id" title="{entry.code}" aria-hidden="true"></abbr>')


def export_formats():
    """The formats in which entries can be had, as pairs of extension and Format."""
    return WRITTEN.items()


def _html(runs):
    return SafeString(references.as_html(runs))


def reference(work):
    """The reference of a source, or of the publication of a review, as HTML, with the title in italics."""
    return harvard(record_of(work, "") if isinstance(work, Review) else work)


def harvard(record):
    """How to cite what `record` tells, in one style."""
    return _html(references.reference(record, "harvard"))


def prose(text, glossary, citations=()):
    return glossary.prose(text, [citation.label for citation in citations])


def check_box(name, option, noun):
    """An option of a facet, to choose, with how many of what `noun` calls them it would find, if that is known."""
    checked = " checked" if option.chosen else ""
    count = "" if option.count is None else _counted(option.count, noun + pluralize(option.count))
    return SafeString(
        f'<label class="check"><input type="checkbox" name="{name}" value="{escaped(option.value)}"{checked}> '
        f"<span>{escaped(option.label)}</span> {count}</label>"
    )


@lru_cache(maxsize=1000)
def _counted(count, nouns):
    return format_html('<span class="n">{}<span class="vh"> {}</span></span>', count, nouns)


@pass_context
def nav_link(context, name, section=None):
    """The attributes of a link of the main navigation: address, and whether the reader is there or below it."""
    here = context.get("section") == (section or name)
    current = ("page" if context.get("is_section_page") else "true") if here else ""
    return SafeString(f'href="{escaped(path(name))}"' + (f' aria-current="{current}"' if current else ""))


def page_numbers(paginator, number):
    return paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
