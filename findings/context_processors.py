from django.conf import settings

from curation.routes import site_url
from findings.cautions import Cautions

SECTIONS = {
    "theme": "themes",
    "finding": "themes",
    "findings": "themes",
    "element": "practice",
    "team-check": "practice",
    "implication": "practice",
    "source": "sources",
    "review": "about",
    "reviews": "about",
}


def site(request):
    """The site's name, address and contact, which entry of the main navigation the page stands under,
    and what there is to know of the works that entries rest on."""
    match = request.resolver_match
    name = match.url_name if match else None
    return {
        "site_name": settings.SITE_NAME,
        "site_url": site_url(request),
        "contact_email": settings.CONTACT_EMAIL,
        "licence": settings.LICENCE,
        "cautions": Cautions(),
        "section": SECTIONS.get(name, name),
        "is_section_page": name not in SECTIONS,
    }
