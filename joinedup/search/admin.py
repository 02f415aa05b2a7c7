from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from findings.models import Term, TermLabel
from joinedup.search.models import MissedSearch
from sources.givenback import data_for
from sources.tableexport import ExportsList


class LabelForm(forms.Form):
    """Make what readers typed another label of a term."""

    term = forms.ModelChoiceField(Term.objects.all(), help_text="The term that readers meant.")
    kind = forms.ChoiceField(choices=TermLabel.Kind, initial=TermLabel.Kind.ALSO_CALLED)
    label = forms.CharField(max_length=120)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("label") and cleaned.get("term"):
            label = TermLabel(term=cleaned["term"], kind=cleaned["kind"], label=cleaned["label"])
            label.full_clean()
            cleaned["made"] = label
        return cleaned


@admin.register(MissedSearch)
class MissedSearchAdmin(ExportsList, admin.ModelAdmin):
    list_display = ["text", "day", "times", "results", "make_label"]
    list_filter = ["day", "results"]
    search_fields = ["text"]
    date_hierarchy = "day"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("findings.change_term")

    def get_urls(self):
        view = self.admin_site.admin_view(self.label_view)
        return [path("<int:pk>/label/", view, name="search_missedsearch_label"), *super().get_urls()]

    @admin.display(description="readers’ word")
    def make_label(self, missed):
        url = reverse("admin:search_missedsearch_label", args=[missed.pk])
        return format_html('<a href="{}">Make it a label<span class="visually-hidden"> of “{}”</span></a>', url, missed)

    def label_view(self, request, pk):
        missed = get_object_or_404(MissedSearch, pk=pk)
        if not request.user.has_perm("findings.change_term"):
            raise PermissionDenied
        form = LabelForm(data_for(request), initial={"label": missed.text[:120]})
        if request.method == "POST" and form.is_valid():
            label = form.cleaned_data["made"]
            label.save()
            messages.success(request, f"“{label}” now leads to {label.term}.")
            return redirect("admin:search_missedsearch_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Make “{missed}” a label",
            "form": form,
            "missed": missed,
            "opts": self.opts,
        }
        return render(request, "admin/search/missedsearch/label.html", context)
