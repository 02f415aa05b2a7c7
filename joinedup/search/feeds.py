"""A search as an Atom feed: whoever subscribes hears of what is new or changed its meaning among what it finds."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from curation.versions import newest_versions
from findings import feeds
from joinedup.api.parameters import whole_number
from joinedup.errors import RETRY_AFTER
from joinedup.search.criteria import Criteria
from joinedup.search.engine import search
from joinedup.search.index import NotReady
from joinedup.search.results import entries_of, recorded

PAGE = whole_number("page", "Which page.", 1, 1, 1_000_000)


@require_safe
def search_feed(request):
    criteria = Criteria(request.GET)
    try:
        asked = request.GET.get("page")  # which OpenSearch leaves empty for the first
        page = PAGE.value(asked) if asked else 1
        if criteria.is_empty:
            raise ValueError("Say what to search for: q= and words, or a filter.")
        for name, value in criteria.unknown:
            raise ValueError(f"“{value[:40]}” is no known value of “{name}”.")
        found = search(criteria.text, criteria.filters, as_typed=criteria.as_typed, newest=True, with_facets=False)
    except ValueError as error:
        return _refused(400, error)
    except NotReady:
        message = "The search index is being made. Try again in a few minutes."
        return _refused(503, message, {"Retry-After": RETRY_AFTER})
    start = (page - 1) * feeds.A_PAGE
    keys = found.hits[start : start + feeds.A_PAGE + 1]
    address = f"{reverse('search-feed')}?{criteria.feed_query}"
    response = feeds.atom(
        request,
        f"Search: {found.query.text}" if found.query.text else "Search",
        _latest(keys[: feeds.A_PAGE]),
        page=f"{reverse('search')}?{criteria.feed_query}",
        address=address,
        here=f"{address}&page={page}" if page > 1 else address,
        following=f"{address}&page={page + 1}" if len(keys) > feeds.A_PAGE else "",
    )
    if not found.is_current:
        response["Cache-Control"] = "no-store"  # what is not up to date is not kept
    return response


def _latest(keys):
    """What last happened to each of these entries, in order; terms of the glossary have no versions."""
    entries = [entry for _, entry in entries_of(keys, _loaded)]
    versions = newest_versions(entries)
    return feeds.news(
        [(entry, entry.wording_changed_on or entry.published_on, versions.get(entry.code, 1)) for entry in entries]
    )


def _loaded(kind, keys):
    entries = recorded(kind, keys)
    return entries.select_related("theme") if kind == "finding" else entries


def _refused(status, message, headers=None):
    return HttpResponse(f"{message}\n", "text/plain; charset=utf-8", status, headers=headers)
