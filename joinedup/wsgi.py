import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup.settings")

application = get_wsgi_application()


def prepare():
    """Open the search index, or make it, before the first reader searches."""
    from joinedup.search import index

    index.prepare()


threading.Thread(target=prepare, name="search-index", daemon=True).start()
