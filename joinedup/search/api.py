"""Search and suggestions as JSON. Errors are problem details (RFC 9457)."""

from html import unescape

from django.http import JsonResponse
from django.utils.html import strip_tags

from curation.routes import site_url
from findings import cautions, provenance
from joinedup.api.answers import Operation, answers, problem
from joinedup.api.parameters import BadParameter, one_of, shown, slugs, text, whole_number
from joinedup.api.shapes import ADDRESS, MOST, NUMBER, TEXT, YES_OR_NO, Shape, closed, listed, says
from joinedup.errors import RETRY_AFTER
from joinedup.search.criteria import FIXED, LEGENDS, SORTS, Criteria
from joinedup.search.documents import KINDS
from joinedup.search.engine import search
from joinedup.search.index import NotReady
from joinedup.search.results import results
from joinedup.search.suggestions import suggest

KIND = {"type": "string", "enum": list(KINDS)}
TYPED = text("q", "What a reader would type: words, “phrases”, -exclusions, OR.", 1_000)
RESULT = Shape(
    "SearchResult",
    "An entry that was found.",
    code=says(TEXT, "code", "Empty for a term of the glossary."),
    kind=KIND,
    title=says(TEXT, lambda result, address: str(result.entry)),
    url=says(ADDRESS, lambda result, address: address + result.url, "Its page."),
    snippet=says(TEXT, "snippet", "HTML, with the words that were found in <mark>."),
    snippet_text=says(TEXT, lambda result, address: unescape(strip_tags(result.snippet)), "The same as plain text."),
    provenance=says(
        TEXT,
        lambda result, address: provenance.lines(provenance.behind(result.entry)),
        "Whose words it is and from when: show it with the entry. Empty for works and terms.",
    ),
    notice=says(
        TEXT,
        lambda result, address: cautions.words(result.entry),
        "Tell it with the entry: a work, or one that it cites, was retracted, is in doubt or was corrected.",
    ),
)
OPTION = Shape(
    "FacetOption",
    "A value by which the search can be narrowed, and what it would find.",
    value=TEXT,
    label=TEXT,
    count=NUMBER,
    chosen=YES_OR_NO,
)
QUERY = {
    "text": TEXT,
    "typed": TEXT,
    "corrected": YES_OR_NO,
    "also_searched": listed(TEXT),
    "some_words_missing": YES_OR_NO,
    "with_all_words": {**NUMBER, "description": "How many entries have all of the words."},
    "matches_all": {**YES_OR_NO, "description": "False if even the nearest entry lacks much of what was asked."},
    "left_out": {**listed(TEXT), "description": "The words that the nearest entry lacks."},
}
SEARCH = Operation(
    "search",
    "/api/v1/search",
    "Search all kinds of entries.",
    closed(
        {
            "count": NUMBER,
            "count_is_exact": {**YES_OR_NO, "description": "Always true: everything that is found is counted."},
            "query": closed(QUERY),
            "facets": {
                "type": "object",
                "properties": {name: listed(OPTION.ref) for name in LEGENDS},
                "additionalProperties": False,
            },
            "results": listed(RESULT.ref, maxItems=MOST),
        }
    ),
    (
        TYPED,
        *(
            one_of(name, f"{legend}. Repeat it for either.", FIXED[name], repeatable=True)
            if name in FIXED
            else slugs(name, f"{legend}: the last part of its page’s address. Repeat it for either.")
            for name, legend in LEGENDS.items()
        ),
        one_of("sort", "Which results come first.", SORTS, default="relevance"),
        one_of("typed", "1 searches for just what was typed: no correction, no other names.", ["0", "1"], default="0"),
        whole_number("limit", "How many results at most.", 10, 1, MOST),
        whole_number("offset", "How many results to leave out first.", 0, 0, 100_000),
    ),
    also={503: "The search index is being made."},
    parts=(RESULT, OPTION),
)
SUGGESTION = Shape("Suggestion", "A completion.", text=TEXT, url=ADDRESS, kind=KIND)
SUGGEST = Operation(
    "suggest",
    "/api/v1/suggest",
    "Complete what a reader types in a search box.",
    closed({"suggestions": listed(SUGGESTION.ref)}),
    (TYPED,),
    parts=(SUGGESTION,),
)


@answers(SEARCH)
def search_api(request, values):
    criteria = Criteria(request.GET)
    for name, value in criteria.unknown:
        raise BadParameter(name, f"“{shown(value)}” is no known value of “{name}”.")
    try:
        found = search(criteria.text, criteria.filters, as_typed=criteria.as_typed, newest=criteria.sort == "newest")
    except NotReady:
        refused = problem(503, "Not ready", "The search index is being made. Try again in a few minutes.")
        refused["Retry-After"] = RETRY_AFTER
        return refused
    address = site_url(request)
    shown_results = results(found.query, found.hits[values["offset"] : values["offset"] + values["limit"]])
    entries = [result.entry for result in shown_results]
    provenance.load_for(entries)
    cautions.load(entries)
    answer = {
        "count": found.count,
        "count_is_exact": True,
        "query": {
            "text": found.query.text,
            "typed": criteria.text,
            "corrected": bool(found.typed),
            "also_searched": list(found.query.also_searched),
            "some_words_missing": found.is_partial,
            "with_all_words": found.with_all,
            "matches_all": found.matches_all and bool(found.count),
            "left_out": list(found.left_out),
        },
        "facets": {
            facet.name: [OPTION.of(option, None) for option in facet.options]
            for facet in criteria.facets(found.facets, least=1)
        },
        "results": [RESULT.of(result, address) for result in shown_results],
    }
    # What is not up to date is not kept.
    return answer if found.is_current else JsonResponse(answer, headers={"Cache-Control": "no-store"})


@answers(SUGGEST)
def suggest_api(request, values):
    try:
        suggestions = suggest(values["q"])
    except NotReady:
        return JsonResponse({"suggestions": []}, headers={"Cache-Control": "no-store"})
    address = site_url(request)
    return {"suggestions": [{**suggestion, "url": address + suggestion["url"]} for suggestion in suggestions]}
