from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.utils.text import capfirst

from curation.entries import Status
from curation.listadmin import VIEWS, DueFilter, WithFilter
from curation.partadmin import PartInline
from curation.tasks import depending
from sources.bibliography import zotero
from sources.linkadmin import DeadLinksFilter, LinkCheckAdmin, LinksToLookAtFilter
from sources.lookupadmin import LookUpAdmin
from sources.mergeadmin import MergingAdmin
from sources.models import Contributor, Notice, Source
from sources.noticeadmin import NoticeAdmin
from sources.remarkadmin import OpenRemarksFilter, RemarkAdmin

RETRACTED = "Retracted, or replaced by a newer edition"
KINDS_OF_FIELDS = {
    "article": ["container_title", "volume", "issue", "pages", "doi", "issn", "eissn"],
    "part": ["container_title", "pages", "publisher", "place", "edition", "series", "isbn", "doi"],
    "whole": ["publisher", "place", "series", "edition", "isbn", "doi"],
    "page": ["container_title", "publisher"],
}
# What a form shows of each kind of work, besides what every work has; a kind that is not named has all of it.
FIELDS_OF = {
    "article-journal": KINDS_OF_FIELDS["article"],
    "article-magazine": KINDS_OF_FIELDS["article"],
    "article-newspaper": KINDS_OF_FIELDS["article"],
    "chapter": KINDS_OF_FIELDS["part"],
    "paper-conference": KINDS_OF_FIELDS["part"],
    "book": KINDS_OF_FIELDS["whole"],
    "report": KINDS_OF_FIELDS["whole"],
    "thesis": KINDS_OF_FIELDS["whole"],
    "webpage": KINDS_OF_FIELDS["page"],
}


class ContributorInline(PartInline):
    model = Contributor
    extra = 1
    heading = "Who made it"
    description = (
        "In the order of the title page. The name of an organisation goes into one field, so that nobody cuts it up."
    )
    fields = [("family", "given", "role"), "literal", "order"]

    def get_extra(self, request, obj=None, **kwargs):
        """A new source has a card to fill in."""
        return 0 if obj else self.extra


class NoticeInline(PartInline):
    model = Notice
    extra = 0
    heading = "Corrections and expressions of concern"
    after = RETRACTED


@admin.register(Source)
class SourceAdmin(MergingAdmin, LookUpAdmin, NoticeAdmin, RemarkAdmin, LinkCheckAdmin):
    change_form_template = "admin/sources/source/change_form.html"
    actions = [*LinkCheckAdmin.actions, "tick_off_all"]
    list_filter = [
        "status",
        WithFilter,
        DueFilter,
        DeadLinksFilter,
        LinksToLookAtFilter,
        OpenRemarksFilter,
        "csl_type",
        "study_design",
        ("retracted_on", admin.EmptyFieldListFilter),
    ]
    views = [
        *VIEWS,
        ("Dead links", DeadLinksFilter, "yes"),
        ("Links to look at", LinksToLookAtFilter, "yes"),
        ("With open remarks", OpenRemarksFilter, "yes"),
    ]
    exported = ["coded", "contributors_in_words"]
    search_fields = ["title", "contributors__family", "contributors__literal", "doi", "isbn", "issued"]
    search_help_text = "Code, author, year, words of the title, DOI or ISBN"
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["newer_edition"]
    radio_fields = {"csl_type": admin.HORIZONTAL}
    inlines = [ContributorInline, NoticeInline]
    inlines_after = 0
    sections = [
        (
            "What it is",
            [
                "csl_type",
                "title",
                "title_italics",
                ("issued", "issued_is_approximate"),
                ("study_design", "design_note"),
                "country",
            ],
        ),
        (
            "Where it was published",
            [
                "container_title",
                ("volume", "issue", "pages"),
                ("publisher", "place"),
                ("series", "edition"),
                ("doi", "isbn"),
                ("issn", "eissn"),
                ("url", "accessed_on"),
            ],
        ),
        ("What we say of it", ["summary", "as_cited", "abstract", ("checked", "unchecked"), "note"]),
        ("Where readers find it", ["slug", "tags"]),
        (
            RETRACTED,
            [("retracted_on", "retraction_url"), "retraction_reason", ("newer_edition", "newer_edition_note")],
        ),
    ]

    def about(self, source):
        return [source.short_citation, source.kind_label]

    def depending(self, source):
        """Public findings that cite it, and reviews that rest on it as a whole."""
        findings = {
            citation.finding
            for citation in source.citations.filter(finding__status=Status.PUBLISHED).select_related("finding")
        }
        reviews = {
            link.review
            for link in source.review_sources.filter(review__status=Status.PUBLISHED).select_related("review")
        }
        found = sorted(findings, key=lambda one: one.number) + sorted(reviews, key=lambda one: one.number)
        words = "goes on citing it, and says that its record was withdrawn."
        return [depending(one, f"{capfirst(one.kind)}: {words}") for one in found]

    def get_queryset(self, request):
        return super().get_queryset(request).with_contributors()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if db_field.name == "title_italics":
            kwargs["widget"] = AdminTextInputWidget
        if db_field.name == "csl_type":
            kwargs["help_text"] = "The fields below follow it. Nothing that is typed is lost when it changes."
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def panels(self, request, source):
        return {**super().panels(request, source), "zotero": zotero.preview(source)}

    def render_change_form(self, request, context, **kwargs):
        return super().render_change_form(request, context | {"fields_of": FIELDS_OF}, **kwargs)

    @admin.display(description="contributors")
    def contributors_in_words(self, source):
        people = source.contributors.all()
        return "; ".join(str(one) if one.role == "author" else f"{one} ({one.role})" for one in people)
