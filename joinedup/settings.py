"""Settings. Everything that differs between one site and another comes from the environment.

STATE_DIR holds what the site writes: the SQLite database, the secret key and the collected static files.
"""

import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name, default):
    """A true or false from the environment; a slip such as DEBUG=flase is refused, not taken for false."""
    value = env.str(name, default="").strip().lower()
    if value in ("true", "yes", "on", "1"):
        return True
    if value in ("false", "no", "off", "0"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return default


def secret_key(path):
    """The key kept in a file, made on first use. Linking a finished file lets processes that start together agree."""
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")  # readable by the owner only
        try:
            with open(handle, "w") as file:
                file.write(get_random_secret_key())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()


STATE_DIR = Path(env.str("STATE_DIR", default="") or BASE_DIR / "var").resolve()
STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = flag("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(STATE_DIR / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

SITE_NAME = env.str("SITE_NAME", default="Joined-up")
# Where the site is, for references and files that leave it; empty means the address at which it was asked.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
if SITE_URL and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL must be an address such as https://www.example.org, not {SITE_URL!r}.")
# Where readers write to about an error; empty means that no address is shown.
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
# The base address of a library's link resolver; empty means that no such links are shown.
OPENURL_RESOLVER = env.str("OPENURL_RESOLVER", default="")
# Where the check of links may knock: the two ports of the web, unless works are cited from others.
LINK_CHECK_PORTS = env.list("LINK_CHECK_PORTS", cast=int, default=[80, 443])

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
    "joinedup.safekeeping",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
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

if env.str("DATABASE_URL", default=""):
    database = env.db("DATABASE_URL")
else:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": STATE_DIR / "db.sqlite3"}

if database.get("ENGINE") not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
if database["ENGINE"] == "django.db.backends.sqlite3":
    # Without WAL, immediate transactions and patience several workers that write meet "database is locked". FULL: what
    # was saved is on the disk before anybody is told so, which takes a few milliseconds each time. After somebody read
    # for long, the log is cut back to 64 MB. A connection that stays keeps the files beside the database: on a full
    # disk they could not be made again, and nobody could read.
    database["CONN_MAX_AGE"] = None
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
            "PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True

DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Static files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STATE_DIR / "static"

if flag("STATICFILES_HASHED", not DEBUG):
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

# Security. The defaults serve plain http on this computer; set HTTPS=true where the site is reached over https.

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

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("HTTPS", False)
CSRF_FAILURE_VIEW = "joinedup.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Logging: warnings and errors, those of requests too, on stderr

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"level": "WARNING"}},
}
