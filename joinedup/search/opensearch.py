"""The search as browsers and other programs know it (OpenSearch 1.1, draft 6)."""

from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from curation.routes import site_url
from curation.text import printable_in
from curation.xml import answer
from findings.models import Theme
from joinedup.search.index import NotReady
from joinedup.search.suggestions import suggest

DESCRIPTION = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"


@require_safe
def description(request):
    # What it shows as an example has to find something.
    theme = Theme.objects.published().first()
    context = {
        "site": site_url(request),
        "short_name": settings.SITE_NAME[:16],
        "contact": settings.CONTACT_EMAIL,
        "example": theme.name if theme else "",
        "suggestions": SUGGESTIONS,
    }
    return answer(request, "search/opensearch.xml", context, DESCRIPTION)


@require_safe
def suggestions(request):
    """[what was typed, [texts], [kinds], [addresses]] (the OpenSearch Suggestions extension)."""
    typed = request.GET.get("q", "")
    headers = {}
    try:
        found = suggest(typed)
    except NotReady:
        found, headers = [], {"Cache-Control": "no-store"}
    site = site_url(request)
    columns = [[one["text"] for one in found], [one["kind"] for one in found], [site + one["url"] for one in found]]
    return JsonResponse([typed, *printable_in(columns)], safe=False, content_type=SUGGESTIONS, headers=headers)
