"""Addresses that leave the site."""

from django.conf import settings


def site_url(request):
    """Where the site is, for addresses that leave it: as it was set, else as it was asked."""
    return getattr(settings, "SITE_URL", "") or request.build_absolute_uri("/").rstrip("/")
