"""Notes to colleagues on the desk: a page for those on an entry, to write, answer and mark them as done."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from curation.comments import LONGEST, Comment, write
from curation.givenback import data_for
from curation.textforms import PrintableField

PERMISSION = "curation.write_comments"


class AnswerForm(forms.Form):
    use_required_attribute = False  # a browser would hold back the other buttons of the form

    text = PrintableField(
        label="Answer",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        error_messages={"required": "Write something first."},
    )


class NoteForm(AnswerForm):
    to = forms.ModelChoiceField(None, label="For", required=False, empty_label="Whoever works on it")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].label = "Note"
        # Whose permissions are looked up in the database.
        by = settings.AUTHENTICATION_BACKENDS[-1]
        may = get_user_model().objects.with_perm(PERMISSION, backend=by).filter(is_staff=True)
        self.fields["to"].queryset = may.order_by("username")


class TakesNotes:
    """For the admin of a kind of entry."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.notes_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_notes"
        return [path("<int:pk>/notes/", view, name=name), *super().get_urls()]

    def notes_shown(self, request, entry):
        """What the page of an entry shows of its notes, as context."""
        if not request.user.has_perm(PERMISSION):
            return {}
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_notes", args=[entry.pk])
        return {"open_notes": Comment.objects.on(entry).open(), "notes_address": address}

    def notes_view(self, request, pk):
        entry = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, entry) or not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        data = data_for(request)
        named = data.get("thread") if data else None
        threads = list(Comment.objects.on(entry))
        for thread in threads:
            own = data if str(thread.pk) == named else None
            thread.form = AnswerForm(own, auto_id=f"id_{thread.pk}_%s")
        form = NoteForm(data if named is None else None)
        if request.method == "POST":
            thread = next((thread for thread in threads if str(thread.pk) == named), None)
            told = _answer(request, thread) if named else _write(request, entry, form)
            if told:
                messages.success(request, told)
                return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Notes on “{entry}”",
            "entry": entry,
            "opts": self.opts,
            "threads": threads,
            "form": form,
        }
        return TemplateResponse(request, "admin/notes.html", context)


def _write(request, entry, form):
    """What was done, in words; None if the form says what is wrong."""
    if not form.is_valid():
        return None
    [note] = write([Comment(entry=entry, by=request.user, **form.cleaned_data)])
    return f"Your note is shown to “{note.to}”." if note.to else "Your note is shown to whoever works on this entry."


def _answer(request, thread):
    if thread is None:
        return "That note was deleted meanwhile, so nothing was written."
    if "reopen" in request.POST:
        thread.set_done(None)
        return "The note is open again."
    if "delete" in request.POST and thread.by == request.user and not thread.answers.all():
        thread.delete()
        return "Your note is deleted."
    is_done, has_text = "done" in request.POST, request.POST.get("text", "").strip()
    if has_text or not is_done:
        if not thread.form.is_valid():
            return None
        thread.answer(request.user, thread.form.cleaned_data["text"])
    if is_done:
        thread.set_done(request.user)
    return "The note is marked as done." if is_done else "Your answer is written."
