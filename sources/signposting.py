"""The typed links of the page of a source."""

from curation.routes import path
from curation.signposting import signposts
from sources.bibliography.formats import WRITTEN
from sources.bibliography.metadata import schema_org


def signposts_of_work(source, site):
    """They name our address for the page as the one to cite; that of the work itself stands beside it as related."""
    related = [source.doi_url] if source.doi else []
    kind = schema_org(source, site)["@type"]
    return signposts(
        site + source.short_url, kind, records_of(source, site), site + path("linkset", source.code), related
    )


def records_of(entry, site):
    """Address and media type of the files that describe an entry; text is for people."""
    found = [(name, form.media_type) for name, form in WRITTEN.items() if form.parse]
    return [(site + path("export", entry.code, name), media_type) for name, media_type in found]
