"""Records as a response: at an address that says the format, or in the form that a client asks for by `Accept`."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse

from curation.text import as_json
from sources.bibliography.formats import WRITTEN
from sources.bibliography.formats.plain import with_notice
from sources.bibliography.references import STYLES, reference

MOST = 1000  # of a list, so that no request writes the whole site
SHORT = 300  # characters of an `Accept`
PAGES = {"text/html", "application/xhtml+xml", "text/*", "*/*"}
BIBLIOGRAPHY = "text/x-bibliography"
JSON_LD = "application/ld+json"
BY_MEDIA_TYPE = {form.media_type: name for name, form in WRITTEN.items()}


def export(records, extension, name):
    """`records` in the format with `extension` (of `WRITTEN`), as a file called `name`."""
    form = WRITTEN[extension]
    return _answer(form.dump([record.printable() for record in records]), form.media_type, f"{name}.{extension}")


def accepted_by(header):
    """The media types that an `Accept` takes, as Django has them, the most wanted first. Those of browsers are few and
    short, and are remembered: what anybody can make up of 8 kB takes 50 kB when it is taken apart."""
    return _accepted_by(header) if len(header) <= SHORT else _accepted_by.__wrapped__(header)


@lru_cache(maxsize=100)
def _accepted_by(header):
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = header
    return request.accepted_types


def negotiated(request, record, name, schema_org):
    """What `Accept` wants rather than a page: `record()` in a format, or as a reference in a style, or `schema_org()`
    as JSON-LD. None if a page.

    The page at this address must say `Vary: Accept`.
    """
    for accepted in accepted_by(request.META.get("HTTP_ACCEPT", "*/*")):
        media_type = f"{accepted.main_type}/{accepted.sub_type}".lower()
        if media_type in PAGES:
            return None
        if media_type == BIBLIOGRAPHY:
            return _bibliography(record, accepted.params.get("style", "harvard").lower(), name)
        if media_type in BY_MEDIA_TYPE:
            return export([record()], BY_MEDIA_TYPE[media_type], name)
        if media_type == JSON_LD:
            return _answer(as_json(json_ld(schema_org()), indent=1), JSON_LD, f"{name}.jsonld")
    return None


def json_ld(about):
    """What `schema_org` tells, as a document of JSON-LD."""
    return {"@context": "https://schema.org", **about}


def _bibliography(record, style, name):
    if style not in STYLES:
        message = f"There is no style “{style[:40]}” here. Ask for one of these: {', '.join(STYLES)}.\n"
        return HttpResponse(message, status=406, content_type="text/plain; charset=utf-8")
    work = record()
    line = with_notice(work, reference(work, style))
    return _answer(f"{line}\n", BIBLIOGRAPHY, f"{name}.txt")


def _answer(text, media_type, filename):
    headers = {"Content-Disposition": f'inline; filename="{filename}"'}
    return HttpResponse(text.encode(), content_type=f"{media_type}; charset=utf-8", headers=headers)
