"""An entry with a page of its own (finding, theme, review, practice point) as machines read it; of key messages and
sources, only what harvesters are told. All of it is data,
made from entries loaded as their pages load them, so that a page, a header and a harvester say the same.

`site` is where the site is, as `sources.exporting.site_url` has it.
"""

from dataclasses import replace

from django.conf import settings

from curation.routes import path
from curation.signposting import Link, header, signposts
from findings import provenance
from findings.models import Finding, PracticeImplication, Review, Theme
from findings.records import record_of, record_to_cite
from findings.versions import READ
from sources.bibliography.metadata import authors, highwire, inverted, makers, told
from sources.bibliography.metadata import dublin_core as dublin_core_of_work
from sources.bibliography.metadata import schema_org as schema_org_of_work
from sources.exporting import json_ld
from sources.models import Source
from sources.signposting import records_of, signposts_of_work

LANGUAGE = "en-GB"

# What each is to schema.org, which has no word for a practice point.
TYPES = {Finding: "Claim", Theme: "DefinedTerm", Review: "Report", PracticeImplication: "CreativeWork"}


def record(entry, site):
    """`entry` as reference managers have it, but for the number of its version, which would have to be looked up; of a
    review, with what we say of it."""
    found = record_of(entry, site, version=1)
    return replace(found, abstract=entry.summary) if isinstance(entry, Review) else found


def rests_on(entry):
    """The published entries and works behind it."""
    if isinstance(entry, Finding):
        found = [citation.source for citation in entry.citations.all()]
    elif isinstance(entry, PracticeImplication):
        found = entry.findings.all()
    elif isinstance(entry, Review):
        found = [link.source for link in entry.review_sources.all()]
    else:
        found = []
    return [other for other in found if other.is_public]


def language_of(entry):
    """The language of what we write; of a work we do not know it."""
    return "" if isinstance(entry, Source) else LANGUAGE


def rights(entry):
    """What may be done with our wording, and whose work the reviews behind it are; of works, we say nothing."""
    if isinstance(entry, Source):
        return []
    return [provenance.rights(), *(review.rights for review in provenance.behind(entry) if review.rights)]


def dublin_core(entry, site):
    """The (element, value) of the fifteen elements of Dublin Core, as often as they apply, in one order."""
    known = record(entry, site)
    if isinstance(entry, Source):
        return dublin_core_of_work(known, site + entry.short_url)
    reviews = provenance.behind(entry)
    named = {
        "title": [known.title],
        "creator": [name.literal or inverted(name) for name in makers(known)],
        "subject": [*([entry.theme.name] if isinstance(entry, Finding) else []), *known.keywords],
        "description": [known.abstract, *map(provenance.line, reviews)],
        "publisher": [known.publisher],
        "date": [known.issued],
        "type": ["Text"],
        "format": ["text/html"],
        "identifier": [site + entry.short_url],
        "source": [site + review.short_url for review in reviews if review.is_public and review != entry],
        "language": [LANGUAGE],
        "relation": [site + other.short_url for other in rests_on(entry)],
        "coverage": dict.fromkeys(where for review in reviews for where in provenance.coverage(review)),
        "rights": rights(entry),
    }
    return told(named)


def schema_org(entry, site, version=None, parts=(), known=None):
    """`entry` for schema.org, to be written as JSON-LD; `version` is the number of its newest version, if that is
    known, `parts` are findings of a review or a theme, `known` is its Record, if that was made."""
    known = known or record(entry, site)
    about = {
        "@type": TYPES[type(entry)],
        "@id": site + entry.short_url,
        "url": site + entry.get_absolute_url(),
        "identifier": entry.code,
        "name": known.title,
        "description": getattr(entry, READ[type(entry)][1]),
    }
    if isinstance(entry, Theme):
        collection = {"@type": "DefinedTermSet", "name": "Themes", "url": site + path("themes")}
        return {**about, "termCode": entry.code, "inDefinedTermSet": collection}
    reviews = provenance.behind(entry)
    country, dated = provenance.coverage(reviews[0]) if reviews else ("", "")
    about |= {
        "inLanguage": LANGUAGE,
        "creditText": " ".join([f"{settings.SITE_NAME}.", *map(provenance.line, reviews)]),
        "license": settings.LICENCE["url"],
        "spatialCoverage": country,
        "temporalCoverage": dated,
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": f"{site}/"},
        "datePublished": entry.published_on and entry.published_on.isoformat(),
        "dateModified": entry.worded_on and entry.worded_on.isoformat(),
        "version": version,
        "keywords": list(known.keywords),
    }
    behind = rests_on(entry)
    if isinstance(entry, Finding):
        about["appearance"] = _named(entry.review, site)
        about["isBasedOn"] = _named(entry.review, site)
        about["about"] = _named(entry.theme, site)
        about["citation"] = [schema_org_of_work(source, site) for source in behind]
    elif isinstance(entry, PracticeImplication):
        about["isPartOf"] = about["isBasedOn"] = _named(entry.review, site)
        about["mentions"] = [_named(finding, site) for finding in behind]  # a link of ours
    else:
        # It is the review itself: the site only tells of it.
        about["author"] = authors(known)
        about["creditText"] = entry.compiled_by or entry.publisher
        about["license"] = ""
        about["publisher"] = entry.publisher and {"@type": "Organization", "name": entry.publisher}
        about["datePublished"] = entry.year
        about["isBasedOn"] = [schema_org_of_work(source, site) for source in behind]
        about["hasPart"] = [_named(finding, site) for finding in parts]
    return {name: value for name, value in about.items() if value}


def _named(entry, site):
    """Another entry in few words; None if readers cannot open it."""
    if entry.is_public:
        return {"@type": TYPES[type(entry)], "@id": site + entry.short_url, "name": str(entry)}
    return None


def signposting(entry, site, parts=()):
    """The typed links of its page: its permanent address, its kind, its records; `parts` are as for `schema_org`."""
    if isinstance(entry, Source):
        return signposts_of_work(entry, site)
    linkset_url = site + path("linkset", entry.code)
    links = signposts(site + entry.short_url, TYPES[type(entry)], records(entry, site), linkset_url)
    return [*links, *(Link("item", site + part.get_absolute_url(), "text/html") for part in parts)]


def records(entry, site):
    """Address and media type of the files that describe it. Those of a theme or a review hold the works cited there."""
    return [] if isinstance(entry, Theme | Review) else records_of(entry, site)


def tags(entry, site, known):
    """The (attribute, name, content) of the meta tags of its page; `known` is its Record.

    A title, a date and an address are said in the way of Highwire Press too. Zotero would otherwise take the first
    <time> of the page, a check, for the date; and without `og:type` it would save the page as an article of a journal.
    """
    found = [
        ("property", "og:type", "website"),
        ("property", "og:site_name", settings.SITE_NAME),
        ("property", "og:title", known.title),
        ("property", "og:description", getattr(entry, READ[type(entry)][1])),
        ("property", "og:url", site + entry.get_absolute_url()),
        ("property", "og:locale", LANGUAGE.replace("-", "_")),
    ]
    if isinstance(entry, Review):
        found += [("name", name, content) for name, content in highwire(known)]
    else:
        found += [
            ("name", "citation_title", known.title),
            ("name", "citation_publication_date", known.issued.replace("-", "/")),
            ("name", "citation_language", LANGUAGE),
            ("name", "citation_public_url", site + entry.short_url),
        ]
    return [(attribute, name, " ".join(content.split())) for attribute, name, content in found]


class PageMetadata:
    """All that the page of a published entry tells machines, for the template and the header."""

    def __init__(self, entry, site, version=None, parts=()):
        self.site = site
        self.canonical = site + entry.get_absolute_url()
        self.record = record_to_cite(entry, site, version)
        self.tags = tags(entry, site, self.record)
        self.links = signposting(entry, site)
        self.json_ld = json_ld(schema_org(entry, site, version, parts, self.record))

    @property
    def header(self):
        return header(self.links)
