"""Reported notices on the desk: what a register tells of works we hold, for a person to confirm or dismiss."""

import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from curation.workflow import Refused
from sources import notices
from sources.models import Reported, Source

ON_A_PAGE = 50


class NoticeAdmin:
    """For the admin of sources."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.reported_view)
        return [path("reported-notices/", view, name="sources_source_reported"), *super().get_urls()]

    def reported_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request)
        page = Paginator(Reported.objects.open(), ON_A_PAGE).get_page(request.GET.get("p"))
        wanted = Source.objects.filter(pk__in=[reported.source_id for reported in page])
        sources = {source.pk: source for source in wanted.with_contributors().with_notices().with_finding_counts()}
        for reported in page:
            reported.source = sources[reported.source_id]
            reported.may_decide = reported.source.may_be_changed_by(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "What was reported of works we hold",
            "page": page,
        }
        return TemplateResponse(request, "admin/sources/reported.html", context)

    def _decide(self, request):
        back = HttpResponseRedirect(reverse("admin:sources_source_reported"))
        pk = request.POST.get("reported", "")
        reported = get_object_or_404(Reported.objects.select_related("source"), pk=pk if pk.isdecimal() else 0)
        source = reported.source
        if not source.may_be_changed_by(request.user):
            messages.error(request, f"{source.code} is public: only an editor may decide this.")
            return back
        try:
            if "confirm" in request.POST:
                notices.confirm(reported, request.user, _day(request.POST.get("retracted_on", "")))
                told = f"{source.code} now says so, and so does every page that rests on it."
            else:
                notices.dismiss(reported, request.user)
                told = f"Dismissed. It will not be proposed again for {source.code}."
            messages.success(request, told)
        except Refused as refused:
            messages.error(request, f"{source.code}: {refused}")
        return back


def _day(text):
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        return None
