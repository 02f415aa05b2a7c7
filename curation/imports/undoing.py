"""The way back from an import: the entries that it changed say again what they said, and none of those that it made is
left. What others changed in other fields since stays."""

import json
from collections import defaultdict
from contextlib import contextmanager

from django.core.serializers import deserialize, serialize
from django.db.models import DO_NOTHING
from taggit.models import Tag

from curation import history
from curation.entries import HIDDEN, EarlierSlug
from curation.imports.comparing import blank
from curation.imports.held import in_chunks, loaded, states
from curation.imports.kinds import BY_MODEL, KINDS
from curation.log import LogEntry

LOOKED_AT, PUT_BACK = 0.1, 0.9  # how much of the work each part is
FEW = 50  # entries that are deleted together: somebody may want it to stop


def snapshots(kind, entries):
    """{id: its rows as JSON keeps them}: the entry with its links, its parts, tags and earlier addresses."""
    found = {}
    for some in in_chunks(entries):
        pks = [entry.pk for entry in some]
        rows = {pk: [] for pk in pks}
        for entry in kind.model._base_manager.filter(pk__in=pks).prefetch_related(*kind.links):
            rows[entry.pk].append(entry)
        for _, owner, model in _own_rows(kind):
            for row in model._base_manager.filter(**{f"{owner}__in": pks}).order_by("pk"):
                rows[getattr(row, f"{owner}_id")].append(row)
        if kind.letter:
            pk_of = {entry.number: entry.pk for entry in some}
            for slug in EarlierSlug.objects.filter(letter=kind.letter, number__in=pk_of).order_by("pk"):
                rows[pk_of[slug.number]].append(slug)
        found |= {pk: json.loads(serialize("json", own)) for pk, own in rows.items()}
    return found


def what_changed(before, after):
    """What two snapshots of an entry do not share, as it was: {"fields": {name: value}, "rows": {model: rows}}."""
    (entry, *own), (entry_now, *own_now) = before, after
    fields = {name: value for name, value in entry["fields"].items() if value != entry_now["fields"][name]}
    ours, theirs = _by_model(own), _by_model(own_now)
    rows = {model: ours[model] for model in {**ours, **theirs} if ours[model] != theirs[model]}
    return {"fields": fields, "rows": rows}


def _by_model(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["model"]].append(row)
    return found


def _own_rows(kind):
    """(key, name of the foreign key, model) of the rows that belong to entries of a kind and have ids to keep."""
    yield from ((part.name, part.owner, part.model) for part in kind.parts)
    if kind.tagged:
        yield "tags", "content_object", kind.tagged


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
    """The way back from an import that was applied."""

    def __init__(self, batch, user, progress):
        self.batch, self.user, self.progress = batch, user, progress
        rows = list(batch.rows.filter(after__isnull=False).order_by("position"))
        self.rows = {name: [row for row in rows if row.kind == name] for name in KINDS}
        self.made = {name: {row.created: row for row in some if row.created} for name, some in self.rows.items()}
        self.changed = {name: {row.updated: row for row in some if row.updated} for name, some in self.rows.items()}

    def obstacles(self):
        """What stands in the way, as (place, message)."""
        for name, rows in self.rows.items():
            kind = KINDS[name]
            pks = [row.created or row.updated for row in rows]
            held, now = loaded(kind.model, pks, locked=True), states(kind, pks)
            for row in self.progress.over(rows, until=self._until(LOOKED_AT, rows)):
                pk = row.created or row.updated
                if pk not in held:
                    if row.updated:
                        yield _where(row), "it has been deleted since."
                elif not (held[pk].may_be_changed_by(self.user) or (row.created and held[pk].status in HIDDEN)):
                    yield _where(row), f"you may not change it: it is {held[pk].get_status_display().lower()}."
                else:
                    then = blank(kind) | row.after if row.created else row.after
                    fields = [kind.labels[field].lower() for field, value in then.items() if now[pk][field] != value]
                    if fields:
                        yield _where(row), f"it has been changed since: {', '.join(fields)}."
        for name, made in self.made.items():
            if made:
                yield from self._users(KINDS[name], made)

    def _until(self, share, some):
        """How far the work is when some of all rows are done too, in a part that takes `share` of it."""
        return self.progress.share + share * len(some) / max(sum(map(len, self.rows.values())), 1)

    def _users(self, kind, made):
        """Others that refer to entries which would go."""
        for relation in kind.model._meta.get_fields(include_hidden=True):
            if not relation.auto_created or relation.concrete or relation.many_to_many:
                continue
            model, column = relation.related_model, relation.field
            is_of_kind = column.remote_field.model is kind.model
            if relation.on_delete is DO_NOTHING or model in kind.notes or not is_of_kind:
                continue  # records of what was
            owner, key = _owner(model, column)
            if owner == column.name:
                continue  # the entry's own rows go with it
            user = model._meta.get_field(owner).related_model if owner else model
            for some in in_chunks(made):
                rows = model._base_manager.filter(**{f"{column.name}__in": some}).order_by()
                for pk, user_pk in sorted(set(rows.values_list(column.attname, owner or "pk"))):
                    if not self._lets_go(user, user_pk, key):
                        yield _where(made[pk]), f"it is used by now, in a {user._meta.verbose_name}."

    def _lets_go(self, model, pk, key):
        """Whether an entry goes too, or what it says under a key is put back."""
        if model not in BY_MODEL:
            return False
        name = BY_MODEL[model].name
        return pk in self.made[name] or (pk in self.changed[name] and key in self.changed[name][pk].after)

    def do(self):
        """Put everything back."""
        note = f"Import of {self.batch.filename} undone."
        for name, changed in reversed(self.changed.items()):
            with recording(KINDS[name].model, list(changed), self.user, note):
                rows = list(changed.values())
                _restore(KINDS[name], self.progress.over(in_chunks(rows), until=self._until(PUT_BACK, rows)))
        for name, made in reversed(self.made.items()):
            model = KINDS[name].model
            for some in in_chunks(made):
                entries = model._base_manager.filter(pk__in=some)
                if KINDS[name].letter:
                    entries.exclude(replaced_by=None).update(replaced_by=None)
                    numbers = entries.values_list("number", flat=True)
                    EarlierSlug.objects.filter(letter=KINDS[name].letter, number__in=list(numbers)).delete()
            for some in self.progress.over(in_chunks(made, FEW), until=self._until(PUT_BACK, made)):
                model._base_manager.filter(pk__in=some).delete()
        for kind in KINDS.values():
            kind.undone(self.batch)
        self._delete_tags()

    def _delete_tags(self):
        tags = Tag.objects.filter(pk__in=self.batch.tags_made)
        for kind in KINDS.values():
            if kind.tagged:
                tags = tags.exclude(pk__in=kind.tagged.objects.order_by().values("tag"))
        tags.delete()


def _restore(kind, chunks):
    """Write over what entries say now what they said before; `chunks` are lists of rows."""
    own = [*(model for *_, model in _own_rows(kind)), EarlierSlug]
    for rows in chunks:
        now = snapshots(kind, loaded(kind.model, [row.updated for row in rows]).values())
        for row in rows:
            _restore_one(row, now, own)


def _restore_one(row, now, own):
    """Write over what an entry says `now` what its row kept; `own` are the models of the rows that belong to it."""
    entry, *others = now[row.updated]
    kept = row.before["rows"]
    for model in own:
        label = model._meta.label_lower
        if label in kept:
            ids = {one["pk"] for one in others if one["model"] == label} - {one["pk"] for one in kept[label]}
            for other in model._base_manager.filter(pk__in=ids):
                other.delete()
    entry["fields"] |= row.before["fields"]
    for one in deserialize("python", [entry, *(one for some in kept.values() for one in some)]):
        one.save()


def _owner(model, column):
    """The name of the foreign key to the entry that a row belongs to, and the key of the entry under which it stands.
    The name is empty if the row is an entry itself, or of another app."""
    for kind in BY_MODEL.values():
        for key, name, own in _own_rows(kind):
            if own is model:
                return name, key
        for key in kind.links:
            field = kind.model._meta.get_field(key)
            if field.remote_field.through is model:
                return field.m2m_field_name(), key
    return "", column.name


def _where(row):
    return f"{row.code} ({row.place})"
