"""The middleware that answers the public from what is kept, and tells caches on the way what they may do."""

import gzip
import re
import threading
from contextlib import contextmanager
from hashlib import blake2b

import brotli
from django.conf import settings
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from joinedup.caching import content_version
from joinedup.caching.build import build_id
from joinedup.caching.store import Answer, Store
from sources.exporting import accepted_by

NOT_PUBLIC = ("/admin/", "/healthz", "/readyz", "/metrics")
READ_BY_ANY_SITE = ("/api/", "/oembed")
KEPT = {200, 301, 302, 410}
CACHEABLE_ELSEWHERE = KEPT | {404}  # not kept here: addresses that lead nowhere have no end
MAX_KEPT = 1_000_000  # bytes of an answer
MIN_COMPRESSED = 500  # bytes
TEXT = re.compile(r"charset=|[/+](json|xml)\b")
COMPRESSORS = {  # the best first; quality 5 takes under a millisecond a page
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
TAKES = {  # an Accept-Encoding that names it without q=0
    name: re.compile(rf"(^|,)\s*{name}\s*(?!;\s*q\s*=\s*0(\.0*)?\s*(,|$))(;|,|$)") for name in COMPRESSORS
}
VARY = ("Accept", "Accept-Encoding", "Cookie")
STALE_IF_ERROR = 60 * 60  # seconds
PATIENCE = 5  # seconds for which a request waits while another makes the same answer


class PageCache:
    def __init__(self, get_response):
        if settings.DEBUG:
            raise MiddlewareNotUsed  # templates change under the running program
        self.get_response = get_response
        self.build_id = build_id()
        self.store = Store(settings.PAGE_CACHE_MEGABYTES * 1_000_000)
        self.cache_control = (
            f"public, max-age=0, s-maxage={settings.CDN_SECONDS}, "
            f"stale-while-revalidate={settings.CDN_SECONDS}, stale-if-error={STALE_IF_ERROR}"
        )

    def __call__(self, request):
        is_read, is_one_person = request.method in ("GET", "HEAD"), settings.SESSION_COOKIE_NAME in request.COOKIES
        if is_read and not is_one_person and not request.path_info.startswith(NOT_PUBLIC):
            return self.public_answer(request)
        response = self.get_response(request)
        if not is_read:
            content_version.forget()
        if is_one_person:
            # Nobody keeps it. Nor is it compressed: beside what the address says it may hold a secret, and how well
            # both compress together would reveal it (BREACH).
            response["Cache-Control"] = "private, no-store"
        return response

    def public_answer(self, request):
        encoding = encoding_for(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        version = content_version.current()
        key = version and key_of(request, self.build_id, version)
        if not key:
            return self.make(request, encoding)
        tags = request.META.get("HTTP_IF_NONE_MATCH", "")
        if key in tags:  # nobody knows it who was not sent it
            return self.not_modified(request, key)
        response = self.kept(request, key + encoding)
        if not response:
            with one_at_a_time(key + encoding):
                response = self.kept(request, key + encoding) or self.make(request, encoding, key, version)
        if tags.strip() == "*" and response.has_header("ETag"):
            return self.not_modified(request, key)
        return response

    def kept(self, request, key):
        answer = self.store.get(key)
        if answer is None:
            return None
        request.page_cache = "hit"
        response = HttpResponse(answer.body, status=answer.status, headers=answer.headers)
        return without_body_for_head(request, response)

    def make(self, request, encoding, key="", version=""):
        """The answer as the site makes it, kept under its `key` if the content had this `version` all the while."""
        request.page_cache = "miss"
        response = self.get_response(request)
        if not is_public(response):
            return response
        response.headers.setdefault("Cache-Control", self.cache_control)
        patch_vary_headers(response, VARY)
        if response.streaming:
            return response
        compress(response, encoding)
        if key and response.status_code in KEPT and content_version.latest() == version:
            if response.status_code == 200:
                response["ETag"] = etag(key)
            if len(response.content) <= MAX_KEPT:
                answer = Answer(response.status_code, dict(response.items()), response.content)
                self.store.set(key + encoding, answer)
        return without_body_for_head(request, response)

    def not_modified(self, request, key):
        request.page_cache = "not modified"
        headers = {"ETag": etag(key), "Cache-Control": self.cache_control, "Vary": ", ".join(VARY)}
        if request.path_info.startswith(READ_BY_ANY_SITE):
            headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
        return HttpResponseNotModified(headers=headers)


def key_of(request, build_id, version):
    """A digest of all that the answer depends on, but the encoding; "" if the host is not ours, which others refuse."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    meta = request.META
    address = request.scheme, host, meta.get("SCRIPT_NAME", ""), meta["PATH_INFO"], meta.get("QUERY_STRING", "")
    parts = *address, negotiated(meta.get("HTTP_ACCEPT", "*/*")), str(timezone.localdate()), version
    return blake2b(repr(parts).encode(), digest_size=16, key=build_id).hexdigest()


def etag(key):
    return f'W/"{key}"'


def negotiated(accept):
    """What of `Accept` an answer may depend on: None, where a page or anything is wanted first."""
    first = next(map(str, accepted_by(accept)), "")
    return None if first in ("text/html", "*/*") else accept


def encoding_for(accept_encoding):
    """The best encoding that an `Accept-Encoding` takes, or ""."""
    return next((name for name, taken in TAKES.items() if taken.search(accept_encoding.lower())), "")


def is_public(response):
    """Whether what somebody was answered who is not logged in may be had by anybody else who asks the same."""
    control = response.get("Cache-Control", "")
    is_private = response.cookies or "no-store" in control or "private" in control
    return response.status_code in CACHEABLE_ELSEWHERE and not is_private


def compress(response, encoding):
    is_text = TEXT.search(response.get("Content-Type", "")) and not response.has_header("Content-Encoding")
    if encoding and is_text and len(response.content) >= MIN_COMPRESSED:
        response.content = COMPRESSORS[encoding](response.content)
        response["Content-Encoding"] = encoding
        response["Content-Length"] = len(response.content)


def without_body_for_head(request, response):
    """The length of what GET has stands in the header."""
    if request.method == "HEAD":
        response.content = b""
    return response


_locks = [threading.Lock() for _ in range(256)]


@contextmanager
def one_at_a_time(key):
    """While one request makes an answer, others for the same wait, for a while: it will be kept."""
    lock = _locks[hash(key) % len(_locks)]
    is_ours = lock.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if is_ours:
            lock.release()
