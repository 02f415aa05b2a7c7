"""What the site does, as Prometheus reads it: imported only with METRICS, so that it costs nothing without."""

import contextlib
import hmac
import os
import platform
import time
from itertools import accumulate

from django.conf import settings
from django.http import HttpResponse

from joinedup.operations.counters import BUCKETS, counters
from joinedup.operations.request_log import is_from_inside

PAGE = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = {"GET", "HEAD", "POST"}  # others are "other": anybody can make methods up


def request_metrics(get_response):
    """Middleware: count requests, and answer `/metrics` here: whatever the site's hosts are, with no database, and
    without the headers by which other sites may read what is public.

    A page cache that stands further in says what it did with `request.page_cache = "hit"` or the like.
    """

    def middleware(request):
        if is_from_inside(request):
            return get_response(request)
        if request.path_info == PAGE:
            return page(request)
        counters.begin()
        started = time.perf_counter()
        try:
            response = get_response(request)
        finally:
            counters.end()
        cached = getattr(request, "page_cache", "")
        if cached:
            counters.add(("page cache", cached), 0)
        method = request.method if request.method in METHODS else "other"
        name = ("request", method, route(request, cached), f"{response.status_code // 100}xx")
        counters.add(name, time.perf_counter() - started)
        return response

    return middleware


def route(request, cached):
    """The name of the address that was asked, of which there are only so many."""
    if request.resolver_match:
        return request.resolver_match.view_name
    if cached:
        return "page cache"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def count_query(execute, sql, params, many, context):
    """A wrapper for `connection.execute_wrapper`."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        counters.add(("query", context["connection"].alias), time.perf_counter() - started)


def page(request):
    header, token = request.META.get("HTTP_AUTHORIZATION", ""), settings.METRICS_TOKEN
    if token and not hmac.compare_digest(header.encode(), f"Bearer {token}".encode()):
        refusal = "The metrics need the token: Authorization: Bearer …\n"
        return HttpResponse(
            refusal, status=401, content_type="text/plain; charset=utf-8", headers={"WWW-Authenticate": "Bearer"}
        )
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse("".join(f"{line}\n" for line in lines()), content_type=CONTENT_TYPE, headers=headers)


def lines():
    """The text of all metrics, a line at a time."""
    totals = counters.totals()
    yield from histogram("request", "Requests, and how long they took.", totals, "method", "route", "status")
    yield from histogram("query", "Queries, and how long they took.", totals, "database")
    yield from family(
        "joinedup_page_cache_total",
        "counter",
        "What the page cache did.",
        [({"result": name[1]}, sum(counts)) for name, _, counts in totals if name[0] == "page cache"],
    )
    yield from family("joinedup_requests_in_progress", "gauge", "Requests being answered.", [({}, counters.running())])
    workers = counters.processes()
    yield from family("joinedup_workers", "gauge", "Processes that answer.", [({}, len(workers))])
    memory = {part: resident_bytes(pid) for part, pid in workers.items()}
    yield from family(
        "joinedup_worker_resident_memory_bytes",
        "gauge",
        "Memory of each of them, what they share included.",
        [({"worker": str(part)}, size) for part, size in memory.items() if size],
    )
    yield from family(
        "process_cpu_seconds_total",
        "counter",
        "Processor time of all processes, those that ended included.",
        [({}, round(sum(map(cpu_seconds, {counters.maker, *workers.values()})), 2))],
    )
    yield from family("process_start_time_seconds", "gauge", "When counting began.", [({}, round(counters.since, 2))])
    yield from family("python_info", "gauge", "Python.", [({"version": platform.python_version()}, 1)])


def family(name, kind, meaning, samples):
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield sample(name, labels, value)


def histogram(kind, meaning, totals, *label_names):
    name = f"joinedup_{kind}_seconds"
    yield from family(name, "histogram", meaning, [])
    for (its_kind, *values), seconds, counts in totals:
        if its_kind == kind:
            labels = dict(zip(label_names, values, strict=True))
            for bound, count in zip([*BUCKETS, "+Inf"], accumulate(counts), strict=True):
                yield sample(f"{name}_bucket", labels | {"le": str(bound)}, count)
            yield sample(f"{name}_sum", labels, round(seconds, 6))
            yield sample(f"{name}_count", labels, sum(counts))


def sample(name, labels, number):
    text = ",".join(f'{label}="{escaped(value)}"' for label, value in labels.items())
    number = int(number) if number == int(number) else number
    return f"{name}{{{text}}} {number}" if text else f"{name} {number}"


def escaped(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


# Where there is no /proc, these two stay 0.


def resident_bytes(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def cpu_seconds(pid):
    """Of a process and of those that it started and that have ended."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()  # the name, in brackets before, may hold anything
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0
