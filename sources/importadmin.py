"""The librarian's way through an import: upload, preview, result, undo, and the list of past imports.

`BatchAdmin` is the way, for every kind of import; `ImportBatchAdmin` is that of bibliographies."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.core.paginator import Paginator
from django.db.models import Count, Q, prefetch_related_objects
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from curation.givenback import data_for
from curation.listexport import ExportsList
from sources import importing
from sources.importing import ImportRefused
from sources.imports import ImportBatch, ImportRow

ROWS_ON_A_PAGE = 100
PROBLEMS_SHOWN = 100
MANY = 1000

Match, Choice, Phase = ImportRow.Match, ImportRow.Choice, ImportBatch.Status

SHOWN = {
    "all": ("All", Q()),
    "decide": ("Please decide", Q(match=Match.MAYBE)),
    "new": ("New", Q(match=Match.NEW)),
    "held": ("Held already", Q(match=Match.SAME)),
    "faulty": ("Cannot be created as they are", ~Q(faults=[])),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        required=False,
        help_text="RIS (.ris), PubMed (.nbib), BibTeX (.bib) or CSL-JSON (.json), up to 20 MB and 20,000 records.",
        widget=forms.ClearableFileInput(attrs={"accept": ".ris,.nbib,.bib,.bibtex,.json,.txt"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the records here",
        help_text="For more than 2 MB, upload a file.",
        widget=forms.Textarea(attrs={"rows": 10, "cols": 80, "spellcheck": "false"}),
    )

    def clean(self):
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text")
        if self.errors:
            return cleaned
        if bool(file) == bool(text and text.strip()):
            raise forms.ValidationError("Choose a file or paste records: one of the two.")
        if file and file.size > importing.MAX_BYTES:
            raise forms.ValidationError("The file is larger than 20 MB. Divide it into smaller ones.")
        return cleaned

    def contents(self):
        """The bytes to read, and the name of the file."""
        file = self.cleaned_data["file"]
        if file:
            return file.read(), file.name
        return self.cleaned_data["text"].encode("utf-8", "replace"), "Pasted text"


class BatchAdmin(ExportsList, admin.ModelAdmin):
    """Past imports are read, and undone; a new one begins with an upload.

    A subclass names the module that does the work (`importing`), what it needs, and the words of its pages.
    """

    importing = None
    templates = ""  # the folder of its pages
    upload_form = None
    upload_title = ""
    nothing_sent = "Choose a file."
    noun = "entry", "entries"
    needs = []  # permissions
    shown = {}  # name of a filter: its label, its condition

    list_filter = ["status", "created_at"]
    search_fields = ["filename", "user__username"]
    list_select_related = ["user"]
    list_per_page = 50

    def has_module_permission(self, request):
        return request.user.has_perms(self.needs)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perms(self.needs)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="created")
    def created(self, batch):
        return "" if batch.status == Phase.PREVIEW else batch.created_count

    @admin.display(description="updated")
    def updated(self, batch):
        return "" if batch.status == Phase.PREVIEW else batch.updated_count

    def get_urls(self):
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("add/", view(self.upload_view), name=f"{name}_add"),
            path("<int:pk>/undo/", view(self.undo_view), name=f"{name}_undo"),
            *super().get_urls(),
        ]

    # What a kind of import does in its own way

    def take(self, form, user):
        """The batch of a form that is filled in rightly."""
        raise NotImplementedError

    def choices(self, post):
        """What was chosen, as `importing.choose` takes it."""
        raise NotImplementedError

    def choose_more(self, rows, request):
        """Do what a form asks for all of the rows that are shown."""

    def dress(self, page, request):
        """Give the rows of a page what their part of it needs."""
        raise NotImplementedError

    def done(self, page):
        """Give the rows of the page of results what their part of it needs."""

    # Upload

    @csrf_exempt  # so that a text that is too long is told in words: who reads it first, answers with an error page
    def upload_view(self, request):
        try:
            request.POST  # noqa: B018 - reading it is what may fail
        except (RequestDataTooBig, BadRequest):
            told = ["What was sent is too long: more than 2 MB of text, or more than 25 MB in all."]
            return self._upload_page(request, self.form_for(request), told)
        return csrf_protect(self._upload)(request)

    def _upload(self, request):
        self._allowed(request)
        form = self.form_for(request, data_for(request) or None, request.FILES or None)
        told = []
        if request.method == "POST" and not form.is_bound:
            told = [self.nothing_sent]
        elif request.method == "POST" and form.is_valid():
            try:
                batch = self.take(form, request.user)
            except ImportRefused as refused:
                told = refused.messages
            else:
                return HttpResponseRedirect(self._address(batch))
        return self._upload_page(request, form, told)

    def form_for(self, request, *data):
        return self.upload_form(*data)

    def _upload_page(self, request, form, told):
        self._allowed(request)
        context = {"form": form, **shortened(told), "title": self.upload_title}
        return self._page(request, "upload", context)

    # Preview and result

    def change_view(self, request, object_id, form_url="", extra_context=None):
        self._allowed(request)
        batch = self.get_object(request, object_id)
        if batch is None:
            return super().change_view(request, object_id, form_url, extra_context)  # says so
        if batch.status != Phase.PREVIEW:
            return self.result(request, batch)
        told = []
        if request.method == "POST":
            try:
                return self._act(request, batch)
            except ImportRefused as refused:
                told = refused.messages
                batch.refresh_from_db()
        return self._preview(request, batch, told)

    def _act(self, request, batch):
        post = request.POST
        if "discard" in post:
            self.model.objects.filter(pk=batch.pk, status=Phase.PREVIEW).delete()
            self.message_user(request, f"“{batch}” was discarded; nothing was imported.", messages.SUCCESS)
            return HttpResponseRedirect(self._named("changelist"))
        if "again" in post:
            self.importing.compare_again(batch, request.user)
            self.message_user(request, f"Compared with the {self.noun[1]} as they are now.", messages.SUCCESS)
            return HttpResponseRedirect(self._address(batch))
        shown = post.get("shown") if post.get("shown") in self.shown else "all"
        self.importing.choose(batch, self.choices(post))
        self.choose_more(batch.rows.filter(self.shown[shown][1]), request)
        if "import" in post:
            batch = self.importing.apply(batch, user=request.user)
            told = f"{counted(batch.created_count, *self.noun)} created, {batch.updated_count} updated."
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(self._address(batch))
        page = post.get("page", "")
        page = page if page.isdecimal() and len(page) < 6 else 1
        return HttpResponseRedirect(f"{self._address(batch)}?shown={shown}&p={page}")

    def _preview(self, request, batch, told):
        shown = request.GET.get("shown")
        shown = shown if shown in self.shown else "all"
        rows = batch.rows.order_by("position")
        counts = rows.order_by().aggregate(
            importing=Count("pk", filter=~Q(choice=Choice.SKIP)),
            creating=Count("pk", filter=Q(choice=Choice.CREATE)),
            updating=Count("pk", filter=Q(choice=Choice.UPDATE)),
            skipping=Count("pk", filter=Q(choice=Choice.SKIP)),
            **{name: Count("pk", filter=condition) for name, (_, condition) in self.shown.items() if name != "all"},
        )
        page = Paginator(rows.filter(self.shown[shown][1]), ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        self.dress(page, request)
        context = {
            "title": f"Import of {batch}",
            "batch": batch,
            **shortened(told),
            "counts": counts,
            "page": page,
            "shown": shown,
            "filters": [
                (name, label, batch.record_count if name == "all" else counts[name])
                for name, (label, _) in self.shown.items()
            ],
            "problems": batch.problems[:PROBLEMS_SHOWN],
            "takes_long": batch.record_count >= MANY,
        }
        return self._page(request, "preview", context)

    def result(self, request, batch, told=(), **more):
        rows = batch.rows.filter(Q(created__isnull=False) | Q(updated__isnull=False)).order_by("position")
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        self.done(page)
        context = {"title": f"Import of {batch}", "batch": batch, "page": page, **shortened(told), **more}
        return self._page(request, "result", context)

    def undo_view(self, request, pk):
        self._allowed(request)
        batch = self.model.objects.filter(pk=pk).first()
        if batch is None:
            raise Http404
        told = []
        if request.method == "POST":
            try:
                self.importing.undo(batch, request.user)
            except ImportRefused as refused:
                told = refused.messages
            else:
                self.message_user(request, f"The import of “{batch}” was undone.", messages.SUCCESS)
                return HttpResponseRedirect(self._address(batch))
        context = {"title": f"Undo the import of {batch}", "batch": batch, **shortened(told)}
        return self._page(request, "undo", context)

    def _allowed(self, request):
        if not request.user.has_perms(self.needs):
            raise PermissionDenied

    def _named(self, page, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _address(self, batch):
        return self._named("change", batch.pk)

    def _page(self, request, name, context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"{self.templates}/{name}.html", context)


def shortened(told):
    """The messages of a refusal as a page shows them: the first of very many."""
    return {"told": list(told[:PROBLEMS_SHOWN]), "told_more": max(len(told) - PROBLEMS_SHOWN, 0)}


@admin.register(ImportBatch)
class ImportBatchAdmin(BatchAdmin):
    importing = importing
    templates = "admin/sources/importbatch"
    upload_form = UploadForm
    upload_title = "Import a bibliography"
    nothing_sent = "Choose a file or paste records: one of the two."
    noun = "source", "sources"
    needs = ["sources.add_source"]
    shown = SHOWN

    list_display = ["filename", "created_at", "user", "format_label", "status", "record_count", "created", "updated"]

    @admin.display(description="format")
    def format_label(self, batch):
        return batch.format_label

    def take(self, form, user):
        return importing.upload(*form.contents(), user)

    def choices(self, post):
        return choices_in(post)

    def dress(self, page, request):
        prefetch_related_objects(list(page), "matched")
        repeated = Q(position__in={row.repeats for row in page} - {None}, batch__in={row.batch_id for row in page})
        lines = dict(ImportRow.objects.filter(repeated).values_list("position", "line"))
        for row in page:
            decorate(row, lines, request.user)

    def done(self, page):
        prefetch_related_objects(list(page), "created", "updated")


def choices_in(post):
    """{id of the row: (choice, whether to overwrite)} of the rows on a page."""
    choices = {}
    for name, value in post.items():
        pk = name.removeprefix("choice-")
        if pk != name and pk.isdecimal() and len(pk) < 19:
            choices[int(pk)] = value, f"overwrite-{pk}" in post
    return choices


def decorate(row, lines, user):
    """Give a row what its part of the page needs."""
    allowed = partial(importing.may_update, user=user)
    row.offered = [
        (choice, choice.label)
        for choice in importing.choices_for(row)
        if choice != Choice.UPDATE or row.matched is None or allowed(row.matched)
    ]
    row.repeated_line = lines.get(row.repeats)
    row.differs = any(not difference["is_new"] for difference in row.differences)
    names = [name["literal"] or name["family"] for name in row.record["contributors"][:3]]
    row.who = ", ".join(names)[:200] + (" and others" if len(row.record["contributors"]) > 3 else "")


def counted(number, one, many):
    return f"{number:,} {one if number == 1 else many}"
