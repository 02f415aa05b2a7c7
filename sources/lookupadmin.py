"""Look-ups in the admin of sources: works added by DOI, PMID or ISBN, and what is missing of a source filled in."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from curation.conflicts import state_token
from curation.givenback import data_for
from curation.workflow import Refused
from sources import filling, lookup
from sources.bibliography import pasted, references
from sources.imports import keep_records
from sources.lookup import MOST, Result, State
from sources.models import Source
from sources.notices import in_words

MOST_LETTERS = 200_000
LINES_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """A Result as the page shows it. `held` is the source that we have of the work."""

    result: Result
    held: Source | None
    is_taken: bool

    @property
    def state(self):
        return "held" if self.held else self.result.state.value

    @property
    def label(self):
        return "Already here" if self.held else self.result.state.label

    @property
    def reference(self):
        return references.as_text(references.reference(self.result.record, "harvard"))

    @property
    def warnings(self):
        return list(map(in_words, self.result.record.notices)) if self.result.record else []


class LookUpAdmin:
    """For the admin of sources."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("look-up/", view(self.look_up_view), name="sources_source_look_up"),
            path("<int:pk>/fill-in/", view(self.fill_in_view), name="sources_source_fill_in"),
            *super().get_urls(),
        ]

    def panels(self, request, source):
        address = ""
        if lookup.is_on() and self.has_change_permission(request, source):
            address = reverse("admin:sources_source_fill_in", args=[source.pk])
        known = pasted.recognise(known_of(source)).identifiers
        return {**super().panels(request, source), "fill_in_address": address, "look_up_by": known[:1]}

    # Works by their identifiers

    def look_up_view(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = data_for(request)
        text = (data.get("text", "") if data else "")[:MOST_LETTERS]
        found = pasted.recognise(text)
        refusal = self._refusal(text, found) if request.method == "POST" else ""
        rows = []
        if request.method == "POST" and not refusal:
            rows = rows_of(
                lookup.look_up(found.identifiers), request.POST.getlist("take") if "add" in request.POST else None
            )
            if "add" in request.POST:
                if results := [row.result for row in rows if row.is_taken]:
                    return self._preview(request, results)
                refusal = "Nothing is ticked: tick the works to add, or look up others."
        context = {
            "title": "Add works by DOI, PMID or ISBN",
            "text": text,
            "found": found,
            "rest": found.rest[:LINES_SHOWN],
            "rest_more": max(len(found.rest) - LINES_SHOWN, 0),
            "rows": rows,
            "refusal": refusal,
            "most": MOST,
            "counts": counts(rows),
            "services": [(kind, service) for kind, service in lookup.SERVICES.items() if kind != pasted.PMCID],
        }
        return self._look_up_page(request, "lookup", context)

    def _refusal(self, text, found):
        if not lookup.is_on():
            return "Look-ups are turned off on this site."
        if not text.strip():
            return "Paste something first."
        if not found.identifiers:
            return "No DOI, PMID or ISBN was recognised in this text."
        if len(found.identifiers) > MOST:
            return f"There are {len(found.identifiers)} identifiers in this text. Look up {MOST} at a time at most."
        return ""

    def _preview(self, request, results):
        """Hand what was found to the import of bibliographies: preview, import and undo are those of any file."""
        name = "1 work looked up" if len(results) == 1 else f"{len(results)} works looked up"
        batch = keep_records([result.with_words for result in results], name, request.user)
        return HttpResponseRedirect(reverse("admin:curation_import_change", args=[batch.pk]))

    # What is missing of a source

    def fill_in_view(self, request, pk):
        source = get_object_or_404(Source.objects.with_contributors(), pk=pk)
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        back = HttpResponseRedirect(reverse("admin:sources_source_change", args=[pk]))
        text = request.POST.get("by", "")[:1000]
        identifiers = pasted.recognise(text).identifiers
        if not identifiers:
            messages.error(request, f"“{text[:100]}” is no DOI, PMID or ISBN. Give one to look up.")
            return back
        [result] = lookup.look_up(identifiers[:1])
        if result.state != State.FOUND:
            messages.error(request, f"{result.identifier}: {' '.join(result.words)}")
            return back
        if "take" in request.POST or "save" in request.POST:
            return self._fill_in(request, source, result) or back
        return self._offers(request, source, result)

    def _fill_in(self, request, source, result):
        """Save what was ticked; the page again, if it shows what is out of date."""
        seal, token = filling.seal(result.record), state_token(source)
        if (request.POST.get("seal"), request.POST.get("token")) != (seal, token):
            told = "The source or the answer has changed since you looked. Nothing is saved yet: look it through again."
            messages.warning(request, told)
            return self._offers(request, source, result)
        note = f"Filled in from a look-up of {result.identifier}."
        try:
            labels = filling.fill_in(source, result.record, request.POST.getlist("take"), request.user, note)
        except Refused as refused:
            messages.error(request, str(refused))
            return self._offers(request, source, result)
        told = f"Taken over: {', '.join(labels)}." if labels else "Nothing was ticked, so nothing was taken over."
        messages.add_message(request, messages.SUCCESS if labels else messages.WARNING, told)
        return None

    def _offers(self, request, source, result):
        context = {
            "title": f"Fill in what is missing of {source.code}",
            "source": source,
            "row": Row(result, None, False),
            "offers": filling.offers(source, result.record),
            "seal": filling.seal(result.record),
            "token": state_token(source),
        }
        return self._look_up_page(request, "fill_in", context)

    def _look_up_page(self, request, name, context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/sources/{name}.html", context)


def known_of(source):
    """The numbers of a work, as a text to recognise: those of its fields, then those of its note."""
    return "\n".join(filter(None, [source.doi, source.isbn and f"ISBN {source.isbn}", source.note]))


def rows_of(results, taken=None):
    """The Rows of a page: what is new is ticked unless somebody has `taken` others."""
    records = [result.record for result in results if result.record]
    dois, isbns = ({getattr(record, name) for record in records} - {""} for name in ("doi", "isbn"))
    here = Source.objects.in_use().filter(Q(doi__in=dois) | Q(isbn__in=isbns)).with_contributors()
    held = {value: source for source in here for value in (source.isbn, source.doi) if value}
    rows = []
    for result in results:
        source = result.record and (held.get(result.record.doi) or held.get(result.record.isbn))
        is_new = result.state == State.FOUND and not source
        is_taken = is_new if taken is None else result.state == State.FOUND and str(result.identifier) in taken
        rows.append(Row(result, source or None, is_taken))
    return rows


def counts(rows):
    """“1 found, 2 already here”: as pairs of a number and what it counts."""
    labels = [row.label for row in rows]
    return [(labels.count(label), label.lower()) for label in dict.fromkeys(labels)]
