"""The typed links by which machines find their way from a page to what it is about (https://signposting.org/FAIR)."""

from dataclasses import dataclass

LINKSET = "application/linkset+json"
SCHEMA = "https://schema.org/"


@dataclass(frozen=True)
class Link:
    rel: str
    href: str
    type: str = ""

    def __str__(self):
        """As a value of the header ``Link`` (RFC 8288)."""
        return f'<{self.href}>; rel="{self.rel}"' + (f'; type="{self.type}"' if self.type else "")


def header(links):
    """The value of the header ``Link``."""
    return ", ".join(map(str, links))


def signposts(cite_as, kind, records, linkset_url, related=()):
    """The links of the page of an entry.

    `cite_as` is its permanent address, `kind` its type at schema.org, `records` are (address, media type) of the files
    that describe it, `linkset_url` is where all links stand, `related` are addresses of the same work elsewhere.
    """
    return [
        Link("cite-as", cite_as),
        Link("type", f"{SCHEMA}AboutPage"),
        Link("type", SCHEMA + kind),
        *(Link("describedby", address, media_type) for address, media_type in records),
        *(Link("related", address) for address in related),
        Link("linkset", linkset_url, LINKSET),
    ]


def linkset(page, links):
    """All `links` of the page with the address `page`, and back from its records, as a linkset in JSON (RFC 9264)."""
    context = {"anchor": page}
    for link in links:
        if link.rel != "linkset":
            target = {"href": link.href, "type": link.type} if link.type else {"href": link.href}
            context.setdefault(link.rel, []).append(target)
    described = {"href": page, "type": "text/html"}
    back = [{"anchor": link.href, "describes": [described]} for link in links if link.rel == "describedby"]
    return {"linkset": [context, *back]}
