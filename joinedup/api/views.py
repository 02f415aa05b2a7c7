"""The collections of the API and their entries, and what tells of the API itself."""

from django.conf import settings
from django.http import HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from curation.last_changed import changed_since
from curation.routes import site_url
from findings.filters import known
from findings.models import EarlierTag
from joinedup.api import openapi
from joinedup.api.answers import Operation, answers, not_found, problem
from joinedup.api.entries import TOMBSTONE, Site
from joinedup.api.parameters import BadParameter, shown
from joinedup.api.resources import RESOURCES
from joinedup.api.shapes import ADDRESS, NUMBER, TEXT, closed, listed, or_null

ROOT = "/api/v1/"


def list_view(resource):
    row = {"anyOf": [resource.row.ref, TOMBSTONE.ref]} if resource.has_codes else resource.row.ref
    operation = Operation(
        f"list-{resource.name}",
        f"{ROOT}{resource.name}",
        resource.told,
        closed(
            {
                "count": {**NUMBER, "description": "How many there are in all."},
                "next": {**or_null(ADDRESS), "description": "The rows that follow; null at the end."},
                "results": listed(row, maxItems=100),
            }
        ),
        resource.parameters,
        parts=(resource.row, TOMBSTONE) if resource.has_codes else (resource.row,),
    )

    @answers(operation)
    def listing(request, values):
        if values["cursor"] is not None and values["offset"]:
            raise BadParameter("cursor", "Give “cursor” or “offset”, not both.")
        rows = _narrowed(resource, values)
        count = rows.count()
        if values["cursor"] is not None:
            rows = rows.filter(**{f"{resource.order}__gt": values["cursor"]})
        offset, limit = values["offset"], values["limit"]
        found = list(resource.listed(rows)[offset : offset + limit + 1])
        site = Site(site_url(request), found[:limit] if resource.has_codes else ())
        return {
            "count": count,
            "next": _next(request, site, resource.key_of(found[limit - 1])) if len(found) > limit else None,
            "results": [_row(resource, entry, site) for entry in found[:limit]],
        }

    return listing


def _narrowed(resource, values):
    since = values.get("updated_since")
    rows = resource.rows(since)
    if since is not None:
        # What a tombstone says of an entry that replaces it.
        rows = changed_since(rows, since).select_related(*resource.instead)
    asked = {name: values[name] for name in resource.filters}
    chosen = known(asked)
    for name, given in asked.items():
        if unknown := [value for value in given if value not in chosen[name]]:
            raise BadParameter(name, f"“{shown(unknown[0])}” is no known value of “{name}”.")
        if given:
            rows = rows.filter(resource.filters[name](given))
    return rows


def _next(request, site, cursor):
    params = request.GET.copy()
    params.pop("offset", None)
    params["cursor"] = cursor
    return f"{site.address}{request.path}?{params.urlencode()}"


def _row(resource, entry, site):
    return (TOMBSTONE if getattr(entry, "is_withdrawn", False) else resource.row).of(entry, site)


def entry_view(resource):
    moved = "It is called otherwise now, or became part of another: the address in `Location`."
    also = {301: moved, 404: f"No public {resource.noun} has this name."}
    if resource.has_codes:
        also[410] = "It was withdrawn: what it said, why, and what to use instead."
    operation = Operation(
        f"get-{resource.name}",
        f"{ROOT}{resource.name}/{{{'code' if resource.has_codes else 'slug'}}}",
        f"A {resource.noun}, whole.",
        resource.whole,
        key=resource.key,
        also=also,
    )

    @answers(operation)
    def entry(request, values, key):
        return (_entry if resource.has_codes else _tag)(request, resource, key)

    return entry


def _entry(request, resource, code):
    # Codes are known in either case, and go by one address.
    code = code.upper()
    try:
        number = resource.position(code)
    except ValueError as error:
        return not_found(str(error))
    entry = resource.loaded(resource.model.objects.filter(number=number)).first()
    site = Site(site_url(request), [entry] if entry and entry.published_on else ())
    if entry and entry.leads_to != entry:
        return HttpResponsePermanentRedirect(site.api(entry.leads_to))
    if entry and entry.is_withdrawn:
        return _gone(entry, site)
    if entry is None or not resource.rows().filter(pk=entry.pk).exists():
        return not_found(f"No public {resource.noun} has the code {code}.")
    if site.api(entry) != site.address + request.path:
        return HttpResponsePermanentRedirect(site.api(entry))
    return resource.whole.of(entry, site)


def _gone(entry, site):
    detail = f"{entry.code} was withdrawn on {entry.withdrawn_on:%-d %B %Y}. Please do not cite it."
    return problem(410, "Withdrawn", detail, tombstone=TOMBSTONE.of(entry, site))


def _tag(request, resource, slug):
    try:
        slug = resource.position(slug)
    except ValueError as error:
        return not_found(str(error))
    site = Site(site_url(request))
    if tag := resource.rows().filter(slug=slug).first():
        return resource.whole.of(tag, site)
    if earlier := EarlierTag.objects.select_related("tag").filter(slug=slug).first():
        return HttpResponsePermanentRedirect(site.address + reverse("api-tags-entry", args=[earlier.tag.slug]))
    return not_found("Nothing public has this tag.")


COLLECTION = closed({"name": TEXT, "url": ADDRESS, "description": TEXT})
INDEX = Operation(
    "index",
    ROOT,
    "What there is, and where.",
    closed(
        {
            "name": TEXT,
            "version": {**TEXT, "description": "The version of the software."},
            "documentation": ADDRESS,
            "openapi": ADDRESS,
            "search": ADDRESS,
            "suggest": ADDRESS,
            "collections": listed(COLLECTION),
        }
    ),
)


@answers(INDEX)
def index(request, values):
    address = site_url(request)
    names = {"documentation": "docs", "openapi": "openapi", "search": "search", "suggest": "suggest"}
    return {
        "name": settings.SITE_NAME,
        "version": settings.VERSION,
        **{name: address + reverse(f"api-{view}") for name, view in names.items()},
        "collections": [
            {"name": name, "url": address + reverse(f"api-{name}"), "description": resource.told}
            for name, resource in RESOURCES.items()
        ],
    }


DOCUMENT = Operation("openapi", f"{ROOT}openapi.json", "This document.", {"type": "object"})


@answers(DOCUMENT)
def document(request, values, operations):
    return openapi.document(operations, site_url(request))


@require_safe
def docs(request, operations):
    """The same for people."""
    return render(request, "api/docs.html", openapi.told(operations))


NOWHERE = Operation("nowhere", f"{ROOT}{{path}}", "", {})


@answers(NOWHERE)
def nowhere(request, values, path):
    return not_found(f"Nothing is here. {site_url(request)}{ROOT} tells what there is.")
