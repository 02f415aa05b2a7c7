"""Curation in the admin: acts as buttons and list actions, changes of public wording, and the history of an entry."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from taggit.managers import TaggableManager

from curation import conflicts, history, tagging, workflow
from curation.changelog import gathered
from curation.conflictadmin import SharedAdmin, SharedForm
from curation.conflicts import SEEN, state_token
from curation.entries import EarlierSlug, Status
from curation.givenback import GivesBack, data_for, given_back
from curation.imports.admin import ImportAdmin  # noqa: F401 - which registers itself
from curation.listexport import ExportsList
from curation.log import LogEntry
from curation.namesearch import FindsByName
from curation.tagforms import TagsField
from curation.textforms import PrintableTexts
from curation.worddiff import marked_difference

DATES = ["published_on", "wording_changed_on", "last_checked_on"]
WITHDRAWAL = ["withdrawn_on", "withdrawal_reason"]
MOST_AT_ONCE = 1500  # entries that an act is done to


class YesFilter(admin.SimpleListFilter):
    """A filter with one choice; `narrow` is what it does to the list."""

    narrow = None

    def lookups(self, request, model_admin):
        return [("yes", "Yes")]

    def queryset(self, request, queryset):
        return type(self).narrow(queryset) if self.value() == "yes" else queryset


class DueFilter(YesFilter):
    title = "due for a check"
    parameter_name = "due"

    @staticmethod
    def narrow(entries):
        return entries.due_for_review(timezone.localdate())


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


class ActForm(forms.Form):
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4, "cols": 80}))

    def __init__(self, *args, rule, replacements=None, **kwargs):
        super().__init__(*args, **kwargs)
        if rule.note_is == "optional":
            self.fields["note"].label = "Note for the record (optional)"
        else:
            self.fields["note"].required = True
            self.fields["note"].label = capfirst(rule.note_is)
            self.fields["note"].error_messages["required"] = f"Write {rule.note_is}."
        if replacements is not None:
            self.fields["replacement"] = forms.ModelChoiceField(
                replacements, required=False, label="What to use instead", empty_label="Nothing replaces it"
            )


def timeline(entry):
    """What was done to an entry and how its wording changed, newest first, as dicts for a template."""
    moments = [
        {"at": act.at, "by": act.by, "what": act.get_name_display(), "note": act.note}
        for act in LogEntry.objects.on(entry)
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


class CuratedAdmin(PrintableTexts, GivesBack, SharedAdmin, FindsByName, ExportsList, admin.ModelAdmin):
    """What the forms and lists of all curated rows share. A subclass names its own `content_fields`.

    Status and dates are never typed: transitions (`curation.workflow`) set them. An entry that readers can see may be
    changed, and a published one withdrawn, only by those who may publish; only drafts may be deleted.
    """

    content_fields = []
    list_filter = ["status", DueFilter]
    save_on_top = True
    list_per_page = 50
    formfield_overrides = {TaggableManager: {"form_class": TagsField, "help_text": tagging.HELP}}
    readonly_fields = ["status", *DATES, *WITHDRAWAL]

    def get_fieldsets(self, request, obj=None):
        public = obj is not None and obj.is_public
        kept = ["status", *DATES, "review_due_on"]
        sections = [(None, {"fields": [*self.head_fields(obj), *self.content_fields, SEEN]})]
        if public and self.has_change_permission(request, obj):
            sections.append(("This change", {"fields": ["kind_of_change", "public_note"]}))
        sections.append(("Status and dates", {"fields": kept}))
        if obj is not None and obj.is_withdrawn:
            sections.append(("Withdrawal", {"fields": self.withdrawal_fields()}))
        return sections

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None and obj.is_public and self.has_change_permission(request, obj):
            kwargs["form"] = PublicChangeForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_list_display_links(self, request, list_display):
        return list_display[:2]

    def head_fields(self, obj):
        return []

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
        if obj is not None and (obj.status not in (Status.DRAFT, Status.IN_REVIEW) or obj.published_on):
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request):
        actions = super().get_actions(request)
        # Deleting in bulk would pass by the rule that only drafts are deleted.
        actions.pop("delete_selected", None)
        for name, rule in workflow.TRANSITIONS.items():
            if request.user.has_perm(rule.permission):
                actions[name] = (bulk(name), name, f"{rule.label} …")
        return actions

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
        view = self.admin_site.admin_view(self.act_view)
        put_back = self.admin_site.admin_view(self.put_back_view)
        return [
            path("<int:pk>/act/<slug:name>/", view, name="{}_{}_act".format(*info)),
            path("<int:pk>/history/<int:revision>/", put_back, name="{}_{}_put_back".format(*info)),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        entry = self.get_object(request, object_id)
        context = extra_context or {}
        if entry is not None:
            address = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
            context["acts_offered"] = [
                (reverse(address, args=[entry.pk, name]), workflow.TRANSITIONS[name].label)
                for name in workflow.offered(entry, request.user)
            ]
            context["acts_done"] = LogEntry.objects.on(entry)[:20]
            context |= self.panels(request, entry)
        return super().change_view(request, object_id, form_url, context)

    def panels(self, request, entry):
        """What the template of an entry's page shows besides, as context."""
        return {}

    def act_view(self, request, pk, name):
        entry = get_object_or_404(self.model, pk=pk)
        if name not in workflow.TRANSITIONS:
            raise Http404("No such act.")
        if not self.has_view_permission(request, entry) or not request.user.has_perm(
            workflow.TRANSITIONS[name].permission
        ):
            raise PermissionDenied
        return self._act(request, name, [entry])

    def _act(self, request, name, entries, told=None):
        """Ask for the note, then do the act to all of `entries` or to none; a single one may name a replacement."""
        rule = workflow.TRANSITIONS[name]
        replacements = None
        if name == LogEntry.Name.WITHDRAW and len(entries) == 1 and hasattr(entries[0], "replaced_by"):
            replacements = self.model.objects.published().exclude(pk=entries[0].pk)
        confirmed = request.method == "POST" and "confirm" in request.POST
        form = ActForm(request.POST if confirmed else given_back(request), rule=rule, replacements=replacements)
        if confirmed and form.is_valid():
            try:
                if told:
                    raise workflow.Refused(told)
                with transaction.atomic(), gathered():
                    for entry in entries:
                        workflow.perform(name, entry, request.user, **form.cleaned_data)
            except workflow.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                what = f"“{entries[0]}”" if len(entries) == 1 else f"{len(entries):,} entries"
                messages.success(request, f"{LogEntry.Name(name).label}: {what}.")
                if len(entries) > 1 or not self.has_view_permission(request, entries[0]):
                    return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", entries[0].pk)
        context = {
            **self.admin_site.each_context(request),
            "title": rule.label,
            "form": form,
            "entries": entries,
            "opts": self.opts,
            "act": name,
            "label": rule.label,
            "bulk": "action" in request.POST,
        }
        return TemplateResponse(request, "admin/act.html", context)


def bulk(name):
    def action(modeladmin, request, queryset):
        told = None
        if chosen := request.POST.get("entries"):  # those of the page that is confirmed, in one field
            ids = {int(pk) for pk in chosen.split(",") if pk.isdecimal() and len(pk) < 19}
            queryset = modeladmin.get_queryset(request).filter(pk__in=ids)
            if gone := len(ids) - queryset.count():
                told = f"Nothing was done: {gone} of those you chose were deleted meanwhile. Confirm it for the others."
        count = queryset.count()
        if count > MOST_AT_ONCE:
            messages.error(
                request,
                f"You chose {count:,}, and nothing was done: an act is done to at most {MOST_AT_ONCE:,} at once. "
                "Narrow the list by its filters.",
            )
            return None
        # In one order, so that two who do it at once do not wait for each other.
        return modeladmin._act(request, name, list(queryset.order_by("pk")), told)

    action.__name__ = name.replace("-", "_")
    return action


class EntryAdmin(CuratedAdmin):
    exported = ["coded"]
    autocomplete_fields = []
    readonly_fields = ["coded", "replaced_by", *CuratedAdmin.readonly_fields]

    def head_fields(self, obj):
        return ["coded"] if obj else []

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

    list_display = ["at", "name", "entry", "by", "note"]
    exported = ["entry"]
    list_filter = ["name", "content_type", "at"]
    search_fields = ["note", "by__username"]
    date_hierarchy = "at"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "content_type").prefetch_related("entry")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
