"""The build id: what an answer depends on besides its address and the content."""

import hashlib
import hmac
import json
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

# They say where things are kept, which differs between machines that answer alike.
NOT_IN_ANSWERS = {"CACHES", "DATABASES", "DATABASE_ROUTERS", "LOGGING", "SEARCH_INDEX_DIR", "STATE_DIR", "STATIC_ROOT"}


def build_id():
    """A digest of the code, the names of static files and every setting, the same on all machines that run the same.

    It depends on the secret key, which signs some of what pages hold, and reveals nothing of it."""
    digest = hmac.new(settings.SECRET_KEY.encode(), code(settings.BASE_DIR), hashlib.sha256)
    digest.update(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    values = {name: getattr(settings, name) for name in dir(settings) if name.isupper() and name not in NOT_IN_ANSWERS}
    # A value that is no plain data, such as a function, is known by its type: it comes with the code.
    digest.update(json.dumps(values, sort_keys=True, default=lambda value: type(value).__name__).encode())
    return digest.digest()


@cache
def code(folder):
    """A digest of the Python packages, the templates and the requirements, which do not change while a process runs."""
    digest = hashlib.sha256()
    folders = [*(file.parent for file in folder.glob("*/__init__.py")), folder / "templates"]
    files = [folder / "requirements.txt", *(file for each in folders for file in each.rglob("*"))]
    for path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.digest()
