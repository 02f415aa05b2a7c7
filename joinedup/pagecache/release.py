"""What an answer depends on besides its address and the content: the program and its settings."""

import hashlib
import hmac
import json
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

CODE = ["joinedup", "findings", "sources", "templates", "requirements.txt"]
# Where things are kept and told, which differs between machines that answer alike.
ELSEWHERE = {"CACHES", "DATABASES", "DATABASE_ROUTERS", "LOGGING", "STATE_DIR", "STATIC_ROOT"}


def seal():
    """A digest of the code, the names of the static files and every setting: the same on all machines that run the
    same. It is made with the secret key, which signs some of what pages hold, and tells nothing of it."""
    made = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    made.update(_program(settings.BASE_DIR))
    made.update(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    chosen = {name: getattr(settings, name) for name in dir(settings) if name.isupper() and name not in ELSEWHERE}
    # What is no plain data, such as a function, is known by its kind: it comes with the code.
    made.update(json.dumps(chosen, sort_keys=True, default=lambda value: type(value).__name__).encode())
    return made.digest()


@cache
def _program(folder):
    """A digest of the code and the templates, which do not change under the running program."""
    made = hashlib.sha256()
    for name in CODE:
        found = sorted((folder / name).rglob("*")) if (folder / name).is_dir() else [folder / name]
        for path in found:
            if path.is_file() and "__pycache__" not in path.parts:
                made.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
                made.update(path.read_bytes())
    return made.digest()
