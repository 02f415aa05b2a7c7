"""Sites with a made-up collection, for whatever measures them: built once if a folder keeps them, used as a copy."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from postgres import Unavailable, postgres  # noqa: E402

DATABASES = ("sqlite", "postgresql")
COPY = "bench-copy"
# As in production, on this computer.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "joinedup.settings",
    "DEBUG": "false",
    "MALLOC_ARENA_MAX": "2",
    "SECRET_KEY": "only for benchmarks, and long enough to pass the checks of production",
    "SITE_URL": "https://evidence.example.org",
    "STATICFILES_HASHED": "true",
}


MANAGE = [sys.executable, "manage.py"]
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def add_options(parser, size, database=DATABASES):
    """The options that every benchmark has: which sites, and whether to keep them."""
    parser.add_argument("--size", type=int, nargs="+", default=size, help="findings, %(default)s if not said")
    parser.add_argument("--database", choices=DATABASES, nargs="+", default=database, help="both, if not said")
    parser.add_argument("--keep", metavar="FOLDER", help="build each collection once and keep it there")


@contextmanager
def site(database, size, keep=None):
    """Yield the environment of a site with `size` made-up findings, whose changes go with it; None, and the reason
    printed, where there is no PostgreSQL. With `keep`, a folder, the collection itself is built only if it is not
    there."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joined-up-bench-")))
        kept = Path(keep).resolve() if keep else scratch
        environment = {**os.environ, **SETTINGS, "STATE_DIR": str(scratch / "state")}
        try:
            copied = {"sqlite": of_file, "postgresql": of_server}[database](kept, size, environment, stack)
        except Unavailable as error:
            print(f"PostgreSQL: not run: {error}")
            yield None
            return
        environment["DATABASE_URL"] = copied
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        indexed = kept / f"{database}-{size}-search"
        if indexed.exists():
            shutil.copytree(indexed, scratch / "state" / "search", dirs_exist_ok=True)
        if subprocess.run([*MANAGE, "rebuild_search_index", "--check"], cwd=ROOT, env=environment, **SILENT).returncode:
            started = time.monotonic()
            manage(environment, "rebuild_search_index", "--verbosity", "0")
            print(f"Indexed in {time.monotonic() - started:.0f} s", flush=True)
            if keep:
                shutil.rmtree(indexed, ignore_errors=True)
                shutil.copytree(scratch / "state" / "search", indexed)
        yield environment


def of_file(kept, size, environment, stack):
    built, draft = kept / f"sqlite-{size}.db", kept / f"sqlite-{size}.draft"
    if not built.exists():
        kept.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        build(size, {**environment, "DATABASE_URL": f"sqlite:///{draft}"})
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        draft.rename(built)
    copy = Path(environment["STATE_DIR"]).parent / "db.sqlite3"
    shutil.copy(built, copy)
    return f"sqlite:///{copy}"


def of_server(kept, size, environment, stack):
    server, _, own = stack.enter_context(postgres(kept / "postgresql" if kept else None)).rpartition("/")
    built, draft = f"bench-{size}", f"bench-{size}-draft"
    connection = stack.enter_context(closing(psycopg2.connect(f"{server}/{own}")))
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [built])
    if not cursor.fetchone():
        cursor.execute(f'DROP DATABASE IF EXISTS "{draft}"')
        cursor.execute(f'CREATE DATABASE "{draft}"')
        build(size, {**environment, "DATABASE_URL": f"{server}/{draft}"})
        cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{built}"')
    drop = f'DROP DATABASE IF EXISTS "{COPY}" WITH (FORCE)'
    cursor.execute(drop)
    cursor.execute(f'CREATE DATABASE "{COPY}" TEMPLATE "{built}"')
    stack.callback(cursor.execute, drop)
    return f"{server}/{COPY}"


def manage(environment, *arguments):
    subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=environment, check=True)


def build(size, environment):
    """Fill the empty database of `environment`, in a process of its own, since it leaves much memory behind."""
    manage(environment, "migrate", "--verbosity", "0")
    subprocess.run([sys.executable, __file__, str(size)], cwd=ROOT, env=environment, check=True)


def fill(size):
    import django

    django.setup()
    import corpus
    from django.db import connection

    from findings.oai import stamping

    started = time.monotonic()
    corpus.fill(size)
    stamping.refresh()
    print(f"{connection.display_name}, {size:,} findings: written in {time.monotonic() - started:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        connection.cursor().execute("VACUUM ANALYZE")  # as a server does by itself in time


if __name__ == "__main__":
    fill(int(sys.argv[1]))
