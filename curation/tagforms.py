"""The field in which tags are typed."""

from django import forms
from django.forms.widgets import Script
from django.urls import reverse_lazy
from taggit.forms import TagField, TagWidget

from curation.tagging import LONGEST
from curation.text import printable


class TagsInput(TagWidget):
    """Suggests the tags there are, where scripts run."""

    class Media:
        js = [Script("js/suggest.js", type="module")]

    def __init__(self, attrs=None):
        suggest = reverse_lazy("admin:taggit_tag_suggest")
        super().__init__(
            {"autocomplete": "off", "data-suggest": suggest, "data-suggest-several": True, **(attrs or {})}
        )


class TagsField(TagField):
    widget = TagsInput

    def to_python(self, value):
        return printable(super().to_python(value))

    def clean(self, value):
        names = super().clean(value)
        for name in names:
            if len(name) > LONGEST:
                raise forms.ValidationError(
                    f"“{name[:40]}…” has {len(name)} characters, and a tag has {LONGEST} at most. Divide tags by "
                    "commas or semicolons."
                )
        return names
