from django.contrib import admin
from django.db import models

from curation.admin import DueFilter
from curation.partadmin import PartInline
from sources.bibliography import zotero
from sources.linkadmin import DeadLinksFilter, LinkCheckAdmin, LinksToLookAtFilter
from sources.lookupadmin import LookUpAdmin
from sources.mergeadmin import MergingAdmin
from sources.models import Contributor, Notice, Source
from sources.noticeadmin import NoticeAdmin


class ContributorInline(PartInline):
    model = Contributor
    extra = 1


class NoticeInline(PartInline):
    model = Notice
    extra = 1


@admin.register(Source)
class SourceAdmin(MergingAdmin, LookUpAdmin, NoticeAdmin, LinkCheckAdmin):
    change_form_template = "admin/sources/source/change_form.html"
    list_display = ["coded", "title", "who", "issued", "csl_type", "study_design", "status", "review_due_on"]
    list_filter = [
        "status",
        DueFilter,
        DeadLinksFilter,
        LinksToLookAtFilter,
        "csl_type",
        "study_design",
        ("retracted_on", admin.EmptyFieldListFilter),
    ]
    exported = ["coded", "contributors_in_words"]
    search_fields = ["title", "contributors__family", "contributors__literal", "doi", "isbn", "issued"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["newer_edition"]
    inlines = [ContributorInline, NoticeInline]
    content_fields = [
        "csl_type",
        ("study_design", "design_note"),
        "country",
        "title",
        "slug",
        ("issued", "issued_is_approximate"),
        "container_title",
        ("volume", "issue", "pages"),
        ("publisher", "place"),
        ("series", "edition"),
        ("doi", "isbn", "issn", "eissn"),
        ("url", "accessed_on"),
        "abstract",
        "summary",
        "as_cited",
        ("checked", "unchecked"),
        "note",
        "tags",
        ("retracted_on", "retraction_reason", "retraction_url"),
        ("newer_edition", "newer_edition_note"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_contributors()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def panels(self, request, source):
        return {**super().panels(request, source), "zotero": zotero.preview(source)}

    @admin.display(description="by")
    def who(self, source):
        return source.short_citation

    @admin.display(description="contributors")
    def contributors_in_words(self, source):
        people = source.contributors.all()
        return "; ".join(str(one) if one.role == "author" else f"{one} ({one.role})" for one in people)
