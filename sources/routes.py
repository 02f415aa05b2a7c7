"""Addresses of pages, kept: a page has hundreds of links, and Django works each out anew."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def path(name, *args):
    """What ``reverse(name, args=args)`` gives."""
    return _kept(get_script_prefix(), name, args)


@lru_cache(maxsize=5000)
def _kept(prefix, name, args):
    return reverse(name, args=args)
