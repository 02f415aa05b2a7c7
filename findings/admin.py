from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.html import format_html
from taggit.models import Tag

from curation import tagging
from curation.admin import CuratedAdmin, EntryAdmin
from curation.conflictadmin import SharedAdmin
from curation.givenback import GivesBack
from curation.listadmin import VIEWS, DueFilter, WithFilter, icon
from curation.listexport import XLSX, ExportsList
from curation.namesearch import FindsByName
from curation.partadmin import PartInline
from curation.savedviews import KeepsViews
from findings import depending
from findings.accounts import AccountAdmin
from findings.desk import (
    NamesNoSourceFilter,
    RestsOnNothingFilter,
    RestsOnRetractedFilter,
    RestsOnUnconfirmedFilter,
    UsedOnceFilter,
)
from findings.extraction.passageadmin import PLACE, ShowsPassages
from findings.extraction.readingadmin import ReadsTexts
from findings.extraction.secondadmin import HasSecondReaders
from findings.extraction.trailadmin import HasTrail
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
class TagAdmin(KeepsViews, GivesBack, TagMerging, SharedAdmin, FindsByName, ExportsList, admin.ModelAdmin):
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
    heading = "Works it rests on as a whole"
    fields = ["source", ("role", "number")]


class ReviewContributorInline(PartInline):
    model = ReviewContributor
    extra = 0
    heading = "Who made it"
    fields = [("family", "given", "role"), "literal", "order"]


@admin.register(Review)
class ReviewAdmin(ReadsTexts, HasSecondReaders, HasTrail, EntryAdmin):
    search_fields = ["title", "series"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ReviewContributorInline, ReviewSourceInline]
    change_form_template = "admin/findings/review/change_form.html"
    sections = [
        (
            "What it is",
            ["title", "series", "kind_of_text", ("year", "year_is_approximate", "country"), ("publisher", "place")],
        ),
        ("What readers are told of it", ["summary", "bear_in_mind", "method", "practice_note"]),
        ("How old it is, and since then", ["updates", "check_every", "since_then"]),
        ("Whose it is, and how to get it", ["rights", "publisher_details", "how_to_get_it"]),
        ("Where readers find it", ["slug"]),
    ]

    def about(self, review):
        return [review.series, review.year]

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
        """The review with everything of it as a file: `format` json or xlsx, `glossary` no to leave that out,
        `passages` yes for those of its text too, in JSON alone."""
        review = get_object_or_404(Review, pk=pk)
        if not (self.has_view_permission(request, review) and request.user.has_perm("findings.view_finding")):
            raise PermissionDenied
        as_workbook = request.GET.get("format") == "xlsx"
        with_passages = request.GET.get("passages") == "yes" and not as_workbook
        if with_passages and not request.user.has_perm("findings.work_on_text"):
            raise PermissionDenied
        with_glossary = request.GET.get("glossary") != "no"
        document = review_document(review, with_glossary=with_glossary, with_passages=with_passages)
        if as_workbook:
            from findings.review_files import tables  # with its library, for the first who asks

            try:
                return as_download(tables.write(document), f"{review.slug}.xlsx", XLSX)
            except tables.Unwritable as error:
                for message in error.messages:
                    self.message_user(request, message, messages.ERROR)
                return redirect("admin:findings_review_change", pk)
        name = f"{review.slug}-with-passages.json" if with_passages else f"{review.slug}.json"
        return as_download(jsonfile.write(document), name, "application/json")


def as_download(data, filename, media_type):
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type=media_type, headers=headers)


@admin.register(Theme)
class ThemeAdmin(EntryAdmin):
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    sections = [
        ("What it is", ["name", "summary", "since_then"]),
        ("Where readers find it", ["slug", *ASKED, "drawing"]),
    ]
    previewed = [("name", "was"), ("summary", "")]


class CitationInline(PartInline):
    model = Citation
    extra = 0
    autocomplete_fields = ["source"]
    heading = "What it rests on"
    description = "The works that the review names for this statement, in the order in which readers see them."
    fields = [("source", "number"), ("locator", "locator_label"), "order", "note", "covers"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("source").prefetch_related("source__contributors")


class LinksReplacements:
    """What is linked to an entry can be linked to what replaces it, as the entry is withdrawn."""

    def linked_to(self, entry):
        return depending.linked_to(entry)

    def put_in_place(self, new, old, by):
        return depending.put_in_place(new, old, by)


@admin.register(Finding)
class FindingAdmin(ShowsPassages, LinksReplacements, EntryAdmin):
    list_filter = [
        "status",
        WithFilter,
        DueFilter,
        "theme",
        "stance",
        NamesNoSourceFilter,
        RestsOnRetractedFilter,
        RestsOnUnconfirmedFilter,
        "review",
        "has_practice_example",
        ("tags", admin.RelatedOnlyFieldListFilter),
    ]
    views = [*VIEWS, ("Naming no study", NamesNoSourceFilter, "yes")]
    list_select_related = ["theme"]
    search_fields = ["heading", "bottom_line", "body"]
    search_help_text = "Code, words of the heading or of the text"
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "theme"]
    radio_fields = {"stance": admin.HORIZONTAL}
    inlines = [CitationInline]
    counted = {"heading": 70}
    previewed = [("stance", "stance-word"), ("heading", "was"), ("bottom_line", "")]
    sections = [
        ("What it says", ["heading", "stance", "bottom_line", "body"]),
        ("Where readers find it", [("review", "theme"), "slug", "tags", *ASKED]),
        ("Where it stands in the review", [*PLACE]),
        ("What stays open, and since then", ["not_named", "not_known", "since_then", "has_practice_example"]),
    ]

    def about(self, finding):
        return [stance_mark(finding), finding.theme.name]

    def depending(self, finding):
        return depending.on_finding(finding)


def stance_mark(finding):
    return format_html(
        '<span class="stance stance-{}">{}{}</span>',
        finding.stance,
        icon(f"s-{finding.stance}"),
        finding.get_stance_display(),
    )


@admin.register(KeyMessage)
class KeyMessageAdmin(ShowsPassages, EntryAdmin):
    list_filter = ["status", WithFilter, DueFilter, "review"]
    list_select_related = ["review"]
    search_fields = ["heading", "body"]
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "findings", "implications"]
    counted = {"heading": 70}
    previewed = [("heading", "was"), ("body", "")]
    sections = [
        ("What it says", ["heading", "body", "in_short", "note"]),
        ("What it rests on", ["review", "findings", "implications"]),
        ("Where readers find it", ["slug", *ASKED]),
        ("Where it stands in the review", [*PLACE]),
        ("Since then", ["since_then"]),
    ]

    def about(self, message):
        return [message.review.title]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "implications":
            kwargs["label"] = "Practice points"
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(PracticeImplication)
class PracticeImplicationAdmin(ShowsPassages, LinksReplacements, EntryAdmin):
    list_filter = [
        "status",
        WithFilter,
        DueFilter,
        RestsOnNothingFilter,
        RestsOnRetractedFilter,
        RestsOnUnconfirmedFilter,
        "element",
        "review",
    ]
    views = [*VIEWS, ("Resting on nothing", RestsOnNothingFilter, "yes")]
    list_select_related = ["review"]
    search_fields = ["heading", "summary", "body"]
    prepopulated_fields = {"slug": ["heading"]}
    autocomplete_fields = ["review", "findings"]
    counted = {"heading": 70}
    previewed = [("heading", "was"), ("summary", "")]
    sections = [
        ("What it says", ["heading", ("element", "audience"), "summary", "body", "questions"]),
        ("What it rests on", ["review", "findings"]),
        ("Where readers find it", ["slug", "tags", *ASKED]),
        ("Where it stands in the review", [*PLACE]),
        ("Since then", ["since_then"]),
    ]

    def about(self, point):
        return [point.get_element_display()]

    def depending(self, point):
        return depending.on_point(point)


class TermLabelInline(PartInline):
    model = TermLabel
    extra = 1
    heading = "Other words for it"
    fields = [("label", "kind")]


class TermNoteInline(PartInline):
    model = TermNote
    extra = 0


@admin.register(Term)
class TermAdmin(TermMerging, CuratedAdmin):
    list_title = "Glossary"
    exported = ["labels_in_words"]
    list_filter = ["status", WithFilter, DueFilter, "explained_in_text"]
    search_fields = ["preferred_label", "labels__label", "definition"]
    prepopulated_fields = {"slug": ["preferred_label"]}
    inlines = [TermLabelInline, TermNoteInline]
    sections = [
        ("What it means", ["preferred_label", "definition"]),
        ("Where readers find it", ["slug", "explained_in_text"]),
    ]
    previewed = [("preferred_label", "was"), ("definition", "")]

    def about(self, term):
        return [self.labels_in_words(term)]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("labels")

    @admin.display(description="other labels")
    def labels_in_words(self, term):
        return ", ".join(str(label) for label in term.labels.all())
