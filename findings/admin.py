from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from taggit.models import Tag

from curation import tagging
from curation.admin import CuratedAdmin, DueFilter, EntryAdmin
from curation.conflictadmin import SharedAdmin
from curation.givenback import GivesBack
from curation.listexport import XLSX, ExportsList
from curation.namesearch import FindsByName
from curation.partadmin import PartInline
from findings.accounts import AccountAdmin
from findings.desk import NamesNoSourceFilter, RestsOnNothingFilter, RestsOnRetractedFilter, UsedOnceFilter
from findings.mergeadmin import TagForm, TagMerging, TermMerging
from findings.models import (
    Citation,
    EarlierTag,
    Finding,
    KeyMessage,
    PracticeImplication,
    Review,
    ReviewContributor,
    ReviewSource,
    Term,
    TermLabel,
    TermNote,
    Theme,
)
from findings.review_files import jsonfile
from findings.review_files.export import review_document
from findings.review_files.filetype import REVIEW_FILE

ASKED = ("questions_answered", "also_asked_as")

admin.site.site_header = admin.site.site_title = "Joined-up: the librarians’ desk"
admin.site.index_title = "What we hold"

# Its stock admin can merge tags, and loses tagged entries when it does.
admin.site.unregister(Tag)


admin.site.unregister(get_user_model())
admin.site.register(get_user_model(), AccountAdmin)


@admin.register(Tag)
class TagAdmin(GivesBack, TagMerging, SharedAdmin, FindsByName, ExportsList, admin.ModelAdmin):
    form = TagForm
    list_display = ["name", "slug", "findings", "implications", "sources"]
    exported = ["findings", "implications", "sources"]
    list_filter = [UsedOnceFilter]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and form.initial["slug"] not in ("", obj.slug):
            EarlierTag.objects.update_or_create(slug=form.initial["slug"], defaults={"tag": obj})

    def get_urls(self):
        view = self.admin_site.admin_view(self.suggest_view)
        return [path("suggest/", view, name="taggit_tag_suggest"), *super().get_urls()]

    def suggest_view(self, request):
        """The names of tags for what is being typed as one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = tagging.suggested(request.GET.get("q", "")[: tagging.LONGEST])
        return JsonResponse({"suggestions": [{"text": name} for name in names]})

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                finding_count=Count("findings_taggedfinding_items", distinct=True),
                implication_count=Count("findings_taggedimplication_items", distinct=True),
                source_count=Count("sources_taggedsource_items", distinct=True),
            )
        )

    @admin.display(ordering="finding_count")
    def findings(self, tag):
        return tag.finding_count

    @admin.display(ordering="implication_count", description="practice points")
    def implications(self, tag):
        return tag.implication_count

    @admin.display(ordering="source_count")
    def sources(self, tag):
        return tag.source_count


class ReviewSourceInline(PartInline):
    model = ReviewSource
    extra = 0
    autocomplete_fields = ["source"]


class ReviewContributorInline(PartInline):
    model = ReviewContributor
    extra = 0


@admin.register(Review)
class ReviewAdmin(EntryAdmin):
    list_display = ["coded", "title", "series", "status", "review_due_on"]
    search_fields = ["title", "series"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ReviewContributorInline, ReviewSourceInline]
    change_form_template = "admin/findings/review/change_form.html"
    content_fields = [
        "title",
        "slug",
        "series",
        "kind_of_text",
        ("year", "year_is_approximate"),
        "country",
        ("publisher", "place"),
        "summary",
        "bear_in_mind",
        "method",
        "practice_note",
        "updates",
        "since_then",
        "rights",
        "publisher_details",
        "how_to_get_it",
    ]

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/export/", view(self.export_view), name="findings_review_export"),
            path("template.xlsx", view(self.template_view), name="findings_review_template"),
            *super().get_urls(),
        ]

    def template_view(self, request):
        """An empty workbook to fill in, and to import."""
        if not request.user.has_perms(REVIEW_FILE.needs):
            raise PermissionDenied
        from findings.review_files import tables  # with its library, for the first who asks

        return as_download(tables.template(), "entries.xlsx", XLSX)

    def export_view(self, request, pk):
        """The review with everything of it as a file: `format` json or xlsx, `glossary` no to leave that out."""
        review = get_object_or_404(Review, pk=pk)
        if not (self.has_view_permission(request, review) and request.user.has_perm("findings.view_finding")):
            raise PermissionDenied
        document = review_document(review, with_glossary=request.GET.get("glossary") != "no")
        if request.GET.get("format") == "xlsx":
            from findings.review_files import tables  # with its library, for the first who asks

            try:
                return as_download(tables.write(document), f"{review.slug}.xlsx", XLSX)
            except tables.Unwritable as error:
                for message in error.messages:
                    self.message_user(request, message, messages.ERROR)
                return redirect("admin:findings_review_change", pk)
        return as_download(jsonfile.write(document), f"{review.slug}.json", "application/json")


def as_download(data, filename, media_type):
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type=media_type, headers=headers)


@admin.register(Theme)
class ThemeAdmin(EntryAdmin):
    list_display = ["coded", "name", "status", "review_due_on"]
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    content_fields = ["name", "slug", "summary", "since_then", *ASKED, "drawing"]


class CitationInline(PartInline):
    model = Citation
    extra = 0
    autocomplete_fields = ["source"]


@admin.register(Finding)
class FindingAdmin(EntryAdmin):
    list_display = ["coded", "heading", "stance", "theme", "status", "review_due_on"]
    list_filter = [
        "status",
        DueFilter,
        NamesNoSourceFilter,
        RestsOnRetractedFilter,
        "stance",
        "theme",
        "review",
        "has_practice_example",
        ("tags", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["theme"]
    search_fields = ["heading", "bottom_line", "body"]
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "theme"]
    inlines = [CitationInline]
    content_fields = [
        "review",
        "theme",
        "stance",
        "heading",
        "slug",
        "bottom_line",
        "body",
        "not_named",
        "not_known",
        "since_then",
        *ASKED,
        "has_practice_example",
        "tags",
    ]


@admin.register(KeyMessage)
class KeyMessageAdmin(EntryAdmin):
    list_display = ["coded", "heading", "review", "status", "review_due_on"]
    list_filter = ["status", DueFilter, "review"]
    list_select_related = ["review"]
    search_fields = ["heading", "body"]
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "findings", "implications"]
    content_fields = ["review", "heading", "slug", "body", "note", "since_then", *ASKED, "findings", "implications"]


@admin.register(PracticeImplication)
class PracticeImplicationAdmin(EntryAdmin):
    list_display = ["coded", "heading", "element", "review", "status", "review_due_on"]
    list_filter = ["status", DueFilter, RestsOnNothingFilter, RestsOnRetractedFilter, "element", "review"]
    list_select_related = ["review"]
    search_fields = ["heading", "summary", "body"]
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "findings"]
    content_fields = [
        "review",
        "element",
        "audience",
        "heading",
        "slug",
        "summary",
        "body",
        "questions",
        "since_then",
        *ASKED,
        "findings",
        "tags",
    ]


class TermLabelInline(PartInline):
    model = TermLabel
    extra = 1


class TermNoteInline(PartInline):
    model = TermNote
    extra = 0


@admin.register(Term)
class TermAdmin(TermMerging, CuratedAdmin):
    list_display = ["preferred_label", "labels_in_words", "explained_in_text", "status"]
    exported = ["labels_in_words"]
    list_filter = ["status", DueFilter, "explained_in_text"]
    search_fields = ["preferred_label", "labels__label", "definition"]
    prepopulated_fields = {"slug": ["preferred_label"]}
    inlines = [TermLabelInline, TermNoteInline]
    content_fields = ["preferred_label", "slug", "definition", "explained_in_text"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("labels")

    @admin.display(description="other labels")
    def labels_in_words(self, term):
        return ", ".join(str(label) for label in term.labels.all())
