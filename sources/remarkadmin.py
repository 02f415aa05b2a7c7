"""Remarks of imports in the admin of sources: shown beside the form until somebody ticks them off, and a filter."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from curation.listadmin import YesFilter
from curation.moves import counted
from sources.models import Remark, Source, SourceQuerySet


class OpenRemarksFilter(YesFilter):
    title = "open remarks of imports"
    parameter_name = "open-remarks"
    narrow = staticmethod(SourceQuerySet.with_open_remarks)


class RemarkAdmin:
    """For the admin of sources. Whoever may change sources may tick remarks off, those of public ones too: it changes
    nothing of the entry."""

    def has_tick_off_permission(self, request):
        return request.user.has_perm("sources.change_source")

    def get_urls(self):
        view = self.admin_site.admin_view(self.tick_off_view)
        return [path("<int:pk>/tick-off/", view, name="sources_source_tick_off"), *super().get_urls()]

    def panels(self, request, source):
        address = ""
        if self.has_tick_off_permission(request):
            address = reverse("admin:sources_source_tick_off", args=[source.pk])
        remarks = source.remarks.open().select_related("source", "batch")
        return {**super().panels(request, source), "remarks": remarks, "tick_off_address": address}

    def tick_off_view(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        if not (self.has_view_permission(request, source) and self.has_tick_off_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        ticked = [value for value in request.POST.getlist("remark") if value.isdecimal() and len(value) < 19]
        count = source.remarks.filter(pk__in=ticked).tick_off(request.user)
        self._tell(request, count, "Nothing was ticked off: tick the remarks that are settled.")
        return redirect("admin:sources_source_change", pk)

    @admin.action(description="Tick off all remarks", permissions=["tick_off"])
    def tick_off_all(self, request, queryset):
        count = Remark.objects.filter(source__in=queryset.order_by()).tick_off(request.user)
        self._tell(request, count, "None of these sources has an open remark.")

    def _tell(self, request, count, nothing):
        told = f"{counted(count, 'remark', 'remarks')} ticked off." if count else nothing
        self.message_user(request, told, messages.SUCCESS if count else messages.WARNING)
