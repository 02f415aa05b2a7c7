"""Links in the admin of sources: a button, a list action, a filter, and what the last check told."""

import time

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from curation.admin import EntryAdmin
from curation.listadmin import YesFilter
from sources import links
from sources.linkcheck import Outcome
from sources.models import Source, SourceQuerySet

SECONDS = 20  # that somebody who pressed a button waits
AT_ONCE = 10


class DeadLinksFilter(YesFilter):
    title = "dead links"
    parameter_name = "dead-links"
    narrow = staticmethod(SourceQuerySet.with_dead_links)


class LinksToLookAtFilter(YesFilter):
    title = "links to look at"
    parameter_name = "links-to-look-at"
    narrow = staticmethod(SourceQuerySet.with_links_to_look_at)


class LinkCheckAdmin(EntryAdmin):
    """What an admin of sources has for links. Whoever may change sources may check them, public ones too: a check
    changes nothing of the entry."""

    actions = [*EntryAdmin.actions, "check_links_of"]

    def has_check_links_permission(self, request):
        return request.user.has_perm("sources.change_source")

    def get_urls(self):
        view = self.admin_site.admin_view(self.check_links_view)
        return [path("<int:pk>/check-links/", view, name="sources_source_check_links"), *super().get_urls()]

    def panels(self, request, source):
        checks = {row.part: row for row in source.link_checks.current()}
        dead = {*source.link_checks.dead().values_list("part", flat=True)}
        shown = [
            {"part": part, "address": address, "check": checks.get(part), "is_dead": part in dead}
            for part, address in links.addresses(source)
        ]
        button = ""
        if shown and self.has_check_links_permission(request):
            button = reverse("admin:sources_source_check_links", args=[source.pk])
        return {**super().panels(request, source), "links": shown, "check_links_address": button}

    def check_links_view(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        if not (self.has_view_permission(request, source) and self.has_check_links_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._check(request, [source])
        return redirect("admin:sources_source_change", pk)

    @admin.action(description="Check the links", permissions=["check_links"])
    def check_links_of(self, request, queryset):
        self._check(request, list(queryset.with_links()))

    def _check(self, request, sources):
        """Check as many of `sources` as somebody waits for, and say what came of it and what is left."""
        checker, end = links.checker(), time.monotonic() + SECONDS
        waiting = sum(len(links.addresses(source)) for source in sources)
        noted = []
        for source in sources[:AT_ONCE]:
            noted += links.check(source, checker, end - time.monotonic())
        good = sum(row.outcome == Outcome.ALIVE for row in noted)
        if not waiting:
            messages.warning(request, "There is no address to check.")
        else:
            told = f"Addresses looked at: {len(noted)}. In order: {good}."
            messages.add_message(request, messages.SUCCESS if good == len(noted) else messages.WARNING, told)
        if waiting > len(noted):
            messages.warning(
                request,
                f"Addresses that there was no time for: {waiting - len(noted)}. Check them again, or have the command "
                "check_links look at all of them.",
            )
