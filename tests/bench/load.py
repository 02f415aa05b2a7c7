"""The site under load: many readers at once, and librarians who save, import and publish meanwhile.

    make bench-load                                            100,000 findings on PostgreSQL, 64 connections, 60 s
    make bench-load ARGS="--size 1000 --database sqlite --seconds 20"

The site is served as in production, by gunicorn with as many workers as there are processors, as if a proxy stood in
front. Readers ask for thousands of addresses, some far more often than others, without a pause. Ends with 1 if any
answer was an error.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

from curator import Browser
from measuring import quantile
from server import serving
from sites import ROOT, add_options, site

HOST = "bench.example"
PRODUCTION = {
    "PRODUCTION": "true",
    "ALLOWED_HOSTS": HOST,
    "SITE_URL": f"https://{HOST}",
    "TRUSTED_PROXIES": "1",
    "LOG_LEVEL": "WARNING",
}
FORWARDED = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
PATIENCE = 30  # seconds for an answer
CONDITIONAL = 0.2  # of the questions for what was had before
PASSWORD = "only for benchmarks"
# Kind -> how often it is asked for, in a hundred.
SHARES = {
    "home": 8,
    "theme": 14,
    "finding": 28,
    "source": 8,
    "list": 7,
    "practice": 5,
    "map or glossary": 3,
    "search": 6,
    "suggestion": 4,
    "API": 5,
    "feed or OAI": 2,
    "export": 3,
    "static": 7,
}


def main():
    parser = argparse.ArgumentParser(description="The site under load, while librarians work.")
    add_options(parser, size=[100_000], database=["postgresql"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--prepare", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.prepare)
        return None
    errors = 0
    for database in options.database:
        for size in options.size:
            with site(database, size, options.keep) as environment:
                if environment:
                    print(f"\n{database}, {size:,} findings, {options.connections} connections\n", flush=True)
                    errors += run(environment, options)
    return errors > 0


def run(environment, options):
    """Print what came of the load; returns how many errors there were."""
    environment = {**environment, **PRODUCTION, "WEB_CONCURRENCY": str(os.cpu_count())}
    prepared = Path(environment["STATE_DIR"], "prepared.json")
    subprocess.run([sys.executable, __file__, "--prepare", prepared], cwd=ROOT, env=environment, check=True)
    addresses, findings = json.loads(prepared.read_text())
    memory, told, stop = {}, Counter(), threading.Event()
    with serving(environment, headers=FORWARDED) as server:
        browsers = [Browser(server.port, FORWARDED) for _ in range(2)]
        for browser in browsers:
            browser.log_in("editor", PASSWORD)
        work = [
            threading.Thread(target=working, args=(act, told, stop))
            for act in (saving(browsers[0], findings), importing(browsers[1]))
        ]
        memory["start"] = server.memory()
        for thread in work:
            thread.start()
        halfway = threading.Timer(options.seconds / 2, lambda: memory.update(middle=server.memory()))
        halfway.start()
        readers = Readers(server.port, addresses)
        asyncio.run(readers.read(options.connections, options.seconds))
        stop.set()
        for thread in work:
            thread.join()
        memory["end"] = server.memory()
    readers.print_table(options.seconds)
    print("\nLibrarians meanwhile:", ", ".join(f"{what} {number}" for what, number in sorted(told.items())))
    for when in ("start", "middle", "end"):
        shown = ", ".join(f"{pid}: {resident:.0f}" for pid, (resident, _) in memory.get(when, {}).items())
        print(f"Memory of the workers (MB) at the {when}: {shown}")
    errors = sum(readers.errors.values()) + sum(number for what, number in told.items() if what.startswith("failed"))
    print(f"Errors: {errors}", *(f"  {number} × {what}" for what, number in readers.errors.most_common(10)), sep="\n")
    return errors


# What is asked for


def prepare(file):
    """Write the addresses of each kind, the most popular first, and the ids of findings to work on; make an editor."""
    import django

    django.setup()
    from corpus import COMMON, words
    from django.contrib.auth.models import Group, User
    from django.contrib.staticfiles.storage import staticfiles_storage

    from findings.choices import Stance
    from findings.models import Finding, PracticeImplication, Theme
    from joinedup.search.query import STOP_WORDS
    from sources.models import Source

    editor = User.objects.create_user("editor", password=PASSWORD, is_staff=True)
    editor.groups.set(Group.objects.filter(name__in=["Librarian", "Editor"]))
    dice = random.Random(4)

    def some(model, most):
        numbers = list(model.objects.published().values_list("number", flat=True))
        chosen = dice.sample(numbers, min(most, len(numbers)))
        return list(model.objects.filter(number__in=chosen).only("pk", "number", "slug"))

    findings, sources = some(Finding, 3000), some(Source, 1000)
    themes = [theme.get_absolute_url() for theme in Theme.objects.published()]
    points = [point.get_absolute_url() for point in PracticeImplication.objects.published()[:300]]
    asked = [word for word in COMMON if word not in STOP_WORDS] + words(dice, 20, 0.005, 0.02)
    slugs = list(Theme.objects.published().values_list("slug", flat=True))
    kinds = {
        "home": ["/", "/themes/", "/about/", "/help/"],
        "theme": themes,
        "finding": [finding.get_absolute_url() for finding in findings],
        "source": [source.get_absolute_url() for source in sources],
        "list": [
            "/findings/",
            "/sources/",
            *(f"/findings/?theme={slug}" for slug in slugs),
            *(f"/findings/?stance={stance}&theme={slug}" for stance in Stance.values for slug in slugs),
            *(f"/{name}/?page={page}" for page in range(2, 20) for name in ("findings", "sources")),
        ],
        "practice": ["/practice/joint-enterprise/", "/practice/", "/practice/mutual-engagement/", *points],
        "map or glossary": ["/map/", "/glossary/", "/map/?by=stance"],
        "search": [f"/search/?q={word}" for word in asked]
        + [f"/search/?q={one}+{other}" for one in asked[:10] for other in asked[10:20]],
        "suggestion": [f"/api/v1/suggest?q={word[:3]}" for word in asked],
        "API": ["/api/v1/findings", *(f"/api/v1/findings/{finding.code}" for finding in findings[:300])],
        "feed or OAI": [
            "/feeds/findings.atom",
            "/oai?verb=ListRecords&metadataPrefix=oai_dc",
            *(f"{address}feed.atom" for address in themes),
        ],
        "export": [f"/{entry.code}.{form}" for form in ("ris", "bib") for entry in [*findings[:200], *sources[:200]]],
        "static": [staticfiles_storage.url(name) for name in ("css/site.css", "js/site.js", "css/tokens.css")],
    }
    Path(file).write_text(json.dumps([kinds, [finding.pk for finding in findings]]))


# Readers


class Readers:
    def __init__(self, port, addresses):
        self.port = port
        self.addresses = addresses
        self.weights = {kind: [1 / rank for rank in range(1, len(some) + 1)] for kind, some in addresses.items()}
        self.times = defaultdict(list)
        self.statuses, self.errors = Counter(), Counter()
        self.etags = {}

    async def read(self, connections, seconds):
        self.end = time.monotonic() + seconds
        await asyncio.gather(*(self.reader(random.Random(number)) for number in range(connections)))

    async def reader(self, dice):
        connection = Connection(self.port)
        while time.monotonic() < self.end:
            kind = dice.choices(list(SHARES), SHARES.values())[0]
            path = dice.choices(self.addresses[kind], self.weights[kind])[0]
            headers = {}
            if path in self.etags and dice.random() < CONDITIONAL:
                headers["If-None-Match"] = self.etags[path]
            started = time.monotonic()
            try:
                status, etag = await asyncio.wait_for(connection.get(path, headers), PATIENCE)
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.errors[f"{type(error).__name__} for {path}"] += 1
                connection.close()
                continue
            self.times[kind].append(1000 * (time.monotonic() - started))
            self.statuses[status] += 1
            if status not in (200, 304):
                self.errors[f"{status} for {path}"] += 1
            if etag:
                self.etags[path] = etag
        connection.close()

    def print_table(self, seconds):
        every = [ms for some in self.times.values() for ms in some]
        print("| kind | requests | ms p50 | p95 | p99 |\n| --- | --- | --- | --- | --- |")
        for kind, some in [*self.times.items(), ("all", every)]:
            row = [f"{quantile(some, share):.0f}" for share in (0.5, 0.95, 0.99)]
            print("|", " | ".join([kind, str(len(some)), *row]), "|")
        answered = ", ".join(f"{number} × {status}" for status, number in sorted(self.statuses.items()))
        print(f"\n{len(every) / seconds:.0f} requests a second. Answers: {answered}")


class Connection:
    """One that is kept, as browsers do, and opened again when the server has closed it between two questions."""

    def __init__(self, port):
        self.port = port
        self.writer = None

    async def get(self, path, headers):
        """The status and the ETag of an answer, read to its end. Raises OSError, EOFError, ValueError."""
        kept = self.writer is not None
        try:
            return await self.ask(path, headers)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.close()
            if not kept or getattr(error, "partial", b""):
                raise
            return await self.ask(path, headers)

    async def ask(self, path, headers):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = {**FORWARDED, "Accept-Encoding": "br, gzip", **headers}
        said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.writer.write(f"GET {path} HTTP/1.1\r\n{said}\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        told = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        if told.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readexactly(2)
        elif status != 304:
            await self.reader.readexactly(int(told["content-length"]))
        if told.get("connection") == "close":
            self.close()
        return status, told.get("etag")

    def close(self):
        if self.writer:
            self.writer.close()
            self.writer = None


# Librarians


def working(acts, told, stop):
    """Do one act after another until it is enough; count what was done, and what failed."""
    for what in acts:
        told[what] += 1
        if stop.wait(0.5):
            break


def saving(browser, findings):
    """Correct the words of one finding after another; yields what was done."""
    for number, pk in enumerate(findings * 1000):
        address = f"/admin/findings/finding/{pk}/change/"
        form = browser.form(address, having="bottom_line")
        bottom_line = f"{form['bottom_line'].rstrip('. 0123456789')} {number}."
        changed = {"bottom_line": bottom_line, "kind_of_change": "correction", "_save": "Save"}
        yield browser.outcome(browser.send(address, {**form, **changed}), "saved")


def importing(browser):
    """Import a bibliography, and publish what came of it, again and again; yields what was done."""
    dice = random.Random(5)
    while True:
        address = "/admin/curation/import/add/bibliography/"
        form = browser.form(address, having="text")
        status = browser.send(address, {**form, "text": "".join(record(dice) for _ in range(50))})
        yield browser.outcome(status, "uploaded")
        if status != 302:
            continue
        address = browser.sent_to
        status = browser.send(address, {**browser.form(address, having="import"), "import": "1"})
        yield browser.outcome(status, "imported")
        for act, before in [("send-for-review", "draft"), ("publish", "in-review")]:
            address = f"/admin/sources/source/?status__exact={before}"
            browser.send(address, {**browser.form(address, having="_selected_action"), "action": act})
            if browser.status == 200:  # asks whether it is meant
                browser.send(address, {**browser.form_in_hand(having="confirm"), "confirm": "Yes"})
            yield browser.outcome(browser.status, act)


def record(dice):
    """A work that is like no other, in RIS."""
    words = ["".join(dice.choices("abcdefghiklmnoprstu", k=dice.randrange(3, 10))) for _ in range(9)]
    return f"TY  - BOOK\nTI  - {' '.join(words[1:])}\nAU  - {words[0].title()}, A.\nPY  - 2020\nER  - \n"


if __name__ == "__main__":
    sys.exit(main())
