"""Put back what an import did: entries that it changed as they were, row by row, and none of those that it made."""

import json
from contextlib import contextmanager

from django.core.serializers import deserialize, serialize
from django.db.models import DO_NOTHING
from taggit.models import Tag

from curation import history
from curation.entries import EarlierSlug, Status
from curation.log import LogEntry
from findings.review_files.form import BY_MODEL, KINDS
from findings.review_files.held import in_chunks, loaded, states
from sources.importing import may_update
from sources.imports import Row
from sources.models import LinkCheck


def snapshots(kind, entries):
    """{id: its rows as JSON keeps them}: the entry with its links, its parts, tags and earlier addresses."""
    found = {}
    for some in in_chunks(entries):
        pks = [entry.pk for entry in some]
        rows = {pk: [] for pk in pks}
        for entry in kind.model._base_manager.filter(pk__in=pks).prefetch_related(*kind.links):
            rows[entry.pk].append(entry)
        for owner, model in _own_rows(kind):
            for row in model._base_manager.filter(**{f"{owner}__in": pks}).order_by("pk"):
                rows[getattr(row, f"{owner}_id")].append(row)
        if kind.letter:
            pk_of = {entry.number: entry.pk for entry in some}
            for slug in EarlierSlug.objects.filter(letter=kind.letter, number__in=pk_of).order_by("pk"):
                rows[pk_of[slug.number]].append(slug)
        found |= {pk: json.loads(serialize("json", own)) for pk, own in rows.items()}
    return found


def _own_rows(kind):
    """(name of the foreign key, model) of the rows that belong to entries of a kind and have an id that is kept."""
    yield from ((part.owner, part.model) for part in kind.parts)
    if kind.tagged:
        yield "content_object", kind.tagged


@contextmanager
def recording(model, ids, by, note):
    """Put what the block changes in the history of each entry; on record too where readers see it."""
    with history.recording(model, ids, by, note[:250]):
        yield
    public = (entry for some in in_chunks(ids) for entry in model.objects.published().filter(pk__in=some))
    LogEntry.objects.bulk_create(
        LogEntry(entry=entry, name=LogEntry.Name.CORRECT, by=by, note=note) for entry in public
    )


class Undoing:
    """The way back from a batch that was applied."""

    def __init__(self, batch, user):
        self.batch, self.user = batch, user
        rows = list(batch.rows.exclude(after=None).order_by("position"))
        self.rows = {name: [row for row in rows if row.kind == name] for name in KINDS}
        self.made = {name: {row.created: row for row in some if row.created} for name, some in self.rows.items()}
        self.changed = {name: {row.updated: row for row in some if row.updated} for name, some in self.rows.items()}

    def obstacles(self):
        """What stands in the way, as (place, message)."""
        for name, rows in self.rows.items():
            kind = KINDS[name]
            pks = [row.created or row.updated for row in rows]
            held, now = loaded(kind.model, pks, locked=True), states(kind, pks)
            for row in rows:
                pk = row.created or row.updated
                if pk not in held:
                    if row.updated:
                        yield _where(row), "it has been deleted since."
                elif not self._may_undo(row, held[pk]):
                    yield _where(row), f"you may not change it: it is {held[pk].get_status_display().lower()}."
                elif now[pk] != row.after:
                    fields = [kind.labels[field].lower() for field in now[pk] if now[pk][field] != row.after.get(field)]
                    yield _where(row), f"it has been changed since: {', '.join(fields)}."
        for name, made in self.made.items():
            if made:
                yield from self._users(KINDS[name], made)

    def _may_undo(self, row, entry):
        is_own_draft = row.created and entry.status in (Status.DRAFT, Status.IN_REVIEW)
        return is_own_draft or may_update(entry, self.user)

    def _users(self, kind, made):
        """Others that refer to entries which would go."""
        for relation in kind.model._meta.get_fields(include_hidden=True):
            if not relation.auto_created or relation.concrete or relation.many_to_many:
                continue
            model, column = relation.related_model, relation.field
            if (
                relation.on_delete is DO_NOTHING
                or issubclass(model, Row | LinkCheck)
                or column.remote_field.model is not kind.model
            ):
                continue  # records of what was
            owner = _owner(model, column)
            if owner == column.name:
                continue  # the entry's own rows go with it
            for some in in_chunks(made):
                rows = model._base_manager.filter(**{f"{column.name}__in": some}).order_by()
                for pk, user in sorted(set(rows.values_list(column.attname, owner or "pk"))):
                    if not self._is_of_batch(model, owner, user):
                        told = BY_MODEL[model].noun if model in BY_MODEL else model._meta.verbose_name
                        if owner:
                            told = model._meta.get_field(owner).related_model._meta.verbose_name
                        yield _where(made[pk]), f"it is used by now, in a {told}."

    def _is_of_batch(self, model, owner, pk):
        """Whether a row belongs to an entry that this batch made or changed, and will go or be put back with it."""
        entry = model._meta.get_field(owner).related_model if owner else model
        if entry not in BY_MODEL:
            return False
        name = BY_MODEL[entry].name
        return pk in self.made[name] or pk in self.changed[name]

    def do(self):
        """Put everything back."""
        note = f"Import of {self.batch.filename} undone."
        for name, changed in reversed(self.changed.items()):
            with recording(KINDS[name].model, list(changed), self.user, note):
                _restore(KINDS[name], list(changed.values()))
        for name, made in reversed(self.made.items()):
            model = KINDS[name].model
            for some in in_chunks(made):
                entries = model._base_manager.filter(pk__in=some)
                if KINDS[name].letter:
                    entries.exclude(replaced_by=None).update(replaced_by=None)
                    numbers = entries.values_list("number", flat=True)
                    EarlierSlug.objects.filter(letter=KINDS[name].letter, number__in=list(numbers)).delete()
            for some in in_chunks(made):
                model._base_manager.filter(pk__in=some).delete()
        self._delete_tags()

    def _delete_tags(self):
        tags = Tag.objects.filter(pk__in=self.batch.tags_made)
        for kind in KINDS.values():
            if kind.tagged:
                tags = tags.exclude(pk__in=kind.tagged.objects.order_by().values("tag"))
        tags.delete()


def _restore(kind, rows):
    """Write the rows of a snapshot over those that entries have now."""
    kept = [list(deserialize("python", row.before)) for row in rows]
    ids = {}
    for some in kept:
        for one in some:
            ids.setdefault(type(one.object), set()).add(one.object.pk)
    for pks in in_chunks([row.updated for row in rows]):
        for owner, model in _own_rows(kind):
            _delete_others(model._base_manager.filter(**{f"{owner}__in": pks}), ids.get(model, ()))
        if kind.letter:
            numbers = list(kind.model._base_manager.filter(pk__in=pks).values_list("number", flat=True))
            moved = EarlierSlug.objects.filter(letter=kind.letter, number__in=numbers)
            _delete_others(moved, ids.get(EarlierSlug, ()))
    for some in kept:
        for one in some:
            one.save()


def _delete_others(rows, kept):
    for row in rows:
        if row.pk not in kept:
            row.delete()


def _owner(model, column):
    """The name of the foreign key to the entry that a row belongs to; "" if the row is an entry, or of another app."""
    if model in BY_MODEL:
        return ""
    for kind in BY_MODEL.values():
        for name, own in _own_rows(kind):
            if own is model:
                return name
        for name in kind.links:
            field = kind.model._meta.get_field(name)
            if field.remote_field.through is model:
                return field.m2m_field_name()
    return ""


def _where(row):
    return f"{row.code} ({row.place})"
