"""Addresses of pages: one has hundreds of links, most of them the same as the page before."""

import logging
import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse

log = logging.getLogger(__name__)
_is_plain = re.compile(r"[\w-]+", re.ASCII).fullmatch


def path(name, *args):
    """What ``reverse(name, args=args)`` gives; `args` are as in entries: codes, slugs, extensions. Empty for an entry
    whose slug no address can hold: what lists it must not fail for it."""
    return _path(get_script_prefix(), name, *args)


@lru_cache(maxsize=4096)
def _path(prefix, name, *args):
    """`prefix` is where the site is mounted, which ``reverse`` finds out by itself."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        if all(_is_plain(str(arg)) for arg in args):
            raise
    log.error("No address “%s” can be made of %s: mend the slug of that entry.", name, args)
    return ""


def site_url(request):
    """Where the site is, for addresses that leave it: as it was set, else as it was asked."""
    return settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
