"""Every change of an entry's wording: who, when, and the wording itself, so that it can be compared and put back.

A state is what a librarian words of an entry, its parts, tags and links included, as JSON. Status and the dates of
curation are not: those are acts (`curation.log`). Other entries are named by their codes, which never change.
"""

import json
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from taggit.managers import TaggableManager

from curation.entries import Curated, Entry, parse_code

# Typed by librarians too, and recorded, though readers do not read them in the wording.
BESIDES = {
    "slug",
    "review_due_on",
    "check_every",
    "since_then",
    "questions_answered",
    "also_asked_as",
    "place_section",
    "place_paragraph",
    "place_page",
}
# Set by acts and kept as such, or given once for all.
NOT_RECORDED = {"number", "replaced_by", "merged_into", "earlier_anchors"} | {
    field.name for field in Curated._meta.fields
} - BESIDES


class RevisionQuerySet(models.QuerySet):
    def of(self, entry):
        return self.filter(content_type=ContentType.objects.get_for_model(entry), object_id=entry.pk)


class Revision(models.Model):
    """What an entry said from `at` on."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    entry = GenericForeignKey()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=250, blank=True)
    state = models.JSONField()

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id", "-at"], name="revisions_of_an_entry")]
        default_permissions = ()

    def __str__(self):
        return f"{self.entry} as of {self.at:%Y-%m-%d %H:%M}"


TOGETHER = 500
EARLIER = "As it was before the changes recorded here"


@contextmanager
def recording(model, ids, by, note=""):
    """Record what the block changes in the entries of `model` with these `ids`, in one transaction with it.

    Yields the states before, by id. An entry that is new inside the block has none.
    """
    with transaction.atomic():
        before = states(model, ids)
        yield before
        record(model, before, states(model, ids), by, note)


def record(model, before, after, by, note=""):
    """Keep `after` of each entry whose state differs from `before`, and `before` too if it was not recorded yet: what
    was done where nobody recorded it is not lost. Both map ids to states."""
    changed = {pk: state for pk, state in after.items() if state != before.get(pk)}
    kind = ContentType.objects.get_for_model(model)
    last = {}
    for revision in Revision.objects.filter(content_type=kind, object_id__in=changed).order_by("at", "pk"):
        last[revision.object_id] = revision.state
    now, made = timezone.now(), []
    for pk, state in changed.items():
        if pk in before and before[pk] != last.get(pk):
            made.append(Revision(content_type=kind, object_id=pk, at=now, state=before[pk], note=EARLIER))
        made.append(Revision(content_type=kind, object_id=pk, at=now, by=by, state=state, note=note))
    Revision.objects.bulk_create(made, batch_size=TOGETHER)


# States


def states(model, ids):
    """Id -> state of the entries of `model` with these `ids`, in a constant number of queries for each 500."""
    parts = [f"{name}__{field.name}" for name in model.PARTS for field in _references(_part(model, name))]
    tags = ["tagged_items__tag"] if _has_tags(model) else []
    # Each relation by a query of its own, so that an entry many others refer to is read once.
    related = [field.name for field in _references(model)]
    rows = model._base_manager.prefetch_related(*model.PARTS, *parts, *_links(model), *tags, *related)
    ids = list(ids)
    batches = (rows.filter(pk__in=ids[start : start + TOGETHER]) for start in range(0, len(ids), TOGETHER))
    return {entry.pk: _state(entry) for batch in batches for entry in batch}


def state_of(entry):
    """The state of an entry as it is in the database."""
    return states(type(entry), [entry.pk])[entry.pk]


def _state(entry):
    model = type(entry)
    state = {field.name: _plain(entry, field) for field in wording_fields(model)}
    for name in model.PARTS:
        fields = _part_fields(model, name)
        rows = [{field.name: _plain(row, field) for field in fields} for row in getattr(entry, name).all()]
        state[name] = sorted(rows, key=lambda row: (row.get("role", ""), row.get("order", 0), json.dumps(row)))
    for name in _links(model):
        state[name] = sorted((other.code for other in getattr(entry, name).all()), key=parse_code)
    if _has_tags(model):
        state["tags"] = sorted(item.tag.name for item in entry.tagged_items.all())
    return state


def _plain(row, field):
    if field.is_relation:
        other = getattr(row, field.name)
        return other.code if other else ""
    value = getattr(row, field.attname)
    return value.isoformat() if isinstance(value, date) else value


def wording_fields(model):
    """The columns of a kind of entry that belong to its wording."""
    return [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in NOT_RECORDED]


def _part(model, name):
    return model._meta.get_field(name).related_model


def _part_fields(model, name):
    """The columns of a part, but for its own key and the one that ties it to its entry."""
    owner = model._meta.get_field(name).field
    return [field for field in owner.model._meta.concrete_fields if not (field.primary_key or field is owner)]


def _references(model):
    return [f for f in model._meta.concrete_fields if f.is_relation and issubclass(f.related_model, Entry)]


def _links(model):
    """Many-to-many relations to other entries that hold nothing of their own."""
    return [
        field.name
        for field in model._meta.many_to_many
        if not isinstance(field, TaggableManager) and field.remote_field.through._meta.auto_created
    ]


def _has_tags(model):
    return any(isinstance(field, TaggableManager) for field in model._meta.many_to_many)


# What changed, in words


def without_besides(state):
    return {name: value for name, value in state.items() if name not in BESIDES}


def changes(model, before, after):
    """(label, wording before, wording after) of what differs between two states, in the order of the model."""
    found = []
    held = {field.name for field in model._meta.get_fields()}
    for name in after:
        old, new = before.get(name), after[name]
        # A state of long ago may have a field that was given up, or lack one that was added: it says nothing of these.
        if name in held and name in before and old != new:
            found.append((_label(model, name), _in_words(model, name, old), _in_words(model, name, new)))
    return found


def _label(model, name):
    if name == "tags":
        return "Tags"
    field = model._meta.get_field(name)
    if field.auto_created:
        return capfirst(field.related_model._meta.verbose_name_plural)
    return capfirst(field.verbose_name)


def _in_words(model, name, value):
    if name in model.PARTS:
        fields = _part_fields(model, name)
        return "\n".join(
            ", ".join(filter(None, (_text(field, row.get(field.name)) for field in fields))) for row in value or []
        )
    if isinstance(value, list):
        return ", ".join(value)
    return _text(model._meta.get_field(name), value)


def _text(field, value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value or ""))
    return "" if value is None else str(value)


# Putting back


class CannotPutBack(Exception):
    """The message says what stands in the way, in words for a librarian."""


def put_back(entry, state):
    """Give an entry the wording of an earlier `state`; its address, status and dates stay. Records nothing itself.

    Raises `CannotPutBack` if the wording refers to what is no longer there, or breaks a rule of today.
    """
    model = type(entry)
    try:
        with transaction.atomic():
            for field in wording_fields(model):
                if field.name in state and field.name not in BESIDES:
                    setattr(entry, field.name, _value(field, state[field.name]))
            entry.full_clean()
            entry.save()
            for name in set(model.PARTS) & state.keys():
                _put_parts_back(entry, name, state[name])
            for name in _links(model):
                related = model._meta.get_field(name).related_model
                getattr(entry, name).set([_entry(related, code) for code in state.get(name, [])])
            if _has_tags(model):
                entry.tags.set(state.get("tags", []))
    except ValidationError as error:
        raise CannotPutBack(" ".join(error.messages)) from error


def _put_parts_back(entry, name, rows):
    model = type(entry)
    part, fields = _part(model, name), _part_fields(model, name)
    getattr(entry, name).all().delete()
    owner = model._meta.get_field(name).field.name
    for row in rows:
        values = {field.name: _value(field, row[field.name]) for field in fields if field.name in row}
        made = part(**values, **{owner: entry})
        made.full_clean()
        made.save()


def _value(field, value):
    if field.is_relation:
        return _entry(field.related_model, value) if value else None
    return field.to_python(value)


def _entry(model, code):
    try:
        return model.objects.get_by_natural_key(code).leads_to
    except model.DoesNotExist as missing:
        raise CannotPutBack(f"That wording refers to {code}, which is no longer there.") from missing
