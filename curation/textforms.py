"""Fields in which texts are typed, or pasted from programs that put signs of their own into them."""

from django import forms
from django.db import models

from curation.text import in_lines, printable


class PrintableField(forms.CharField):
    def to_python(self, value):
        clean = in_lines if isinstance(self.widget, forms.Textarea) else printable
        text = super().to_python(value)
        return super().to_python(clean(text)) if isinstance(text, str) else text


class PrintableTexts:
    """For an admin: what nobody can see does not come in with the texts of its forms."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if type(db_field) in (models.CharField, models.TextField) and not db_field.choices:
            kwargs.setdefault("form_class", PrintableField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
