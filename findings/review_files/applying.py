"""The choices of an import, worked out in memory, then written: nothing is written before all is known to be sound."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from django.db.models.signals import post_save
from django.utils.text import slugify
from taggit.models import Tag

from curation import tagging
from curation.entries import CodeSeries, EarlierSlug, Entry, Status, parse_code
from curation.log import LogEntry
from findings.models import KeyMessage, Term, TermLabel
from findings.review_files.batches import EntryImportRow
from findings.review_files.checking import Said, broken_rules, elsewhere, lacking, twice
from findings.review_files.comparing import HIDDEN, blank, differences, news, translated
from findings.review_files.form import KINDS, references
from findings.review_files.held import called, in_chunks, loaded, named, states
from findings.review_files.matching import match_all
from findings.review_files.undoing import recording, snapshots
from sources.importing import may_update, stem_of
from sources.models import Contributor, Source

Match, Choice = EntryImportRow.Match, EntryImportRow.Choice


def said_by(row):
    """What a row kept of the file."""
    return Said(KINDS[row.kind], row.place, row.record)


def found_elsewhere(said):
    """({(kind, code): entry that the site holds}, problems) for the references that a file itself does not define."""
    entries, problems = {}, []
    for name, references_of in elsewhere(said).items():
        held = named(KINDS[name], {code for code, _ in references_of})
        entries |= {(name, code): entry for code, entry in held.items()}
        problems += [
            (where, f"{code} is neither in the file nor here.") for code, where in references_of if code not in held
        ]
    return entries, problems


@dataclass
class Target:
    """What a code of the file leads to: an entry that is held, or one that is made. `code` is ours."""

    code: str
    entry: Any


@dataclass
class Writing:
    """An entry that is made or changed, with the row that asks for it."""

    row: EntryImportRow
    said: Said
    entry: Any
    state: dict  # what it said before
    values: dict  # what it is to say, with our codes

    @property
    def kind(self):
        return self.said.kind

    @property
    def now(self):
        return self.state | self.values


class Application:
    """The choices of a batch."""

    def __init__(self, batch, user):
        self.batch, self.user = batch, user
        self.faults = []  # (place, message)
        self.targets = {}  # (kind, code of the file): Target
        self.ours = {}  # (kind, our code): entry
        self.created, self.updated = [], []

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
        changing = {}
        for row, one, match in zip(rows, said, match_all(said), strict=True):
            if row.choice == Choice.CREATE:
                if row.match == Match.NEW and match.match == Match.SAME:
                    self._tell(one, "it has been added here since. Compare again.")
                entry = one.kind.model(status=Status.DRAFT)
                self.created.append(Writing(row, one, entry, blank(one.kind), {}))
            elif row.matched is None:
                continue
            elif row.matched not in held[row.kind]:
                self._tell(one, "what is held of it has been deleted since. Compare again.")
                continue
            else:
                entry = held[row.kind][row.matched]
                if row.choice == Choice.UPDATE:
                    self._may_change(one, entry, changing)
                    self.updated.append(Writing(row, one, entry, {}, {}))
            if one.code:
                self.targets[row.kind, one.code] = Target(called(entry), entry)

    def _may_change(self, one, entry, changing):
        first = changing.setdefault((one.kind.name, entry.pk), one)
        if first is not one:
            self._tell(one, f"{first.place} updates {called(entry)} as well: skip one of the two.")
        elif not may_update(entry, self.user):
            self._tell(one, f"you may not change {called(entry)}, which is {entry.get_status_display().lower()}.")

    def _give_codes(self):
        """Codes of the file are kept where they are free; what has none, or one that is taken here, gets a new one."""
        for kind, writings in by_kind(self.created):
            if not issubclass(kind.model, Entry):
                continue
            wanted = [kind.number(writing.said.code) for writing in writings]
            for writing, number in zip(writings, CodeSeries.keep(kind.model, wanted), strict=True):
                writing.entry.number = number
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
        for writing in [*self.updated, *self.created]:
            one, kind = writing.said, writing.kind
            values = self._with_our_codes(one)
            if values is None:
                continue
            if writing.entry.pk is None:
                for name in lacking(one):
                    self._tell(one, "a new entry needs this.", name)
                values["code"] = called(writing.entry)
                writing.values = {name: value for name, value in values.items() if name in writing.state}
            else:
                writing.values = news(kind, writing.state, values)
                self._refuse_what_nobody_looked_at(writing)
            for name, message in broken_rules(kind, writing.now):
                self._tell(one, message, name)
        self.updated = [writing for writing in self.updated if writing.values]

    def _refuse_what_nobody_looked_at(self, writing):
        """What somebody else saved since the preview is not overwritten."""
        looked_at = {shown["field"]: shown for shown in writing.row.differences}
        for now in differences(writing.kind, writing.state, writing.values):
            then = looked_at.get(now["field"])
            if then is None or (then["found"] == now["found"] and then["held"] != now["held"]):
                self._tell(writing.said, "somebody changed it since you looked. Compare again.", now["field"])

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
                if writing.entry.pk is None:
                    addresses.give(writing)
                elif not addresses.move(writing):
                    self._tell(writing.said, f"another entry has the address “{writing.now['slug']}”.", "slug")
                for path in writing.values.get("earlier_slugs", ()):
                    if not addresses.may_lead(path, writing):
                        self._tell(writing.said, f"“{path}” leads to another entry here.", "earlier_slugs")

    def _look_around(self):
        writings = [*self.updated, *self.created]
        names = TermNames(writing for writing in writings if writing.kind.model is Term)
        for one, name in names.claimed_twice():
            self._tell(one, f"“{name}” is a label of another term.")
        held = Source.objects.exclude(doi="").exclude(status=Status.WITHDRAWN).order_by()
        dois = dict(held.values_list("doi", "number"))
        for writing in writings:
            doi = writing.values.get("doi")
            if doi and writing.now["status"] != Status.WITHDRAWN:
                number = dois.setdefault(doi, writing.entry.number)
                if number != writing.entry.number:
                    self._tell(writing.said, f"another source has this DOI: S{number}.", "doi")

    # Writing

    def write(self):
        self.batch.tags_made = self._make_tags()
        for kind in KINDS.values():
            self._write_new(kind, [writing for writing in self.created if writing.kind is kind])
            changes = [writing for writing in self.updated if writing.kind is kind]
            note = f"Import of {self.batch.filename}."
            with recording(kind.model, [writing.entry.pk for writing in changes], self.user, note):
                self._write_changes(kind, changes)
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
        acts = [
            LogEntry(entry=writing.entry, name=LogEntry.Name.PUBLISH, by=self.user, note=note)
            for writing in self.created
            if writing.entry.published_on
        ]
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

    def _write_new(self, kind, writings):
        for writing in writings:
            self._set(writing, [*kind.columns, *(name for name, other in kind.references.items() if other is not kind)])
        model = kind.model
        model._base_manager.bulk_create([writing.entry for writing in writings], batch_size=500)
        for name in [name for name, other in kind.references.items() if other is kind]:
            some = [writing for writing in writings if writing.values.get(name)]
            for writing in some:
                self._set(writing, [name])
            model._base_manager.bulk_update([writing.entry for writing in some], [name], batch_size=500)
        for part in kind.parts:
            rows = [row for writing in writings for row in self._rows(part, writing)]
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
        before = snapshots(kind, [writing.entry for writing in writings])
        for writing in writings:
            entry, values = writing.entry, writing.values
            writing.row.before = before[entry.pk]
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
        place = Counter()
        for said in writing.values.get(part.name, ()):
            values = {name: said[name] for name in part.columns}
            for name, kind in part.references.items():
                values[f"{name}_id"] = self.ours[kind.name, said[name]].pk
            if part.is_ordered:
                place[said.get("role")] += 1
                values["order"] = place[said.get("role")]
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
            for writing in writings:
                writing.row.code, writing.row.after = called(writing.entry), after[writing.entry.pk]
        for writing in self.created:
            writing.row.created = writing.entry.pk
        for writing in self.updated:
            writing.row.updated = writing.entry.pk
        names = ["created", "updated", "code", "before", "after"]
        rows = [writing.row for writing in [*self.created, *self.updated]]
        EntryImportRow.objects.bulk_update(rows, names, batch_size=100)
        self.batch.created_count, self.batch.updated_count = len(self.created), len(self.updated)


def by_kind(writings):
    """(kind, its writings), parents first."""
    for kind in KINDS.values():
        some = [writing for writing in writings if writing.kind is kind]
        if some:
            yield kind, some


def earlier_slugs(writing):
    for slug in writing.values.get("earlier_slugs", ()):
        yield EarlierSlug(letter=writing.kind.letter, slug=slug, number=writing.entry.number)


class Addresses:
    """The addresses of a kind, those of old included: each leads to one entry."""

    def __init__(self, kind):
        self.kind = kind
        self._taken = {}
        self._earlier = {}
        for pk, *parts in kind.model._base_manager.order_by().values_list("pk", *self._columns()):
            self._taken[tuple(parts)] = pk
        if kind.model is Term:
            self._earlier = {
                slug: 0 for slugs in Term.objects.values_list("earlier_anchors", flat=True) for slug in slugs
            }
        else:
            self._earlier = dict(EarlierSlug.objects.filter(letter=kind.letter).values_list("slug", "number"))

    def _columns(self):
        """An address is unique with these."""
        if self.kind.model is KeyMessage:
            return ["slug", "review__number"]
        return ["slug", "element"] if "element" in self.kind.columns else ["slug"]

    def _address(self, writing, slug):
        now = writing.now
        if self.kind.model is KeyMessage:
            return slug, parse_code(now["review"])[1]
        return (slug, now["element"]) if "element" in now else (slug,)

    def _path(self, writing, slug):
        element = writing.now.get("element")
        return f"{element}/{slug}" if element else slug

    def give(self, writing):
        """Keep the address of the file for a new entry, or find one near it that is free."""
        stem = slug = writing.values.get("slug") or self._stem(writing)
        count = 1
        while self._address(writing, slug) in self._taken or self._path(writing, slug) in self._earlier:
            count += 1
            slug = f"{stem[:110]}-{count}"
        self._taken[self._address(writing, slug)] = writing.entry
        writing.values["slug"] = slug

    def _stem(self, writing):
        now = writing.now
        if self.kind.model is Source:
            people = [Contributor(**person) for person in now["contributors"]]
            return stem_of(Source(title=now["title"], issued=now["issued"]), people)
        return slugify(now[self.kind.title])[:100].strip("-") or self.kind.noun.replace(" ", "-")

    def move(self, writing):
        """Whether a held entry can have the address that it is to have."""
        address, path = self._address(writing, writing.now["slug"]), self._path(writing, writing.now["slug"])
        number = getattr(writing.entry, "number", None)
        return self._taken.setdefault(address, writing.entry.pk) == writing.entry.pk and self._earlier.get(path) in (
            None,
            number,
        )

    def may_lead(self, path, writing):
        """Whether an earlier address can lead to an entry."""
        now = tuple(reversed(path.split("/")))
        free = self._taken.get(now, writing.entry.pk) in (writing.entry.pk, writing.entry)
        return free and self._earlier.setdefault(path, writing.entry.number) == writing.entry.number


class TermNames:
    """What terms go by: a name belongs to one term, in whatever case."""

    def __init__(self, writings):
        self.writings = list(writings)

    def claimed_twice(self):
        """(what the file says, name) for each name that another term has."""
        if not self.writings:
            return
        changing = {writing.entry.pk for writing in self.writings}
        names = [*Term.objects.values_list("pk", "preferred_label"), *TermLabel.objects.values_list("term", "label")]
        owner = {name.casefold(): pk for pk, name in names if pk not in changing}
        for writing in self.writings:
            now = writing.now
            for name in [now["preferred_label"], *(row["label"] for row in now["labels"])]:
                if owner.setdefault(name.casefold(), writing) is not writing:
                    yield writing.said, name
