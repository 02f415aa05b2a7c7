"""What Word documents and slides have in common."""

import re
from datetime import datetime, time

from django.conf import settings

LANGUAGE = "en-GB"
HEADINGS, BODY = "Palatino Linotype", "Calibri"
INK, SOFT, BRAND, ERROR = "281A2A", "5E4C5F", "5B2057", "A8201A"

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text):
    """`text` without the control characters that XML, and so Word and PowerPoint, cannot hold."""
    return NOT_IN_XML.sub("", text)


def describe(properties, handout):
    """Say in the core properties of a file what it is, in place of what the library's own template says."""
    properties.title = f"{handout.title}: {handout.contents.lower()}"
    properties.author = properties.last_modified_by = settings.SITE_NAME[:255]
    properties.created = properties.modified = datetime.combine(handout.made_on, time())
    properties.language = LANGUAGE
    properties.comments = ""
