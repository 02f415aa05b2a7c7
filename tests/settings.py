"""The site's settings for tests: nothing of the developer's environment, database or secret key, and quick."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

STATE = tempfile.mkdtemp(prefix="joined-up-tests-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)

for name in re.findall(r"env\.\w+\(\s*\"(\w+)\"", (Path(__file__).parents[1] / "joinedup/settings.py").read_text()):
    if name != "DATABASE_URL":
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
os.environ.update(STATE_DIR=STATE, SECRET_KEY="only for tests", STATICFILES_HASHED="false")

from joinedup.settings import *  # noqa: E402, F403
from joinedup.settings import DATABASES, MIDDLEWARE, SQLITE, STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir()
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # look for a file when it is asked for, not for all of them with each client

# What a test changes of the settings or the program while it runs is in no key. Tests of the whole site, of the API
# and of the page cache ask for it (`page_cache`), and so meet the middleware of a real site.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("joinedup.caching.")]
CONTENT_VERSION_SECONDS = 0
MISSED_SEARCHES_SECONDS = 0
SEARCH_INDEX_DIR = "memory"

# No test asks anybody outside: those of look-ups name a server of their own.
LOOKUP_DOI_URL = LOOKUP_PUBMED_URL = LOOKUP_ISBN_URL = LOOKUP_CROSSREF_URL = ""

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == SQLITE:
    # A file, as on a real site: each thread of the live server has its own connection, with the real locks.
    DATABASES["default"]["TEST"] = {"NAME": f"{STATE}/test.sqlite3"}
