from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from curation.givenback import data_for
from curation.listexport import ExportsList
from findings.codes import entry_for
from findings.models import Asked, Term, TermLabel
from joinedup.search.models import MissedSearch
from joinedup.search.questions import make_question, nearest_to_answer


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


class QuestionForm(forms.Form):
    """Make what readers typed a question that an entry answers."""

    question = forms.CharField(max_length=Asked.LONGEST_QUESTION, widget=forms.TextInput(attrs={"size": 80}))
    code = forms.CharField(label="Another entry", required=False, max_length=12, help_text="Its code, such as F3.")

    def __init__(self, *args, may_change, **kwargs):
        super().__init__(*args, **kwargs)
        self.may_change = may_change

    def clean(self):
        cleaned = super().clean()
        code = self.data.get("nearest") or cleaned.get("code", "")
        entry = entry_for(code.strip()) if code else None
        if not code:
            self.add_error("code", "Name the entry that answers it.")
        elif not isinstance(entry, Asked):
            self.add_error("code", f"“{code}” is no finding, practice point, key message or theme.")
        elif not self.may_change(entry):
            self.add_error("code", f"You may not change {entry.code}: ask an editor.")
        else:
            cleaned["entry"] = entry
        return cleaned


@admin.register(MissedSearch)
class MissedSearchAdmin(ExportsList, admin.ModelAdmin):
    list_display = ["text", "day", "times", "results", "make_question", "make_label"]
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
        return [
            path("<int:pk>/label/", self.admin_site.admin_view(self.label_view), name="search_missedsearch_label"),
            path(
                "<int:pk>/question/",
                self.admin_site.admin_view(self.question_view),
                name="search_missedsearch_question",
            ),
            *super().get_urls(),
        ]

    @admin.display(description="a question")
    def make_question(self, missed):
        url = reverse("admin:search_missedsearch_question", args=[missed.pk])
        return format_html(
            '<a href="{}">Say what answers it<span class="visually-hidden">: “{}”</span></a>', url, missed
        )

    @admin.display(description="readers’ word")
    def make_label(self, missed):
        url = reverse("admin:search_missedsearch_label", args=[missed.pk])
        return format_html('<a href="{}">Make it a label<span class="visually-hidden"> of “{}”</span></a>', url, missed)

    def question_view(self, request, pk):
        missed = get_object_or_404(MissedSearch, pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied

        def may_change(entry):
            return self.admin_site.get_model_admin(type(entry)).has_change_permission(request, entry)

        question = missed.text[:1].upper() + missed.text[1 : Asked.LONGEST_QUESTION]
        form = QuestionForm(data_for(request), initial={"question": question}, may_change=may_change)
        if request.method == "POST" and form.is_valid():
            entry = form.cleaned_data["entry"]
            try:
                make_question(entry, form.cleaned_data["question"], request.user)
            except ValidationError as error:
                form.add_error("question", error.messages)
            else:
                messages.success(request, f"{entry.code} is now found by “{form.cleaned_data['question']}”.")
                return redirect("admin:search_missedsearch_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": f"What answers “{missed}”?",
            "form": form,
            "missed": missed,
            "nearest": [(entry, may_change(entry)) for entry in nearest_to_answer(missed.text)],
            "opts": self.opts,
        }
        return render(request, "admin/search/missedsearch/question.html", context)

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
