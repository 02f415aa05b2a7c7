"""Addresses of pages, without working each out anew: a page has hundreds of links."""

import logging
import re
import threading
from functools import lru_cache
from urllib.parse import quote

from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from django.urls import NoReverseMatch, get_resolver, get_script_prefix, reverse

_request = threading.local()  # which is read in a tenth of the time that Django's own place for the prefix takes


@receiver(request_started)
def _keep_prefix(**kwargs):
    _request.prefix = get_script_prefix()


@receiver(request_finished)
def _forget_prefix(**kwargs):
    _request.prefix = None


log = logging.getLogger(__name__)
plain = re.compile(r"[\w-]+", re.ASCII).fullmatch


def path(name, *args):
    """What ``reverse(name, args=args)`` gives; `args` are as in entries: codes, slugs, extensions. Empty for an entry
    whose slug no address can hold: what lists it must not fail for it."""
    return _path(getattr(_request, "prefix", None) or get_script_prefix(), name, *args)


@lru_cache(maxsize=4096)
def _path(prefix, name, *args):
    form = _form(prefix, name, len(args))
    if not form:
        return reverse(name, args=args)
    for arg in args:
        if not plain(str(arg)):
            return _odd(name, args)
    return form.format(*args)


def _odd(name, args):
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        log.error("No address “%s” can be made of %s: mend the slug of that entry.", name, args)
        return ""


@lru_cache
def _form(prefix, name, count):
    """The address with ``{}`` for each argument; "" where there are several, or none."""
    patterns = get_resolver().reverse_dict.getlist(name)
    forms = [(form, names) for possible, *_ in patterns for form, names in possible if len(names) == count]
    if len(forms) != 1:
        return ""
    form, names = forms[0]
    return quote(prefix, safe="/~:@!$&'()*+,;=") + form % dict.fromkeys(names, "{}")
