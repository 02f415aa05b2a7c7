from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.http import http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from joinedup.offline.archive import state

SECONDS = 5  # until the page that waits for the copy looks again


@never_cache
@require_safe
def about_the_copy(request):
    """The page that leads to the copy, and says how it is going while one is made."""
    return _page(request, state())


@require_safe
def offline_copy(request):
    """The whole site as one ZIP to be read with no network."""
    found = state()
    if not found.path:
        return _not_ready(request, found)
    return FileResponse(
        found.path.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type="application/zip",
        headers={"Last-Modified": http_date(found.path.stat().st_mtime)},
    )


@never_cache
def _not_ready(request, found):
    if "text/html" in request.headers.get("Accept", ""):
        response = _page(request, found, status=503)
    else:
        told = found.problem or "The copy is being made. Try again in a minute."
        response = HttpResponse(f"{told}\n", status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = "60"
    return response


def _page(request, found, status=200):
    return render(request, "offline/copy.html", {"copy": found, "seconds": SECONDS}, status=status)
