"""The page on which somebody says what the columns of a table are, before its records are looked through."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path

from curation.givenback import data_for
from curation.imports import importing
from curation.imports.filetypes import ImportRefused
from curation.imports.models import Import, ImportFile


class ColumnsForm(forms.Form):
    """A field for each column, which says what the column is taken for."""

    def __init__(self, file, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.file = file
        mapping, fields = file.mapping or {}, file.batch.file_type.fields
        for place, (heading, _, field) in enumerate(file.columns):
            taken = mapping.get(heading, file.batch.file_type.unknown if field is None else field)
            self.fields[f"column-{place}"] = forms.ChoiceField(
                choices=[*fields.items()], initial=taken, label=f"What “{heading}” is", required=False
            )

    @property
    def rows(self):
        """(heading, first value, whether it is known, the field of the form) of each column."""
        for (heading, first, field), bound in zip(self.file.columns, self, strict=True):
            yield heading, first, field is not None, bound

    @property
    def mapping(self):
        return {heading: self.cleaned_data[f"column-{place}"] for place, (heading, *_) in enumerate(self.file.columns)}


class ColumnPages:
    """For the ModelAdmin of imports."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.columns_view)
        return [path("<int:pk>/columns/", view, name="curation_import_columns"), *super().get_urls()]

    def columns_view(self, request, pk):
        batch = get_object_or_404(Import, pk=pk)
        self.allow(request, batch.file_type)
        file = ImportFile.objects.select_related("batch").filter(batch=batch).first()
        if file is None or batch.status not in (Import.Status.COLUMNS, Import.Status.PREVIEW):
            self.message_user(request, "The columns cannot be named any more: the file was read.", messages.WARNING)
            return HttpResponseRedirect(batch.address)
        if "discard" in request.POST:
            return self.discard(request, batch)
        form = ColumnsForm(file, data_for(request))
        if request.method == "POST" and form.is_valid():
            try:
                importing.name_columns(batch, form.mapping, request.user)
            except ImportRefused as refused:  # the page is asked for anew, so that Back leads to it
                file.mapping = form.mapping
                file.save(update_fields=["mapping"])
                for message in refused.messages:
                    self.message_user(request, message, messages.ERROR)
                return HttpResponseRedirect(request.path)
            return HttpResponseRedirect(batch.address)
        unknown = [heading for heading, _, field in file.columns if field is None]
        context = {"title": f"Columns of {batch}", "batch": batch, "form": form, "unknown": unknown}
        return self.import_page(request, "columns", batch.file_type, **context)
