"""Choosing an entry in a form: by what tells it apart from others of its name."""

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect

from curation.entries import Curated


def apart(entry):
    """What tells an entry apart, and what it is called: (“Hudson (2002), S5, published”, the title)."""
    if not isinstance(entry, Curated):
        return str(entry), ""
    return entry.told_apart, "" if entry.told_apart.startswith(str(entry)) else str(entry)


def in_one_line(entry):
    return ": ".join(filter(None, apart(entry)))


class ChooserField(forms.ModelChoiceField):
    def label_from_instance(self, entry):
        return in_one_line(entry)


class Chooser(AutocompleteSelect):
    """A chooser of one entry that says what it is to choose none."""

    def __init__(self, *args, empty_words, **kwargs):
        super().__init__(*args, **kwargs)
        self.empty_words = empty_words

    def build_attrs(self, base_attrs, extra_attrs=None):
        return super().build_attrs(base_attrs, extra_attrs) | {"data-placeholder": self.empty_words}


class ChooserFields:
    """For an admin: its choosers say of an entry what tells it apart, and can add one, but not change or delete it."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for right in ("can_change_related", "can_delete_related", "can_view_related"):
            if field and hasattr(field.widget, right):
                setattr(field.widget, right, False)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if issubclass(db_field.remote_field.model, Curated):
            kwargs.setdefault("form_class", ChooserField)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if issubclass(db_field.remote_field.model, Curated):
            kwargs.setdefault("form_class", ChoosersField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ChoosersField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, entry):
        return in_one_line(entry)


class Choices(AutocompleteJsonView):
    """What a chooser offers for what is typed."""

    def get_queryset(self):
        entries = super().get_queryset()
        # A replacement is one that readers can see.
        return entries.published() if self.source_field.name == "replaced_by" else entries

    def serialize_result(self, obj, to_field_name):
        text, detail = apart(obj)
        return {"id": str(getattr(obj, to_field_name)), "text": text, "detail": detail}
