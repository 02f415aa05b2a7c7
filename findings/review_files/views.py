"""What the files of reviews look like, for those who write or read them."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from findings.review_files import schema


@require_safe
def review_schema(request):
    return HttpResponse(schema.FILE.read_bytes(), content_type="application/schema+json")
