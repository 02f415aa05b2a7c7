"""How fast the site serves: pages, API, feeds and files, on a made-up collection, on either database.

    make bench                                                 1,000 and 100,000 findings on both
    make bench ARGS="--size 1000 --database sqlite"            a minute
    make bench ARGS="--keep /tmp/bench"                        build the collections once, and keep them there

First inside one process, through the site's WSGI application, address after address in turn: CPU ms of the application,
of PostgreSQL's process for it, and ms on the clock. “uncached” is an address that was never asked for, “changed” one
that was, after a change elsewhere in the content, “cached” the same request again, “304” with the ETag that came with
it. “of a bare view” is the CPU of a Django view without middleware, divided by the application's: 1 is as fast, 0.1
takes ten times as much.

Then through gunicorn as `make run` starts it, asked by wrk with 8 connections: requests a second, and CPU ms of the
workers for each, beside those of a bare Django view and of a bare WSGI application that are served in the same way;
the view between all others, since machines change their speed. Last the memory of a worker, the time from start to the
first page, and which goals are met. The goal for pages was set where a bare view took 0.42 CPU ms through gunicorn:
what they take here is told as it would be there.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from bare import hello
from measuring import measure, quantile
from server import serving
from sites import ROOT, add_options, site

WAYS = 20
BARE_VIEW, HELLO = "bare Django view", "bare WSGI hello"
CONNECTIONS, SECONDS, TURNS, STARTS = 8, 1, 7, 5
GOALS = ("theme", "finding")
THROUGH_GUNICORN = (*GOALS, "search, common word")
DOCUMENTS = ("docx", "pptx")
# The goals, what a bare view took where they were set, and how much of a difference between 1,000 and 100,000 findings
# is noise.
MOST_CPU, MOST_MEMORY, MOST_START, LEAST_CACHED, LEAST_304 = 8, 120, 1.5, 0.6, 0.7
BARE_THEN, NOISE = 0.42, 1.15


def main():
    parser = argparse.ArgumentParser(description="How fast the site serves, on a made-up collection.")
    add_options(parser, size=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=5, help="how often each of the addresses is asked")
    parser.add_argument("--only", metavar="KIND", default="", help="the kinds whose names have this, a pattern")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    parser.add_argument("--here", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        in_this_process(options)
        return
    goals = []
    for database in options.database:
        pages = {}
        for size in options.size:
            with site(database, size, options.keep) as environment:
                if not environment:
                    break
                print(f"\n{database}, {size:,} findings\n", flush=True)
                pages[size], addresses = in_process(environment, sys.argv[1:])
                goals += page_goals(database, size, pages)
                if not options.profile:
                    goals += through_gunicorn(database, size, environment, addresses)
    print("\n| goal | measured | |\n| --- | --- | --- |")
    for goal, measured, met in goals:
        print(f"| {goal} | {measured} | {'met' if met else '**not met**'} |")


# In one process


def in_process(environment, arguments):
    """Print a table; returns it as kind -> column -> name of a time -> milliseconds, and kind -> an address of it."""
    results = Path(environment["STATE_DIR"], "results.json")
    command = [sys.executable, __file__, *arguments, "--here", results]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return json.loads(results.read_text())


def in_this_process(options):
    import django

    django.setup()
    from joinedup.wsgi import application

    bare = bare_handler()
    kinds = {kind: ways for kind, ways in addresses().items() if re.search(options.only, kind)}
    for ways in kinds.values():
        for way in ways:
            ask(application, *way)
    if options.profile:
        show_profile(application, kinds)
    found = {}
    for _ in range(options.rounds):
        for i in range(WAYS):
            note(found, HELLO, "uncached", hello, "/")
            note(found, BARE_VIEW, "uncached", bare, "/healthz")  # it asks for nothing
            for kind, ways in kinds.items():
                if i < len(ways) or kind in GOALS:  # a few times tell nothing of a machine that changes its speed
                    four_ways(found, kind, application, *ways[i % len(ways)])
    print_pages(found)
    Path(options.here).write_text(json.dumps([found, {kind: ways[0] for kind, ways in kinds.items()}]))


def bare_handler():
    """The site's handler without middleware."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    with override_settings(MIDDLEWARE=[]):
        return WSGIHandler()


def four_ways(found, kind, application, path, headers):
    if "Cookie" in headers:
        note(found, kind, "uncached", application, path, headers)
        return
    change_the_content()
    # One more “&” than before is another address of the same page.
    asked_before = len(found[kind]["uncached"]["own"]) if kind in found else 0
    never_asked = path + ("" if "?" in path else "?") + "&" * (asked_before + 1)
    answered = note(found, kind, "uncached", application, never_asked, headers)
    if "ETag" in answered:
        ask(application, path, headers)
        change_the_content()
        note(found, kind, "changed", application, path, headers)
        answered = ask(application, path, headers)
        note(found, kind, "cached", application, path, headers)
        note(found, kind, "304", application, path, {**headers, "If-None-Match": answered["ETag"]}, status=304)


def change_the_content():
    from joinedup.caching import content_version
    from joinedup.caching.models import ContentVersion

    ContentVersion.objects.all().delete()
    content_version.renew("default")
    content_version.current()  # which one request a second reads


def note(found, kind, column, application, path, headers=None, status=200):
    """Ask once, and add what it took to what was `found`; returns the headers of the answer."""
    answer = {}
    times = measure(lambda: answer.update(ask(application, path, headers or {}, status)))
    for name, ms in times._asdict().items():
        found.setdefault(kind, {}).setdefault(column, {}).setdefault(name, []).append(ms)
    return answer


def ask(application, path, headers, status=200):
    """The headers of the answer. Raises AssertionError if its status is another."""
    told = {}

    def start_response(line, answered, exc_info=None):
        told.update(answered)
        assert line.startswith(str(status)), (path, line)

    path, _, query = path.partition("?")
    response = application(
        {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT_ENCODING": "gzip, br",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        },
        start_response,
    )
    try:
        for _ in response:
            pass
    finally:
        if hasattr(response, "close"):
            response.close()
    return told


def addresses():
    """Kind -> at most `WAYS` addresses, each with the headers to ask it with."""
    from corpus import COMMON, words
    from django.contrib.staticfiles.storage import staticfiles_storage
    from django.db.models import Count

    from findings.models import Finding, PracticeImplication, Review, Theme
    from findings.views import FINDINGS_A_SIDE
    from joinedup.search.query import STOP_WORDS
    from sources.models import Source

    dice = random.Random(3)

    def some(model):
        made = model.objects.published().filter(slug__startswith="bench-")
        return list(made.filter(pk__in=dice.sample(list(made.values_list("pk", flat=True)), min(WAYS, made.count()))))

    def fullest():
        """The theme whose page shows most, so that it is as much of a page among few findings as among many."""
        held = Finding.objects.published().values_list("theme", "stance").annotate(Count("pk")).order_by()
        shown, total = Counter(), Counter()
        for pk, _, count in held:
            shown[pk] += min(count, FINDINGS_A_SIDE)
            total[pk] += count
        return Theme.objects.get(pk=max(total, key=lambda pk: (shown[pk], total[pk])))

    findings, sources, points = some(Finding), some(Source), some(PracticeImplication)
    theme, review = fullest(), Review.objects.annotate(n=Count("findings")).order_by("-n").first()
    rare = [urlencode({"q": word}) for word in words(dice, WAYS, 0.00005, 0.0005)]
    common = [urlencode({"q": word}) for word in COMMON if word not in STOP_WORDS][:WAYS]
    librarian = {"Cookie": f"sessionid={session()}"}
    kinds = {
        "home": ["/"],
        "theme": [theme.get_absolute_url()],
        "finding": [finding.get_absolute_url() for finding in findings],
        "source": [source.get_absolute_url() for source in sources],
        "practice point": [point.get_absolute_url() for point in points],
        "review": [review.get_absolute_url()],
        "themes": ["/themes/"],
        "findings": ["/findings/"],
        "findings, a later page": ["/findings/?page=50"],
        "findings of a theme": [f"/findings/?theme={theme.slug}"],
        "sources": ["/sources/"],
        "map": ["/map/"],
        "practice": ["/practice/"],
        "practice element": ["/practice/joint-enterprise/"],
        "glossary": ["/glossary/"],
        "search, rare word": [f"/search/?{query}" for query in rare],
        "search, common word": [f"/search/?{query}" for query in common],
        "API list": ["/api/v1/findings"],
        "API entry": [f"/api/v1/findings/{finding.code}" for finding in findings],
        "API search": [f"/api/v1/search?{query}" for query in common],
        "Atom": ["/feeds/findings.atom"],
        "OAI": ["/oai?verb=ListRecords&metadataPrefix=oai_dc"],
        "RIS of a finding": [f"/{finding.code}.ris" for finding in findings],
        "RIS of 1,000 sources": ["/sources/?format=ris"],
        "static file": [staticfiles_storage.url("css/site.css")],
        "log-in page": ["/admin/login/"],
    }
    asked = {kind: [(path, {}) for path in paths] for kind, paths in kinds.items()}
    return asked | {"admin list": [("/admin/findings/finding/", librarian)]}


def session():
    """The key of the session of a librarian."""
    from django.contrib.auth.models import Group, User
    from django.test import Client

    librarian, _ = User.objects.get_or_create(username="librarian", is_staff=True)
    librarian.groups.add(Group.objects.get(name="Librarian"))
    client = Client()
    client.force_login(librarian)
    return client.cookies["sessionid"].value


def print_pages(found):
    bare = quantile(found[BARE_VIEW]["uncached"]["own"], 0.5)
    print(
        "| kind | uncached CPU p50 | PostgreSQL | on the clock p50 | p99 | of a bare view "
        "| changed | PostgreSQL | of | cached | of | 304 | of |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, columns in found.items():
        uncached = columns["uncached"]
        row = [f"{quantile(uncached['own'], 0.5):.2f}", f"{quantile(uncached['served'], 0.5):.1f}"]
        row += [f"{quantile(uncached['wall'], share):.1f}" for share in (0.5, 0.99)]
        row += [f"{bare / quantile(uncached['own'], 0.5):.2f}"]
        for column in ("changed", "cached", "304"):
            ms = quantile(columns[column]["own"], 0.5) if column in columns else 0
            served = [f"{quantile(columns[column]['served'], 0.5):.1f}" if ms else "–"] if column == "changed" else []
            row += [f"{ms:.2f}", *served, f"{bare / ms:.2f}"] if ms else ["–", *served, "–"]
        print("|", " | ".join([kind, *row]), "|")


def page_goals(database, size, pages):
    for kind in GOALS:
        if kind in pages[size]:
            after = quantile(pages[size][kind]["changed"]["own"], 0.5)
            goal = f"{database}, {size:,}: {kind} page after a change elsewhere at most {MOST_CPU} CPU ms"
            yield goal, f"{after:.1f}", after <= MOST_CPU
            if size != min(pages):
                now, smallest = (
                    quantile(pages[n][kind]["uncached"]["own"], 0.5)
                    / quantile(pages[n][BARE_VIEW]["uncached"]["own"], 0.5)
                    for n in (size, min(pages))
                )
                goal = f"{database}: uncached {kind} page, in bare views, no worse at {size:,} than at {min(pages):,}"
                yield goal, f"{now / smallest:.2f} ×", now / smallest <= NOISE


# Through gunicorn


def through_gunicorn(database, size, environment, addresses):
    """Print requests a second, memory and time to start; returns the goals."""
    bench = Path(__file__).parent
    bare = ("--config", str(bench / "bare.py"), "--pythonpath", str(bench))
    with ExitStack() as stack:
        # Not replaced by new ones while we count what they take.
        site_server = stack.enter_context(serving(environment, "--max-requests", "0"))
        asked = {}
        for kind, application in [(HELLO, "bare:hello"), (BARE_VIEW, "bare:site()")]:
            server = stack.enter_context(serving(environment, *bare, application))
            asked[kind] = (server, "/", {}, False)
        if "static file" in addresses:
            asked["static file"] = (site_server, addresses["static file"][0], {}, False)
        for kind in filter(addresses.get, THROUGH_GUNICORN):
            path = addresses[kind][0]
            etag = site_server.get(path)[1]["ETag"]
            asked[f"{kind}, uncached"] = (site_server, path, {}, True)
            if etag:
                asked[f"{kind}, cached"] = (site_server, path, {}, False)
                asked[f"{kind}, 304"] = (site_server, path, {"If-None-Match": etag}, False)
        loads = take_turns(asked, Path(environment["STATE_DIR"]))
        for path, headers in addresses.values():
            site_server.get(path, headers)
        after_pages = worst_memory(site_server)
        items = "F3,F23,P9,T2,S1"
        for _ in site_server.workers() * 2:
            for extension in DOCUMENTS:
                site_server.get(f"/reading-list.{extension}?items={items}")
        after_documents = worst_memory(site_server)
    starts = []
    for _ in range(STARTS):
        with serving(environment) as started:
            starts.append(started.started_in)
    print(
        f"\nMemory of a worker after pages {after_pages:.0f} MB, after Word documents and slides too "
        f"{after_documents:.0f} MB. From start to the first page {min(starts):.2f} to {max(starts):.2f} s.",
        flush=True,
    )
    named = f"{database}, {size:,}"
    for kind, load in loads.items():
        page, _, column = kind.rpartition(", ")
        if page in GOALS and column == "uncached":
            goal = f"{named}: uncached {page} page at most {MOST_CPU} CPU ms where a bare view takes {BARE_THEN}"
            there = BARE_THEN / load.of_bare
            yield goal, f"{there:.1f}", there <= MOST_CPU
        elif page in GOALS:
            least = LEAST_CACHED if column == "cached" else LEAST_304
            yield f"{named}: {kind}, at least {least} of a bare view", f"{load.of_bare:.2f}", load.of_bare >= least
    yield f"{named}: a worker at most {MOST_MEMORY} MB", f"{after_pages:.0f}", after_pages <= MOST_MEMORY
    yield (
        f"{named}: first page at most {MOST_START} s after start",
        f"{median(starts):.2f}",
        median(starts) <= MOST_START,
    )


class Load(NamedTuple):
    """Requests a second, CPU ms of the workers for each, and how fast that is beside the bare applications: the view
    was asked just before and just after each time."""

    rate: float
    cpu: float
    of_bare: float
    of_hello: float


def take_turns(asked, scratch):
    """Kind -> Load, the medians of all turns; printed as a table."""
    if not shutil.which("wrk"):
        print("\nThrough gunicorn: not measured, for wrk is not installed.")
        return {}
    fresh = scratch / "fresh.lua"
    fresh.write_text(
        'local n = 0\nrequest = function()\n  n = n + 1\n  local sign = wrk.path:find("?", 1, true) and "&" or "?"\n'
        '  return wrk.format(nil, wrk.path .. sign .. "n=" .. n .. "." .. os.time())\nend\n'
    )
    taken = {kind: [] for kind in asked}
    for _ in range(TURNS):
        _, before = load(*asked[BARE_VIEW], fresh)
        for kind, one in asked.items():
            rate, cpu = load(*one, fresh)
            _, after = load(*asked[BARE_VIEW], fresh)
            taken[kind].append((rate, cpu, (before + after) / 2 / cpu))
            before = after
    medians = {kind: tuple(map(median, zip(*turns, strict=True))) for kind, turns in taken.items()}
    hello = medians[HELLO][1]
    loads = {kind: Load(rate, cpu, of_bare, hello / cpu) for kind, (rate, cpu, of_bare) in medians.items()}
    print("\n| through gunicorn | requests a second | CPU ms | of a bare view | of hello |")
    print("| --- | --- | --- | --- | --- |")
    for kind, (rate, cpu, of_bare, of_hello) in loads.items():
        print(f"| {kind} | {rate:.0f} | {cpu:.2f} | {of_bare:.3f} | {of_hello:.3f} |", flush=True)
    return loads


def load(server, path, headers, anew, script):
    """Requests a second and CPU ms for each, of `SECONDS` of load, for an address each that was never asked for if
    `anew`, by a `script` for wrk. Raises AssertionError on an answer that is wrong."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "30s", "-H", "Accept-Encoding: gzip, br"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command += ["-s", str(script)] if anew else []
    before = server.cpu()
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    requests = int(re.search(r"(\d+) requests in", said)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), 1000 * (server.cpu() - before) / requests


def worst_memory(server):
    return max(resident for resident, _ in server.memory().values())


def show_profile(application, kinds):
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    for ways in kinds.values():
        for way in ways:
            ask(application, *way)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
