"""Whose request it is, where proxies stand in front of the site."""

import re
from functools import lru_cache
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed

WITH_PORT = re.compile(r"(?:\[(.*)\]|([\d.]+))(?::\d+)?")  # as some proxies tell it
LONGEST = 60  # of what is kept of made-up ones


@lru_cache(1024)
def plain(told):
    """The address as everybody writes it, without a port; None if it is none."""
    with_port = WITH_PORT.fullmatch(told)
    try:
        return str(ip_address(with_port[1] or with_port[2] if with_port else told))
    except ValueError:
        return None


def client_address(get_response):
    """Put the client's address in the place of the last proxy's, for the lock of the log-in and for logs.

    Each of the TRUSTED_PROXIES adds to X-Forwarded-For the address that it was asked from: the one that many places
    from the right is the client's. What stands further left is what the client says, which anybody can make up.
    """
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        raise MiddlewareNotUsed

    def middleware(request):
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(told) >= proxies and (address := plain(told[-proxies].strip()[:LONGEST])):
            request.META["REMOTE_ADDR"] = address
        return get_response(request)

    return middleware
