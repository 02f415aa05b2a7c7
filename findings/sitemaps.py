"""The public pages that answer 200, for search engines (https://www.sitemaps.org/protocol.html): no tombstones, no
versions, no searches."""

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_safe
from taggit.models import Tag

from curation.routes import path, site_url
from curation.xml import answer
from findings.choices import WengerElement
from findings.models import Finding, PracticeImplication, Review, Theme
from sources.models import Source

XML = "application/xml"
MOST = 50_000  # in one file, as the protocol has it
PAGES = [
    "home",
    "reviews",
    "themes",
    "findings",
    "practice",
    "team-check",
    "map",
    "sources",
    "glossary",
    "whats-new",
    "about",
    "help",
    "accessibility",
    "privacy",
    "api-docs",
]
ENTRIES = {
    Review: ("review", ["slug"]),
    Theme: ("theme", ["slug"]),
    Finding: ("finding", ["slug"]),
    PracticeImplication: ("implication", ["element", "slug"]),
    Source: ("source", ["slug"]),
}


def fixed(start, end):
    names = [(name, ()) for name in PAGES] + [("element", (element,)) for element in WengerElement.values]
    return [(reverse(name, args=args), None) for name, args in names[start:end]]


def tags():
    """Those with which something public is tagged."""
    tagged = [
        Exists(model.objects.published().filter(tagged_items__tag=OuterRef("pk")))
        for model in [Finding, PracticeImplication, Source]
    ]
    return Tag.objects.filter(tagged[0] | tagged[1] | tagged[2]).order_by("pk")


def tag_pages(start, end):
    return [(path("tag", slug), None) for slug in tags().values_list("slug", flat=True)[start:end]]


def entry_pages(model):
    name, address = ENTRIES[model]

    def pages(start, end):
        rows = model.objects.published().order_by("pk").values_list("published_on", "wording_changed_on", *address)
        return [(path(name, *args), changed or published) for published, changed, *args in rows[start:end]]

    return pages


def files():
    """For each file its sections: a function that gives (address, day of its wording or None) from one place to
    another, and where it is to begin. Where not all fit into one file, each kind of page begins one of its own."""
    sections = [(fixed, len(PAGES) + len(WengerElement)), (tag_pages, tags().count())]
    sections += [(entry_pages(model), model.objects.published().count()) for model in ENTRIES]
    if sum(count for _, count in sections) <= MOST:
        return [[(section, 0) for section, _ in sections]]
    return [[(section, start)] for section, count in sections for start in range(0, count, MOST)]


@require_safe
def sitemap(request, number=None):
    """All pages, or where there are too many for one file, the list of the files that hold them."""
    known = files()
    if number is None and len(known) > 1:
        addresses = [reverse("sitemap-part", args=[n]) for n in range(1, len(known) + 1)]
        return answer(request, "sitemaps/index.xml", {"site": site_url(request), "addresses": addresses}, XML)
    number = 1 if number is None else number
    if not 1 <= number <= len(known):
        raise Http404("There is no such part of the sitemap.")
    pages = [page for section, start in known[number - 1] for page in section(start, start + MOST) if page[0]]
    return answer(request, "sitemaps/urls.xml", {"site": site_url(request), "pages": pages}, XML)
