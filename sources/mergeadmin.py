"""Duplicates in the admin: the list of probable ones, two or more side by side, merging them, and what was done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode

from curation.conflicts import state_tokens
from curation.entries import Status
from curation.givenback import data_for
from curation.log import LogEntry
from curation.workflow import Refused
from sources import duplicates, merging
from sources.different import Different
from sources.models import Source

GROUPS_ON_A_PAGE = 25


class MergedPage:
    """The page that tells what a merge did, for the admin of what can be merged."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.merged_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_merged"
        return [path("<int:pk>/merged/", view, name=name), *super().get_urls()]

    def merged_view(self, request, pk):
        entry = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        act = LogEntry.objects.on(entry).filter(name=LogEntry.Name.MERGE).first()
        if act is None:
            raise Http404("Nothing was merged into this.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Merged",
            "entry": entry,
            "act": act,
            "address": self.public_address(entry),
            "leading_here": self.leading_here(entry),
            "may_look": self.model is Source and duplicates.may_look(request.user),
        }
        return TemplateResponse(request, "admin/merged.html", context)

    def public_address(self, entry):
        """Where readers find it, or None."""
        return entry.get_absolute_url() if entry.is_public else None

    def leading_here(self, entry):
        """The addresses of what was merged into it."""
        raise NotImplementedError

    def redirect_to_merged(self, entry):
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_merged", args=[entry.pk])
        )


class MergingAdmin(MergedPage):
    """For the admin of sources."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("duplicates/", view(self.duplicates_view), name="sources_source_duplicates"),
            path("merge/", view(self.merge_view), name="sources_source_merge"),
            *super().get_urls(),
        ]

    def get_actions(self, request):
        actions = super().get_actions(request)
        if request.user.has_perm(merging.PERMISSION):
            actions["merge"] = (merge_selected, "merge", "Merge …")
        return actions

    def duplicates_view(self, request):
        if not duplicates.may_look(request.user):
            raise PermissionDenied
        if request.method == "POST":
            return self._sort_out(request)
        groups = duplicates.groups()
        page = Paginator(groups, GROUPS_ON_A_PAGE).get_page(request.GET.get("p"))
        shown = Source.objects.filter(pk__in=[pk for group in page for pk in group]).with_contributors()
        sources = {source.pk: source for source in shown.with_finding_counts()}
        page.object_list = [[sources[pk] for pk in group if pk in sources] for group in page]
        return self._page(
            request,
            "duplicates",
            {
                "title": "Probable duplicates among the sources",
                "page": page,
                "may_merge": request.user.has_perm(merging.PERMISSION),
            },
        )

    def _sort_out(self, request):
        """Two or more of a group were chosen: to compare them, or because they are not the same."""
        chosen = self._chosen(request.POST.getlist("source"))
        back = f"{reverse('admin:sources_source_duplicates')}?{urlencode({'p': request.POST.get('p', '1')[:6]})}"
        if len(chosen) < 2:
            messages.error(request, "Choose at least two sources of a group.")
        elif "compare" in request.POST:
            return HttpResponseRedirect(_compare_address(chosen))
        elif "different" in request.POST:
            pairs = [(one, other) for i, one in enumerate(chosen) for other in chosen[i + 1 :]]
            Different.objects.bulk_create(
                [Different(one=one, other=other, by=request.user) for one, other in pairs], ignore_conflicts=True
            )
            codes = ", ".join(source.code for source in chosen)
            messages.success(request, f"Not the same work: {codes}. They will not be shown together again.")
        return HttpResponseRedirect(back)

    def merge_view(self, request):
        if not request.user.has_perm(merging.PERMISSION):
            raise PermissionDenied
        asked = data_for(request) or request.GET
        sources = merging.best_first(self._chosen(asked.getlist("source")))
        if not 2 <= len(sources) <= merging.MOST:
            messages.error(request, f"Choose two to {merging.MOST} sources that are there still.")
            return HttpResponseRedirect(reverse("admin:sources_source_duplicates"))
        kept = next((source for source in sources if str(source.pk) == asked.get("keep")), sources[0])
        others = [source for source in sources if source != kept]
        told = []
        if request.method == "POST":
            try:
                return self._merge(request, kept, others)
            except Refused as refused:
                told = [str(refused)]
            except IntegrityError:
                told = ["Nothing was merged: one of the sources was changed at the same moment. Try again."]
        return self._compare(request, kept, others, told)

    def _merge(self, request, kept, others):
        sources = {str(source.pk): source for source in [kept, *others]}
        asked = set(request.POST.getlist("source"))
        if asked != set(sources):
            raise Refused("One of the sources is gone: it was deleted or merged. Look again at those that are left.")
        with transaction.atomic():
            now = Source.objects.select_for_update(of=("self",)).filter(pk__in=sources).order_by("pk")
            tokens = state_tokens(Source, [source.pk for source in now])
            changed = [source.code for source in now if request.POST.get(f"seen-{source.pk}") != tokens[source.pk]]
            if changed:
                raise Refused(
                    f"Nothing was merged: {', '.join(changed)} changed while you were looking. "
                    "What stands below is how it is now."
                )
            values = {
                name: sources[request.POST[f"take-{name}"]]
                for name in merging.LABELS
                if request.POST.get(f"take-{name}") in sources
            }
            kept, _ = merging.merge(kept, others, request.user, values)
        return self.redirect_to_merged(kept)

    def _compare(self, request, kept, others, told):
        sources = [kept, *others]
        if not told and (obstacle := merging.obstacle(kept, others)):
            told = [obstacle]
        tokens = state_tokens(Source, [source.pk for source in sources])
        for source in sources:
            source.token = tokens.get(source.pk)
        rows = [row for name in merging.LABELS if (row := _row(name, kept, others, data_for(request) or {}))]
        context = {
            "title": f"Merge {len(sources)} sources",
            "told": told,
            "kept": kept,
            "others": others,
            "choices": [
                (source, f"{_compare_address(sources)}&{urlencode({'keep': source.pk})}") for source in sources
            ],
            "rows": rows,
            "moves": merging.plan(kept, others),
            "staying": [source for source in others if source.published_on],
            "going": [source for source in others if not source.published_on],
        }
        return self._page(request, "merge", context)

    def leading_here(self, source):
        merged = source.merged.order_by("number")
        return [address for other in merged for address in [other.short_url, other.get_absolute_url()]]

    @staticmethod
    def _chosen(ids):
        ids = [int(pk) for pk in ids if pk.isdecimal() and len(pk) < 19]
        chosen = Source.objects.filter(pk__in=ids).exclude(status=Status.WITHDRAWN)
        return list(chosen.with_contributors().select_related("newer_edition").order_by("number"))

    def _page(self, request, name, context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/sources/source/{name}.html", context)


def merge_selected(modeladmin, request, queryset):
    # One more than can be merged: the page says that they are too many.
    return HttpResponseRedirect(_compare_address(queryset[: merging.MOST + 1]))


def _compare_address(sources):
    chosen = urlencode([("source", source.pk) for source in sources])
    return f"{reverse('admin:sources_source_merge')}?{chosen}"


def _row(name, kept, others, chosen):
    """A field of the sources side by side, or None if none of them says anything in it."""
    sources = [kept, *others]
    values = [merging.value_of(source, name) for source in sources]
    said = [merging.says(source, name) for source in sources]
    if not any(said):
        return None
    taken = chosen.get(f"take-{name}") or str(merging.default(name, kept, others).pk)
    return {
        "name": name,
        "label": merging.LABELS[name],
        "differs": any(value != values[0] for value in values),
        "cells": [(source, _shown(source, name), str(source.pk) == taken) for source in sources],
    }


def _shown(source, name):
    if name == merging.PEOPLE:
        return "\n".join(
            f"{literal or ', '.join(filter(None, [family, given]))} ({role})"
            for role, family, given, literal in merging.people_of(source)
        )
    if name == "issued":
        return f"{source.issued} (approximate)" if source.issued_is_approximate and source.issued else source.issued
    if name == "title" and source.title_italics:
        return f"{source.title} (in italics: {source.title_italics})"
    if name == "newer_edition":
        return f"{source.newer_edition.code} {source.newer_edition}" if source.newer_edition else ""
    shown = getattr(source, f"get_{name}_display", lambda: getattr(source, name))()
    return str(shown or "")
