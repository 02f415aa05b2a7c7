"""What the templates of the public pages can use beside what Jinja2 gives. Those of the admin are Django's own."""

from datetime import date
from functools import cache, lru_cache

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import apnumber, intcomma
from django.template import defaultfilters
from django.template.defaulttags import querystring
from django.templatetags.static import static
from django.templatetags.tz import utc
from jinja2 import ChainableUndefined, Environment, FileSystemLoader, Template, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator
from sources.references import STYLES

from findings import listparts, parts, provenance
from findings.choices import ReviewKind, Stance, WengerElement
from findings.since_then import naming, notes
from joinedup.search import parts as searchparts
from sources.bibliography.text import as_json, printable
from sources.markup import escaped
from sources.routes import path

# The names of Django's filters that have another meaning in Jinja2, or none.
DJANGO_FILTERS = [
    "capfirst",
    "default_if_none",
    "force_escape",
    "linebreaks",
    "linebreaksbr",
    "pluralize",
    "truncatechars",
    "truncatewords",
    "urlencode",
    "yesno",
]


class PublicTemplates(FileSystemLoader):
    """The templates of the site, except those of the admin, which are for Django's own engine."""

    def get_source(self, environment, template):
        if template.startswith("admin/"):
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


class PublicCode(CodeGenerator):
    """Python for a template that does less for each call and each value than Jinja2's own, with the same outcome.

    A page has hundreds of both: to look for what a callable wants to be given, and to make another kind of text of
    each text, was a fifth of its time.
    """

    def visit_Call(self, node, frame, **options):
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        wants_more = hasattr(self.environment.globals.get(name), "jinja_pass_arg")
        if wants_more or options or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, **options)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args + node.kwargs:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_Include(self, node, frame):
        """What is included stands where it is included: found, and given its context, once a process."""
        is_known = isinstance(node.template, nodes.Const) and node.with_context and not node.ignore_missing
        if not is_known or self.environment.auto_reload:
            super().visit_Include(node, frame)
            return
        source, *_ = self.environment.loader.get_source(self.environment, node.template.value)
        part = nodes.Scope(self.environment.parse(source).body)
        part.set_lineno(node.lineno, override=True)  # where the template is that an error names
        self.pull_dependencies(part.body)
        self.visit(part, frame)

    def writeline(self, x, *rest, **options):
        """A block hands its text on in one piece: many would each go up through all that stands around it."""
        if x.startswith("yield from "):
            x = f"yield concat({x.removeprefix('yield from ')})"
        super().writeline(x, *rest, **options)

    def write_commons(self):
        super().write_commons()
        self.writeline("escape = environment.escaped")


class PublicTemplate(Template):
    def render(self, *args, **kwargs):
        """The page, without what no page can show, wherever in a text that stands."""
        return printable(super().render(*args, **kwargs))


class PublicEnvironment(Environment):
    code_generator_class = PublicCode
    template_class = PublicTemplate
    escaped = staticmethod(escaped)

    def make_globals(self, d):
        """The same for all templates; a chain, as Jinja2 makes it, is slow to go through for each part of a page."""
        return self.globals if not d else super().make_globals(d)


def environment(loader, **options):
    """Jinja2's environment. What a template names and is not there prints nothing, as in Django's templates."""
    options |= {
        "loader": PublicTemplates(loader.searchpath),
        "undefined": ChainableUndefined,
        "keep_trailing_newline": True,
    }
    made = PublicEnvironment(**options)
    made.globals |= GLOBALS | {"static": static if settings.DEBUG else cache(static)}
    made.filters |= FILTERS
    made.policies |= {"json.dumps_function": as_json, "json.dumps_kwargs": {}}
    return made


@lru_cache(maxsize=1000)
def _day(day, form):
    return defaultfilters.date(day, form)


def _date(value, form=None):
    """Django's filter, which takes a template apart for each date."""
    return _day(value, form) if type(value) is date else defaultfilters.date(value, form)


def _querystring(request, **changes):
    """The query string of the page with parameters set, or removed by None."""
    return querystring(None, request.GET, **changes)


GLOBALS = {
    "add_to_list": listparts.add_to_list,
    "design_gloss": parts.design_gloss,
    "drawing": parts.drawing,
    "element_icon": parts.element_icon,
    "export_formats": parts.export_formats,
    "glyph": parts.glyph,
    "icon": parts.icon,
    "item_mark": listparts.item_mark,
    "kept_items": listparts.kept_items,
    "path": path,
    "prose": parts.prose,
    "reviews_told_with": provenance.told_with,
    "notes_naming": naming,
    "provenance_line": provenance.line,
    "reference_styles": STYLES,
    "review_kind": ReviewKind,
    "reliance": provenance.reliance,
    "since_then": notes,
    "qr_image": listparts.qr_image,
    "querystring": _querystring,
    "names_works": parts.names_works,
    "result_mark": searchparts.result_mark,
    "runs_html": parts.runs_html,
    "source_icon": parts.source_icon,
    "stance": parts.stance,
    "stance_glyph": parts.stance_glyph,
    "stances": Stance,
    "unapi": parts.unapi,
    "wenger": WengerElement,
}
FILTERS = {name: defaultfilters.register.filters[name] for name in DJANGO_FILTERS} | {
    "apnumber": apnumber,
    "intcomma": intcomma,
    "bare": listparts.bare,
    "date": _date,
    "page_numbers": parts.page_numbers,
    "reference": parts.reference,
    "utc": utc,
}
