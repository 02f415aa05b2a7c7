from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from curation.facets import removals
from curation.paging import page_of
from curation.redirects import answers_for_entries, find
from curation.routes import site_url
from curation.signposting import header
from sources.bibliography.formats import WRITTEN
from sources.bibliography.metadata import schema_org
from sources.exporting import MOST, export, json_ld, negotiated
from sources.filters import SORTS, SourceFilters
from sources.models import Source
from sources.records import record_of, tags_of
from sources.signposting import signposts_of_work


def sources(request):
    filters = SourceFilters(request.GET)
    notices = filters.notices
    wanted = request.GET.get("format", "")
    if wanted in WRITTEN:
        return export([record_of(source) for source in filters.sources.with_records()[:MOST]], wanted, "sources")
    if wanted:
        notices.append(f"Sources cannot be exported as “{wanted[:40]}”: choose one of the files below the list.")
    page, notice = page_of(request.GET, filters.sources.with_contributors(), per_page=20, count=filters.total)
    facets = filters.facets()
    kept = {name: values for name, values in filters.query.lists() if name not in ("page", "format")}
    return render(
        request,
        "sources/sources.html",
        {
            "page": page,
            "filters": filters,
            "facets": facets,
            "removals": list(removals(filters.query, facets)),
            "sorts": [(value, label) for value, (label, _) in SORTS.items()],
            "query": urlencode(kept, doseq=True),
            "most": MOST,
            "library_urls": {source.pk: library_url(source) for source in page},
            "notices": [*notices, *filter(None, [notice])],
        },
    )


@vary_on_headers("Accept")
@answers_for_entries
def source(request, slug):
    sources = Source.objects.with_records().select_related("newer_edition")
    source = find(request, sources, slug, slug=slug)
    site = site_url(request)
    about = schema_org(source, site)
    negotiated_record = negotiated(request, lambda: record_of(source), source.code, lambda: about)
    if negotiated_record:
        return negotiated_record
    links = signposts_of_work(source, site) if source.is_public else []
    response = render(
        request,
        "sources/source.html",
        {
            "source": source,
            "json_ld": json_ld(about),
            "canonical": site + source.get_absolute_url(),
            "links": links,
            "record": record_of(source),
            "citations": source.citations.of_published_findings().with_findings(),
            "review_sources": source.review_sources.of_published_reviews(),
            "tags": tags_of(source),
            "dead": {check.part: check for check in source.link_checks.dead()},
            "library_url": library_url(source),
        },
    )
    if links:
        response["Link"] = header(links)
    return response


def library_url(source):
    """The address at which the library's own resolver looks for the work (OpenURL, Z39.88-2004), or ""."""
    if not settings.OPENURL_RESOLVER:
        return ""
    kind = "journal" if source.is_article else "book"
    people = source.people("author") or source.people("editor")
    fields = {
        "ctx_ver": "Z39.88-2004",
        "rft_val_fmt": f"info:ofi/fmt:kev:mtx:{kind}",
        "rft_id": f"info:doi/{source.doi}" if source.doi else "",
        "rft.genre": "article" if source.is_article else "report" if source.csl_type == "report" else "book",
        "rft.atitle" if source.is_article else "rft.btitle": source.title,
        "rft.jtitle": source.container_title if source.is_article else "",
        "rft.aulast": people[0].family if people else "",
        "rft.aufirst": people[0].given if people else "",
        "rft.aucorp": people[0].literal if people else "",
        "rft.date": source.issued,
        "rft.volume": source.volume,
        "rft.issue": source.issue,
        "rft.pages": source.pages,
        "rft.isbn": source.isbn,
        "rft.issn": source.issn or source.eissn,
        "rft.pub": source.publisher if not source.is_article else "",
    }
    separator = "&" if "?" in settings.OPENURL_RESOLVER else "?"
    return settings.OPENURL_RESOLVER + separator + urlencode({name: value for name, value in fields.items() if value})
