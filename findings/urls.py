from django.conf import settings
from django.urls import path, re_path, register_converter

from findings import embedding, feeds, sitemaps, views
from findings.codes import PastedCode
from findings.handout_check.views import check_handout
from findings.models import Review, Theme
from findings.oai.views import oai
from findings.reading_lists import views as reading_list_views
from findings.review_files.form import SCHEMA
from findings.review_files.views import review_schema
from findings.team_check import views as team_check_views
from findings.whatsnew import whats_new

register_converter(PastedCode, "pasted_code")

PAGES = {
    "R": "reviews/<slug:slug>/",
    "T": "themes/<slug:slug>/",
    "K": "reviews/<slug:review>/<str:code>/",
    "F": "findings/<slug:slug>/",
    "P": "practice/<slug:element>/<slug:slug>/",
    "S": "sources/<slug:slug>/",
}

urlpatterns = [
    path("", views.home, name="home"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<slug:slug>/", views.review, name="review"),
    path("themes/", views.themes, name="themes"),
    path("themes/<slug:slug>/", views.theme, name="theme"),
    path("findings/", views.findings, name="findings"),
    path("whats-new/", whats_new, name="whats-new"),
    path("findings/<slug:slug>/", views.finding, name="finding"),
    path("findings/<slug:slug>/embed/", embedding.finding_card, name="embed"),
    path("practice/<slug:element>/<slug:slug>/embed/", embedding.point_card, name="embed-point"),
    path("reviews/<slug:review>/<str:code>/embed/", embedding.message_card, name="embed-message"),
    path("oembed", embedding.oembed, name="oembed"),
    path("feeds/findings.atom", feeds.findings_feed, name="findings-feed"),
    path("themes/<slug:slug>/feed.atom", feeds.collection_feed, {"model": Theme}, name="theme-feed"),
    path("reviews/<slug:slug>/feed.atom", feeds.collection_feed, {"model": Review}, name="review-feed"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemaps.sitemap, name="sitemap-part"),
    path("oai", oai, name="oai"),
    path("unapi", views.unapi, name="unapi"),
    path("practice/", views.practice, name="practice"),
    path("practice/team-check/", team_check_views.team_check, name="team-check"),
    path("practice/team-check.docx", team_check_views.team_check_file, name="team-check-file"),
    path("practice/<slug:element>/", views.element, name="element"),
    path("practice/<slug:element>/<slug:slug>/", views.implication, name="implication"),
    path("tags/<slug:slug>/", views.tag, name="tag"),
    path("map/", views.map, name="map"),
    path("glossary/", views.glossary, name="glossary"),
    path("reading-list/", reading_list_views.reading_list, name="reading-list"),
    path("reading-list/handout/", reading_list_views.handout, name="handout"),
    re_path(
        r"^reading-list\.(?P<extension>(?i:ris|bib|json|txt|csv|docx|pptx|pdf))$",
        reading_list_views.reading_list_file,
        name="reading-list-file",
    ),
    path("check/", check_handout, name="check"),
    path("about/", views.page, {"template": "about.html", "version": settings.VERSION}, name="about"),
    path("help/", views.page, {"template": "help.html"}, name="help"),
    path("accessibility/", views.page, {"template": "accessibility.html"}, name="accessibility"),
    path("privacy/", views.page, {"template": "privacy.html"}, name="privacy"),
    path(SCHEMA.lstrip("/"), review_schema, name="review-schema"),
    re_path(r"^(?P<code>[RTKFPSrtkfps][1-9][0-9]{0,8})$", views.code, name="code"),
    re_path(
        r"^(?P<code>[RTKFPSrtkfps][1-9][0-9]{0,8})\.(?P<extension>(?i:ris|bib|json|txt))$",
        views.exported,
        name="export",
    ),
    re_path(r"^(?P<code>[RTFPSrtfps][1-9][0-9]{0,8})/linkset\.json$", views.linked, name="linkset"),
    re_path(
        r"^(?P<code>[RTKFPSrtkfps][1-9][0-9]{0,8})/qr\.(?P<extension>(?i:svg|png))$",
        views.qr_code,
        name="qr-code",
    ),
    re_path(
        r"^(?P<code>[RTKFPSrtkfps][1-9][0-9]{0,8})[vV](?P<number>[1-9][0-9]{0,3})$",
        views.version_code,
        name="version_code",
    ),
    *(
        path(f"{address}versions/{rest}", view, {"letter": letter})
        for letter, address in PAGES.items()
        for rest, view in [("", views.versions), ("<int:number>/", views.version)]
    ),
    path("<pasted_code:plain>", views.pasted_code, name="pasted-code"),
]
