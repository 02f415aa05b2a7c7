"""A handout as a tagged PDF (PDF/UA-1), if WeasyPrint is installed; else readers print the page from their browser."""

import logging
from importlib.util import find_spec

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

MEDIA_TYPE = "application/pdf"


def is_available():
    return find_spec("weasyprint") is not None


def write(handout, options):
    """The bytes of a .pdf. Only if `is_available()`; nothing is fetched from anywhere for it."""
    from weasyprint import CSS, HTML

    # Our stylesheets are for browsers: what it cannot use of them is no news.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    shown = {"handout": handout, "site_name": settings.SITE_NAME, "options": options, "is_pdf": True}
    html = render_to_string("findings/handout_pdf.html", shown)
    sheets = [CSS(filename=finders.find(f"css/{name}.css")) for name in ("tokens", "site", "handout", "handout-pdf")]
    return HTML(string=html, url_fetcher=_nothing).write_pdf(stylesheets=sheets, pdf_variant="pdf/ua-1")


def _nothing(address, *args, **kwargs):
    raise ValueError(f"A handout fetches nothing, so not {address} either.")
