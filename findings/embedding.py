"""A finding on other people's pages: the card that they frame, and oEmbed, by which their sites find the card."""

from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from curation.redirects import Gone, Moved, find
from curation.routes import path, site_url
from curation.text import printable_in
from curation.versions import newest_version
from findings import provenance
from findings.codes import entry_for
from findings.models import Finding

WIDTH, HEIGHT = 600, 380
NARROW, HEIGHT_IF_NARROW = 500, 660  # the text runs to more lines
A_DAY = 24 * 60 * 60


@require_safe
def card(request, slug):
    """The one page of the site that others may frame. It sets no cookie and has no script."""
    try:
        finding = find(request, Finding.objects.all(), slug, slug=slug)
    except Moved as moved:
        return HttpResponsePermanentRedirect(path("embed", moved.entry.slug))
    except Gone as gone:
        finding = gone.entry
    response = render(
        request,
        "findings/embed.html",
        {
            "finding": finding,
            "provenance": f"{provenance.line(finding.review)} {provenance.named(finding)}",
            "version": newest_version(finding),
            "site": site_url(request),
        },
        status=410 if finding.is_withdrawn else 200,
    )
    response["Content-Security-Policy"] = "frame-ancestors *"
    return response


@require_safe
def oembed(request):
    """What a site needs to show the finding at `url`, as https://oembed.com has it."""
    response = _oembed(request)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _oembed(request):
    form = request.GET.get("format", "json")
    if form not in ("json", "xml"):
        return _refusal(501, f"The format can be json or xml, not “{form[:40]}”.")
    address = request.GET.get("url", "")
    if not address:
        return _refusal(400, "Say which finding: url= and the address of its page.")
    try:
        most_width = _limit(request.GET.get("maxwidth"), WIDTH)
        height = HEIGHT if most_width > NARROW else HEIGHT_IF_NARROW
        most_height = _limit(request.GET.get("maxheight"), height)
    except ValueError:
        return _refusal(400, "maxwidth and maxheight are whole numbers of pixels, from 1.")
    finding = _finding_at(request, address)
    if finding is None:
        return _refusal(404, "No finding that can be embedded has this address.")
    site = site_url(request)
    reply = {
        "version": "1.0",
        "type": "rich",
        "title": f"{finding} ({provenance.in_brief(finding.review)})",
        "provider_name": settings.SITE_NAME,
        "provider_url": f"{site}/",
        "cache_age": A_DAY,
        "width": most_width,
        "height": most_height,
        "html": frame(finding, site, most_width, most_height),
    }
    reply = printable_in(reply)
    if form == "json":
        return JsonResponse(reply)
    root = ElementTree.Element("oembed")
    for name, value in reply.items():
        ElementTree.SubElement(root, name).text = str(value)
    xml = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")


def frame(finding, site, width="100%", height=HEIGHT):
    """The code that shows the card. Nothing but the frame: a site that does not know us lets no more through."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}"></iframe>',
        site + path("embed", finding.slug),
        f"{settings.SITE_NAME}, finding {finding.code}: {finding} ({provenance.in_brief(finding.review)})",
        width,
        height,
    )


def _refusal(status, message):
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")


def _limit(text, ours):
    """The smaller of our size and the one that is asked for. Raises ValueError."""
    if not text:
        return ours
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError(text)
    return min(ours, int(text.lstrip("0")[:6]))


def _finding_at(request, address):
    """The published finding whose page, card or code is at `address`, now or before; None if there is none."""
    try:
        parts = urlsplit(address)
        path = "/" + unquote(parts.path).removeprefix(get_script_prefix())
        ours = {urlsplit(f"//{request.get_host()}").netloc.lower(), urlsplit(site_url(request)).netloc.lower()}
        if parts.scheme not in ("http", "https") or parts.netloc.lower() not in ours:
            return None
        match = _match(path)
        if match.url_name == "code":
            finding = entry_for(match.kwargs["code"])
        elif match.url_name in ("finding", "embed"):
            finding = find(request, Finding.objects.all(), match.kwargs["slug"], **match.kwargs)
        else:
            return None
    except Moved as moved:
        finding = moved.entry
    except (Gone, Http404, ValueError):
        return None
    return finding if isinstance(finding, Finding) and finding.is_public else None


def _match(path):
    try:
        return resolve(path)
    except Resolver404:
        return resolve(f"{path}/")
