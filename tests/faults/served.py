"""The site as it is served, and people who use it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from lxml import html

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["/", "/findings/", "/sources/", "/api/v1/findings", "/search/?q=trust", "/themes/", "/glossary/"]


class Site:
    """gunicorn with a database of its own, in a folder."""

    def __init__(self, folder, database="", workers=2, threads=4):
        self.environment = {
            **os.environ,
            "STATE_DIR": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "joinedup.settings",
            "STATICFILES_HASHED": "false",
            "PYTHONWARNINGS": "ignore",
        }
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.command = ["gunicorn", "joinedup.wsgi", f"--bind=127.0.0.1:{self.port}", "--worker-class=gthread"]
        self.command += [f"--workers={workers}", f"--threads={threads}", "--log-level=critical", "--no-control-socket"]
        self.log = Path(folder) / "log"
        self.python("manage.py", "migrate", "--verbosity=0")
        self.python("manage.py", "load_if_empty", "signposts", "--verbosity=0")

    def python(self, *arguments):
        """Run Python with the site's settings and return what it printed."""
        run = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if run.returncode:
            raise SystemExit(f"{arguments[:2]} failed:\n{run.stderr}")
        return run.stdout

    def do(self, script):
        return self.python("-c", f"import django\ndjango.setup()\n{script}").strip()

    @contextmanager
    def served(self):
        with self.log.open("a") as log:
            command = [sys.executable, "-m", *self.command]
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self.master = process.pid
        try:
            wait_until(lambda: self.ask("/healthz")[0] == self.ask("/search/?q=trust")[0] == 200)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def workers(self):
        return Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()

    def ask(self, path, method="GET", body=None, headers=None):
        """(status, headers, text); status 0 if the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, {}, ""
        finally:
            connection.close()

    def is_sound(self):
        """Whether index and rows fit together, and on SQLite the file itself."""
        self.python("manage.py", "rebuild_search_index", "--check")
        return self.do(
            "from django.db import connection as c\n"
            "cursor = c.cursor()\n"
            "cursor.execute('PRAGMA integrity_check' if c.vendor == 'sqlite' else \"SELECT 'ok'\")\n"
            "print(cursor.fetchone()[0])\n"
            "c.check_constraints()"
        )


class Librarian:
    """Somebody who is logged in and has a draft of a term open."""

    def __init__(self, site, name):
        self.site = site
        self.session, self.term = site.do(
            "from django.conf import settings\n"
            "from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY\n"
            "from django.contrib.auth.models import User\n"
            "from django.contrib.sessions.backends.db import SessionStore\n"
            "from findings.models import Term\n"
            f"user = User.objects.create_superuser({name!r})\n"
            "session = SessionStore()\n"
            "session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()\n"
            "session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]\n"
            "session.save()\n"
            f"term = Term.objects.create(slug={name!r}, preferred_label={name!r}, definition='To do.')\n"
            "print(session.session_key, term.pk)"
        ).split()
        self.address = f"/admin/findings/term/{self.term}/change/"
        self.cookies = f"sessionid={self.session}"
        self.fields = []

    def open(self):
        status, headers, text = self.site.ask(self.address, headers={"Cookie": self.cookies})
        if status != 200:
            return status
        token = headers["Set-Cookie"].split(";")[0]
        self.cookies = f"sessionid={self.session}; {token}"
        self.fields = html.fromstring(text).get_element_by_id("term_form").form_values()
        return status

    def post(self, fields):
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        return self.site.ask(self.address, "POST", urlencode(fields), headers)

    def save(self, definition):
        """Open the form and save other words; return what was answered."""
        if status := self.open() != 200:
            return status, {}, ""
        fields = [(name, value) for name, value in self.fields if name != "definition" and not name.startswith("_")]
        return self.post([*fields, ("definition", definition), ("_save", "Save")])

    def definition(self):
        return self.site.do(f"from findings.models import Term\nprint(Term.objects.get(pk={self.term}).definition)")


def resent(text):
    """The fields of the form by which a page of an error sends again what was typed, and where to."""
    form = next(form for form in html.fromstring(text).forms if form.method == "POST")
    return urlsplit(form.action).path, form.form_values()


class Readers:
    """People who read all the while; `answers` tells what they got, and when."""

    def __init__(self, site, number=3, pages=PAGES, pause=0.02):
        self.site, self.pages, self.pause = site, pages, pause
        self.answers, self.enough = [], threading.Event()
        self.threads = [threading.Thread(target=self._read, args=[place]) for place in range(number)]

    def _read(self, place):
        while not self.enough.is_set():
            place += 1
            status, headers, _ = self.site.ask(self.pages[place % len(self.pages)])
            self.answers.append((time.monotonic(), status, headers.get("Retry-After")))
            self.enough.wait(self.pause)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def count(self, since=0.0, until=float("inf")):
        found = {}
        for at, status, _ in self.answers:
            if since <= at < until:
                found[status] = found.get(status, 0) + 1
        return found


def wait_until(condition, seconds=30):
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise SystemExit("The site did not come so far.")
        time.sleep(0.05)
