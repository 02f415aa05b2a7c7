"""The desk's pages of the references and the trail of a text."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from curation.imports.filetypes import ImportRefused
from findings.extraction import bibliography, trail
from findings.extraction.models import desk_address
from findings.extraction.readingadmin import name_of, of_its_text
from sources import lookup

ON_A_PAGE = 200  # sentences


class HasTrail:
    """For the ModelAdmin of reviews."""

    def get_urls(self):
        views = [
            ("references/", self.references_view, "references"),
            ("trail/", self.trail_view, "trail"),
            ("trail.csv", self.trail_csv_view, "trail_csv"),
        ]
        return [
            *(
                path(f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"findings_review_{name}")
                for address, view, name in views
            ),
            *super().get_urls(),
        ]

    @of_its_text
    def references_view(self, request, review, text):
        found = bibliography.found_in(text)
        may_import = request.user.has_perm("sources.add_source")
        if request.method == "POST" and not may_import:
            raise PermissionDenied
        lines = _numbers(request.POST, "line")
        looks, answers = "look" in request.POST, _numbers(request.POST, "answer") & lines
        if lookup.is_on() and (looks or answers):
            found = bibliography.looked_up(found, lines if looks else answers)
        if request.method == "POST" and not looks:
            chosen = [one for one in found if one.number in lines]
            batch = _to_import(request, chosen, answers, name_of(review))
            if batch:
                return redirect("admin:curation_import_change", batch.pk)
        elif looks and not any(one.result for one in found):
            messages.error(request, "Tick lines that have a DOI, PMID or ISBN.")
        rows = [
            {
                "one": one,
                "is_ticked": one.number in lines if request.method == "POST" else one.verdict == "new",
                "takes_answer": one.number in answers or (looks and one.answer and not one.is_another_work),
            }
            for one in found
        ]
        return self.desk_page(
            request,
            "references",
            review,
            f"References in {name_of(review)}",
            rows=rows,
            may_import=may_import,
            can_look=may_import and lookup.is_on() and any(one.identifier for one in found),
            most=lookup.MOST,
        )

    @of_its_text
    def trail_view(self, request, review, text):
        sections = list(text.sections.all())
        asked = request.GET.get("section", "")
        section = next((one for one in sections if str(one.order) == asked), None)
        page = Paginator(trail.in_order(text, section), ON_A_PAGE).get_page(request.GET.get("page"))
        rows = list(trail.rows_of(text, page.object_list))
        return self.desk_page(
            request,
            "trail",
            review,
            f"From passage to practice point in {name_of(review)}",
            sections=sections,
            section=section,
            page=page,
            rows=[(row, desk_address(row.passage.entry) if row.passage and row.passage.entry else "") for row in rows],
            drawing=trail.drawing(rows, in_one_section=bool(section)),
        )

    @of_its_text
    def trail_csv_view(self, request, review, text):
        """The trail as a file; `passages` yes for the words of the review too."""
        said = trail.as_csv(text, with_passages=request.GET.get("passages") == "yes")
        response = HttpResponse("\ufeff" + said, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{review.slug}-trail.csv"'
        return response


def _numbers(data, name):
    return {int(number) for number in data.getlist(name) if re.fullmatch("[0-9]{1,6}", number)}


def _to_import(request, chosen, answers, name):
    """The Import of chosen lines; None if a message says what to do first."""
    gone = [one for one in chosen if one.number in answers and not one.answer]
    if not chosen:
        messages.error(request, "Tick the lines that are to be imported.")
    elif gone:
        messages.error(request, "What was looked up is no longer at hand. Look it up again, or take what was read.")
    else:
        try:
            return bibliography.to_import(chosen, answers, name, request.user)
        except ImportRefused as refusal:
            for message in refusal.messages:
                messages.error(request, message)
    return None
