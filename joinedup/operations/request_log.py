"""The id of each request, which every line of the log has, and a line for each request."""

import logging
import re
import secrets
import time
from contextvars import ContextVar
from typing import NamedTuple

from django.conf import settings

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Asked every few seconds by machines: logged only with LOG_LEVEL=DEBUG.
ASKED_OFTEN = {"/healthz", "/readyz", "/metrics"}

logger = logging.getLogger(__name__)


class Request(NamedTuple):
    id: str
    method: str
    path: str  # without what follows the "?": what people search for is their own affair


# What this thread answers, until all of it is sent: Django logs some of it when every middleware is done.
current = ContextVar("request", default=None)


def is_from_inside(request):
    """Whether no server passed it on: the site asks itself for the pages of the copy to read offline."""
    return "wsgi.version" not in request.META


def request_log(get_response):
    """Middleware, outermost: give a request its id, or take that of a trusted proxy, and log what came of it."""

    def middleware(request):
        if is_from_inside(request):
            return get_response(request)
        request_id = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
        if not SANE.fullmatch(request_id):
            request_id = secrets.token_hex(8)
        method, path = request.method, request.path
        current.set(Request(request_id, method, path))
        started = time.perf_counter()
        response = get_response(request)
        response.headers[HEADER] = request_id
        level = logging.DEBUG if request.path_info in ASKED_OFTEN else logging.INFO
        if logger.isEnabledFor(level):
            status, ms = response.status_code, round((time.perf_counter() - started) * 1000, 1)
            logger.log(level, "%s %s %d %s ms", method, path, status, ms, extra={"status_code": status, "ms": ms})
        return response

    return middleware


def clear_current(**kwargs):
    """A receiver of request_finished: what is logged from now on belongs to no request."""
    current.set(None)
