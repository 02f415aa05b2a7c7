"""How gunicorn serves the site. What differs between machines comes from the environment: docs/settings.md."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from gunicorn.glogging import Logger

chdir = str(Path(__file__).resolve().parent)
sys.path.insert(0, chdir)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup.settings")

try:
    from joinedup import environment as env
    from joinedup import settings  # refuse before any worker starts

    port = env.whole("PORT", 8000, most=65535)
    bind = [place if ":" in place else f"{place}:{port}" for place in env.several("BIND", ["127.0.0.1"])]
    workers = env.whole("WEB_CONCURRENCY", 2, least=1)
    threads = env.whole("WEB_THREADS", 4, least=1)
    if settings.STATICFILES_HASHED and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise ImproperlyConfigured(f"there are no static files in {settings.STATIC_ROOT}: run manage.py collectstatic.")
except ImproperlyConfigured as problem:
    sys.exit(f"Joined-up is not set up right: {problem}")

wsgi_app = "joinedup.wsgi"
worker_class = "gthread"
limit_request_line = 8190  # a reading list of 500 entries, or all filters at once, in an address
keepalive = 75  # longer than a proxy in front keeps its connections
# Seconds that a stopping worker has for what it is answering.
graceful_timeout = 30
# A worker is replaced after so many answers, whatever it may have gathered.
max_requests, max_requests_jitter = 20_000, 5_000
if os.path.isdir("/dev/shm"):
    worker_tmp_dir = "/dev/shm"  # the heartbeat must not wait for a disk
# Whom to believe about https is a setting of the site, and nobody says by a header which page is asked for.
secure_scheme_headers, forwarder_headers = {}, ""
loglevel = "warning"
# As the site logs, its workers' and gunicorn's own lines.
logconfig_dict = settings.LOGGING | {
    "root": {"handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"propagate": True}},
}
control_socket_disable = True


class logger_class(Logger):  # the name of the setting
    def access(self, resp, req, environ, request_time):
        """The site has a line for each request: put another together, which takes a fifth of it, only if asked to."""
        if self.cfg.accesslog:
            super().access(resp, req, environ, request_time)


if settings.METRICS:
    # Made before the workers are, so that all of them share it.
    from joinedup.operations.counters import PARTS, counters

    def pre_fork(server, worker):
        taken = {other.part for other in server.WORKERS.values()}
        # Were there more workers than parts, the last would share one, and a count might go missing.
        worker.part = min(set(range(PARTS)) - taken, default=PARTS - 1)

    def post_fork(server, worker):
        counters.claim(worker.part)

    def child_exit(server, worker):
        counters.release(worker.part)
