"""Acts of curation in the admin: a page that asks, for one entry or for those chosen in a list."""

from collections import Counter

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst

from curation import workflow
from curation.choosing import Chooser, ChooserField
from curation.givenback import given_back
from curation.log import LogEntry
from curation.text import listed

MOST_AT_ONCE = 1500  # entries that an act is done to
# What was done, to say how many.
DONE = {
    workflow.Name.SEND_FOR_REVIEW: "sent for review",
    workflow.SEND_AND_PUBLISH: "published",
    workflow.Name.SEND_BACK: "sent back",
    workflow.Name.PUBLISH: "published",
    workflow.Name.CHECK: "checked",
    workflow.Name.WITHDRAW: "withdrawn",
    workflow.Name.RESTORE: "put back",
}
FIRST = [workflow.SEND_AND_PUBLISH, workflow.Name.SEND_FOR_REVIEW, workflow.Name.CHECK]  # in the row below a list
HELP = {
    workflow.Name.SEND_BACK: "The author reads this on the first page of the desk.",
    workflow.Name.CHECK: "Such as “Compared with pages 3 to 5 of the review; still as it says”.",
    workflow.Name.WITHDRAW: "One or two plain sentences. Readers see them at once.",
    workflow.Name.RESTORE: "For the log. Readers do not see it.",
}
SAYS_WHAT_FOLLOWS = {
    workflow.Name.WITHDRAW: "An editor can put it back at any time.",
    workflow.Name.PUBLISH: "Readers see it at once.",
    workflow.SEND_AND_PUBLISH: "Readers see it at once.",
    workflow.Name.SEND_FOR_REVIEW: "Editors see it on their first page.",
    workflow.Name.SEND_BACK: "It becomes a draft again, and its author sees it first.",
    workflow.Name.CHECK: "It changes the date of the last check, and nothing else.",
    workflow.Name.RESTORE: "Readers see it again, at the same address.",
}


class ActForm(forms.Form):
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, name, replacements=None, linked="", **kwargs):
        super().__init__(*args, **kwargs)
        rule, note = workflow.ACTS[name], self.fields["note"]
        if rule.note_is == "optional":
            note.label = "Note for the log (optional)"
        else:
            note.required = True
            note.label = capfirst(rule.note_is)
            note.error_messages["required"] = f"Write {rule.note_is}."
        note.help_text = HELP.get(name, "")
        if replacements is not None:
            field = replacements.model._meta.get_field("replaced_by")
            self.fields["replacement"] = ChooserField(
                replacements,
                required=False,
                label="What to use instead",
                help_text="Code or words of the heading. Leave it empty if nothing replaces it.",
                widget=Chooser(field, admin.site, empty_words="Nothing replaces it"),
            )
        if linked:
            label = f"Link what you choose to {linked} too, where it is not yet"
            self.fields["put_in_place"] = forms.BooleanField(required=False, initial=True, label=label)


class ActsAdmin:
    """For an admin of curated entries."""

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        view = self.admin_site.admin_view(self.act_view)
        return [path("<int:pk>/act/<slug:name>/", view, name="{}_{}_act".format(*info)), *super().get_urls()]

    def get_actions(self, request):
        actions = super().get_actions(request)
        # Deleting in bulk would pass by the rule that only drafts are deleted.
        actions.pop("delete_selected", None)
        order = [*FIRST, *(name for name in workflow.ACTS if name not in FIRST)]
        acts = {
            name: (bulk(name), name, f"{workflow.ACTS[name].label} …")
            for name in order
            if request.user.has_perm(workflow.ACTS[name].permission)
        }
        return {**acts, **actions}

    def acts_offered(self, request, entry):
        """(address, label) of what may be done to an entry now."""
        address = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            (reverse(address, args=[entry.pk, name]), workflow.ACTS[name].label)
            for name in workflow.offered(entry, request.user)
        ]

    def depending(self, entry):
        """What leads to an entry, for who withdraws it: dicts with `code`, `title`, `url` and `words`."""
        return []

    def linked_to(self, entry):
        """The entries that would be linked to what replaces `entry`."""
        return []

    def put_in_place(self, new, old, by):
        """Link `new` to what is linked to `old`; return the entries that were changed."""
        return []

    def act_view(self, request, pk, name):
        entry = get_object_or_404(self.model, pk=pk)
        if name not in workflow.ACTS:
            raise Http404("No such act.")
        if not self.has_view_permission(request, entry) or not request.user.has_perm(workflow.ACTS[name].permission):
            raise PermissionDenied
        if why := workflow.why_not(name, entry):
            messages.error(request, f"“{entry}” is {why}.")
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)
        return self._act(request, name, [entry])

    def _act(self, request, name, entries, others=(), told=None):
        """Ask for the note, then do the act to all of `entries` or to none; a single one may name a replacement.

        `others` were chosen too, and cannot have it done to them as they are; `told` refuses it to all.
        """
        confirmed = request.method == "POST" and "confirm" in request.POST
        data = request.POST if confirmed else given_back(request)
        replacements = self._replacements(name, entries)
        linked = listed(one.code for one in self.linked_to(entries[0])) if replacements is not None else ""
        form = ActForm(data, name=name, replacements=replacements, linked=linked)
        if confirmed and form.is_valid():
            try:
                if told:
                    raise workflow.Refused(told)
                self._perform(request, name, entries, **form.cleaned_data)
            except workflow.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return self._after(request, name, entries, others)
        rule, single = workflow.ACTS[name], len(entries) == 1
        context = {
            **self.admin_site.each_context(request),
            "title": rule.label,
            "form": form,
            "media": form.media,
            "entries": entries,
            "entry": entries[0] if single else None,
            "others": others,
            "why_others": told_of(name, others),
            "opts": self.opts,
            "act": name,
            "withdraws": name == LogEntry.Name.WITHDRAW,
            "depending": self.depending(entries[0]) if single and name == LogEntry.Name.WITHDRAW else [],
            "follows": SAYS_WHAT_FOLLOWS[name],
            "label": rule.label if single and not others else f"{rule.label}: {len(entries):,}",
            "bulk": "action" in request.POST,
        }
        return TemplateResponse(request, "admin/act.html", context)

    @transaction.atomic
    def _perform(self, request, name, entries, put_in_place=False, **more):
        workflow.perform_all(name, entries, request.user, **more)
        if put_in_place and more.get("replacement"):
            changed = self.put_in_place(more["replacement"], entries[0], request.user)
            if changed:
                codes = listed(one.code for one in changed)
                messages.info(request, f"{more['replacement'].code} is linked to {codes} now.")

    def _replacements(self, name, entries):
        if name != LogEntry.Name.WITHDRAW or len(entries) > 1 or not hasattr(entries[0], "replaced_by"):
            return None
        return self.model.objects.published().exclude(pk=entries[0].pk)

    def _after(self, request, name, entries, others):
        where = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if len(entries) == 1 and not others:
            messages.success(request, f"{capfirst(DONE[name])}: “{entries[0]}”.")
            if self.has_view_permission(request, entries[0]) and "action" not in request.POST:
                return redirect(f"{where}_change", entries[0].pk)
        elif others:
            messages.warning(request, f"{len(entries):,} {DONE[name]}, {len(others):,} not: {told_of(name, others)}.")
        else:
            messages.success(request, f"{len(entries):,} {DONE[name]}.")
        return redirect(request.get_full_path() if "action" in request.POST else f"{where}_changelist")


def told_of(name, entries):
    """Why an act is not done to these: “2 are drafts: send them for review first”."""
    counts = Counter(entry.status for entry in entries)
    verb = {True: "is", False: "are"}
    return listed(f"{n:,} {verb[n == 1]} {workflow.in_words(name, status, n)}" for status, n in counts.items())


def bulk(name):
    def action(modeladmin, request, queryset):
        told = None
        if chosen := _ids(request.POST.get("entries", "")):  # those of the page that is confirmed, in one field
            queryset = modeladmin.get_queryset(request).filter(pk__in=chosen)
            if gone := len(chosen) - queryset.count():
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
        entries = list(queryset.order_by("pk"))
        others = modeladmin.model.objects.filter(pk__in=_ids(request.POST.get("others", "")))
        return _ask_or_do(modeladmin, request, name, entries, list(others), told)

    action.__name__ = name.replace("-", "_")
    return action


def _ask_or_do(modeladmin, request, name, entries, others, told):
    """Leave out those to which it cannot be done, unless somebody has confirmed it: then they have changed since."""
    able = [entry for entry in entries if not workflow.why_not(name, entry)]
    unable = [entry for entry in entries if workflow.why_not(name, entry)]
    if "confirm" in request.POST and not told and unable:
        told = f"Nothing was done: {told_of(name, unable)}. Confirm it for the others."
        if not able:
            messages.error(request, told)
            return None
        return modeladmin._act(request, name, able, [*others, *unable], told)
    if not able:
        way = "" if name != workflow.Name.PUBLISH else " “Send for review and publish” does both."
        messages.error(request, f"Nothing was done: {told_of(name, unable)}.{way}")
        return None
    return modeladmin._act(request, name, able, [*others, *unable], told)


def _ids(text):
    return {int(pk) for pk in text.split(",") if pk.isdecimal() and len(pk) < 19}
