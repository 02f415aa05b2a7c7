"""Curation in the admin: acts as buttons and list actions, changes of public wording, and the history of an entry."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from taggit.managers import TaggableManager

from curation import conflicts, history, holding, tagging, workflow
from curation.actadmin import ActsAdmin
from curation.choosing import ChooserFields
from curation.commentadmin import TakesNotes
from curation.comments import Comment
from curation.conflictadmin import SharedAdmin, SharedForm
from curation.conflicts import SEEN, state_token
from curation.entries import HIDDEN, EarlierSlug, Status
from curation.givenback import GivesBack, data_for
from curation.imports.admin import ImportAdmin  # noqa: F401 - which registers itself
from curation.listadmin import ListsEntries
from curation.listexport import ExportsList
from curation.log import LogEntry
from curation.namesearch import FindsByName
from curation.tagforms import TagsField
from curation.tasks import admin_url
from curation.textforms import PrintableTexts
from curation.worddiff import marked_difference

DATES = ["published_on", "wording_changed_on", "last_checked_on"]
# Fields that a librarian knows by another word than the code does.
LABELS = {"slug": "Address", "url": "Web address", "review_due_on": "Next check"}
WITHDRAWAL = ["withdrawn_on", "withdrawal_reason"]


class KindOfChange(forms.Form):
    """For an entry that readers can see: what kind of change is it?"""

    kind_of_change = forms.ChoiceField(
        choices=[("correction", "A minor correction: the meaning stays"), ("meaning", "A change of meaning")],
        widget=forms.RadioSelect,
        help_text="A change of meaning is dated, and its note is shown to readers. What has happened since a review is "
        "ours, beside the wording: a change of that alone is no change of meaning.",
    )
    public_note = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="What changed, in a sentence for readers."
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind_of_change") == "meaning" and not cleaned.get("public_note", "").strip():
            self.add_error("public_note", "Say in a sentence what changed: readers see it.")
        return cleaned


class PublicChangeForm(KindOfChange, SharedForm):
    pass


def timeline(entry):
    """What was done to an entry and how its wording changed, newest first, as dicts for a template."""
    moments = [
        {"at": act.at, "by": act.by, "what": act.get_name_display(), "note": act.note}
        for act in LogEntry.objects.on(entry)
    ]
    told = {(act["at"], act["note"]) for act in moments}
    notes = [note for thread in Comment.objects.on(entry) for note in [thread, *thread.answers.all()]]
    moments += [
        {
            "at": note.at,
            "by": note.by,
            "what": "Answered a note" if note.thread_id else "Wrote a note",
            "note": note.text,
        }
        for note in notes
        if (note.at, note.text) not in told  # by which it was sent back
    ]
    revisions = list(history.Revision.objects.of(entry).select_related("by"))
    for i, revision in enumerate(revisions):
        earlier = revisions[i + 1].state if i + 1 < len(revisions) else None
        changed = shown_changes(type(entry), earlier, revision.state) if earlier else []
        labels = ", ".join(label.lower() for label, _ in changed)
        what = f"Changed: {labels}" if changed else "Wording recorded"
        moment = {"at": revision.at, "by": revision.by, "what": what, "note": revision.note, "changes": changed}
        moments.append(moment | {"revision": None if i == 0 else revision.pk})
    return sorted(moments, key=lambda moment: moment["at"], reverse=True)


def shown_changes(model, before, after):
    """(label, difference as HTML) for each part of the wording that differs."""
    return [(label, marked_difference(old, new)) for label, old, new in history.changes(model, before, after)]


def written(moment):
    return date_format(timezone.localtime(moment), "j F Y, H:i")


class CuratedAdmin(
    ActsAdmin,
    TakesNotes,
    ListsEntries,
    ChooserFields,
    PrintableTexts,
    GivesBack,
    SharedAdmin,
    FindsByName,
    ExportsList,
    admin.ModelAdmin,
):
    """What the forms and lists of all curated rows share. A subclass names its own `sections`.

    Status and dates are never typed: transitions (`curation.workflow`) set them. An entry that readers can see may be
    changed, and a published one withdrawn, only by those who may publish; only drafts may be deleted.
    """

    sections = []  # (heading, fields) of the form, in the order of the work
    inlines_after = 1  # so many of the sections come before the parts
    counted = {}  # {field: most characters}, counted while one types
    previewed = []  # (field, class) that the preview beside the form shows
    formfield_overrides = {TaggableManager: {"form_class": TagsField, "help_text": tagging.HELP}}
    readonly_fields = ["status", *DATES, *WITHDRAWAL]

    def get_fieldsets(self, request, obj=None):
        public = obj is not None and obj.is_public
        sections = [(heading, {"fields": [*fields]}) for heading, fields in self.sections]
        sections[0][1]["fields"].append(SEEN)
        sections.append(("When to check it again", {"fields": ["review_due_on", *([tuple(DATES)] if obj else [])]}))
        if obj is not None and obj.is_withdrawn:
            sections.append(("Withdrawal", {"fields": self.withdrawal_fields()}))
        if public and self.has_change_permission(request, obj):
            sections.append(("This change", {"fields": ["kind_of_change", "public_note"]}))
        return sections

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None and obj.is_public and self.has_change_permission(request, obj):
            kwargs["form"] = PublicChangeForm
        return super().get_form(request, obj, change=change, **kwargs)

    def withdrawal_fields(self):
        return WITHDRAWAL

    def get_prepopulated_fields(self, request, obj=None):
        """A slug follows the title only until the entry exists: then it is an address."""
        return {} if obj else self.prepopulated_fields

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    # Who may

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.status in (Status.PUBLISHED, Status.WITHDRAWN):
            return super().has_change_permission(request, obj) and request.user.has_perm("curation.publish_entries")
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        if obj is not None and (obj.status not in HIDDEN or obj.published_on):
            return False
        return super().has_delete_permission(request, obj)

    # Saving

    def save_model(self, request, obj, form, change):
        form.states_before = history.states(self.model, [obj.pk] if change else [])
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        pk = form.instance.pk
        after = history.states(self.model, [pk])
        history.record(self.model, form.states_before, after, request.user)
        if change and isinstance(form, PublicChangeForm):
            if after == form.states_before:
                messages.info(request, "Nothing was changed, so nothing was recorded for readers.")
            else:
                workflow.record_change(
                    form.instance,
                    request.user,
                    before=form.states_before[pk],
                    changes_meaning=form.cleaned_data["kind_of_change"] == "meaning",
                    note=form.cleaned_data["public_note"],
                )

    # History

    def history_view(self, request, object_id, extra_context=None):
        entry = self.get_object(request, object_id)
        if entry is None:
            return super().history_view(request, object_id, extra_context)  # says so
        if not self.has_view_or_change_permission(request, entry):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of “{entry}”",
            "entry": entry,
            "opts": self.opts,
            "moments": timeline(entry),
            "may_put_back": self.has_change_permission(request, entry),
        }
        return TemplateResponse(request, "admin/entry_history.html", context)

    @transaction.atomic
    def put_back_view(self, request, pk, revision):
        entries = self.model.objects.select_for_update(of=("self",)) if request.method == "POST" else self.model.objects
        entry = get_object_or_404(entries, pk=pk)
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        revision = get_object_or_404(history.Revision.objects.of(entry), pk=revision)
        form = (KindOfChange if entry.is_public else forms.Form)(data_for(request))
        token, seen = state_token(entry), conflicts.opened(request.POST.get(SEEN))
        if request.method == "POST" and form.is_valid():
            try:
                if not seen or seen["token"] != token:
                    deeds = conflicts.since(entry, seen["at"]) if seen else []
                    told = " ".join(["It was changed while you were looking.", *map(str, deeds)])
                    raise history.CannotPutBack(f"{told} What would change now stands above: look at it once more.")
                self._put_back(request, entry, revision, form.cleaned_data)
            except (history.CannotPutBack, workflow.Refused) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"“{entry}” has the wording of {written(revision.at)} again.")
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", entry.pk)
        entry = self.model.objects.get(pk=pk)  # as it is, whatever was tried
        state = history.state_of(entry)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Put back the wording of {written(revision.at)}",
            "entry": entry,
            "opts": self.opts,
            "form": form,
            "seen": conflicts.sealed(entry, token, {}),
            "changes": shown_changes(self.model, state, {**state, **history.without_besides(revision.state)}),
        }
        return TemplateResponse(request, "admin/put_back.html", context)

    def _put_back(self, request, entry, revision, told):
        with history.recording(
            self.model, [entry.pk], request.user, f"Wording of {written(revision.at)} put back"
        ) as before:
            history.put_back(entry, revision.state)
            if entry.is_public:
                workflow.record_change(
                    entry,
                    request.user,
                    before=before[entry.pk],
                    changes_meaning=told["kind_of_change"] == "meaning",
                    note=told["public_note"],
                )

    # Acts

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        put_back = self.admin_site.admin_view(self.put_back_view)
        return [
            path("<int:pk>/history/<int:revision>/", put_back, name="{}_{}_put_back".format(*info)),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        entry = self.get_object(request, object_id)
        context = extra_context or {}
        if entry is not None:
            entry.hold = holding.holds([entry]).get(entry.pk, holding.Hold())
            context["acts_offered"] = self.acts_offered(request, entry)
            context["acts_done"] = LogEntry.objects.on(entry)[:20]
            context["shown_state"] = self.state(entry)
            context |= self.notes_shown(request, entry)
            context |= self.panels(request, entry)
        return super().change_view(request, object_id, form_url, context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["inlines_after"] = self.inlines_after
        form = context["adminform"].form
        context["previewed"] = [
            (name, form[name].value() or "", css) for name, css in self.previewed if name in form.fields
        ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.counted:
            field.widget.attrs["data-count"] = self.counted[db_field.name]
        if db_field.name in LABELS:
            field.label = LABELS[db_field.name]
        return field

    def panels(self, request, entry):
        """What the template of an entry's page shows besides, as context."""
        return {}


class EntryAdmin(CuratedAdmin):
    exported = ["coded"]
    autocomplete_fields = []
    readonly_fields = ["coded", "replaced_by", *CuratedAdmin.readonly_fields]

    def withdrawal_fields(self):
        return [*WITHDRAWAL, "replaced_by"]

    @admin.display(description="code", ordering="number")
    def coded(self, entry):
        return entry.code


@admin.register(EarlierSlug)
class EarlierSlugAdmin(ExportsList, admin.ModelAdmin):
    """To look at: earlier addresses are kept by the entries themselves."""

    list_display = ["slug", "code"]
    exported = ["code"]
    search_fields = ["slug"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(LogEntry)
class LogEntryAdmin(ExportsList, admin.ModelAdmin):
    """The record of what was done, to read."""

    list_title = "Log"
    list_display = ["at", "by", "name", "entry_linked", "note"]
    fields = ["entry_linked", "name", "by", "at", "note"]
    exported = ["entry"]
    list_filter = ["name", "content_type", "at"]
    search_fields = ["note", "by__username"]
    date_hierarchy = "at"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "content_type").prefetch_related("entry")

    @admin.display(description="entry")
    def entry_linked(self, act):
        if act.entry is None:
            return ""
        name = getattr(act.entry, "code", "")
        return format_html(
            '<a href="{}">{}</a>', admin_url(type(act.entry), "change", act.object_id), f"{name} {act.entry}".strip()
        )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
