"""XML from a template."""

from django.http import HttpResponse
from django.template.loader import render_to_string

from curation.text import printable


def rendered(request, template, context):
    """A template as well-formed XML: without the characters that no XML can hold, though a text can have them."""
    return printable(render_to_string(template, context, request))


def answer(request, template, context, media_type, **more):
    return HttpResponse(rendered(request, template, context), content_type=f"{media_type}; charset=utf-8", **more)
