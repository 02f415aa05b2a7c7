"""Public pages. Each view reads the request, asks one QuerySet and chooses a template."""

from collections import defaultdict
from functools import wraps
from itertools import zip_longest
from string import ascii_uppercase

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from taggit.models import Tag

from curation.paging import page_of
from curation.redirects import Gone, Moved, answers_for_entries, find, may_see, tombstone, tombstone_in_text
from curation.routes import site_url
from curation.signposting import LINKSET, linkset
from curation.text import printable_in
from findings import provenance, qrcodes, since_then
from findings.choices import Stance, WengerElement
from findings.codes import KINDS, entry_for
from findings.evidencemap import MapFilters, as_csv, evidence_map, list_url
from findings.filters import SORTS, FindingFilters
from findings.glossary import Glossary
from findings.metadata import PageMetadata, schema_org, signposting
from findings.models import EarlierTag, Finding, KeyMessage, PracticeImplication, Review, ReviewSource, Term, Theme
from findings.narrowing import typed_in
from findings.reading_lists.reading_list import list_of_findings
from findings.records import record_of_edition, record_to_cite, records_of_file, with_records
from findings.related import related_elsewhere, related_to
from findings.versions import editions, versions_url
from sources.bibliography.formats import WRITTEN
from sources.exporting import export, negotiated
from sources.models import Source
from sources.records import tags_of

PLAIN = "text/plain; charset=utf-8"
UNAPI = {"ris": "ris", "bibtex": "bib", "csl-json": "json"}  # what unAPI calls a format -> what an address ends in
MOST_PARTS = 1000  # of a linkset
ASKED_FIRST = [Stance.FACILITATOR, Stance.BARRIER, Stance.CONDITION]  # on the home page
THEMES_IN_BRIEF = 12
THEMES_A_PAGE = 12
FINDINGS_AT_A_GLANCE, FINDINGS_OF_MANY_THEMES = 8, 3  # under each theme in the list of all; where it has pages
FINDINGS_A_SIDE = 4  # the page of a theme is to be read in five minutes
POINTS_OF_A_THEME = 8
POINTS_AT_ONCE, POINTS_A_GROUP = 30, 5  # on the page of practice points; of more than the first, the second a group
OTHER_THEMES = 12
CONSIDERED = 50  # findings of a theme, for what goes with them
QR_CODES = {"svg": qrcodes.svg, "png": qrcodes.png}


def home(request):
    findings = Finding.objects.published()
    reviews, currency = Review.objects.with_findings().with_provenance(), findings.currency()
    by_stance = findings.counts_by_stance()
    return render(
        request,
        "findings/home.html",
        {
            "reviews": reviews,
            "gathered": provenance.gathered(reviews, currency["count"], findings.naming_works().count()),
            "questions": [(stance, by_stance[stance]) for stance in ASKED_FIRST if by_stance.get(stance)],
            "themes": Theme.objects.published().with_counts(),
            "themes_shown": THEMES_IN_BRIEF,
            "key_messages": KeyMessage.objects.of_published_reviews().with_links(),
            "elements": PracticeImplication.objects.published().by_element(),
            "currency": currency,
            "source_count": Source.objects.published().count(),
        },
    )


def reviews(request):
    published = Review.objects.published().with_counts().with_provenance()
    return render(request, "findings/reviews.html", {"reviews": published})


def _entry_page(request, template, entry, context, parts=()):
    """The page of `entry`; once it is public, with what machines read of it, in the head and in the header ``Link``."""
    site = site_url(request)
    if not entry.is_public:
        return render(request, template, {**context, "about": None, "record": record_to_cite(entry, site)})
    version = context["editions"][0].number if "editions" in context else None
    about = PageMetadata(entry, site, version, parts)
    response = render(request, template, {**context, "about": about, "record": about.record})
    response["Link"] = about.header
    return response


@answers_for_entries
def review(request, slug):
    review = find(request, with_records(Review.objects.with_sources()), slug, slug=slug)
    page, notice = page_of(request.GET, review.findings.published(), per_page=50)
    key_messages = list(review.key_messages.published_or_withdrawn().with_links())
    points, themes = review.implications.published().count(), list(Theme.objects.published().of_review(review))
    named = review.works_named()
    taken = provenance.taken(len(key_messages), page.paginator.count, points)
    ours = f"{settings.SITE_NAME}, {review.worded_on.year}" if review.worded_on else settings.SITE_NAME
    return _entry_page(
        request,
        "findings/review.html",
        review,
        {
            "review": review,
            "steps": provenance.steps(review, named, taken, ours),
            "original": provenance.summarised(review),
            "key_messages": key_messages,
            "noted": since_then.sources_of([review.since_then, *(message.since_then for message in key_messages)]),
            "themes": themes,
            "themes_shown": THEMES_IN_BRIEF,
            "page": page,
            "notices": [notice] if notice else [],
            "implication_count": points,
            "works_named": named["count"],
        },
        parts=page.object_list,
    )


def themes(request):
    page, notice = page_of(request.GET, Theme.objects.published(), THEMES_A_PAGE)
    glance = FINDINGS_AT_A_GLANCE if page.paginator.num_pages == 1 else FINDINGS_OF_MANY_THEMES
    context = {
        "page": page,
        "themes": page.object_list.with_glance(glance),
        "reviews": _reviews(),
        "notices": [notice] if notice else [],
    }
    return render(request, "findings/themes.html", context)


def _reviews():
    """The reviews that are told of above a list of all there is."""
    return Review.objects.with_findings().with_provenance()


@answers_for_entries
def theme(request, slug):
    theme = find(request, Theme.objects.all(), slug, slug=slug)
    findings = theme.findings.published()
    considered = findings[:CONSIDERED]
    return _entry_page(
        request,
        "findings/theme.html",
        theme,
        {
            "theme": theme,
            "sides": findings.for_cards().by_stance(FINDINGS_A_SIDE),
            "reviews": provenance.behind(theme),
            "elsewhere": related_elsewhere(theme, considered),
            "key_messages": KeyMessage.objects.of_published_reviews().resting_on(findings)[:1],
            "implications": PracticeImplication.objects.published().resting_on(considered)[:POINTS_OF_A_THEME],
            "siblings": Theme.objects.published().near(theme, OTHER_THEMES),
            "taken": list_of_findings(findings, theme.name),
        },
    )


def findings(request):
    filters = FindingFilters(request.GET)
    everything = request.GET.get("show") == "all"
    page, notice = page_of(request.GET, filters.findings.for_cards(), 100 if everything else 10, filters.total)
    return render(
        request,
        "findings/findings.html",
        {
            "filters": filters,
            "facets": filters.facets(),
            "removals": list(filters.removals()) if filters.any_chosen else [],
            "sorts": [(value, label) for value, (label, _) in SORTS.items()],
            "page": page,
            "reviews": Review.objects.of(page.object_list).with_provenance(),
            "notices": [*filters.notices, *filter(None, [notice])],
        },
    )


@vary_on_headers("Accept")
@answers_for_entries
def finding(request, slug):
    finding = find(request, with_records(Finding.objects.whole()), slug, slug=slug)
    site = site_url(request)
    record, about = (lambda: record_to_cite(finding, site)), (lambda: schema_org(finding, site))
    return negotiated(request, record, finding.code, about) or _entry_page(
        request,
        "findings/finding.html",
        finding,
        {
            "finding": finding,
            "provenance": provenance.of(finding),
            "editions": editions(finding),
            "implications": finding.implications.published(),
            "key_messages": finding.key_messages.of_published_reviews(),
            "tags": tags_of(finding),
            "related": related_to(finding),
            "glossary": Glossary.load(),
            "neighbours": finding.theme.findings.published().around(finding),
            "is_one_of_several": Review.objects.are_several(),
        },
    )


def practice(request):
    points, words = PracticeImplication.objects.published(), typed_in(request.GET)
    total = points.count()
    found = points.having(words).with_findings()
    elements = found.by_element(POINTS_A_GROUP if total > POINTS_AT_ONCE and not words else POINTS_AT_ONCE)
    context = {
        "elements": elements,
        "reviews": Review.objects.of([point for group in elements for point in group["points"]]).with_provenance(),
        "words": words,
        "has_filter": total > POINTS_AT_ONCE or words,
    }
    return render(request, "findings/practice.html", context)


def element(request, element):
    if element not in WengerElement.values:
        raise Http404("No such element.")
    points, words = PracticeImplication.objects.published().filter(element=element), typed_in(request.GET)
    page, notice = page_of(request.GET, points.having(words).with_findings(), per_page=20)
    return render(
        request,
        "findings/element.html",
        {
            "element": WengerElement(element),
            "page": page,
            "words": words,
            "has_filter": page.paginator.num_pages > 1 or words,
            "reviews": Review.objects.of(page.object_list).with_provenance(),
            "notices": [notice] if notice else [],
            "elements": WengerElement,
        },
    )


@answers_for_entries
def implication(request, element, slug):
    implications = with_records(PracticeImplication.objects.with_trail())
    implication = find(request, implications, f"{element}/{slug}", element=element, slug=slug)
    return _entry_page(
        request,
        "findings/implication.html",
        implication,
        {
            "implication": implication,
            "provenance": provenance.of(implication),
            "framework": ReviewSource.objects.framework_of(implication.review),
            "editions": editions(implication),
            "element": WengerElement(implication.element),
            "key_messages": implication.key_messages.of_published_reviews(),
            "tags": tags_of(implication),
            "glossary": Glossary.load(),
            "neighbours": PracticeImplication.objects.published().filter(element=element).around(implication),
            "is_one_of_several": Review.objects.are_several(),
        },
    )


def tag(request, slug):
    tag = Tag.objects.filter(slug=slug).first()
    if tag is None:
        earlier = get_object_or_404(EarlierTag.objects.select_related("tag"), slug=slug)
        return redirect("tag", earlier.tag.slug, permanent=True)
    tagged = Finding.objects.published().tagged(tag).for_cards()
    page, notice = page_of(request.GET, tagged, per_page=50)
    implications = list(PracticeImplication.objects.published().tagged(tag).select_related("review")[:50])
    sources = Source.objects.published().tagged(tag).with_contributors()[:50]
    if not (page.object_list or implications or sources):
        raise Http404("Nothing public has this tag.")
    return render(
        request,
        "findings/tag.html",
        {
            "tag": tag,
            "page": page,
            "reviews": Review.objects.of([*page.object_list, *implications]).with_provenance(),
            "implications": implications,
            "sources": sources,
            "notices": [notice] if notice else [],
        },
    )


def map(request):
    asked = request.GET.get("by", "stance")
    if asked == "element":  # as it was called once
        return redirect(f"{reverse('map')}?by=practice", permanent=True)
    by = asked if asked in ("stance", "practice") else "stance"
    filters = MapFilters(request.GET)
    notices = [] if by == asked else [f"The map has no view “{asked[:40]}”. This one is by what findings say."]
    shown = evidence_map(by, filters, request.GET.get("at", ""))
    if request.GET.get("format") == "csv":
        named = {"Content-Disposition": f'attachment; filename="evidence-map-by-{by}.csv"'}
        return HttpResponse(as_csv(shown), content_type="text/csv; charset=utf-8", headers=named)
    opened = next((row.opened for row in shown.rows if row.opened), None)
    reviews = _reviews()
    if review := filters.chosen.get("review"):
        reviews = reviews.filter(slug=review)
    context = {
        "map": shown,
        "by": by,
        "filters": filters,
        "opened_url": list_url(opened, filters) if opened else "",
        "reviews": reviews,
        "notices": [*notices, *filters.notices],
    }
    return render(request, "findings/map.html", context)


def glossary(request):
    letters, words = defaultdict(list), typed_in(request.GET)
    for term in Term.objects.published().having(words).with_labels():
        letters[term.preferred_label[0].upper()].append(term)
    return render(
        request,
        "findings/glossary.html",
        {
            "words": words,
            "letters": sorted(letters.items()),
            "alphabet": [(letter, letter in letters) for letter in sorted({*ascii_uppercase, *letters})],
        },
    )


def code(request, code):
    entry = _entry(request, code)
    if entry.is_withdrawn and isinstance(entry, KeyMessage):
        return tombstone(request, entry)  # it has no page of its own
    return redirect(entry)


def pasted_code(request, plain):
    """To the plain form, there being such an entry or not: what is true of the code is told there."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{get_script_prefix()}{plain}" + (f"?{query}" if query else ""))


def _entry(request, code):
    """The entry with `code` that this reader may see, or that was withdrawn. Raises Http404."""
    entry = entry_for(code)
    if entry and not entry.is_withdrawn:
        stands_on = entry.review if isinstance(entry, KeyMessage) else entry
        if not (may_see(request, entry) and may_see(request, stands_on)):
            entry = None
    if entry is None:
        raise Http404("No entry has this code.")
    return entry


@require_safe
def exported(request, code, extension):
    """An entry as a file; a theme or a review as the works cited in it."""
    entry = _entry(request, code)
    if entry.is_withdrawn:
        return tombstone_in_text(request, entry)
    wanted = request.GET.get("with", "")
    if wanted not in {"", "sources"}:
        message = f"“with” can only be “sources”, not “{wanted[:40]}”.\n"
        return HttpResponse(message, status=400, content_type=PLAIN)
    return export(records_of_file(entry, site_url(request), bool(wanted)), extension.lower(), entry.code)


@require_safe
def unapi(request):
    """The formats of records, or of those of the entry `id`, or that entry in one `format` (http://unapi.info/specs/).

    Zotero reads the list of formats only from an answer that is 200.
    """
    code, name = request.GET.get("id", ""), request.GET.get("format", "")
    if name and not code:
        return HttpResponse("Say which entry: id= and its code.\n", status=400, content_type=PLAIN)
    entry = _entry(request, code) if code else None
    if entry and entry.is_withdrawn:
        return tombstone_in_text(request, entry)
    if name and name not in UNAPI:
        message = f"There is no format “{name[:40]}” here. Ask for one of these: {', '.join(UNAPI)}.\n"
        return HttpResponse(message, status=406, content_type=PLAIN)
    if name:
        return export([record_to_cite(entry, site_url(request))], UNAPI[name], entry.code)
    formats = [(name, WRITTEN[extension].media_type) for name, extension in UNAPI.items()]
    context = {"entry": entry, "formats": formats}
    return render(request, "findings/unapi.xml", context, "application/xml", status=300 if entry else 200)


@require_safe
def qr_code(request, code, extension):
    """The short address of an entry as a QR code; a withdrawn one has it too, for what was printed with it."""
    entry = _entry(request, code)
    extension = extension.lower()
    content = QR_CODES[extension](site_url(request) + entry.short_url)
    headers = {"Content-Disposition": f'inline; filename="{entry.code}-qr.{extension}"'}
    media_type = "image/svg+xml" if extension == "svg" else "image/png"
    return HttpResponse(content, content_type=media_type, headers=headers)


def version_code(request, code, number):
    entry = entry_for(code)
    if entry is None or not entry.published_on:
        raise Http404("No version has this code.")
    return redirect(f"{versions_url(entry)}{number}/")


def _reviews_behind(entry):
    """The reviews that an entry's words are from; of a source there are none."""
    if isinstance(entry, Review):
        return [entry]
    if isinstance(entry, Theme):
        return Review.objects.behind(entry.findings.published()).with_provenance()
    return [entry.review] if hasattr(entry, "review") else []


def _versioned(request, letter, review=None, code=None, **address):
    """The entry whose versions are asked for, published or withdrawn. Raises Moved for an earlier address, Http404."""
    if letter == KeyMessage.LETTER:
        entry = entry_for(code)
        found = isinstance(entry, KeyMessage) and entry.review.slug == review and entry.review.is_public
    else:
        try:
            entry = find(request, KINDS[letter].objects.all(), "/".join(address.values()), **address)
        except Gone as gone:
            entry = gone.entry
        found = True
    if not found or not (entry.is_public or entry.is_withdrawn):
        raise Http404("Nothing public has this address.")
    return entry


def _moved_versions(view):
    """What moved took its versions along."""

    @wraps(view)
    def wrapped(request, *args, number=None, **address):
        try:
            return view(request, *args, **address, **({"number": number} if number else {}))
        except Moved as moved:
            rest = f"{number}/" if number else ""
            return HttpResponsePermanentRedirect(f"{versions_url(moved.entry)}{rest}")

    return wrapped


@_moved_versions
def versions(request, **address):
    entry = _versioned(request, **address)
    found = editions(entry)
    steps = [
        (edition, edition.changes_since(earlier) if earlier else [])
        for edition, earlier in zip_longest(found, found[1:])
    ]
    return render(
        request,
        "findings/versions.html",
        {"entry": entry, "steps": steps, "reviews": _reviews_behind(entry)},
        status=410 if entry.is_withdrawn else 200,
    )


@_moved_versions
def version(request, number, **address):
    entry = _versioned(request, **address)
    found = editions(entry)
    edition = next((edition for edition in found if edition.number == number), None)
    if edition is None:
        raise Http404("There is no such version.")
    following = next((other for other in found if other.number == number + 1), None)
    return render(
        request,
        "findings/version.html",
        {
            "entry": entry,
            "reviews": _reviews_behind(entry),
            "edition": edition,
            "record": record_of_edition(edition, site_url(request)),
            "editions": found,
            "newest": found[0],
            "following": following,
            "changes": following.changes_since(edition) if following else [],
            "citations": edition.citations(),
            "replacement": getattr(entry, "replaced_by", None),
        },
        status=410 if entry.is_withdrawn else 200,
    )


@require_safe
def linked(request, code):
    """The typed links of an entry's page as a linkset."""
    entry = _entry(request, code)
    if entry.is_withdrawn:
        return tombstone_in_text(request, entry)
    if not entry.is_public:
        raise Http404("It has links once it is public.")
    parts = entry.findings.published() if isinstance(entry, Theme | Review) else ()
    site = site_url(request)
    links = linkset(site + entry.get_absolute_url(), signposting(entry, site, parts[:MOST_PARTS]))
    return JsonResponse(printable_in(links), content_type=LINKSET)


def page(request, template, **context):
    """A page of fixed text: about, help and the like."""
    return render(request, template, context)
