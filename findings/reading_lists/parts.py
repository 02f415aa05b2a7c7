"""Parts of pages that have to do with reading lists and handouts."""

from django.utils.html import format_html

from findings import qrcodes
from findings.parts import element_icon, icon, stance
from findings.reading_lists.reading_list import ReadingList

KINDS = {"source": "i-book", "theme": "i-list", "key message": "i-list", "review": "i-book"}


def _list_of(request):
    """The reading list that the page was opened with (`?items=`), or an empty one."""
    if not hasattr(request, "reading_list"):
        request.reading_list = ReadingList.read(request.GET)
    return request.reading_list


def add_to_list(request, code, title, as_button=False):
    """The link that puts an entry on the reading list that the page was opened with, else on a new one.

    With script it puts the entry on the list that the browser remembers, and stays on the page.
    """
    chosen = _list_of(request)
    listed = code in chosen
    look, symbol, label = "btn" if as_button else "add", "i-plus", "Add to list"
    if listed:
        symbol, label = "i-check", "On the list"
    return format_html(
        '<a class="{}" href="{}" rel="nofollow" data-list-add="{}">'
        '{}<span data-list-label>{}</span><span class="vh">: {}</span></a>',
        look,
        chosen.with_code(code).address,
        code,
        icon(symbol),
        label,
        title,
    )


def item_mark(item):
    """The stance of an item of a handout, or its kind: symbol and word."""
    if item.stance:
        return stance(item.stance)
    if item.is_withdrawn:
        return format_html('<span class="stance withdrawn">{}{}</span>', icon("i-warn"), item.label)
    if item.element:
        return format_html('<span class="stance stance-point">{}{}</span>', element_icon(item.element), item.label)
    symbol = "i-journal" if item.is_article else KINDS[item.kind]
    return format_html('<span class="kind">{}{}</span>', icon(symbol), item.label)


def bare(address):
    """An address as people type it."""
    return address.split("://", 1)[-1]


def typed(address):
    """The same, which may break before its last part and nowhere else: half a code is another entry."""
    host, slash, code = bare(address).rpartition("/")
    return format_html(
        '<span class="addr"><span class="code">{}</span><wbr><span class="code">{}</span></span>', host, slash + code
    )


def qr_image(address):
    """The QR code of an address, drawn in the page: it prints with it and needs no other request."""
    side, path = qrcodes.path(address)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="QR code: opens {1}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{0}v{0}h-{0}z"/><path fill="#000" d="{2}"/></svg>',
        side,
        address,
        path,
    )
