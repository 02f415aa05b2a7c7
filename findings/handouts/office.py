"""What Word documents and slides have in common."""

from datetime import datetime, time

from django.conf import settings

from curation.text import printable

LANGUAGE = "en-GB"
HEADINGS, BODY = "Palatino Linotype", "Calibri"
INK, SOFT, BRAND, ERROR = "281A2A", "5E4C5F", "5B2057", "A8201A"


def describe(properties, handout):
    """Say in the core properties of a file what it is, in place of what the library's own template says."""
    properties.title = printable(f"{handout.title}: {handout.contents.lower()}")
    properties.author = properties.last_modified_by = settings.SITE_NAME[:255]
    properties.created = properties.modified = datetime.combine(handout.made_on, time())
    properties.language = LANGUAGE
    properties.comments = ""
