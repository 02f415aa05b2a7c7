"""The addresses at which programs look for what a site is, and what they may do: robots, browsers, security people."""

from datetime import UTC, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from curation.routes import site_url

PLAIN = "text/plain; charset=utf-8"
# Searches have no end, accounts are nobody's business, and the copy to take along holds nothing that is not here.
KEPT_FROM_ROBOTS = ["admin:index", "search", "search-feed", "api-search", "api-suggest", "offline", "offline-copy"]
ANNOUNCED_FOR = timedelta(days=180)
ICONS = {"img/icon-192.png": "192x192", "img/icon-512.png": "512x512"}
PAPER, PLUM = "#fbf8f5", "#43173f"


@require_safe
def robots(request):
    rules = [f"Disallow: {reverse(name)}" for name in KEPT_FROM_ROBOTS]
    lines = ["User-agent: *", *rules, "", f"Sitemap: {site_url(request)}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


@require_safe
def security(request):
    """Whom to tell of a hole (RFC 9116); nobody, where no contact is set."""
    if not settings.CONTACT_EMAIL:
        raise Http404("No contact is set.")
    expires = (timezone.now().astimezone(UTC) + ANNOUNCED_FOR).replace(hour=0, minute=0, second=0)
    lines = [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {site_url(request)}{reverse('security')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


@require_safe
def manifest(request):
    icons = [{"src": static(name), "sizes": size, "type": "image/png"} for name, size in ICONS.items()]
    scalable = {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    about = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": "Research findings for people who work with children and families.",
        "lang": "en-GB",
        "start_url": reverse("home"),
        "display": "browser",
        "background_color": PAPER,
        "theme_color": PLUM,
        "icons": [*icons, scalable],
    }
    return JsonResponse(about, content_type="application/manifest+json")


@require_safe
def favicon(request):
    """For whoever asks for it unasked: the file's own address changes with what it holds."""
    return redirect(static("img/favicon.ico"))
