"""What the form of an entry shows of the review: the passages that it was made from."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from findings.extraction.models import Passage
from findings.extraction.readingadmin import address_of

PLACE = ("passages", "place_section", ("place_paragraph", "place_page"))


class ShowsPassages:
    """For the ModelAdmin of an entry that has a place in a review."""

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "passages"]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.has_perm("findings.work_on_text"):
            return fieldsets
        return [
            (name, {**options, "fields": [field for field in options["fields"] if field != "passages"]})
            for name, options in fieldsets
        ]

    @admin.display(description="where the review says it")
    def passages(self, entry):
        found = Passage.objects.of(entry) if entry.pk else []
        rows = ((one.wording, address_of(one.sentence), one.sentence.label) for one in found)
        said = format_html_join("", '<p class="passage">“{}” <a href="{}">Sentence {}</a></p>', rows)
        return format_html('<div class="flow">{}</div>', said) if said else "No passage of its text is linked to it."
