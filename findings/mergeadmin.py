"""Merging tags, and terms, from their lists."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from taggit.models import Tag

from curation import tagging
from curation.conflictadmin import SharedForm
from curation.conflicts import state_tokens
from curation.routes import path
from curation.workflow import Refused
from findings import merging
from findings.models import EarlierTag
from sources.mergeadmin import MergedPage

MOST = 20


class TagForm(SharedForm):
    """Refuses a second tag that differs from another in case, accents as stored or spaces only."""

    class Meta:
        model = Tag
        fields = ["name", "slug"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Latin letters, digits and hyphens. Leave it empty to have one made."

    def clean_slug(self):
        """What no address of ours can hold is left for one to be made."""
        slug = self.cleaned_data["slug"]
        return slug if tagging.ADDRESS.fullmatch(slug) else slugify(slug)

    def clean_name(self):
        name = tagging.tidy(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Nothing of this name can be seen. Write a letter, a digit or a sign.")
        held = tagging.called([name], but=self.instance).get(tagging.key(name))
        if held:
            raise forms.ValidationError(f"There is a tag “{held}” already. To make one of two, merge them.")
        return name


class MergeAction(MergedPage):
    """The list action “Merge …”: asks which of the chosen ones is kept, tells what will happen, and does it."""

    def get_actions(self, request):
        actions = super().get_actions(request)
        if request.user.has_perm(merging.PERMISSION):
            actions["merge"] = (merge_selected, "merge", "Merge …")
        return actions

    def merge(self, request, chosen):
        if not request.user.has_perm(merging.PERMISSION):
            raise PermissionDenied
        if not 2 <= len(chosen) <= MOST:
            messages.error(request, f"Choose two to {MOST} {self.opts.verbose_name_plural} that are there still.")
            return None
        entries = merging.best_first(chosen)
        wanted = request.POST.get("keep") or request.POST.get("kept")
        kept = next((entry for entry in entries if str(entry.pk) == wanted), entries[0])
        others = [entry for entry in entries if entry != kept]
        told = merging.obstacle(kept, others)
        if "confirm" in request.POST and "keep" not in request.POST:
            try:
                with transaction.atomic():
                    self._refuse_what_changed(request)
                    kept, _ = merging.merge(kept, others, request.user)
                return self.redirect_to_merged(kept)
            except Refused as refused:
                told = str(refused)
            except IntegrityError:
                told = "Nothing was merged: one of them was changed at the same moment. Try again."
        tokens = state_tokens(self.model, [entry.pk for entry in entries])
        for entry in entries:
            entry.token = tokens.get(entry.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Merge {len(entries)} {self.opts.verbose_name_plural}",
            "told": told,
            "entries": entries,
            "kept": kept,
            "others": others,
            "moves": merging.plan(kept, others),
        }
        return TemplateResponse(request, "admin/merge.html", context)

    def _refuse_what_changed(self, request):
        seen = {pk: request.POST.get(f"seen-{pk}") for pk in request.POST.getlist("_selected_action")}
        held = [entry.pk for entry in self.model.objects.select_for_update().filter(pk__in=seen).order_by("pk")]
        now = {str(pk): token for pk, token in state_tokens(self.model, held).items()}
        if now.keys() != seen.keys():
            raise Refused("Nothing was merged: one of those you chose is gone. Look again at those that are left.")
        if now != seen:
            raise Refused("Nothing was merged: one of them changed while you were looking. Look again.")


def merge_selected(modeladmin, request, queryset):
    return modeladmin.merge(request, list(modeladmin.model.objects.filter(pk__in=queryset.order_by().values("pk"))))


class TagMerging(MergeAction):
    def public_address(self, tag):
        return path("tag", tag.slug)

    def leading_here(self, tag):
        return [path("tag", earlier.slug) for earlier in EarlierTag.objects.filter(tag=tag)]


class TermMerging(MergeAction):
    def leading_here(self, term):
        return [f"{reverse('glossary')}#{anchor}" for anchor in term.earlier_anchors]
