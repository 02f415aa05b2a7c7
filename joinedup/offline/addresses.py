"""Which address becomes which file of the offline copy, and how one file links to another. Pure."""

import posixpath
import re
from urllib.parse import parse_qsl, quote, urlsplit

# Only the site itself can answer these.
NEEDS_THE_SITE = (
    "/admin/",
    "/api/",
    "/check/",
    "/feeds/",
    "/oai",
    "/oembed",
    "/offline-copy",
    "/practice/team-check",
    "/reading-list",
    "/room-copy.zip",
    "/schemas/",
    "/unapi",
)
SEARCH, SEARCHED, ABSENT = "search/index.html", "search/data.js", "needs-the-site.html"
CODE = re.compile(r"/[RTKFPS][1-9][0-9]*(v[1-9][0-9]*)?", re.IGNORECASE)


def needs_the_site(address):
    path, query = urlsplit(address).path, urlsplit(address).query
    return (
        "format=" in query
        or path.startswith(NEEDS_THE_SITE)
        or path.endswith(("/embed/", "/feed.atom", "/qr.svg", "/qr.png", "/linkset.json"))
    )


def file_of(address):
    """The name of the file for the page or download at `address`, a path with or without a query."""
    split = urlsplit(address)
    path = split.path.lstrip("/")
    query = "".join(f".{_plain(name)}-{_plain(value)}" for name, value in sorted(parse_qsl(split.query)))
    if not path or path.endswith("/"):
        return f"{path}index{query}.html"
    if CODE.fullmatch(split.path):
        return f"{path}.html"
    stem, extension = posixpath.splitext(path)
    return f"{stem}{query}{extension}"


def _plain(text):
    return re.sub(r"[^A-Za-z0-9-]+", "-", text)[:60].strip("-") or "any"


def is_collected(link, page):
    """Whether a query is part of the copy, given the page it is linked from: filters combine without end."""
    query, here = (_without_page(urlsplit(address).query) for address in (link, page))
    return not query or not here or query == here


def _without_page(query):
    return sorted(pair for pair in parse_qsl(query) if pair[0] != "page")


def relative(target, source, fragment=""):
    """The link from the file `source` to the file `target`."""
    path = quote(posixpath.relpath(target, posixpath.dirname(source) or "."))
    return f"{path}#{fragment}" if fragment else path
