"""Text for a page."""

import re

from django.utils.safestring import SafeString
from markupsafe import Markup, escape

_stands_for_something = re.compile("[&<>'\"]").search


def escaped(value):
    """What ``markupsafe.escape`` gives of anything, as a string that is not to be escaped again: of a plain text it
    does not say so itself, which takes less than half of the time."""
    kind = type(value)
    if kind is str:
        return escape(value) if _stands_for_something(value) else value
    return value if kind is SafeString or kind is Markup else escape(value)
