"""What the templates of the public pages can use beside what Jinja2 gives. Those of the admin are Django's own."""

from django.contrib.humanize.templatetags.humanize import apnumber, intcomma
from django.template import defaultfilters
from django.template.defaulttags import querystring
from django.templatetags.static import static
from django.templatetags.tz import utc
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound

from curation.routes import path
from curation.text import as_json, printable
from findings import parts, provenance
from findings.choices import ReviewKind, Stance, WengerElement
from findings.embedding import Card, embed_code
from findings.reading_lists import parts as reading_list_parts
from findings.since_then import naming, notes
from joinedup.search import parts as searchparts
from sources import notices
from sources.bibliography.references import STYLES

# The names of Django's filters that have another meaning in Jinja2, or none.
DJANGO_FILTERS = [
    "capfirst",
    "date",
    "default_if_none",
    "force_escape",
    "linebreaks",
    "linebreaksbr",
    "pluralize",
    "truncatechars",
    "truncatewords",
    "urlencode",
]


class PublicTemplates(FileSystemLoader):
    """The templates of the site, except those of the admin, which are for Django's own engine."""

    def get_source(self, environment, template):
        if template.startswith("admin/"):
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


class PublicTemplate(Template):
    def render(self, *args, **kwargs):
        """The page, without what no page can show, wherever in a text that stands; of HTML, no word torn in two."""
        page = printable(super().render(*args, **kwargs))
        return parts.unbroken(page) if (self.name or "").endswith(".html") else page


def environment(loader, **options):
    """Jinja2's environment. What a template names and is not given is an error: a slip must not print nothing."""
    options |= {
        "loader": PublicTemplates(loader.searchpath),
        "undefined": StrictUndefined,
        "keep_trailing_newline": True,
    }
    made = Environment(**options)
    made.template_class = PublicTemplate
    made.globals |= GLOBALS
    made.filters |= FILTERS
    made.policies |= {"json.dumps_function": as_json, "json.dumps_kwargs": {}}
    return made


def _querystring(request, **changes):
    """The query string of the page with parameters set, or removed by None."""
    return querystring(None, request.GET, **changes)


GLOBALS = {
    "add_to_list": reading_list_parts.add_to_list,
    "design_gloss": parts.design_gloss,
    "drawing": parts.drawing,
    "card_path": lambda entry: Card(entry).path,
    "element_icon": parts.element_icon,
    "embed_code": embed_code,
    "export_formats": parts.export_formats,
    "glyph": parts.glyph,
    "icon": parts.icon,
    "item_mark": reading_list_parts.item_mark,
    "path": path,
    "prose": parts.prose,
    "review_name": provenance.short_name,
    "reviews_told_with": provenance.told_with,
    "notes_naming": naming,
    "provenance_line": provenance.line,
    "reference_styles": STYLES,
    "review_kind": ReviewKind,
    "reliance": provenance.reliance,
    "since_then": notes,
    "qr_image": reading_list_parts.qr_image,
    "querystring": _querystring,
    "names_works": parts.names_works,
    "result_mark": searchparts.result_mark,
    "runs_html": parts.runs_html,
    "source_icon": parts.source_icon,
    "stance": parts.stance,
    "stance_glyph": parts.stance_glyph,
    "stances": Stance,
    "static": static,
    "unapi": parts.unapi,
    "wenger": WengerElement,
}
FILTERS = {name: defaultfilters.register.filters[name] for name in DJANGO_FILTERS} | {
    "apnumber": apnumber,
    "intcomma": intcomma,
    "notice_address": notices.address_of,
    "notice_head": notices.head,
    "bare": reading_list_parts.bare,
    "typed": reading_list_parts.typed,
    "page_numbers": parts.page_numbers,
    "reference": parts.reference,
    "utc": utc,
}
