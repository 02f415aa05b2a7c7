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
from django.utils.cache import patch_vary_headers

from joinedup.databases import reading_from
from joinedup.pagecache import stamp
from joinedup.pagecache.release import seal
from joinedup.pagecache.store import Answer, Store
from sources.exporting import accepted_by

NOT_PUBLIC = ("/admin/", "/healthz", "/readyz", "/metrics")
READ_BY_ANY_SITE = ("/api/", "/oembed")
KEPT = {200, 301, 302, 410}
TOLD = KEPT | {404}  # what caches elsewhere may keep: addresses that lead nowhere have no end
LARGEST = 1_000_000  # bytes of an answer that is kept
SMALLEST = 500  # bytes that are worth compressing
TEXT = re.compile(r"charset=|[/+](json|xml)\b")
BROTLI_QUALITY = 4  # half a millisecond for a page
VARY = ("Accept", "Accept-Encoding", "Cookie")
STALE_IF_ERROR = 60 * 60  # seconds
PATIENCE = 5  # seconds for which a request waits while another builds the same


def page_cache(get_response):
    if settings.DEBUG:
        raise MiddlewareNotUsed  # templates change under the running program
    own_seal = seal()
    store = Store(settings.PAGE_CACHE_MEGABYTES * 1_000_000)
    session = f"{settings.SESSION_COOKIE_NAME}="
    for_caches = (
        f"public, max-age=0, s-maxage={settings.CDN_SECONDS}, "
        f"stale-while-revalidate={settings.CDN_SECONDS}, stale-if-error={STALE_IF_ERROR}"
    )

    def middleware(request):
        meta = request.META
        only_asks, is_one_person = request.method in ("GET", "HEAD"), session in meta.get("HTTP_COOKIE", "")
        if is_one_person or not only_asks or meta["PATH_INFO"].startswith(NOT_PUBLIC):
            response = get_response(request)
            if not only_asks:
                stamp.forget()
            if is_one_person:
                # Nothing of theirs is ever kept, by anybody. Nor is it compressed: beside what the address says it may
                # hold a secret, and how well both compress together would tell it (BREACH).
                response["Cache-Control"] = "private, no-store"
            return response
        encoding = encoding_for(meta.get("HTTP_ACCEPT_ENCODING", ""))
        known = stamp.current(reading_from())
        name = known and name_of(request, own_seal, stamp.day_of(known))
        if not name:
            return made(request, encoding)
        tag, asked = tag_of(name, known), meta.get("HTTP_IF_NONE_MATCH", "")
        if is_named(tag, asked):  # nobody knows it who was not sent it
            return not_modified(request, tag, for_caches)
        key = name + encoding
        response = kept(request, key, known)
        if response is None:
            with _alone(key):
                response = kept(request, key, known) or made(request, encoding, known, name)
        if asked.strip() == "*" and response.has_header("ETag"):
            return not_modified(request, tag, for_caches)
        return response

    def kept(request, key, known):
        """The answer that is kept under `key` and true of the stamp that is `known`, or None."""
        answer = store.get(key, known)
        if not answer:
            return None
        request.page_cache = "hit"
        return bodiless(request, HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers)))

    def made(request, encoding, known="", name=""):
        """The answer as the site makes it, and kept under its `name` if it is true of the stamp that was `known`."""
        request.page_cache = "miss"
        response = get_response(request)
        if not is_public(response):
            return response
        response.headers.setdefault("Cache-Control", for_caches)
        patch_vary_headers(response, VARY)
        if response.streaming:
            return response
        compress(response, encoding)
        if known and response.status_code in KEPT and stamp.latest(reading_from()) == known:
            if response.status_code == 200:
                response["ETag"] = tag_of(name, known)
            if len(response.content) <= LARGEST:
                answer = Answer(response.status_code, list(response.items()), response.content)
                store.set(name + encoding, known, answer)
        return bodiless(request, response)

    return middleware


def bodiless(request, response):
    """`response`, without its body if it was asked for by HEAD: its length stands in the header."""
    if request.method == "HEAD":
        response.content = b""
    return response


def is_public(response):
    """Whether what somebody was answered who is not logged in may be had by anybody else who asks the same."""
    said = response.get("Cache-Control", "")
    refused = response.cookies or "no-store" in said or "private" in said
    return response.status_code in TOLD and not refused


def not_modified(request, tag, for_caches):
    request.page_cache = "not modified"
    headers = {"ETag": tag, "Cache-Control": for_caches, "Vary": ", ".join(VARY)}
    if request.META["PATH_INFO"].startswith(READ_BY_ANY_SITE):
        headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
    return HttpResponseNotModified(headers=headers)


def name_of(request, own_seal, day):
    """A digest of all that the answer depends on but the content; "" if the host is not ours, which is for others to
    say."""
    meta = request.META
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    wanted = negotiated(meta.get("HTTP_ACCEPT", "*/*"))
    address = request.scheme, host, meta.get("SCRIPT_NAME", ""), meta["PATH_INFO"], meta.get("QUERY_STRING", "")
    return blake2b(repr((*address, wanted, day)).encode(), digest_size=16, key=own_seal).hexdigest()


def tag_of(name, known):
    """The ETag of what is made under `name` of the content that has this stamp."""
    return f'W/"{blake2b((name + known).encode(), digest_size=16).hexdigest()}"'


def is_named(tag, asked):
    """Whether an ETag stands in an ``If-None-Match``, where weak and strong are alike."""
    return tag.removeprefix("W/") in asked


def negotiated(accept):
    """What of `Accept` an answer may depend on: None, where a page or anything is wanted first."""
    first = next(map(str, accepted_by(accept)), "")
    return None if first in ("text/html", "*/*") else accept


def encoding_for(accepted):
    """The best encoding that `Accept-Encoding` takes; "" for none, and for what is longer than any client's."""
    takes = {}
    for part in accepted.lower().split(",") if len(accepted) <= 200 else ():
        name, _, parameter = part.partition(";")
        takes[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameter)
    return next((name for name in ("br", "gzip") if takes.get(name)), "")


def compress(response, encoding):
    if not encoding or response.streaming or response.has_header("Content-Encoding"):
        return
    if len(response.content) < SMALLEST or not TEXT.search(response.get("Content-Type", "")):
        return
    if encoding == "br":
        response.content = brotli.compress(response.content, quality=BROTLI_QUALITY)
    else:
        response.content = gzip.compress(response.content, 6, mtime=0)
    response["Content-Encoding"] = encoding
    response["Content-Length"] = len(response.content)


_locks = [threading.Lock() for _ in range(256)]


@contextmanager
def _alone(key):
    """While one request builds an answer, others for the same wait, for a while: it will be kept."""
    lock = _locks[hash(key) % len(_locks)]
    ours = lock.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if ours:
            lock.release()
