"""The librarian's way through an import: upload, preview, result, undo, and the list of past imports."""

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from curation import workflow
from curation.givenback import data_for
from curation.imports import importing, running
from curation.imports.columnadmin import ColumnPages
from curation.imports.comparing import as_text
from curation.imports.filetypes import FILE_TYPES, ImportRefused
from curation.imports.held import called
from curation.imports.kinds import KINDS
from curation.imports.matching import said_by
from curation.imports.models import Import, ImportRow
from curation.imports.runadmin import RunPages
from curation.listexport import ExportsList
from curation.log import LogEntry
from curation.moves import counted

ROWS_ON_A_PAGE = 100
PROBLEMS_SHOWN = 100

Match, Choice, Phase = ImportRow.Match, ImportRow.Choice, Import.Status
BEFORE_IT = Phase.COLUMNS, Phase.PREVIEW

FILTERS = {
    "all": ("All", Q()),
    "decide": ("To decide", Q(match=Match.MAYBE)),
    "remarked": ("With remarks", ~Q(remarks=[])),
    "new": ("New", Q(match=Match.NEW)),
    "held": ("Already here", Q(match=Match.SAME)),
    "changed": ("Differing", Q(match=Match.SAME) & ~Q(differences=[])),
    "same": ("The same", Q(match=Match.SAME, differences=[])),
    "faulty": ("Cannot be taken in as they are", ~Q(faults=[])),
}
ACTS = {
    LogEntry.Name.SEND_FOR_REVIEW: "Send all drafts for review",
    LogEntry.Name.PUBLISH: "Publish all that are in review",
}


def types_for(user):
    """The types of file that `user` may import."""
    return [file_type for file_type in FILE_TYPES.values() if user.has_perms(file_type.needs)]


def may_publish(user):
    return all(user.has_perm(workflow.TRANSITIONS[act].permission) for act in importing.PUBLISHING)


@admin.register(Import)
class ImportAdmin(ColumnPages, RunPages, ExportsList, admin.ModelAdmin):
    """Past imports are read, and undone; a new one begins with an upload."""

    change_list_template = "admin/imports/change_list.html"
    list_display = [
        *("filename", "type_label", "created_at", "user", "format_label", "status"),
        *("record_count", "created", "updated"),
    ]
    list_filter = ["status", "created_at"]
    search_fields = ["filename", "user__username"]
    list_select_related = ["user"]
    list_per_page = 50

    def has_module_permission(self, request):
        return bool(types_for(request.user))

    def has_view_permission(self, request, obj=None):
        return any(obj is None or obj.type == file_type.name for file_type in types_for(request.user))

    def has_add_permission(self, request):
        return False  # the pages for it are by type of file

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        may_see = [file_type.name for file_type in types_for(request.user)]
        return super().get_queryset(request).filter(type__in=may_see)

    @admin.display(description="what")
    def type_label(self, batch):
        return capfirst(batch.file_type.label)

    @admin.display(description="format")
    def format_label(self, batch):
        return batch.format_label

    @admin.display(description="created")
    def created(self, batch):
        return "" if batch.status in BEFORE_IT else batch.created_count

    @admin.display(description="updated")
    def updated(self, batch):
        return "" if batch.status in BEFORE_IT else batch.updated_count

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("add/<slug:type>/", view(self.upload_view), name="curation_import_upload"),
            path("<int:pk>/undo/", view(self.undo_view), name="curation_import_undo"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"file_types": types_for(request.user), **(extra_context or {})})

    # Upload

    @csrf_exempt  # so that a text that is too long is told in words: who reads it first, answers with an error page
    def upload_view(self, request, type):
        if type not in FILE_TYPES:
            raise Http404
        try:
            request.POST  # noqa: B018 - reading it is what may fail
        except (RequestDataTooBig, BadRequest):
            told = ["What was sent is too long: more than 2 MB of text, or more than 25 MB in all."]
            return self._upload_page(request, FILE_TYPES[type], FILE_TYPES[type].form(), told)
        return csrf_protect(self._upload)(request, FILE_TYPES[type])

    def _upload(self, request, file_type):
        self.allow(request, file_type)
        form = file_type.form(data_for(request) or None, request.FILES or None)
        if not importing.may_keep_status(request.user):
            form.fields.pop("keeps_status", None)
        told = []
        if request.method == "POST" and not form.is_bound:
            told = [form.nothing_sent]
        elif request.method == "POST" and form.is_valid():
            try:
                keeps_status = form.cleaned_data.get("keeps_status", False)
                batch = importing.upload(file_type, *form.contents(), request.user, keeps_status)
            except ImportRefused as refused:
                told = refused.messages
            else:
                return HttpResponseRedirect(batch.address)
        return self._upload_page(request, file_type, form, told)

    def _upload_page(self, request, file_type, form, told):
        self.allow(request, file_type)
        return self.import_page(request, "upload", file_type, title=file_type.title, form=form, **refusal(told))

    # Preview and result

    def change_view(self, request, object_id, form_url="", extra_context=None):
        batch = Import.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if batch is None:
            return super().change_view(request, object_id, form_url, extra_context)  # says so
        self.allow(request, batch.file_type)
        if batch.status == Phase.COLUMNS:
            return HttpResponseRedirect(reverse("admin:curation_import_columns", args=[batch.pk]))
        run = running.of(batch)
        if run and running.is_alive(run):
            return self.running_view(request, run)
        act = self._act if batch.status == Phase.PREVIEW else self._advance
        told = running.why_not(run) if run else []
        if request.method == "POST":
            running.forget(batch)
            try:
                if answer := act(request, batch):
                    return answer
            except ImportRefused as refused:
                told = refused.messages
                batch.refresh_from_db()
        page = self._preview if batch.status == Phase.PREVIEW else self._result
        answer = page(request, batch, told)
        answer.context_data["is_given_up"] = running.GIVEN_UP.issuperset(told)
        return answer

    def _act(self, request, batch):
        post, file_type = request.POST, batch.file_type
        if "discard" in post:
            return self.discard(request, batch)
        if "again" in post:
            importing.compare_again(batch, request.user)
            self.message_user(request, f"Compared with the {file_type.noun[1]} as they are now.", messages.SUCCESS)
            return HttpResponseRedirect(batch.address)
        filters = FILTERS | file_type.filters
        shown = post.get("shown") if post.get("shown") in filters else "all"
        importing.choose(batch, choices_in(post))
        if post.get("all") in Choice:
            importing.choose_for_all(batch.rows.filter(filters[shown][1]), Choice(post["all"]), request.user)
        if "leave_out_held" in post:
            importing.choose_for_all(batch.rows.filter(match=Match.SAME), Choice.SKIP, request.user)
        if post.get("keywords") in Import.Keywords:
            importing.choose_keywords(batch, post["keywords"], request.user)
        if "publish" in post and not may_publish(request.user):
            raise PermissionDenied
        if "import" in post or "publish" in post:
            publishes = "publish" in post
            if running.takes_long(batch):
                running.begin(batch, running.Act.PUBLISH if publishes else running.Act.APPLY, request.user)
                return HttpResponseRedirect(batch.address)
            batch = importing.apply(batch, user=request.user, publishes=publishes)
            done = "created and published" if publishes else "created"
            told = f"{counted(batch.created_count, *file_type.noun)} {done}, {batch.updated_count} updated."
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(batch.address)
        page = post.get("page", "")
        page = page if page.isdecimal() and len(page) < 6 else 1
        return HttpResponseRedirect(f"{batch.address}?shown={shown}&p={page}")

    def _preview(self, request, batch, told):
        filters = FILTERS | batch.file_type.filters
        shown = request.GET.get("shown")
        shown = shown if shown in filters else "all"
        rows = batch.rows.order_by("position")
        counts = rows.order_by().aggregate(
            importing=Count("pk", filter=~Q(choice=Choice.SKIP)),
            creating=Count("pk", filter=Q(choice=Choice.CREATE)),
            updating=Count("pk", filter=Q(choice__in=[Choice.FILL, Choice.UPDATE])),
            skipping=Count("pk", filter=Q(choice=Choice.SKIP)),
            **{name: Count("pk", filter=condition) for name, (_, condition) in filters.items() if name != "all"},
        )
        rows = rows.filter(filters[shown][1]).select_related("batch")
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        dress(page, request.user)
        return self.import_page(
            request,
            "preview",
            batch.file_type,
            title=f"Import of {batch}",
            batch=batch,
            counts=counts,
            read=counted(batch.record_count, *batch.file_type.records),
            importing=counted(counts["importing"], *batch.file_type.records),
            page=page,
            shown=shown,
            filters=[
                (name, label, batch.record_count if name == "all" else counts[name])
                for name, (label, _) in filters.items()
            ],
            for_all=[choice for choice in Choice if choice != Choice.FILL or batch.file_type.fills],
            keywords=[
                (which, which.label, batch.keyword_counts[which])
                for which in Import.Keywords
                if batch.keyword_counts.get(Import.Keywords.ALL)
            ],
            may_publish=may_publish(request.user) and not batch.keeps_status,
            unread=[problem for problem in batch.problems if problem[2]],
            problems=[problem for problem in batch.problems if not problem[2]][:PROBLEMS_SHOWN],
            takes_long=running.takes_long(batch),
            **refusal(told),
        )

    def _advance(self, request, batch):
        act = request.POST.get("act")
        if act not in ACTS:
            return None
        if not request.user.has_perm(workflow.TRANSITIONS[act].permission):
            raise PermissionDenied
        count = importing.advance(act, batch, request.user)
        done = f"{LogEntry.Name(act).label}: {counted(count, *batch.file_type.noun)}."
        self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def _result(self, request, batch, told):
        rows = batch.rows.filter(Q(created__isnull=False) | Q(updated__isnull=False)).order_by("position")
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        entries = importing.done(page)
        for row in page:
            row.said, row.entry = said_by(row), entries.get((row.kind, row.created or row.updated))
            row.address = row.entry and change_address(row.entry)
        remarked = rows.exclude(remarks=[]).count()
        acts = [
            (act, label, waiting)
            for act, label in ACTS.items()
            if batch.status == Phase.APPLIED and request.user.has_perm(workflow.TRANSITIONS[act].permission)
            if (waiting := len(importing.waiting_for(act, batch)))
        ]
        context = {"title": f"Import of {batch}", "batch": batch, "page": page, "acts": acts, "remarked": remarked}
        context |= refusal(told)
        context["read"] = counted(batch.record_count, *batch.file_type.records)
        return self.import_page(request, "result", batch.file_type, **context)

    def undo_view(self, request, pk):
        batch = get_object_or_404(Import, pk=pk)
        self.allow(request, batch.file_type)
        told = []
        if request.method == "POST":
            try:
                if running.takes_long(batch):
                    running.begin(batch, running.Act.UNDO, request.user)
                    return HttpResponseRedirect(batch.address)
                importing.undo(batch, request.user)
            except ImportRefused as refused:
                told = refused.messages
            else:
                self.message_user(request, f"The import of “{batch}” was undone.", messages.SUCCESS)
                return HttpResponseRedirect(batch.address)
        created = counted(batch.created_count, *batch.file_type.noun)
        context = {"title": f"Undo the import of {batch}", "batch": batch, "made": created, **refusal(told)}
        return self.import_page(request, "undo", batch.file_type, **context)

    # What the other pages of an import are made of

    def allow(self, request, file_type):
        if not request.user.has_perms(file_type.needs):
            raise PermissionDenied

    def discard(self, request, batch):
        Import.objects.filter(pk=batch.pk, status__in=BEFORE_IT).delete()
        self.message_user(request, f"“{batch}” was discarded; nothing was imported.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:curation_import_changelist"))

    def import_page(self, request, name, file_type, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "file_type": file_type, **context}
        return TemplateResponse(request, f"admin/imports/{name}.html", context)


def change_address(entry):
    return reverse(f"admin:{entry._meta.app_label}_{entry._meta.model_name}_change", args=[entry.pk])


def refusal(told):
    """The messages of a refusal as a page shows them: the first of very many."""
    return {"told": list(told[:PROBLEMS_SHOWN]), "told_more": max(len(told) - PROBLEMS_SHOWN, 0)}


def choices_in(post):
    """{id of the row: choice} of the rows on a page."""
    choices = {}
    for name, value in post.items():
        pk = name.removeprefix("choice-")
        if pk != name and pk.isdecimal() and len(pk) < 19:
            choices[int(pk)] = value
    return choices


def dress(page, user):
    """Give the rows of a preview what their part of the page needs."""
    held = importing.matched(page)
    repeated = {row.repeats for row in page} - {None}
    batches = {row.batch_id for row in page}
    told_apart = {
        name: kind.told_apart([entry for (of, _), entry in held.items() if of == name]) for name, kind in KINDS.items()
    }
    places = dict(ImportRow.objects.filter(batch__in=batches, position__in=repeated).values_list("position", "place"))
    for row in page:
        row.said, row.held = said_by(row), held.get((row.kind, row.matched))
        row.address, row.held_called = row.held and change_address(row.held), row.held and called(row.held)
        row.held_told_apart = told_apart[row.kind].get(row.matched)
        row.detail = row.batch.file_type.detail(row.record)
        row.warnings = row.batch.file_type.warnings(row.record)
        row.left_out = row.batch.file_type.left_out(row.record)
        row.stored = stored(row.said)
        row.remarked = [(row.said.kind.labels.get(field, ""), message) for field, message in row.remarks]
        row.repeated_place = places.get(row.repeats)
        row.offered = importing.choices_for(row, row.held, user)
        row.why = list(why_not_more(row, user))


def stored(said):
    """(label, text) of all that an entry of a file would say here."""
    kind = said.kind
    shown = ((name, as_text(kind, name, said.values[name])) for name in kind.names if said.values.get(name))
    return [(kind.labels[name], text) for name, text in shown if text]


def why_not_more(row, user):
    """Why no more is offered for a row, in sentences."""
    if row.match == Match.NEW or row.repeats is not None:
        return
    if not row.differences:
        yield "Nothing in it that we lack."
    elif row.held and not row.held.may_be_changed_by(user):
        status = row.held.get_status_display().lower()
        yield f"To change {called(row.held)} is for editors: it is {status}."
    elif row.batch.file_type.fills and not any(shown["is_new"] for shown in row.differences):
        yield "It fills no gap of ours: it only says otherwise."
