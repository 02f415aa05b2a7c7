"""Faults as they happen, with the site as it is served: what people saw, and whether it was what they may see.

`make faults` runs all; ARGS="database worker writers disk" some.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

import postgres  # noqa: E402
from faults.served import ROOT, Librarian, Readers, Site, resent, wait_until  # noqa: E402

SAVES = 25
ROOM = 8  # megabytes of the disk that gets full


def must(what, condition):
    print(f"  {'ok' if condition else 'NO'}: {what}", flush=True)
    must.broken += not condition


must.broken = 0


@contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="joined-up-faults-") as path:
        yield Path(path)


@contextmanager
def server():
    """The address of a PostgreSQL server, and what tells pg_ctl to do something with it."""
    user = postgres.server_user()
    place = Path(tempfile.mkdtemp(prefix="joined-up-faults-", dir="/tmp" if user else None))
    process, url = postgres.start(place, user)
    owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

    started_with = (place / "data" / "postmaster.opts").read_text().split(None, 1)[1].strip()

    def control(*what):
        what = [f"--options={started_with}", *what] if what == ("start",) else what
        command = [postgres.find_server() / "pg_ctl", "--pgdata=data", "--log=data/log", "-w", *what]
        subprocess.run(command, cwd=place, **owner, check=True, capture_output=True)
        process.poll()  # what has ended here is not left behind

    try:
        yield url, control
    finally:
        subprocess.run(
            [postgres.find_server() / "pg_ctl", "--pgdata=data", "--mode=immediate", "stop"],
            cwd=place,
            **owner,
            capture_output=True,
        )
        subprocess.run(["rm", "-rf", place])


def database():
    """PostgreSQL is restarted twice under load, once stopped and once killed: pages that are kept answer all the while,
    of others readers see 503 at most, and it recovers."""
    new = [f"/search/?q=trust&page={n}" for n in range(2, 2000)]
    with server() as (url, control), folder() as place:
        with (
            Site(place, url).served() as site,
            Readers(site) as readers,
            Readers(site, number=1, pages=new) as first_readers,
        ):
            time.sleep(3)
            down = time.monotonic()
            control("--mode=fast", "stop")
            time.sleep(1)
            control("start")
            up = time.monotonic()
            wait_until(lambda: site.ask("/search/?q=is+it+back")[0] == 200)
            print(f"  away for {up - down:.1f} s; pages again {time.monotonic() - up:.2f} s after it was back")
            time.sleep(1)
            control("--mode=immediate", "restart")
            time.sleep(2)
            well = time.monotonic()
            time.sleep(2)
        print(f"  of kept pages readers saw {readers.count()}, of others {first_readers.count()}")
        must("kept pages answer all the while", set(readers.count()) == {200})
        for when, seen in [("before", first_readers.count(until=down)), ("afterwards", first_readers.count(well))]:
            must(f"{when} every other page answers", set(seen) == {200})
        must("meanwhile nothing but 200 and 503", set(first_readers.count()) <= {200, 503})
        must("some saw it", first_readers.count().get(503, 0) > 0)
        must(
            "each 503 says when to come back",
            all(retry for _, status, retry in first_readers.answers if status == 503),
        )


def worker():
    """Workers are killed (SIGKILL) while they write: others answer and take their place, nothing is half done."""
    searches = [f"/search/?q=nothing+like+{n}" for n in range(500)]  # each is counted: a write
    with folder() as place, Site(place, workers=3).served() as site:
        wait_until(lambda: len(site.workers()) == 3)
        with Readers(site, 3), Readers(site, 2, searches) as writers:
            time.sleep(1)
            killed = site.workers()[:2]
            for pid in killed:
                os.kill(int(pid), signal.SIGKILL)
                time.sleep(1.5)
            wait_until(lambda: len(site.workers()) == 3)
            well = time.monotonic()
            time.sleep(1)
        print(f"  two of three workers were killed; who wrote saw {writers.count()} (0: the connection broke)")
        must("others took their place", not set(killed) & set(site.workers()))
        must("afterwards every page answers", set(writers.count(well)) == {200})
        must(
            "only what the killed were at broke off",
            set(writers.count()) <= {200, 0} and writers.count().get(0, 0) <= 8,
        )
        must("nothing is half done", site.is_sound() == "ok")


def writers():
    """Four librarians save at once on SQLite, in four processes, then while somebody imports: nobody meets a lock."""
    with folder() as place, Site(place, workers=4, threads=2).served() as site:
        people = [Librarian(site, f"librarian-{n}") for n in range(4)]

        def all_save(times):
            waits = []

            def save(person):
                for n in range(times):
                    started = time.monotonic()
                    status = person.save(f"Words number {n}.")[0]
                    waits.append((status, time.monotonic() - started))

            threads = [threading.Thread(target=save, args=[person]) for person in people]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            longest = max(seconds for _, seconds in waits)
            print(f"  {len(waits)} saves, the longest took {longest:.1f} s")
            return {status for status, _ in waits}

        with Readers(site, 1) as readers:
            must(f"4 × {SAVES} saves at once all succeed", all_save(SAVES) == {302})
            must("what was saved last stands", {p.definition() for p in people} == {f"Words number {SAVES - 1}."})
            importing = threading.Thread(target=site.do, args=[IMPORT])
            importing.start()
            time.sleep(2)
            must("so do saves while 3,000 records are imported", all_save(5) == {302})
            importing.join()
        print(f"  who read meanwhile saw {readers.count()}")
        must("no reader meets an error", set(readers.count()) == {200})
        must("all is sound", site.is_sound() == "ok")


IMPORT = """
from django.contrib.auth.models import User
from curation.imports import importing
from sources.imports import BIBLIOGRAPHY
records = "".join(f"TY  - BOOK\\nTI  - Work {n}\\nAU  - Hudson, B.\\nKW  - trust\\nER  - \\n" for n in range(3000))
user = User.objects.first()
importing.apply(importing.upload(BIBLIOGRAPHY, records.encode(), "a.ris", user), user=user)
"""


def disk():
    """The disk under SQLite gets full: what cannot be saved is told and not lost, pages are read, and it goes on."""
    if "JOINED_UP_SMALL_DISK" not in os.environ:
        # A disk of our own, that nobody else sees and that takes no rights.
        inner = f'mount -t tmpfs -o size={ROOM}m tmpfs "$1" && JOINED_UP_SMALL_DISK="$1" exec "$2" "$3" disk'
        with folder() as place:
            command = ["unshare", "-rm", "sh", "-c", inner, "sh", place, sys.executable, __file__]
            must.broken += subprocess.run(command, cwd=ROOT).returncode
        return
    place = Path(os.environ["JOINED_UP_SMALL_DISK"])
    with Site(place).served() as site:
        person = Librarian(site, "librarian")
        must("there is room", person.save("Short.")[0] == 302)
        filler = place / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        typed = "Many words. " * 20_000
        status, headers, text = person.save(typed)
        must(
            "then it is told that there is none", status == 503 and "no room left" in text and "Retry-After" in headers
        )
        must("pages are read all the same", {site.ask(page)[0] for page in ["/", "/findings/", "/glossary/"]} == {200})
        must("what was there is there", person.definition() == "Short.")
        filler.unlink()
        address, fields = resent(text)
        must("what was typed is sent again, once there is room", person.post(fields)[0] == 302)
        must("and is saved", address == person.address and person.definition() == typed.strip())
        must("all is sound", site.is_sound() == "ok")


FAULTS = {fault.__name__: fault for fault in [database, worker, writers, disk]}


def main(names):
    for name in names or FAULTS:
        fault = FAULTS[name]
        if "JOINED_UP_SMALL_DISK" not in os.environ:
            print(f"{name}: {fault.__doc__}", flush=True)
        fault()
    return must.broken > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
