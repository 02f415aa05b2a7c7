from django.shortcuts import render

from findings.models import Term, Theme
from findings.reading import reviews_of
from joinedup.search import missed
from joinedup.search.backends.base import TooSlow
from joinedup.search.criteria import SORTS, Criteria
from joinedup.search.engine import CAP, Found, search, words_that_find
from joinedup.search.query import parse
from joinedup.search.results import records, results
from sources.exporting import MOST, export, site_url
from sources.formats import WRITTEN
from sources.paging import page_of
from sources.prepared import Prepared

_term = Prepared(lambda key: Term.objects.published().filter(pk=key))


def search_page(request):
    criteria = Criteria(request.GET)
    too_broad = False
    try:
        found = search(criteria.text, criteria.filters, as_typed=criteria.as_typed, newest=criteria.sort == "newest")
    except TooSlow:
        found, too_broad = Found(parse(criteria.text)), True
    wanted = request.GET.get("format", "")
    if wanted in WRITTEN and not too_broad:
        return export(records(found.ids[:MOST], site_url(request)), wanted, "search")
    page, notice = page_of(request.GET, found.ids, per_page=10)
    shown = results(found, page.object_list)
    is_missed = False
    if criteria.text and not criteria.filters and not criteria.as_typed and not too_broad and page.number == 1:
        is_missed = missed.note(parse(criteria.text), found.count)
    context = {
        "criteria": criteria,
        "found": found,
        "results": shown,
        "page": page,
        "cap": CAP,
        "too_broad": too_broad,
        "facets": criteria.facets(found.facets),
        "removals": list(criteria.removals()),
        "sorts": SORTS.items(),
        "term": _term.first(found.term) if found.term else None,
        "reviews": reviews_of([result.entry for result in shown if hasattr(result.entry, "review_id")]),
        "notices": [*criteria.notices, *filter(None, [notice, _about_format(wanted)])],
        "searched": not criteria.is_empty,
    }
    if not found.ids:
        context |= {"themes": Theme.objects.published(), "words": words_that_find(found.query)}
    response = render(request, "search/search.html", context)
    if too_broad or is_missed or not found.ids:
        # Each miss is counted, and where time was short the next try may find more.
        response["Cache-Control"] = "no-store"
    return response


def _about_format(wanted):
    if not wanted:
        return ""
    if wanted in WRITTEN:
        return "There was no time to find what to export. Add a word, or choose a filter."
    return f"Results cannot be exported as “{wanted[:40]}”: choose one of the files below them."
