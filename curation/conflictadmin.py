"""Admin forms that two people may have open at once: who saves second is told, and nothing of either is lost."""

from django import forms
from django.contrib.admin.models import DELETION
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.template.response import TemplateResponse

from curation import conflicts
from curation.conflicts import SEEN, state_token
from curation.log import LogEntry


class SharedForm(forms.ModelForm):
    """Carries what the entry said when the form was opened. With `meanwhile`, nothing is saved yet."""

    state_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    meanwhile = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self):
        cleaned = super().clean()
        if self.meanwhile:
            self.add_error(None, f"Not saved yet: {self.meanwhile['title']}. Look at what is said above, then save.")
        return cleaned


class SharedAdmin:
    """For an admin whose form is a `SharedForm`."""

    form = SharedForm
    change_form_template = "admin/curated_change_form.html"

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.meanwhile = getattr(request, "meanwhile", None)
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            # Before anything is read of the entry: what is saved in between must not go unnoticed.
            entry = self.get_object(request, unquote(object_id)) if object_id else None
            request.token = state_token(entry) if entry else None
            return super().changeform_view(request, object_id, form_url, extra_context)
        sent = request.POST
        try:
            return self._save(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody saved at the same moment: looked at once more, it is told in words.
            request.POST = sent
            return self._save(request, object_id, form_url, extra_context)

    def _save(self, request, object_id, form_url, extra_context):
        with transaction.atomic():
            if object_id:
                self._hold(object_id)
                entry, seen = self.get_object(request, unquote(object_id)), conflicts.opened(request.POST.get(SEEN))
                if seen and self._is_closed(request, entry, seen):
                    return self._not_saved(request, object_id, entry, seen)
                if entry and self.has_change_permission(request, entry):
                    extra_context = {**(extra_context or {}), "meanwhile": self._join(request, entry, seen)}
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if connection.features.has_select_for_update:
            connection.check_constraints()  # now, and not when somebody was told already that all is saved

    def _hold(self, object_id):
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return
        self.model._base_manager.select_for_update(of=("self",)).filter(pk=pk).first()

    def _join(self, request, entry, seen):
        """Put what others saved into what was sent; return what is to be told of it, or None."""
        request.meanwhile = None
        request.POST = post = request.POST.copy()
        if seen:
            conflicts.choose(post, seen)
        token = state_token(entry)
        if seen and seen["token"] == token:
            return None
        form, formsets = self._forms(request, entry)
        now = conflicts.snapshot(form, formsets)
        joined = conflicts.Joined(post, seen).add(form, formsets, now)
        post[SEEN] = conflicts.sealed(entry, token, now)
        if joined.is_news or (seen and seen["status"] != getattr(entry, "status", "")):
            deeds = conflicts.since(entry, seen["at"]) if seen else []
            people = {deed.by for deed in deeds}
            name = getattr(entry, "code", f"“{entry}”")
            one = people.pop() if len(people) == 1 else ""
            request.meanwhile = {
                "title": f"{one or 'Somebody else'} changed {name} while you were writing",
                "at": seen and seen["at"],
                "deeds": deeds,
                "one": one,
                "joined": joined,
            }
        return request.meanwhile

    def _forms(self, request, entry):
        """The forms of an entry and its parts as they are opened; of a new one if `entry` is None."""
        fields = flatten_fieldsets(self.get_fieldsets(request, entry))
        form = self.get_form(request, entry, change=entry is not None, fields=fields)(instance=entry)
        formsets = [
            formset(instance=form.instance, queryset=inline.get_queryset(request))
            for formset, inline in self.get_formsets_with_inlines(request, entry)
        ]
        return form, formsets

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if change and not form.is_bound and SEEN in form.fields:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            form.initial[SEEN] = conflicts.sealed(obj, request.token, conflicts.snapshot(form, formsets))
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    # What can be saved no longer

    def _is_closed(self, request, entry, seen):
        """Whether an entry was deleted, merged or put out of reach while its form was open."""
        if entry is None:
            return self.has_change_permission(request)
        merged = getattr(entry, "leads_to", entry) != entry
        return (
            (merged or not self.has_change_permission(request, entry))
            and self.has_view_permission(request, entry)
            and seen["status"] != getattr(entry, "status", "")
        )

    def _not_saved(self, request, object_id, entry, seen):
        form, formsets = self._forms(request, None)
        kept = self._merged_into(entry, seen)
        if kept:
            what = "was merged into another"
        elif entry is None:
            what = "was deleted"
        else:
            what = f"is {entry.get_status_display().lower()} now, and only an editor can change it"
        deleted = self.model, unquote(object_id), DELETION, "deleted it", seen["at"]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"“{seen['name']}” {what}",
            "at": seen["at"],
            "deeds": conflicts.since(entry, seen["at"]) if entry else conflicts.logged(*deleted),
            "typed": conflicts.typed(form, formsets, request.POST, seen),
            "entry": kept or entry,
        }
        return TemplateResponse(request, "admin/not_saved.html", context, status=409)

    def _merged_into(self, entry, seen):
        if entry is not None:
            return entry.leads_to if getattr(entry, "leads_to", entry) != entry else None
        acts = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model), name=LogEntry.Name.MERGE
        )
        acts = acts.filter(at__gte=seen["at"], note__contains=f"“{seen['name']}”")
        act = acts.prefetch_related("entry").first()
        return act and act.entry
