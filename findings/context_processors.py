from django.conf import settings

from curation.routes import site_url

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
    """The site's name, address and contact, and which entry of the main navigation the page stands under."""
    match = request.resolver_match
    name = match.url_name if match else None
    return {
        "site_name": settings.SITE_NAME,
        "site_url": site_url(request),
        "contact_email": settings.CONTACT_EMAIL,
        "licence": settings.LICENCE,
        "section": SECTIONS.get(name, name),
        "is_section_page": name not in SECTIONS,
    }
