"""Addresses of pages, without working each out anew: a page has hundreds of links."""

import re
from functools import lru_cache
from urllib.parse import quote

from django.urls import get_resolver, get_script_prefix, reverse

plain = re.compile(r"[\w-]+", re.ASCII).fullmatch


def path(name, *args):
    """What ``reverse(name, args=args)`` gives, if `args` are what the pattern takes; they are as in entries: codes,
    slugs, extensions."""
    form = _form(get_script_prefix(), name, len(args))
    if form and all(plain(str(arg)) for arg in args):
        return form.format(*args)
    return reverse(name, args=args)


@lru_cache
def _form(prefix, name, count):
    """The address with ``{}`` for each argument; "" where there are several, or none."""
    patterns = get_resolver().reverse_dict.getlist(name)
    forms = [(form, names) for possible, *_ in patterns for form, names in possible if len(names) == count]
    if len(forms) != 1:
        return ""
    form, names = forms[0]
    return quote(prefix, safe="/~:@!$&'()*+,;=") + form % dict.fromkeys(names, "{}")
