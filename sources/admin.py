from django.contrib import admin
from django.db import models

from sources.models import Contributor, EarlierSlug, Source

DATES = ["published_on", "wording_changed_on", "last_checked_on", "review_due_on"]
WITHDRAWAL = ["withdrawn_on", "withdrawal_reason"]


class CuratedAdmin(admin.ModelAdmin):
    """What the forms and lists of all curated rows share. A subclass names its own `content_fields`."""

    content_fields = []
    withdrawal_fields = WITHDRAWAL
    list_filter = ["status"]
    date_hierarchy = None
    save_on_top = True
    list_per_page = 50

    def get_fieldsets(self, request, obj=None):
        return [
            (None, {"fields": [*self.head_fields(obj), *self.content_fields]}),
            ("Status and dates", {"fields": ["status", *DATES]}),
            ("Withdrawal", {"fields": self.withdrawal_fields, "classes": ["collapse"]}),
        ]

    def head_fields(self, obj):
        return []

    def get_prepopulated_fields(self, request, obj=None):
        """A slug follows the title only until the entry exists: then it is an address."""
        return {} if obj else self.prepopulated_fields

    def view_on_site(self, obj):
        return obj.get_absolute_url()


class EntryAdmin(CuratedAdmin):
    withdrawal_fields = [*WITHDRAWAL, "replaced_by"]
    autocomplete_fields = ["replaced_by"]
    readonly_fields = ["coded"]

    def head_fields(self, obj):
        return ["coded"] if obj else []

    @admin.display(description="code", ordering="number")
    def coded(self, entry):
        return entry.code


class ContributorInline(admin.TabularInline):
    model = Contributor
    extra = 1


@admin.register(Source)
class SourceAdmin(EntryAdmin):
    list_display = ["coded", "title", "who", "issued", "csl_type", "study_design", "status", "review_due_on"]
    list_filter = ["status", "csl_type", "study_design", ("retracted_on", admin.EmptyFieldListFilter)]
    search_fields = ["title", "contributors__family", "contributors__literal", "doi", "isbn", "issued", "=number"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["replaced_by", "newer_edition"]
    inlines = [ContributorInline]
    content_fields = [
        "csl_type",
        ("study_design", "design_note"),
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

    @admin.display(description="by")
    def who(self, source):
        return source.short_citation


@admin.register(EarlierSlug)
class EarlierSlugAdmin(admin.ModelAdmin):
    """To look at: earlier addresses are kept by the entries themselves."""

    list_display = ["slug", "code"]
    search_fields = ["slug"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
