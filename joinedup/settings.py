"""Settings. Everything that differs between one site and another comes from the environment: docs/settings.md."""

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ import Env

from joinedup import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent


def secret_key(folder):
    """The key kept in a file, made on first use. Linking a finished file lets processes that start together agree."""
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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

SITE_NAME = env.text("SITE_NAME", "Joined-up")
# Where the site is, for references and files that leave it; empty means the address at which it was asked.
SITE_URL = env.address("SITE_URL")
ALLOWED_HOSTS = env.several("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Where readers write to about an error; empty means that no address is shown.
CONTACT_EMAIL = env.text("CONTACT_EMAIL")
# The base address of a library's link resolver; empty means that no such links are shown.
OPENURL_RESOLVER = env.text("OPENURL_RESOLVER")
# Where the check of links may knock: the two ports of the web, unless works are cited from others.
LINK_CHECK_PORTS = [int(port) for port in env.several("LINK_CHECK_PORTS", ["80", "443"])]

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
            "DEBUG must be off": DEBUG,
        }.items()
        if missing
    ]
    if lacking:
        raise ImproperlyConfigured(f"With PRODUCTION, {'; '.join(lacking)}.")

SECRET_KEY = env.text("SECRET_KEY") or secret_key(STATE_DIR)
# Keys of before, so that a new one logs nobody out.
SECRET_KEY_FALLBACKS = env.several("SECRET_KEY_FALLBACKS")

# Application

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "taggit",
    "sources",
    "findings",
    "joinedup.search",
    "joinedup.roomcopy",
    "joinedup.pagecache",
]

MIDDLEWARE = [
    "joinedup.proxies.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "joinedup.pagecache.middleware.page_cache",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "joinedup.urls"
WSGI_APPLICATION = "joinedup.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

# Database

database = env.server("DATABASE_URL", Env.db_url_config, "postgres://", "postgresql://", "sqlite:///")
if not database:
    STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": STATE_DIR / "db.sqlite3"}
if database["ENGINE"] == "django.db.backends.sqlite3":
    # Without these, several workers that write meet "database is locked".
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
    }
else:
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True

DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The page cache

# For how long a CDN may answer without asking; a change, or a withdrawal, is public there after twice as long at most.
CDN_SECONDS = env.whole("CDN_SECONDS", 60)
# How much of what was answered each worker keeps in its memory.
PAGE_CACHE_MEGABYTES = env.whole("PAGE_CACHE_MEGABYTES", 32)
STAMP_SECONDS = 1  # for which a worker may not know of a change

# Static files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT") or STATE_DIR / "static").resolve()

if env.flag("STATICFILES_HASHED", not DEBUG):
    static_storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": static_storage},
}

# Language and time

LANGUAGE_CODE = "en-gb"
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
# could lock a librarian out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "admin/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 8 * 60 * 60  # a working day
LOGIN_URL = "admin:login"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

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
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Mail: of errors, to whoever runs the site

ADMINS = [("", address) for address in env.several("ERROR_MAIL_TO")]
SERVER_EMAIL = DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "joined-up@localhost")
globals().update(env.server("EMAIL_URL", Env.email_url_config, "smtp://", "smtp+tls://", "smtp+ssl://"))
EMAIL_TIMEOUT = 10
if ADMINS and not env.text("EMAIL_URL"):
    raise ImproperlyConfigured("ERROR_MAIL_TO needs EMAIL_URL, the mail server to send by.")

# Logging: warnings and errors, those of requests too, on stderr

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
        "mail": {"class": "joinedup.errormail.ErrorMail", "level": "ERROR", "formatter": "plain"},
    },
    "root": {"handlers": ["stderr", "mail"] if ADMINS else ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"level": "WARNING"}},
}
