"""The parts of an entry in the admin, such as its citations: rows that are named, bounded and numbered in place."""

from collections import defaultdict
from itertools import count

from django import forms
from django.contrib import admin
from django.db.models import UniqueConstraint, URLField
from django.utils.text import capfirst

from curation.choosing import ChooserFields
from curation.textforms import PrintableTexts

MOST = 1000
ORDER = "order"


class PartForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self):
        """Leave the order to the formset: the row that has the same one in the database may get another just now."""
        cleaned = super().clean()
        if ORDER in self.fields:
            self.typed_order = cleaned.get(ORDER)
            cleaned[ORDER] = None
        return cleaned


class PartFormSet(forms.BaseInlineFormSet):
    default_error_messages = {
        "too_many_forms": f"There can be at most {MOST:,} of these. Nothing is saved yet: take some out and save again."
    }

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if forms.formsets.DELETION_FIELD_NAME in form.fields:
            form.fields[forms.formsets.DELETION_FIELD_NAME].widget.attrs["aria-label"] = "Delete this row"
        if ORDER in form.fields:
            form.fields[ORDER].required = False
            if form.instance.pk is None:
                form.initial[ORDER] = None

    def clean(self):
        deleted = self.deleted_forms
        rows = [form for form in self.forms if form.has_changed() or form in self.initial_forms]
        rows = [form for form in rows if form not in deleted]
        if len(rows) > MOST:
            raise forms.ValidationError(self.error_messages["too_many_forms"])
        if ORDER in self.form.base_fields:
            self._number([form for form in rows if hasattr(form, "typed_order")])
        super().clean()

    def _number(self, rows):
        """A row without an order follows the one before it."""
        taken, last = defaultdict(set), defaultdict(int)
        for form in rows:
            taken[self._group(form)].add(form.typed_order)
        for form in rows:
            group, order = self._group(form), form.typed_order
            if order is None:
                order = next(number for number in count(last[group] + 1) if number not in taken[group])
                taken[group].add(order)
            last[group] = order
            form.cleaned_data[ORDER] = form.instance.order = order

    def _group(self, form):
        """The rows that are numbered together: those in one role, or all."""
        return tuple(form.cleaned_data.get(name) for name in self._ordered_by() if name not in (ORDER, self.fk.name))

    def _ordered_by(self):
        rules = [rule for rule in self.model._meta.constraints if isinstance(rule, UniqueConstraint)]
        return next(rule.fields for rule in rules if ORDER in rule.fields and not rule.condition)

    def get_unique_error_message(self, unique_check):
        if ORDER in unique_check:
            return (
                "Two rows have the same order. Give each its own, or empty the order of one: it then follows the row "
                "above it."
            )
        return super().get_unique_error_message(unique_check)

    def save(self, commit=True):
        if commit and ORDER in self.form.base_fields:
            self._make_room()
        return super().save(commit)

    def _make_room(self):
        """Two rows that change places would meet halfway: those that move step aside first."""
        moving = [form for form in self.initial_forms if {*form.changed_data} & {*self._ordered_by()}]
        moving = {form.instance.pk for form in [*moving, *self.deleted_forms]} - {None}
        if moving:
            used = {*self.get_queryset().values_list(ORDER, flat=True), *(form.instance.order for form in self.forms)}
            free = (number for number in count(1) if number not in used)
            aside = [self.model(pk=pk, order=next(free)) for pk in sorted(moving)]
            self.model._base_manager.bulk_update(aside, [ORDER], batch_size=500)


class PartInline(ChooserFields, PrintableTexts, admin.StackedInline):
    """The rows that are part of an entry, as cards; where their order counts, the script moves them."""

    form = PartForm
    formset = PartFormSet
    max_num = MOST
    template = "admin/edit_inline/stacked.html"
    heading = description = ""
    after = ""  # the heading of the section that it follows; else it stands where all do

    @property
    def is_ordered(self):
        return any(field.name == ORDER for field in self.model._meta.concrete_fields)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs.setdefault("aria-label", capfirst(field.label or db_field.verbose_name))
            if db_field.name == ORDER:
                field.help_text = "Left empty, the row follows the one above it."
        return field
