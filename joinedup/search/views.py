from django.conf import settings
from django.shortcuts import render

from curation.paging import page_of
from curation.routes import site_url
from curation.text import listed
from findings.models import Finding, Review, Term, Theme
from joinedup.errors import RETRY_AFTER
from joinedup.search import missed
from joinedup.search.criteria import SORTS, Criteria
from joinedup.search.engine import Found, nearest_findings, search, words_that_find
from joinedup.search.glance import glance
from joinedup.search.index import NotReady
from joinedup.search.query import parse
from joinedup.search.results import records, results
from sources.bibliography.formats import WRITTEN
from sources.exporting import MOST, export

THEMES_SHOWN = 12  # where nothing was searched for, or nothing found


def search_page(request):
    criteria = Criteria(request.GET)
    is_ready = True
    try:
        found = search(criteria.text, criteria.filters, as_typed=criteria.as_typed, newest=criteria.sort == "newest")
    except NotReady:
        found, is_ready = Found(parse(criteria.text)), False
    wanted = request.GET.get("format", "")
    if wanted in WRITTEN and is_ready:
        return export(records(found.hits[:MOST], site_url(request)), wanted, "search")
    page, notice = page_of(request.GET, found.hits, per_page=10)
    shown = results(found.query, page.object_list)
    term = Term.objects.published().filter(pk=found.term).first() if found.term else None
    is_plain = criteria.text and not criteria.filters and criteria.sort == "relevance" and page.number == 1
    at_a_glance = glance(found.query.text, term, found.hits) if is_plain and found.count else None
    belonging = [*(at_a_glance.findings if at_a_glance else ())]
    belonging += [result.entry for result in shown if hasattr(result.entry, "review_id")]
    is_missed = False
    if criteria.text and not criteria.filters and not criteria.as_typed and is_ready and page.number == 1:
        is_missed = missed.note(found)
    context = {
        "criteria": criteria,
        "found": found,
        "results": shown,
        "page": page,
        "most": MOST,
        "is_ready": is_ready,
        "facets": criteria.facets(found.facets),
        "removals": list(criteria.removals()),
        "sorts": SORTS.items(),
        "term": term,
        "glance": at_a_glance,
        "reviews": Review.objects.of(belonging).with_provenance(),
        "notices": [*criteria.notices, *filter(None, [notice, _about_format(wanted)])],
        "searched": not criteria.is_empty,
        "lacking": listed([f"“{word.strip('“”')}”" for word in found.left_out]),
        "contact": settings.CONTACT_EMAIL,
        "words": [],
        "themes": [],
        "nearest": [],
    }
    if is_ready and criteria.text and (not found.count or not found.matches_all):
        context["words"] = words_that_find(found.query)
    if criteria.is_empty or not found.count:
        context["themes"] = Theme.objects.published()[:THEMES_SHOWN]
    if is_ready and not found.count:
        context["nearest"] = _nearest(found.query)
    response = render(request, "search/search.html", context, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = RETRY_AFTER
    if is_missed or not found.count or not found.is_current:
        # Each miss is counted, and what is not up to date is not kept.
        response["Cache-Control"] = "no-store"
    return response


def _nearest(query):
    ids = nearest_findings(query)
    findings = {finding.pk: finding for finding in Finding.objects.published().for_cards().filter(pk__in=ids)}
    return [findings[pk] for pk in ids if pk in findings]


def _about_format(wanted):
    if not wanted:
        return ""
    if wanted in WRITTEN:
        return "Nothing could be exported: the search index is being made. Try again in a few minutes."
    return f"Results cannot be exported as “{wanted[:40]}”: choose one of the files below them."
