"""Whose request it is, where proxies stand in front of the site."""

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed


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
        if len(told) >= proxies:
            with suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ip_address(told[-proxies].strip()))
        return get_response(request)

    return middleware
