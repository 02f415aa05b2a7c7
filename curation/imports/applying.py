"""The choices of an import, worked out in memory, then written: nothing is written before all is known to be sound."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from django.db.models.signals import post_save
from taggit.models import Tag

from curation import tagging
from curation.entries import HIDDEN, CodeSeries, EarlierSlug, Entry, Status
from curation.imports.addresses import Addresses
from curation.imports.comparing import blank, differences, translated
from curation.imports.held import called, in_chunks, loaded, states
from curation.imports.kinds import KINDS, Kind, references
from curation.imports.matching import NEW, SAME, found_elsewhere, match_all, said_by
from curation.imports.models import ImportRow
from curation.imports.said import lacking, twice, wrong
from curation.imports.undoing import recording, snapshots, what_changed
from curation.log import LogEntry

Choice = ImportRow.Choice
LED, PREPARED, WRITTEN, RECORDED = 0.15, 0.3, 0.65, 0.75  # how much of the work is done after each part


@dataclass
class Target:
    """What a code of the file leads to: an entry that is held, or one that is made. `code` is ours."""

    code: str
    entry: Any


@dataclass
class Writing:
    """An entry that is made or changed, with what the file says of it, which may be several rows."""

    kind: Kind
    entry: Any
    state: dict  # what it said before
    values: dict = field(default_factory=dict)  # what it is to say, with our codes
    sayings: list = field(default_factory=list)  # (row, Said)
    rows: list = field(default_factory=list)  # those that say something new

    is_new: bool = False

    @property
    def remarks(self):
        """What is remarked of all that is taken of the file."""
        return [
            remark
            for row, _ in self.sayings
            for remark in row.remarks
            if self.is_new or remark[0] in ("", *self.values)
        ]

    @property
    def said(self):
        return self.sayings[0][1]

    @property
    def now(self):
        return self.state | self.values


class Application:
    """The choices of an import."""

    def __init__(self, batch, user, progress):
        self.batch, self.user, self.file_type = batch, user, batch.file_type
        self.progress = progress
        self.faults = []  # (place, message)
        self.targets = {}  # (kind, code of the file): Target
        self.ours = {}  # (kind, our code): entry
        self.created, self.updated = [], []
        self.at = {}  # position of a row: Writing
        self.changing = {}  # (kind, id): Writing

    def work_out(self):
        """Prepare all that is to be written and collect the faults. Call inside a transaction: codes are taken."""
        rows = list(self.batch.rows.order_by("position"))
        said = [said_by(row) for row in rows]
        self._lead_to_entries(rows, said)
        self._give_codes()
        self._lead_elsewhere(said)
        self.ours = {(kind, target.code): target.entry for (kind, _), target in self.targets.items()}
        self._prepare()
        if not self.faults:
            self._give_addresses()
            self._look_around()

    def _tell(self, one, message, name=""):
        label = f"{one.kind.labels[name]}: " if name else ""
        self.faults.append((one.where, label + message))

    # What the codes of the file lead to

    def _lead_to_entries(self, rows, said):
        matched = defaultdict(set)
        for row in rows:
            matched[row.kind].add(row.matched)
        held = {name: loaded(KINDS[name].model, pks - {None}, locked=True) for name, pks in matched.items()}
        matches = match_all(said)
        for row, one, match in self.progress.over([*zip(rows, said, matches, strict=True)], until=LED):
            if row.choice == Choice.CREATE:
                self._create(row, one, match)
            elif row.repeats is not None:
                if row.choice != Choice.SKIP and row.repeats in self.at:  # else what it would add to is skipped too
                    self._add_to(self.at[row.repeats], row, one)
            elif row.matched is not None:
                self._lead_to(held[row.kind].get(row.matched), row, one)

    def _create(self, row, one, match):
        if row.match == NEW and match.match == SAME:
            code = called(one.kind.model._base_manager.get(pk=match.pk))
            self._tell(one, f"it has been added here since, as {code}. Compare again.")
        entry = one.kind.model(status=Status.DRAFT)
        self.created.append(Writing(one.kind, entry, blank(one.kind), is_new=True))
        self._add_to(self.created[-1], row, one)
        self._name(one, entry)

    def _lead_to(self, entry, row, one):
        if entry is None:
            self._tell(one, "what is held of it has been deleted since. Compare again.")
            return
        self._name(one, entry)
        if row.choice == Choice.SKIP:
            return
        writing = self.changing.get((one.kind.name, entry.pk))
        if not entry.may_be_changed_by(self.user):
            self._tell(one, f"you may not change {called(entry)}, which is {entry.get_status_display().lower()}.")
        elif writing and not self.file_type.repeats:
            self._tell(one, f"{writing.said.place} updates {called(entry)} as well: skip one of the two.")
        else:
            if not writing:
                writing = Writing(one.kind, entry, {})
                self.changing[one.kind.name, entry.pk] = writing
                self.updated.append(writing)
            self._add_to(writing, row, one)

    def _add_to(self, writing, row, one):
        writing.sayings.append((row, one))
        self.at[row.position] = writing

    def _name(self, one, entry):
        if one.code:
            self.targets[one.kind.name, one.code] = Target(called(entry), entry)

    def _give_codes(self):
        """Codes of the file are kept where they are free; what has none, or one that is taken here, gets a new one."""
        for kind, writings in by_kind(self.created):
            if not issubclass(kind.model, Entry):
                continue
            keeps = self.file_type.keeps_codes(self.batch)
            wanted = [kind.number(writing.said.code) if keeps else None for writing in writings]
            for writing, number in zip(writings, CodeSeries.keep(kind.model, wanted), strict=True):
                writing.entry.number = number
                writing.state["code"] = writing.entry.code
                if writing.said.code:
                    self.targets[kind.name, writing.said.code].code = writing.entry.code

    def _lead_elsewhere(self, said):
        entries, problems = found_elsewhere(said)
        self.faults += problems
        self.targets |= {key: Target(called(entry), entry) for key, entry in entries.items()}

    # What each entry becomes

    def _prepare(self):
        for kind, writings in by_kind(self.updated):
            held = states(kind, [writing.entry.pk for writing in writings])
            for writing in writings:
                writing.state = held[writing.entry.pk]
        for writing in self.progress.over([*self.updated, *self.created], until=PREPARED):
            for row, one in writing.sayings:
                values = self._with_our_codes(one)
                if values is not None:
                    self._take(writing, row, one, values)
            for name, message in writing.kind.broken_rules(writing.now):
                self._tell(writing.said, message, name)
        self.updated = [writing for writing in self.updated if writing.values]

    def _take(self, writing, row, one, values):
        """Let an entry say what a row says."""
        if writing.is_new and not writing.values:
            for name, message in lacking(one):
                self._tell(one, message, name)
            found = {name: value for name, value in values.items() if name in writing.state and name != "code"}
        else:
            fill = row.choice == Choice.FILL
            found = self.file_type.news(writing.kind, writing.now, values, only_empty=fill)
            if not writing.is_new:
                against_held = self.file_type.news(writing.kind, writing.state, values, only_empty=fill)
                self._refuse_what_nobody_looked_at(writing, row, one, against_held)
        for name, message in wrong(writing.kind, found):
            self._tell(one, message, name)
        if found:
            writing.values |= found
            writing.rows.append(row)

    def _refuse_what_nobody_looked_at(self, writing, row, one, found):
        """What somebody else saved since the preview is not overwritten."""
        looked_at = {shown["field"]: shown for shown in row.differences}
        for now in differences(writing.kind, writing.state, found):
            then = looked_at.get(now["field"])
            if then is None or (then["found"] == now["found"] and then["held"] != now["held"]):
                self._tell(one, "somebody changed it since you looked. Compare again.", now["field"])

    def _with_our_codes(self, one):
        """What the file says; None if it refers to what is skipped."""
        gone = {code for kind, code in references(one.kind, one.values) if (kind.name, code) not in self.targets}
        for code in sorted(gone):
            self._tell(one, f"it refers to {code}, which is skipped.")
        if gone:
            return None
        said = translated(one.kind, one.values, lambda kind, code: self.targets[kind.name, code].code)
        for name, value in said.items():
            repeated = isinstance(value, list) and twice(one.kind.part(name), value)
            if repeated:
                self._tell(one, f"“{repeated}” stands twice in this list.", name)
        return said

    # What stands beside it

    def _give_addresses(self):
        for kind, writings in by_kind([*self.updated, *self.created]):
            addresses = Addresses(kind)
            for writing in writings:
                if writing.is_new:
                    addresses.give(writing)
                elif not addresses.move(writing):
                    self._tell(writing.said, f"another entry has the address “{writing.now['slug']}”.", "slug")
                for path in writing.values.get("earlier_slugs", ()):
                    if not addresses.may_lead(path, writing):
                        self._tell(writing.said, f"“{path}” leads to another entry here.", "earlier_slugs")

    def _look_around(self):
        """What an entry has for itself alone, no other one has."""
        for kind, writings in by_kind([*self.updated, *self.created]):
            changing = {writing.entry.pk for writing in writings}
            owners = {(name, text.casefold()): code for pk, code, name, text in kind.claimed() if pk not in changing}
            for writing in writings:
                for name, text in kind.claims(writing.now):
                    owner = owners.setdefault((name, text.casefold()), writing)
                    if owner is not writing:
                        who = owner.said.where if isinstance(owner, Writing) else owner
                        self._tell(writing.said, f"“{text}” belongs to {who}.", name)

    # Writing

    def write(self):
        self.batch.tags_made = self._make_tags()
        for kind in KINDS.values():
            new = [writing for writing in self.created if writing.kind is kind]
            self._write_new(kind, new, until=self._until(PREPARED, WRITTEN, new))
            changes = [writing for writing in self.updated if writing.kind is kind]
            note = f"Import of {self.batch.filename}."
            with recording(kind.model, [writing.entry.pk for writing in changes], self.user, note):
                self._write_changes(kind, changes)
            kind.written([one for one in [*self.created, *self.updated] if one.kind is kind and one.rows], self.batch)
        self._look_at_parents()
        if self.faults:
            return
        for writing in self.created:
            if writing.entry.is_public:  # drafts are in no index and on no page: nobody needs to be told of them
                sent = {"created": True, "update_fields": None, "raw": False, "using": DEFAULT_DB_ALIAS}
                post_save.send(type(writing.entry), instance=writing.entry, **sent)
        self._record_what_became_public()
        self._keep_record()

    def _record_what_became_public(self):
        """Its dates are those of the file: only the act tells since when it has been here."""
        note = f"Import of {self.batch.filename}."
        public = [writing.entry for writing in self.created if writing.entry.published_on]
        acts = [LogEntry(entry=entry, name=LogEntry.Name.PUBLISH, by=self.user, note=note) for entry in public]
        LogEntry.objects.bulk_create(acts, batch_size=500)

    def _make_tags(self):
        """Make the tags that do not exist yet. Returns their ids."""
        names = [name for writing in [*self.created, *self.updated] for name in writing.values.get("tags", ())]
        self.tags = tagging.called(names)
        made = []
        for name in names:
            if tagging.key(name) not in self.tags:
                self.tags[tagging.key(name)] = tag = Tag.objects.create(name=tagging.tidy(name))
                made.append(tag.pk)
        return made

    def _until(self, start, end, writings):
        """How far the work is when these of all writings are done too, of a part from `start` to `end`."""
        return self.progress.share + (end - start) * len(writings) / max(len(self.created) + len(self.updated), 1)

    def _write_new(self, kind, writings, until):
        for writing in writings:
            self._set(writing, [*kind.columns, *(name for name, other in kind.references.items() if other is not kind)])
        model = kind.model
        half = (self.progress.share + until) / 2
        for some in self.progress.over(in_chunks(writings), until=half):
            model._base_manager.bulk_create([writing.entry for writing in some])
        for name in [name for name, other in kind.references.items() if other is kind]:
            some = [writing for writing in writings if writing.values.get(name)]
            for writing in some:
                self._set(writing, [name])
            model._base_manager.bulk_update([writing.entry for writing in some], [name], batch_size=500)
        for some in self.progress.over(in_chunks(writings), until):
            for part in kind.parts:
                rows = [row for writing in some for row in self._rows(part, writing)]
                part.model._base_manager.bulk_create(rows, batch_size=500)
        for name in kind.links:
            field = model._meta.get_field(name)
            owner, target = field.m2m_field_name(), field.m2m_reverse_field_name()
            through = field.remote_field.through
            links = [
                through(**{f"{owner}_id": writing.entry.pk, f"{target}_id": pk})
                for writing in writings
                for pk in self._linked(writing, name)
            ]
            through.objects.bulk_create(links, batch_size=500)
        if kind.tagged:
            tagged = [
                kind.tagged(content_object=writing.entry, tag=self.tags[tagging.key(tag)])
                for writing in writings
                for tag in writing.values.get("tags", ())
            ]
            kind.tagged.objects.bulk_create(tagged, batch_size=500)
        EarlierSlug.objects.bulk_create([slug for writing in writings for slug in earlier_slugs(writing)])

    def _write_changes(self, kind, writings):
        entries = [writing.entry for writing in writings]
        before = snapshots(kind, entries)
        for writing in writings:
            entry, values = writing.entry, writing.values
            self._set(writing, [*kind.columns, *kind.references])
            entry.save()
            for part in kind.parts:
                if part.name in values:
                    part.model._base_manager.filter(**{part.owner: entry}).delete()
                    for row in self._rows(part, writing):
                        row.save()
            for name in kind.links.keys() & values.keys():
                getattr(entry, name).set(self._linked(writing, name))
            if "tags" in values:
                entry.tags.set([self.tags[tagging.key(tag)] for tag in values["tags"]])
            for slug in earlier_slugs(writing):
                EarlierSlug.objects.get_or_create(letter=slug.letter, slug=slug.slug, number=slug.number)
        after = snapshots(kind, entries)
        for writing in writings:
            pk = writing.entry.pk
            writing.rows[0].before = what_changed(before[pk], after[pk])

    def _set(self, writing, names):
        kind = writing.kind
        for name in names:
            if name not in writing.values:
                continue
            value = writing.values[name]
            if name in kind.columns:
                setattr(writing.entry, name, kind.columns[name].to_python(value))
            else:
                target = self.ours[kind.references[name].name, value].pk if value else None
                setattr(writing.entry, f"{name}_id", target)

    def _rows(self, part, writing):
        """Unsaved rows of a part, numbered in each role."""
        for said, place in part.numbered(writing.values.get(part.name, ())):
            values = {name: said[name] for name in part.columns}
            for name, kind in part.references.items():
                values[f"{name}_id"] = self.ours[kind.name, said[name]].pk
            if part.is_ordered:
                values["order"] = place
            yield part.model(**{part.owner: writing.entry}, **values)

    def _linked(self, writing, name):
        kind = writing.kind.links[name]
        return [self.ours[kind.name, code].pk for code in writing.values.get(name, ())]

    def _look_at_parents(self):
        """A public entry never hangs from one that never was public. A withdrawn one answers, and says why."""
        for kind, writings in by_kind([*self.created, *self.updated]):
            parents = [name for name in kind.references if name in kind.required]
            hidden = Q()
            for name in parents:
                hidden |= Q(**{f"{name}__status__in": HIDDEN})
            said = {writing.entry.pk: writing.said for writing in writings}
            for some in in_chunks(said) if parents else ():
                public = kind.model._base_manager.filter(pk__in=some, status=Status.PUBLISHED).filter(hidden)
                for entry in public.select_related(*parents).order_by("pk"):
                    parent = next(p for name in parents if (p := getattr(entry, name)).status in HIDDEN)
                    message = f"publish “{parent}” ({parent.code}) first: this entry is part of it."
                    self._tell(said[entry.pk], message, "status")

    def _keep_record(self):
        for kind, writings in by_kind([*self.created, *self.updated]):
            after = states(kind, [writing.entry.pk for writing in writings])
            for writing in self.progress.over(writings, until=self._until(WRITTEN, RECORDED, writings)):
                before = blank(kind) if writing.is_new else writing.state
                now = after[writing.entry.pk]
                writing.rows[0].after = {name: value for name, value in now.items() if value != before[name]}
                for row in writing.rows:
                    row.code = called(writing.entry)
        for writing in self.created:
            writing.rows[0].created = writing.entry.pk
        for row in (noted := [row for writing in self.updated for row in writing.rows]):
            row.updated = self.at[row.position].entry.pk
        made = [writing.rows[0] for writing in self.created]
        self._update_rows(made, ["created", "code", "after"], until=self._until(RECORDED, 1, self.created))
        self._update_rows(noted, ["updated", "code", "before", "after"], until=1)
        self.batch.created_count, self.batch.updated_count = len(self.created), len(self.updated)

    def _update_rows(self, rows, names, until):
        for some in self.progress.over(in_chunks(rows), until):
            ImportRow.objects.bulk_update(some, names, batch_size=100)


def by_kind(writings):
    """(kind, its writings), parents first."""
    for kind in KINDS.values():
        some = [writing for writing in writings if writing.kind is kind]
        if some:
            yield kind, some


def earlier_slugs(writing):
    for slug in writing.values.get("earlier_slugs", ()):
        yield EarlierSlug(letter=writing.kind.letter, slug=slug, number=writing.entry.number)
