"""An entry on other people's pages: the card that they frame, and oEmbed, by which their sites find the card."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from curation.entries import Entry
from curation.redirects import Gone, Moved, find
from curation.routes import path, site_url
from curation.text import printable_in
from curation.versions import newest_version
from findings import provenance
from findings.codes import entry_for
from findings.handouts.measure import CM_PER_POINT, wrapped
from findings.models import Finding, KeyMessage, PracticeImplication
from findings.versions import READ

A_SITE = "https://www.example.org"  # of usual length
WIDTH = 600
NARROWEST = 320
A_DAY = 24 * 60 * 60

# How the card is set (static/css/site.css), in pixels: what it has beside its text, and the size and line of each part.
# The widest fonts that readers have are a seventh wider than those of the measure.
FRAME, PADDING, WIDER = 124, 52, 1.14
HEADING, TEXT, SMALL = (21, 27), (18, 30), (15, 22)


@dataclass(frozen=True)
class Card:
    """What a card says of a finding, a practice point or a key message."""

    entry: Entry

    @property
    def path(self):
        """Of the page that is framed."""
        entry = self.entry
        if isinstance(entry, Finding):
            return path("embed", entry.slug)
        if isinstance(entry, PracticeImplication):
            return path("embed-point", entry.element, entry.slug)
        return path("embed-message", entry.review.slug, entry.code)

    @property
    def in_short(self):
        return getattr(self.entry, READ[type(self.entry)][1])

    @property
    def provenance(self):
        entry, review = self.entry, self.entry.review
        sure = {Finding: lambda: provenance.named(entry), PracticeImplication: lambda: review.practice_note}
        return f"{provenance.line(review)} {sure.get(type(entry), str)()}".strip()

    @property
    def title(self):
        return f"{self.entry} ({provenance.in_brief(self.entry.review)})"

    def height(self, width):
        """How high it is, in pixels, in a column of `width`: measured so that nothing is cut."""
        within = max(width - PADDING, 60) * CM_PER_POINT
        about = f"{self.provenance} Our wording: CC BY 4.0. Quotations and the review belong to their publishers."
        foot = f"Version 10, 30 September 2026. {settings.SITE_URL or A_SITE}{self.entry.short_url}"
        parts = [(str(self.entry), HEADING), (self.in_short, TEXT), (about, SMALL), (foot, SMALL)]
        lines = sum(len(wrapped(text, size * WIDER, within)) * line for text, (size, line) in parts)
        return FRAME + lines


@require_safe
def finding_card(request, slug):
    return _card(request, lambda: find(request, Finding.objects.select_related("review"), slug, slug=slug))


@require_safe
def point_card(request, element, slug):
    points = PracticeImplication.objects.select_related("review")
    return _card(request, lambda: find(request, points, f"{element}/{slug}", element=element, slug=slug))


@require_safe
def message_card(request, review, code):
    return _card(request, lambda: _message(review, code))


def _message(review, code):
    """The key message of a review. Raises Gone, Http404."""
    message = entry_for(code)
    if not isinstance(message, KeyMessage) or message.review.slug != review or not message.review.is_public:
        raise Http404("No key message has this address.")
    if message.is_withdrawn:
        raise Gone(message)
    if not message.is_public:
        raise Http404("No key message has this address.")
    return message


def _card(request, found):
    """One of the pages of the site that others may frame. They set no cookie and have no script."""
    try:
        entry = found()
    except Moved as moved:
        return HttpResponsePermanentRedirect(Card(moved.entry).path)
    except Gone as gone:
        entry = gone.entry
    context = {"entry": entry, "card": Card(entry), "version": newest_version(entry), "site": site_url(request)}
    response = render(request, "findings/embed.html", context, status=410 if entry.is_withdrawn else 200)
    response["Content-Security-Policy"] = "frame-ancestors *"
    return response


@require_safe
def oembed(request):
    """What a site needs to show the entry at `url`, as https://oembed.com has it."""
    response = _oembed(request)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _oembed(request):
    form = request.GET.get("format", "json")
    if form not in ("json", "xml"):
        return _refusal(501, f"The format can be json or xml, not “{form[:40]}”.")
    address = request.GET.get("url", "")
    if not address:
        return _refusal(400, "Say which entry: url= and the address of its page.")
    try:
        width = _limit(request.GET.get("maxwidth"), WIDTH)
        most_height = _limit(request.GET.get("maxheight"), None)
    except ValueError:
        return _refusal(400, "maxwidth and maxheight are whole numbers of pixels, from 1.")
    entry = _entry_at(request, address)
    if entry is None:
        return _refusal(404, "No finding, practice point or key message that can be embedded has this address.")
    card, site = Card(entry), site_url(request)
    height = min(filter(None, [card.height(width), most_height]))
    reply = {
        "version": "1.0",
        "type": "rich",
        "title": card.title,
        "provider_name": settings.SITE_NAME,
        "provider_url": f"{site}/",
        "cache_age": A_DAY,
        "width": width,
        "height": height,
        "html": _frame(card, site, width, height),
    }
    reply = printable_in(reply)
    if form == "json":
        return JsonResponse(reply)
    root = ElementTree.Element("oembed")
    for name, value in reply.items():
        ElementTree.SubElement(root, name).text = str(value)
    xml = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")


def embed_code(entry, site):
    """The code that shows the card in a column of any width from NARROWEST.

    A frame cannot grow with what is in it. So its height follows its width, on the line between the heights that the
    text takes in a narrow and in a wide column: nothing is cut between. Where styles are taken out it has the greater.
    """
    card = Card(entry)
    high, low = card.height(NARROWEST), card.height(WIDTH)
    slope = round((high - low) / (WIDTH - NARROWEST), 3)
    style = f"inline-size:100%;block-size:max({low}px,{high}px - {slope} * (100cqi - {NARROWEST}px));border:0"
    return format_html(
        '<div style="container-type:inline-size">{}</div>',
        _frame(card, site, "100%", high, format_html(' style="{}"', style)),
    )


def _frame(card, site, width, height, style=""):
    """The frame, and nothing more by oEmbed: a site that does not know us lets no more through."""
    called = f"{settings.SITE_NAME}, {card.entry.kind} {card.entry.code}: {card.title}"
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}"{}></iframe>', site + card.path, called, width, height, style
    )


def _refusal(status, message):
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")


def _limit(text, ours):
    """The smaller of our size, if there is one, and the one that is asked for. Raises ValueError."""
    if not text:
        return ours
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError(text)
    return min(filter(None, [ours, int(text.lstrip("0")[:6])]))


def _entry_at(request, address):
    """The published entry whose page, card or code is at `address`, now or before; None if it is none with a card."""
    try:
        parts = urlsplit(address)
        path = "/" + unquote(parts.path).removeprefix(get_script_prefix())
        ours = {urlsplit(f"//{request.get_host()}").netloc.lower(), urlsplit(site_url(request)).netloc.lower()}
        if parts.scheme not in ("http", "https") or parts.netloc.lower() not in ours:
            return None
        entry = _entry_of(request, _match(path), unquote(parts.fragment))
    except Moved as moved:
        entry = moved.entry
    except (Gone, Http404, ValueError):
        return None
    if not isinstance(entry, Finding | PracticeImplication | KeyMessage) or not entry.is_public:
        return None
    return entry if not isinstance(entry, KeyMessage) or entry.review.is_public else None


def _entry_of(request, match, fragment):
    named = match.kwargs
    if match.url_name == "code":
        return entry_for(named["code"])
    if match.url_name in ("finding", "embed"):
        return find(request, Finding.objects.all(), named["slug"], **named)
    if match.url_name in ("implication", "embed-point"):
        return find(request, PracticeImplication.objects.all(), f"{named['element']}/{named['slug']}", **named)
    if match.url_name == "embed-message":
        return _message(**named)
    return _message(named["slug"], fragment) if match.url_name == "review" and fragment else None


def _match(path):
    try:
        return resolve(path)
    except Resolver404:
        return resolve(f"{path}/")
