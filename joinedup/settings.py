"""Settings. Everything that differs between one site and another comes from the environment: docs/settings.md."""

import os
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ import Env

from joinedup import __version__
from joinedup import environment as env
from joinedup.operations import error_reporting

BASE_DIR = Path(__file__).resolve().parent.parent


@contextmanager
def state_dir():
    """STATE_DIR, made if it is not there. Only what needs it asks for it: a site may have no place to write to."""
    try:
        STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield STATE_DIR
    except OSError as error:
        raise ImproperlyConfigured(f"STATE_DIR must be a folder that can be written to ({error}).") from None


def secret_key():
    """The key kept in a file, made on first use. Linking a finished file lets processes that start together agree."""
    with state_dir() as folder:
        path = folder / "secret-key"
        if not path.exists():
            handle, draft = tempfile.mkstemp(dir=folder, prefix=".secret-key-")  # readable by the owner only
            try:
                with open(handle, "w") as file:
                    file.write(get_random_secret_key())
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                os.unlink(draft)
        return path.read_text().strip()


# A real site, reached over https. It starts only with all that it needs: nothing is made up, nothing is left open.
PRODUCTION = env.flag("PRODUCTION", False)
DEBUG = env.flag("DEBUG", False)
# Where the site keeps what it writes: the SQLite database, a secret key, the copy to read offline.
STATE_DIR = Path(env.text("STATE_DIR") or BASE_DIR / "var").resolve()

VERSION = __version__
SITE_NAME = env.text("SITE_NAME", "Joined-up")
# Where the site is, for references and files that leave it; empty means the address at which it was asked.
SITE_URL = env.address("SITE_URL")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Under what our own wording may be used again: the review and quotations belong to their publishers.
LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}
# Where readers write to about an error; empty means that no address is shown.
CONTACT_EMAIL = env.text("CONTACT_EMAIL")
# The base address of a library's link resolver; empty means that no such links are shown.
OPENURL_RESOLVER = env.address("OPENURL_RESOLVER", query=True)
# Where the check of links may knock: the two ports of the web, unless works are cited from others.
LINK_CHECK_PORTS = env.ports("LINK_CHECK_PORTS", [80, 443])
# Whom the desk asks about works, by DOI, PMID and ISBN, and about retractions; “off” for nobody.
LOOKUP_DOI_URL = env.service("LOOKUP_DOI_URL", "https://doi.org")
LOOKUP_PUBMED_URL = env.service("LOOKUP_PUBMED_URL", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils")
LOOKUP_ISBN_URL = env.service("LOOKUP_ISBN_URL", "https://openlibrary.org")
LOOKUP_CROSSREF_URL = env.service("LOOKUP_CROSSREF_URL", "https://api.crossref.org")

if PRODUCTION:
    key = env.text("SECRET_KEY")
    lacking = [
        sentence
        for sentence, missing in {
            "SECRET_KEY must be given, with 50 characters or more": len(key) < 50
            or len(set(key)) < 5
            or key.startswith("django-insecure-"),
            "ALLOWED_HOSTS must name the site's hosts": not env.text("ALLOWED_HOSTS") or "*" in ALLOWED_HOSTS,
            "SITE_URL must be given, and begin with https://": not SITE_URL.startswith("https://"),
            "TRUSTED_PROXIES must say how many proxies stand in front, 0 if gunicorn itself speaks https": not env.text(
                "TRUSTED_PROXIES"
            ),
            "DEBUG must be off": DEBUG,
        }.items()
        if missing
    ]
    if lacking:
        raise ImproperlyConfigured(f"With PRODUCTION, {'; '.join(lacking)}.")

SECRET_KEY = env.text("SECRET_KEY") or secret_key()
# Keys of before, so that a new one logs nobody out.
SECRET_KEY_FALLBACKS = env.several("SECRET_KEY_FALLBACKS")

# Application

INSTALLED_APPS = [
    "joinedup.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "taggit",
    "curation",
    "sources",
    "findings",
    "joinedup.search",
    "joinedup.offline",
    "joinedup.caching",
    "joinedup.accounts",
    "joinedup.operations",
]

MIDDLEWARE = [
    "joinedup.operations.request_log.request_log",
    "joinedup.headers.security_headers",
    "joinedup.proxies.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "joinedup.operations.routing.reads_replicas",
    "joinedup.caching.middleware.PageCache",
    "joinedup.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "findings.reading_lists.carrying.takes_the_list_along",
]

ROOT_URLCONF = "joinedup.urls"
WSGI_APPLICATION = "joinedup.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "pages",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "joinedup.templating.environment",
            "context_processors": ["findings.context_processors.site"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "admin",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "findings.context_processors.site",
            ],
        },
    },
]

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_STRIP_UNICODE_WHEN_SLUGIFYING = True
TAGGIT_TAGS_FROM_STRING = "curation.tagging.from_string"
TAGGIT_STRING_FROM_TAGS = "curation.tagging.to_string"

# Database

POSTGRESQL = "postgres://", "postgresql://"


def postgresql(database):
    """How a PostgreSQL server is connected to, unless its address says otherwise (`?connect_timeout=5`)."""
    given_up_soon = {  # a server that is gone without a word: not after the quarter of an hour that TCP waits
        "connect_timeout": 2,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
    }
    return database | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": given_up_soon | database.get("OPTIONS", {}),
    }


SQLITE = "django.db.backends.sqlite3"  # as an address says it


def is_named(database):
    name = database["NAME"]
    if database["ENGINE"] == SQLITE:
        return Path(name).is_absolute()  # else it would be another for each folder that a program is started in
    return name or "service" in database.get("OPTIONS", {})


database = env.server("DATABASE_URL", Env.db_url_config, *POSTGRESQL, "sqlite:///")
replicas = env.servers("DATABASE_REPLICA_URLS", Env.db_url_config, *POSTGRESQL)
if not all(is_named(each) for each in [database, *replicas] if each):
    raise ImproperlyConfigured(
        "DATABASE_URL and DATABASE_REPLICA_URLS must name the database:"
        " postgres://user:password@host/name, or sqlite:////a/file with its whole path."
    )
if not database:
    with state_dir() as folder:
        database = {"ENGINE": SQLITE, "NAME": folder / "db.sqlite3"}
if database["ENGINE"] == SQLITE:
    # Without WAL, immediate transactions and patience several workers that write meet "database is locked". FULL: what
    # was saved is on the disk before anybody is told so, which takes a few milliseconds each time. After somebody read
    # for long, the log is cut back to 64 MB. A connection that stays keeps the files beside the database: on a full
    # disk they could not be made again, and nobody could read.
    database["CONN_MAX_AGE"] = None
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864",
    }
    DATABASES = {"default": database}
    if replicas:
        raise ImproperlyConfigured("DATABASE_REPLICA_URLS needs DATABASE_URL to be that of their PostgreSQL primary.")
else:
    DATABASES = {"default": postgresql(database)}

for number, replica in enumerate(replicas, start=1):
    DATABASES[f"replica{number}"] = postgresql(replica) | {"TEST": {"MIRROR": "default"}}
if replicas:
    DATABASE_ROUTERS = ["joinedup.operations.routing.Router"]
# Seconds. Servers are asked once a second: a bound below 3 would be missed by chance.
REPLICA_MAX_LAG = env.whole("REPLICA_MAX_LAG", 10, least=3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache: in the memory of each process, or in a Redis that all share and that may be gone

IN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
redis = env.server("CACHE_URL", str, "redis://", "rediss://")
shared = {"BACKEND": "joinedup.caches.RedisThatMayBeGone", "LOCATION": redis}
CACHES = {
    "default": shared if redis else {"BACKEND": IN_MEMORY},
}

# What is kept of public answers

# For how long a CDN may answer without asking; a change, or a withdrawal, is public there after twice as long at most.
CDN_SECONDS = env.whole("CDN_SECONDS", 60)
# How much of what was answered each worker keeps in its memory.
PAGE_CACHE_MEGABYTES = env.whole("PAGE_CACHE_MEGABYTES", 16)
CONTENT_VERSION_SECONDS = 1  # for which a worker may not know of a change

# Where each machine keeps its search index: on a local disk, or “memory” for one in each process.
SEARCH_INDEX_DIR = env.text("SEARCH_INDEX_DIR") or str(STATE_DIR / "search")

# Searches that found little are counted by a worker once in so many seconds, after the answer to some request.
MISSED_SEARCHES_SECONDS = 10

# Static files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT") or STATE_DIR / "static").resolve()

STATICFILES_HASHED = env.flag("STATICFILES_HASHED", not DEBUG)
if STATICFILES_HASHED:
    static_storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": static_storage},
}

# Language and time

LANGUAGE_CODE = "en-gb"
USE_I18N = False  # Django's own words are the same in en-gb, and each link and number would ask for the language
FORMAT_MODULE_PATH = "joinedup.formats"
TIME_ZONE = "Europe/London"
USE_TZ = True

# Who may log in

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
# Five wrong passwords for a name from one address close the log-in to that pair for a while. By name alone, anybody
# could lock a librarian out. It is the database that counts: all machines share it, and it outlives a cache.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "findings.usernames.counted"
AXES_LOCKOUT_CALLABLE = "joinedup.desk.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "code",
    "proof",
]  # of what is sent, not kept with a wrong password
# Whether whoever may publish has to log in by a code from her telephone too.
TWO_STEP_REQUIRED_FOR_EDITORS = env.flag("TWO_STEP_REQUIRED_FOR_EDITORS", False)
SESSION_COOKIE_AGE = 8 * 60 * 60  # without anything being asked of the desk
CSRF_FAILURE_VIEW = "joinedup.desk.csrf_failure"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# A source with 1,000 contributors, the most there can be, has 7,000; the bytes of a form are bounded by themselves.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_HANDLERS = [
    "joinedup.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script of ours or of the admin's reads them
SILENCED_SYSTEM_CHECKS = ["security.W002"]  # joinedup.headers says X-Frame-Options

# The way here. By default plain http on this computer; with PRODUCTION, https alone.

# How many proxies stand in front of the site: their word on the client's address and scheme is taken, nobody else's.
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if SITE_URL:
    CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(SITE_URL))]
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(?:healthz|readyz|metrics)$"]  # asked from inside, without the proxy
    SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", False)
    SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", False)
    # What other names under the domain do, and a browser's list that is hard to leave, are for their owners to say.
    SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]

# Mail: of errors, to whoever runs the site; of a new password, to who curates

ADMINS = [("", address) for address in env.mailboxes("ERROR_MAIL_TO")]
SERVER_EMAIL = DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "joined-up@localhost")
globals().update(env.server("EMAIL_URL", Env.email_url_config, "smtp://", "smtp+tls://", "smtp+ssl://"))
EMAIL_TIMEOUT = 10
SENDS_MAIL = bool(env.text("EMAIL_URL"))
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
if ADMINS and not SENDS_MAIL:
    raise ImproperlyConfigured("ERROR_MAIL_TO needs EMAIL_URL, the mail server to send by.")

# Observability: logging on stderr, metrics, error reports

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_FORMAT = env.choice("LOG_FORMAT", "plain", ["plain", "json"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "joinedup.operations.log_format.Plain"},
        "json": {"()": "joinedup.operations.log_format.Json"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "level": LOG_LEVEL},
        "mail": {"class": "joinedup.operations.error_mail.ErrorMail", "level": "ERROR", "formatter": "plain"},
    },
    "root": {"handlers": ["stderr", "mail"] if ADMINS else ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django": {"level": "WARNING"}},  # below, it tells what queries ask for
}
# Queries that take so long are logged; 0 for none.
SLOW_QUERY_MS = env.whole("SLOW_QUERY_MS", 500 if PRODUCTION else 0)
# Metrics for Prometheus at /metrics: for anybody who can reach it, unless there is a token.
METRICS = env.flag("METRICS", False)
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS:
    MIDDLEWARE.insert(1, "joinedup.operations.metrics.request_metrics")
if dsn := env.text("SENTRY_DSN"):
    error_reporting.start(dsn)
