from django.http import FileResponse, HttpResponse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from joinedup.offline.archive import NotReady, archive


@require_safe
def offline_copy(request):
    """The whole site as one ZIP to be read with no network."""
    try:
        path = archive()
    except NotReady as error:
        return HttpResponse(
            f"{error}\n", status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"}
        )
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=path.name,
        content_type="application/zip",
        headers={"Last-Modified": http_date(path.stat().st_mtime)},
    )
