"""Forms for the upload of a file."""

from django import forms

from curation.imports import importing


class UploadForm(forms.Form):
    """A subclass says what files it takes."""

    file = forms.FileField()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > importing.MAX_BYTES:
            raise forms.ValidationError(importing.TOO_LARGE)
        return file

    def contents(self):
        """The bytes to read, and the name of the file."""
        return self.cleaned_data["file"].read(), self.cleaned_data["file"].name


def file_field(help_text, accept, required=True):
    return forms.FileField(
        required=required, help_text=help_text, widget=forms.ClearableFileInput(attrs={"accept": accept})
    )
