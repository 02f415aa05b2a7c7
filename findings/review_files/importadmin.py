"""The librarian's way through an import of entries, on the pages that every import has."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from curation import workflow
from curation.listexport import XLSX
from curation.log import LogEntry
from findings.review_files import importing
from findings.review_files.applying import said_by
from findings.review_files.batches import EntryImport
from findings.review_files.form import IN_A_FILE, KINDS
from findings.review_files.held import called
from findings.review_files.importing import Choice, Match
from sources.importadmin import BatchAdmin, choices_in, counted
from sources.importing import ImportRefused

FORMATS = {"json": "Review (JSON)", "xlsx": "Workbook (XLSX)", "csv": "CSV"}
ACTS = {
    LogEntry.Name.SEND_FOR_REVIEW: "Send all drafts for review",
    LogEntry.Name.PUBLISH: "Publish all that are in review",
}


class EntriesForm(forms.Form):
    file = forms.FileField(
        help_text="A review as JSON, or a workbook (XLSX) or CSV file of entries, up to 20 MB and 20,000 entries.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.xlsx,.csv"}),
    )
    keeps_status = forms.BooleanField(
        required=False,
        label="Keep the status and dates of the file",
        help_text="Published entries are then public at once. Otherwise everything comes in as drafts.",
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > importing.MAX_BYTES:
            raise forms.ValidationError("The file is larger than 20 MB. Divide it into smaller ones.")
        return file


SHARED = Q(kind__in=[kind.name for kind in KINDS.values() if kind.is_shared])


@admin.register(EntryImport)
class EntryImportAdmin(BatchAdmin):
    importing = importing
    templates = "admin/findings/entryimport"
    upload_form = EntriesForm
    upload_title = "Import entries"
    needs = ["sources.add_source", "findings.add_finding"]
    shown = {
        "all": ("All", Q()),
        "decide": ("Please decide", Q(match=Match.MAYBE)),
        "new": ("New", Q(match=Match.NEW)),
        "changed": ("Changed", Q(match=Match.SAME) & ~Q(differences=[])),
        "shared": ("Shared between reviews, and differing", SHARED & Q(match=Match.SAME) & ~Q(differences=[])),
        "same": ("The same", Q(match=Match.SAME, differences=[])),
        "faulty": ("Cannot be taken in as they are", ~Q(faults=[])),
        **{name: (KINDS[name].label, Q(kind=name)) for name in IN_A_FILE},
    }

    list_display = ["filename", "created_at", "user", "format_label", "status", "record_count", "created", "updated"]

    @admin.display(description="format")
    def format_label(self, batch):
        return FORMATS.get(batch.format, batch.format)

    def get_urls(self):
        view = self.admin_site.admin_view(self.template_view)
        return [path("template.xlsx", view, name="findings_entryimport_template"), *super().get_urls()]

    def template_view(self, request):
        """An empty workbook to fill in."""
        if not self.has_module_permission(request):
            raise PermissionDenied
        from findings.review_files import tables  # with its library, for the first who asks

        return as_download(tables.template(), "entries.xlsx", XLSX)

    def form_for(self, request, *data):
        form = super().form_for(request, *data)
        if not importing.may_keep_status(request.user):
            del form.fields["keeps_status"]
        return form

    def take(self, form, user):
        file, keeps_status = form.cleaned_data["file"], form.cleaned_data.get("keeps_status", False)
        return importing.upload(file.read(), file.name, user, keeps_status)

    def choices(self, post):
        return {pk: choice for pk, (choice, _) in choices_in(post).items()}

    def dress(self, page, request):
        held = importing.matched(page)
        for row in page:
            row.said, row.held = said_by(row), held.get((row.kind, row.matched))
            row.held_called = row.held and called(row.held)
            row.address = row.held and change_address(row.kind, row.matched)
            row.title = row.said.values.get(row.said.kind.title, "")
            row.offered = [(choice, choice.label) for choice in importing.choices_for(row, row.held, request.user)]

    def choose_more(self, rows, request):
        if request.POST.get("all") in Choice:
            importing.choose_for_all(rows, Choice(request.POST["all"]), request.user)

    def done(self, page):
        for row in page:
            row.said, row.address = said_by(row), change_address(row.kind, row.created or row.updated)
            row.title = row.said.values.get(row.said.kind.title, "")

    def result(self, request, batch, told=()):
        if request.method == "POST" and request.POST.get("act") in ACTS:
            act = request.POST["act"]
            if not request.user.has_perm(workflow.TRANSITIONS[act].permission):
                raise PermissionDenied
            try:
                count = importing.advance(act, batch, request.user)
            except ImportRefused as refused:
                told = refused.messages
            else:
                done = f"{LogEntry.Name(act).label}: {counted(count, *self.noun)}."
                self.message_user(request, done, messages.SUCCESS)
                return HttpResponseRedirect(request.path)
        offered = [
            (act, label, waiting)
            for act, label in ACTS.items()
            if batch.status == EntryImport.Status.APPLIED
            and request.user.has_perm(workflow.TRANSITIONS[act].permission)
            if (waiting := len(importing.waiting_for(act, batch)))
        ]
        return super().result(request, batch, told, acts=offered)


def as_download(data, filename, media_type):
    return HttpResponse(
        data,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "X-Content-Type-Options": "nosniff"},
    )


def change_address(kind, pk):
    opts = KINDS[kind].model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[pk])
