"""The whole public site as files that work from a disk with no network.

Every page that can be reached from the home page is asked of the site itself as a reader would, and its inside links
are turned into links between files.
"""

import io
import re
from collections import deque
from functools import cached_property
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from curation.text import as_json
from findings import provenance
from findings.codes import KINDS as CODED
from findings.models import Review
from findings.records import records_of_files, with_records
from joinedup.offline.addresses import ABSENT, SEARCH, SEARCHED, file_of, is_collected, needs_the_site, relative
from joinedup.operations.routing import staying
from joinedup.search.documents import KINDS
from sources.bibliography.formats import WRITTEN

LINK = re.compile(r'(?P<name>\s(?:href|src|action|data-suggest))="(?P<value>[^"]*)"')
HEAD_LINK = re.compile(r'<link\b[^>]*\brel="(?!stylesheet|icon)[^"]*"[^>]*>')
MODULE = re.compile(r'<script[^>]*type="module"[^>]*></script>')  # which a browser does not load from a disk
DATA = re.compile(r'<script type="application/ld\+json">.*?</script>', re.DOTALL)
IN_STYLES = re.compile(r"url\(\s*[\"']?(?!data:|#|https?:)([^\"')]+)[\"']?\s*\)")
RECORDS = re.compile(rf"/(?P<code>[RTKFPS][1-9][0-9]*)\.(?P<extension>{'|'.join(WRITTEN)})(?P<with>\?with=sources)?")
MAIN = '<main id="main" tabindex="-1">'
TOGETHER = 500
ABOUT, OPEN = "READ-ME.txt", "Open index.html in a browser. It needs no network."


class CannotBuild(Exception):
    """A page does not answer as it should; the message names it."""


class Site:
    """The public site, asked from inside the process."""

    def __init__(self):
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.base = urlsplit(settings.SITE_URL or f"http://{_a_host()}")

    def request(self, address):
        """What an anonymous reader's browser sends."""
        split = urlsplit(address)
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(split.path),
            "QUERY_STRING": split.query,
            "SERVER_NAME": self.base.hostname,
            "SERVER_PORT": str(self.base.port or (443 if self.base.scheme == "https" else 80)),
            "wsgi.url_scheme": self.base.scheme,
            "wsgi.input": io.BytesIO(),
            "HTTP_ACCEPT": "text/html",
        }
        return WSGIRequest(environ)

    def get(self, address):
        # Not closed: that would tell Django that the request is over in which somebody waits for the copy.
        with staying():
            return self.handler.get_response(self.request(address))

    def inside(self, link, page):
        """`link` on `page` as a path with query and its fragment; None for a link that leaves the site."""
        is_whole = link.startswith("/") and not link.startswith("//")  # as nearly all are: urljoin takes its time
        target, fragment = urldefrag(link if is_whole else urljoin(f"{self.base.geturl()}{page}", link))
        split = urlsplit(target)
        if not is_whole and (split.scheme, split.netloc) != (self.base.scheme, self.base.netloc):
            return None
        return split.path + (f"?{split.query}" if split.query else ""), fragment


def _a_host():
    named = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0] if named else "localhost"


class OfflineCopy:
    """Writes the copy into the empty folder `target`; `report` is told of each page."""

    def __init__(self, target, report=lambda address: None):
        self.target = Path(target)
        self.report = report
        self.site = Site()
        self.made_on = date_format(timezone.localdate(), "j F Y")
        reviews = list(Review.objects.published().with_provenance())
        self.about = [provenance.lines(reviews), provenance.rights()]
        # Every page has it, since a page may be passed on alone; of many reviews, each page says its own.
        self.whose = f" {escape(provenance.line(reviews[0]))}" if len(reviews) == 1 else ""
        self.targets = {}  # address -> the address it leads to, once it was requested
        self.assets = set()

    def build(self):
        """Write everything, and return how many pages there are. Raises CannotBuild."""
        waiting = deque(["/"])
        pages = {}
        while waiting:
            address = waiting.popleft()
            if address in self.targets:
                continue
            if (file := self._record_file(address)) is not None:
                self.targets[address] = address
                self._write(file_of(address), file)
                continue
            response = self.site.get(address)
            if response.status_code in (301, 302):
                self.targets[address], _ = self.site.inside(response["Location"], address)
                waiting.append(self.targets[address])
                continue
            if response.status_code == 410:  # what was withdrawn, to which news lead: a link to the site
                continue
            if response.status_code != 200:
                raise CannotBuild(f"{address} answers {response.status_code}.")
            self.targets[address] = address
            self.report(address)
            if response["Content-Type"].startswith("text/html"):
                # Only the names of pages stay in memory: links are turned when all are known.
                pages[address] = file_of(address)
                text = _without_machines(response.content.decode())
                self._write(pages[address], text)
                waiting.extend(self._links(text, address))
            else:
                self._write(file_of(address), b"".join(response) if response.streaming else response.content)
        for address, name in pages.items():
            self._write(name, self._turned((self.target / name).read_text(), address))
        for name in [SEARCH, ABSENT]:
            self._own_page(name)
        self._write_short_addresses()
        self._write(SEARCHED, f"const ENTRIES = {as_json(list(self._entries()))};\n")
        self._copy_assets()
        self._write(ABOUT, "\n\n".join([f"{settings.SITE_NAME}: copy of {self.made_on}.", *self.about, OPEN]) + "\n")
        return len(pages)

    def _record_file(self, address):
        """What the file of records at `address` holds, without asking the site for each format of the same; None if
        that is no such file."""
        match = RECORDS.fullmatch(address)
        records = match and self._records.get((match["code"], bool(match["with"])))
        return None if records is None else WRITTEN[match["extension"]].dump(records)

    @cached_property
    def _records(self):
        """The Records of each file of records, by code and whether the works cited are in it: read together, since a
        file at a time takes a sixth of the time of the whole copy."""
        held = {}
        for model in CODED.values():
            entries = with_records(model.objects.published().order_by("pk"))
            for start in range(0, entries.count(), TOGETHER):
                some = list(entries[start : start + TOGETHER])
                files = records_of_files(some, self.site.base.geturl())
                for entry, (alone, with_works) in zip(some, files, strict=True):
                    held[entry.code, False] = [record.printable() for record in alone]
                    held[entry.code, True] = [record.printable() for record in with_works]
        return held

    def _links(self, text, page):
        for match in LINK.finditer(text):
            inside = self._inside(match, page)
            if inside and not needs_the_site(inside[0]) and not _is_search(inside[0]):
                address = inside[0]
                if is_collected(address, page):
                    yield address

    def _inside(self, match, page):
        value = unescape(match["value"])
        if not value or value.startswith(("#", "mailto:", "tel:", "data:", "javascript:")):
            return None
        inside = self.site.inside(value, page)
        if inside and inside[0].startswith(settings.STATIC_URL):
            self.assets.add(inside[0].removeprefix(settings.STATIC_URL))
            return None
        return inside

    def _turned(self, text, page):
        """The page with each inside link leading to a file, and with the day of the copy."""
        here = file_of(page)

        def turn(match):
            value = unescape(match["value"])
            inside = None if value.startswith("#") else self.site.inside(value, page)
            if not inside or value.startswith(("mailto:", "tel:", "data:")):
                return match[0]
            address, fragment = inside
            if address.startswith(settings.STATIC_URL):
                target = f"static/{address.removeprefix(settings.STATIC_URL)}"
            else:
                target = self._file_for(address)
            return f'{match["name"]}="{escape(relative(target, here, fragment))}"'

        day = f"Copy of {self.made_on}. What has changed since is not in it.{self.whose}"
        notice = f'<p class="wrap offline-copy">{day}</p>'
        return LINK.sub(turn, text).replace(MAIN, f"{MAIN}\n{notice}", 1)

    def _file_for(self, address):
        if _is_search(address):
            return SEARCH
        if address == f"/{SEARCHED}":
            return SEARCHED
        if needs_the_site(address):
            return ABSENT
        while address in self.targets and self.targets[address] != address:
            address = self.targets[address]
        if address in self.targets:
            return file_of(address)
        plain = urlsplit(address).path
        return self._file_for(plain) if plain in self.targets and plain != address else ABSENT

    def _own_page(self, name):
        address = f"/{name.removesuffix('index.html')}"
        request = self.site.request(address)
        request.user = AnonymousUser()
        template = f"offline/{name.split('/')[0].removesuffix('.html')}.html"
        text = _without_machines(render_to_string(template, {"made_on": self.made_on}, request))
        for match in LINK.finditer(text):
            self._inside(match, address)
        self._write(name, self._turned(text, address))

    def _write_short_addresses(self):
        """So that a code that was written down opens its page: F23.html."""
        for model in CODED.values():
            for entry in model.objects.published().iterator(chunk_size=TOGETHER):
                address, fragment = urldefrag(entry.get_absolute_url())
                name = file_of(entry.short_url)
                link = escape(relative(self._file_for(address), name, fragment))
                page = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}">'
                self._write(name, f'{page}<title>{entry.code}</title><a href="{link}">{entry.code}</a>\n')

    def _entries(self):
        """What the search of the copy looks through."""
        for name, kind in KINDS.items():
            ids = list(kind.public().order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(ids), TOGETHER):
                for entry in kind.public_of(ids[start : start + TOGETHER]):
                    document = kind.describe(entry)
                    address, fragment = urldefrag(entry.get_absolute_url())
                    yield {
                        "kind": str(kind.label),
                        "code": document.code,
                        "title": document.heading,
                        "summary": document.summary,
                        "text": f"{document.labels} {document.questions} {document.body}".strip(),
                        "link": relative(self._file_for(address), SEARCH, fragment),
                        "first": name != "term",
                    }

    def _copy_assets(self):
        waiting = [*self.assets]
        while waiting:
            name = waiting.pop()
            path = _static_file(name)
            if path is None:
                raise CannotBuild(f"The static file {name} is missing.")
            content = path.read_bytes()
            self._write(f"static/{name}", content)
            if name.endswith(".css"):
                for link in IN_STYLES.findall(content.decode()):
                    other = urljoin(f"/{name}", urldefrag(link)[0]).lstrip("/")
                    if other not in self.assets:
                        self.assets.add(other)
                        waiting.append(other)

    def _write(self, name, content):
        path = self.target / unquote(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _is_search(address):
    return urlsplit(address).path == "/search/"


def _without_machines(text):
    """The page without what only programs that ask the site can use."""
    return DATA.sub("", MODULE.sub("", HEAD_LINK.sub("", text)))


def _static_file(name):
    collected = Path(settings.STATIC_ROOT) / name
    path = collected if collected.is_file() else finders.find(name)
    return Path(path) if path else None
