"""Search and suggestions as JSON. Errors are problem details (RFC 9457)."""

import re
from html import unescape

from django.http import JsonResponse
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

from joinedup.search.backends.base import TooSlow
from joinedup.search.criteria import Criteria
from joinedup.search.engine import search
from joinedup.search.results import results
from joinedup.search.suggestions import suggest

MOST = 100


def problem(status, title, detail, **more):
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def bad_parameter(name, detail):
    return problem(400, "Bad parameter", detail, parameter=name)


def whole_number(params, name, default, least, most):
    """The parameter as a number from `least` to `most`; ValueError, with what to write, if it is not one."""
    text = params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"“{name}” is a whole number from {least} to {most}.")
    return int(text)


@require_safe
def search_api(request):
    params = request.GET
    for name, bounds in {"limit": (10, 1, MOST), "offset": (0, 0, 100_000)}.items():
        try:
            whole_number(params, name, *bounds)
        except ValueError as error:
            return bad_parameter(name, str(error))
    limit, offset = int(params.get("limit", 10)), int(params.get("offset", 0))
    criteria = Criteria(params)
    for name, value in criteria.unknown:
        return bad_parameter(name, f"“{value[:40]}” is no known value of “{name}”.")
    try:
        found = search(criteria.text, criteria.filters, as_typed=criteria.as_typed, newest=criteria.sort == "newest")
    except TooSlow:
        return problem(503, "Too broad", "The search took too long. Add a word, or choose a filter.")
    facets = {
        facet.name: [
            {"value": option.value, "label": option.label, "count": option.count, "chosen": option.chosen}
            for option in facet.options
        ]
        for facet in criteria.facets(found.facets, least=1)
    }
    return JsonResponse(
        {
            "count": found.count,
            "count_is_exact": found.is_exact,
            "query": {
                "text": found.query.text,
                "typed": criteria.text,
                "corrected": bool(found.typed),
                "also_searched": list(found.query.also_searched),
                "some_words_missing": found.is_partial,
            },
            "facets": facets,
            "results": [
                {
                    "code": result.code,
                    "kind": result.kind,
                    "title": str(result.entry),
                    "url": request.build_absolute_uri(result.url),
                    "snippet": result.snippet,
                    "snippet_text": unescape(strip_tags(result.snippet)),
                    **_notice(result.entry),
                }
                for result in results(found.query, found.ids[offset : offset + limit])
            ],
        }
    )


def _notice(entry):
    notice = getattr(entry, "retraction_notice", "")
    return {"notice": notice} if notice else {}


@require_safe
def suggest_api(request):
    try:
        suggestions = suggest(request.GET.get("q", ""))
    except TooSlow:
        suggestions = []
    absolute = [{**suggestion, "url": request.build_absolute_uri(suggestion["url"])} for suggestion in suggestions]
    return JsonResponse({"suggestions": absolute})
