"""Without script no browser remembers a list: so the links of a page that was opened with one take it along.

Where scripts run, static/js/list.js puts the plain addresses back: the browser remembers the list instead.
"""

import re
from html import escape

from django.urls import get_script_prefix

from findings.reading_lists.reading_list import ReadingList

PLACES = "findings|themes|practice|sources|reviews|tags|map|glossary|search|whats-new|about|help|accessibility|privacy"
PAGE = re.compile(rf"(?:(?:{PLACES})/(?:[\w-]+/)*|reading-list/)?(?:\?[^#]*)?(?:#.*)?", re.ASCII)
LINK = re.compile(r'<a\b[^>]*?\shref="(?P<address>/[^"]*)"[^>]*>')
FORM = re.compile(r'<form\b[^>]*?\saction="(?P<address>/[^"]*)"[^>]*\smethod="get"[^>]*>')


def takes_the_list_along(get_response):
    """Middleware: pages opened with `?items=` lead to others with the same list."""

    def middleware(request):
        response = get_response(request)
        if not request.GET.get("items") or response.streaming or response.status_code != 200:
            return response
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and request.resolver_match.url_name != "check":  # whose items are those of an old handout
            chosen = ReadingList.read(request.GET)
            if chosen.codes:
                response.content = _carrying(response.content.decode(), chosen).encode()
        return response

    return middleware


def _carrying(page, chosen):
    query = escape(chosen.query)
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}" data-taken>'
        for name, value in chosen.parameters.items()
    )

    def link(match):
        address = match["address"]
        if "data-list-clear" in match[0] or not _is_page(address):
            return match[0]
        place, mark, fragment = address.partition("#")
        joined = f"{place}{'&amp;' if '?' in place else '?'}{query}{mark}{fragment}"
        return match[0].replace(f'href="{address}"', f'href="{joined}" data-taken="{address}"', 1)

    def form(match):
        return match[0] + fields if _is_page(match["address"]) else match[0]

    return FORM.sub(form, LINK.sub(link, page))


def _is_page(address):
    """Whether a link leads to a page of ours that shows entries or the list, and names none yet."""
    prefix = get_script_prefix()
    is_ours = address.startswith(prefix) and not address.startswith("//")
    return is_ours and "items=" not in address and bool(PAGE.fullmatch(address.removeprefix(prefix)))
