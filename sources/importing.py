"""Take a bibliography into the sources: parse -> match -> plan -> preview -> apply, and undo.

`upload` reads a file and keeps what it says as an `ImportBatch` with a row for each record and what is proposed for it.
`apply` does what was chosen, `undo` puts everything back; each does all of it or nothing.
"""

import dataclasses
import hashlib
import json
from collections import defaultdict
from contextlib import contextmanager
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.text import capfirst, slugify

from curation import history, tagging
from curation.changelog import gathered
from curation.entries import CodeSeries, EarlierSlug, Status
from curation.log import LogEntry
from curation.sandbox import Reader, Unreadable
from curation.text import tidy
from sources.bibliography.matching import SAME, Holdings, Work
from sources.bibliography.names import spaced
from sources.bibliography.record import ROLES, Name, Record, as_json, from_json
from sources.imports import ImportBatch, ImportRow
from sources.models import Contributor, LinkCheck, Source, TaggedSource

MAX_BYTES = 20 * 1024 * 1024
MAX_RECORDS = 20_000
READER = Reader("sources.bibliography.formats:read", 40, 768)
MOST_PEOPLE = 1000  # as many as a form takes (curation.partadmin)
SHOWN = 400  # characters of a value in a preview
TOGETHER = 500

# What a file can say of a source, besides its contributors and tags.
FIELDS = [
    field.name
    for field in dataclasses.fields(Record)
    if field.name in {column.name for column in Source._meta.concrete_fields}
]
PEOPLE = "contributors"
LABELS = {name: capfirst(Source._meta.get_field(name).verbose_name) for name in FIELDS} | {PEOPLE: "Contributors"}
# These are ours to word: a file fills them when they are empty and is not compared with them.
OURS = {"note"}

Match, Choice, Phase = ImportRow.Match, ImportRow.Choice, ImportBatch.Status


class ImportRefused(Exception):
    """Nothing was done. `messages` say why, in words for a librarian, in the order of the file."""

    def __init__(self, *messages):
        super().__init__(" ".join(messages))
        self.messages = list(messages)


# Parse and plan


def upload(data, filename, user=None):
    """Read a file, given as bytes, and keep it as a batch to look at. Raises ImportRefused if nothing can be read."""
    if len(data) > MAX_BYTES:
        raise ImportRefused(f"The file is larger than {MAX_BYTES // 1024**2} MB. Divide it into smaller ones.")
    try:
        read = READER.read(data, filename, MAX_RECORDS)
    except Unreadable as error:
        raise ImportRefused(*error.messages) from error
    problems = [[line, _short(message), is_fatal] for line, message, is_fatal in read["problems"]]
    if not read["records"]:
        told = [at(line, message) for line, message, _ in problems[:20]]
        raise ImportRefused(*told or ["There are no records in the file."])
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            user=user,
            filename=tidy(filename)[:200] or "Pasted text",
            format=read["format"],
            record_count=len(read["records"]),
            problem_count=read["problem_count"],
            problems=problems,
        )
        _plan(batch, [from_json(record) for record in read["records"]], user)
    return batch


def at(line, message):
    """A message with its line in front."""
    return f"Line {line}: {message}" if line else message


def compare_again(batch, user=None):
    """Plan a batch anew, against the sources as they are now. What was chosen before is forgotten."""
    with transaction.atomic():
        batch = locked(batch, Phase.PREVIEW)
        records = [from_json(record) for record in batch.rows.values_list("record", flat=True)]
        batch.rows.all().delete()
        _plan(batch, records, user)


def choose(batch, choices):
    """Keep what was chosen: {id of the row: (choice, whether to overwrite what differs)}."""
    rows = batch.rows.filter(pk__in=choices)
    for row in rows:
        choice, overwrite = choices[row.pk]
        if choice in choices_for(row) and (row.choice, row.overwrite) != (choice, overwrite):
            row.choice, row.overwrite = choice, overwrite
            row.save(update_fields=["choice", "overwrite"])


def choices_for(row):
    """What can be done with a row."""
    may_update = row.matched_id is not None or row.repeats is not None
    return [Choice.CREATE, *([Choice.UPDATE] if may_update else []), Choice.SKIP]


def may_update(entry, user):
    """Whether `user` may change an entry; what readers can see only those who may publish."""
    if user is None:
        return True
    public = entry.status in (Status.PUBLISHED, Status.WITHDRAWN)
    change = f"{entry._meta.app_label}.change_{entry._meta.model_name}"
    return user.has_perm(change) and (not public or user.has_perm("curation.publish_entries"))


def _plan(batch, records, user):
    holdings = Holdings(held_works())
    found = []
    for position, record in enumerate(records):
        work = _work(("row", position), record)
        match, held = holdings.find(work)
        found.append((match, held.ref if held else None))
        if match != SAME:
            holdings.add(work)
    sources = _load(Source.objects.filter(pk__in=[ref[1] for _, ref in found if ref and ref[0] == "source"]))
    rows = []
    for position, (record, (match, ref)) in enumerate(zip(records, found, strict=True)):
        row = ImportRow(batch=batch, position=position, line=record.line, record=as_json(record), match=match)
        held = None
        if ref and ref[0] == "source":
            held = row.matched = sources[ref[1]]
        elif ref:
            row.repeats, held = ref[1], records[ref[1]]
        row.differences = [_shown(name, kind, held, record) for name, kind in compare(held, record)] if held else []
        row.faults = _faults(*build(record))
        row.choice = _proposed(row, held, user)
        rows.append(row)
    ImportRow.objects.bulk_create(rows, batch_size=TOGETHER)


def _proposed(row, held, user):
    if row.match == Match.NEW:
        return Choice.SKIP if row.faults else Choice.CREATE
    adds = any(difference["is_new"] for difference in row.differences)
    allowed = not isinstance(held, Source) or may_update(held, user)
    return Choice.UPDATE if row.match == Match.SAME and adds and allowed else Choice.SKIP


def held_works():
    """All sources, as far as they are compared; withdrawn ones last, so that others are found first. By what was
    merged into a source, that source is found."""
    rows = sorted(compared(Source.objects.all(), "merged_into", "status"), key=lambda row: row[-1] == Status.WITHDRAWN)
    for pk, *values, merged_into, _ in rows:
        yield Work.of(("source", merged_into or pk), *values)


def compared(sources, *also):
    """For each source in order of its code: what `Work.of` takes, with its pk as the name, and then the columns `also`.

    Two queries, however many there are.
    """
    first = {}
    names = Contributor.objects.values_list("source_id", "role", "order", "family", "literal")
    for source, role, order, family, literal in names.order_by():
        rank = (ROLES.index(role), order)
        if source not in first or rank < first[source][0]:
            first[source] = rank, family or literal
    columns = ["pk", "title", "issued", "doi", "isbn", "container_title", "volume", "issue", "pages"]
    for pk, title, issued, doi, isbn, container, *rest in sources.order_by("number").values_list(*columns, *also):
        author = first[pk][1] if pk in first else ""
        yield pk, title, issued, author, doi, isbn, container, tuple(rest[:3]), *rest[3:]


def _work(ref, record):
    first = min(record.contributors, key=lambda name: ROLES.index(name.role), default=None)
    author = (first.family or first.literal) if first else ""
    place = (record.volume, record.issue, record.pages)
    return Work.of(ref, record.title, record.issued, author, record.doi, record.isbn, record.container_title, place)


def _load(sources):
    return {source.pk: source for source in sources.prefetch_related("contributors")}


# Records as sources


def plain(value):
    return value.isoformat() if isinstance(value, date) else value


def people_of(work):
    """The contributors of a source or a record: (role, family, given, literal), in order."""
    people = work.contributors if isinstance(work, Record) else work.contributors.all()
    if not isinstance(work, Record):
        people = sorted(people, key=lambda person: person.order)
    people = sorted(people, key=lambda person: ROLES.index(person.role))
    return [_person(person) for person in people if person.family or person.given or person.literal]


def _person(name):
    if name.literal:
        return (name.role, "", "", name.literal)
    return (name.role, name.family or name.given, name.given if name.family else "", "")


def _spaced(people):
    """`people` with their initials apart: to write them together says nothing else."""
    return [(role, family, spaced(given), literal) for role, family, given, literal in people]


def build(record):
    """An unsaved draft of a source, and its contributors."""
    source = Source(**{name: getattr(record, name) for name in FIELDS}, status=Status.DRAFT)
    return source, contributors(source, people_of(record))


def contributors(source, people):
    """Unsaved contributors, numbered in each role."""
    taken = defaultdict(int)
    made = []
    for role, family, given, literal in people:
        taken[role] += 1
        made.append(
            Contributor(source=source, role=role, order=taken[role], family=family, given=given, literal=literal)
        )
    return made


def compare(held, record):
    """(field, "new" or "differs") for what a record says and the work that is held does not say or says otherwise."""
    for name in FIELDS:
        found, ours = getattr(record, name), getattr(held, name)
        if not found or found == ours or (name == "csl_type" and found == "document"):
            continue
        if name == "issued_is_approximate":
            continue
        if not ours:
            yield name, "new"
        elif name not in OURS and not (name == "issued" and ours.startswith(found)):
            yield name, "differs"
    ours, found = people_of(held), people_of(record)
    if found and _spaced(found) != _spaced(ours):
        yield PEOPLE, "differs" if ours else "new"


def _held_texts(source):
    return {name: _short(_text(source, name)) for name in [*FIELDS, PEOPLE]}


def _shown(name, kind, held, record):
    held_text, found_text = (_short(_text(work, name)) for work in [held, record])
    return {"field": name, "label": LABELS[name], "held": held_text, "found": found_text, "is_new": kind == "new"}


def _text(work, name):
    if name == PEOPLE:
        people = people_of(work)
        return "; ".join(literal or ", ".join(filter(None, [family, given])) for _, family, given, literal in people)
    if name == "csl_type":
        return dict(Source._meta.get_field(name).choices).get(work.csl_type, work.csl_type)
    return str(plain(getattr(work, name)) or "")


def _short(text):
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _faults(source, people, names=None):
    """What forbids that a source is saved as it is, in sentences; `names` are the fields to look at."""
    if not source.title:
        return ["The record has no title."]
    asked = FIELDS if names is None else names
    others = {field.name for field in Source._meta.concrete_fields} - set(asked)
    faults = []
    doi = source.doi
    try:
        source.clean_fields(exclude=others)
        source.doi = ""  # formats have normalised it, and asking who else has it is a query each time
        source.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            faults += [f"{LABELS.get(name, capfirst(name))}: {message}" for message in messages]
    finally:
        source.doi = doi
    if len(people) > MOST_PEOPLE:
        faults.append(f"It has {len(people):,} contributors, and a source holds {MOST_PEOPLE:,}: shorten the list.")
    for person in people:
        try:
            person.clean_fields(exclude=["source"])
        except ValidationError as error:
            faults += [f"Contributor “{_short(str(person))[:60]}”: {message}" for message in error.messages]
    return faults


# Apply


@dataclasses.dataclass
class Draft:
    """A source to be created, with the row that asks for it."""

    row: ImportRow
    source: Source
    people: list
    keywords: tuple


@dataclasses.dataclass
class Change:
    """A held source that rows change. `people` are the new ones, None while they stay; `held` is what it said."""

    source: Source
    held_people: list
    people: list | None = None
    rows: list = dataclasses.field(default_factory=list)
    held: dict = dataclasses.field(default_factory=dict)


class Application:
    """The choices of a batch, worked out in memory: nothing is written before all of it is known to be sound."""

    def __init__(self, batch, user):
        self.batch = batch
        self.user = user
        self.faults = []
        self.drafts = {}  # by position, as are the targets
        self.targets = {}
        updating = batch.rows.filter(choice=Choice.UPDATE)
        self.held = _load(Source.objects.select_for_update().filter(pk__in=updating.values("matched")))
        self.changes = {}
        self.dois = dict(
            Source.objects.exclude(doi="").exclude(status=Status.WITHDRAWN).order_by().values_list("doi", "pk")
        )
        self.holdings = Holdings(held_works())

    def work_out(self):
        for row in self.batch.rows.exclude(choice=Choice.SKIP):
            record = from_json(row.record)
            faults = self._create(row, record) if row.choice == Choice.CREATE else self._update(row, record)
            self.faults += [at(row.line, fault) for fault in faults]

    def _create(self, row, record):
        if row.match == Match.NEW:
            held = self.holdings.find_same(_work(None, record))
            if held:
                code = Source.objects.get(pk=held.ref[1]).code
                return [f"{code} has been added since, and is the same work. Compare with the sources again."]
        source, people = build(record)
        self.drafts[row.position] = self.targets[row.position] = Draft(row, source, people, record.keywords)
        return _faults(source, people) or self._doi_is_free(source, row)

    def _doi_is_free(self, source, row):
        if not source.doi or source.status == Status.WITHDRAWN:
            return []
        holder = self.dois.setdefault(source.doi, source.pk or row)
        if holder in (source.pk, row):
            return []
        if isinstance(holder, ImportRow):
            return [f"The record in line {holder.line} has the same DOI."]
        return [f"Another source has this DOI: {Source.objects.get(pk=holder).code}."]

    def _update(self, row, record):
        if row.repeats is not None:
            target = self.targets.get(row.repeats)
            if target is None:
                return []  # the record it repeats is skipped, so there is nothing to add to
        elif row.matched_id in self.held:
            source = self.held[row.matched_id]
            if not may_update(source, self.user):
                return [f"You may not change {source.code}, which is {source.get_status_display().lower()}."]
            if source.pk not in self.changes:
                self.changes[source.pk] = Change(source, people_of(source), held=_held_texts(source))
            target = self.changes[source.pk]
        else:
            return ["What it would update has been deleted. Compare with the sources again."]
        self.targets[row.position] = target
        if isinstance(target, Draft):
            return self._fill_draft(target, row, record)
        return self._change(target, row, record)

    def _fill_draft(self, draft, row, record):
        names = [name for name, kind in self._against(draft.source, draft.people, record) if _wanted(kind, row)]
        if PEOPLE in names:
            draft.people = contributors(draft.source, people_of(record))
        _set(draft.source, record, names)
        return _faults(draft.source, draft.people) or self._doi_is_free(draft.source, draft.row)

    def _change(self, change, row, record):
        source, people = change.source, change.held_people if change.people is None else change.people
        found = [(name, kind) for name, kind in self._against(source, people, record) if _wanted(kind, row)]
        names = [name for name, _ in found]
        if not names:
            return []
        looked_at = {difference["field"]: difference["held"] for difference in row.differences}
        unseen = [name for name, kind in found if kind == "differs" and looked_at.get(name) != change.held[name]]
        if unseen and not change.rows:
            told = ", ".join(LABELS[name].lower() for name in unseen)
            return [f"{source.code} was changed since you looked at it ({told}). Compare with the sources again."]
        before = _snapshot(source)
        _set(source, record, names)
        made = contributors(source, people_of(record)) if PEOPLE in names else []
        faults = _faults(source, made, names=set(names) & set(FIELDS)) or self._doi_is_free(source, row)
        after = _snapshot(source)
        changed = [name for name in FIELDS if before[name] != after[name]]
        row.before = {
            "code": source.code,
            "fields": {name: before[name] for name in changed},
            "after": {name: after[name] for name in changed},
        }
        if made:
            row.before["people_after"] = people_of(record)
            row.before["people"] = [_kept(person) for person in source.contributors.all()]
            row.before["people_between"] = change.people  # of an earlier row for the same source
            change.people = people_of(record)
        row.updated = source
        change.rows.append(row)
        return faults

    @staticmethod
    def _against(source, people, record):
        people = [_person(person) if isinstance(person, Contributor) else person for person in people]
        names = [Name(role, family, given, literal) for role, family, given, literal in people]
        ours = Record(**{name: getattr(source, name) for name in FIELDS}, contributors=names)
        return compare(ours, record)

    def write(self):
        self._write_drafts(list(self.drafts.values()))
        changes = [change for change in self.changes.values() if change.rows]
        with _recording(changes, self.user, f"Import of {self.batch.filename}."):
            for change in changes:
                if change.people is not None:
                    change.source.contributors.all().delete()
                    for person in contributors(change.source, change.people):
                        person.save()
                change.source.save()
                for row in change.rows:
                    row.save(update_fields=["updated", "before"])
        self.batch.created_count, self.batch.updated_count = len(self.drafts), len(changes)

    def _write_drafts(self, drafts):
        """Drafts are in no index and on no page, so that nobody needs to be told of each: they are written together."""
        if not drafts:
            return
        slugs = Slugs()
        number = CodeSeries.take(Source, len(drafts))
        for offset, draft in enumerate(drafts):
            draft.source.number = number + offset
            draft.source.slug = slugs.take(draft.source, draft.people)
        Source.objects.bulk_create([draft.source for draft in drafts], batch_size=TOGETHER)
        Contributor.objects.bulk_create(
            [person for draft in drafts for person in _of(draft.source, draft.people)], batch_size=TOGETHER
        )
        tags = self._tags(drafts)
        TaggedSource.objects.bulk_create(
            [TaggedSource(content_object=draft.source, tag_id=tag) for draft in drafts for tag in tags(draft)],
            batch_size=TOGETHER,
        )
        for draft in drafts:
            draft.row.created = draft.source
            people = [_person(person) for person in draft.people]
            draft.row.state_after = _state(draft.source, people, tags(draft))
            draft.row.save(update_fields=["created", "state_after"])

    @staticmethod
    def _tags(drafts):
        known = tagging.called({word for draft in drafts for word in draft.keywords})
        return lambda draft: sorted({known[name].pk for name in map(tagging.key, draft.keywords) if name in known})


class Slugs:
    """Addresses for new sources: the first author and the year, with a letter if that is taken."""

    def __init__(self):
        self._taken = set(Source.objects.order_by().values_list("slug", flat=True))
        self._taken |= set(EarlierSlug.objects.filter(letter=Source.LETTER).values_list("slug", flat=True))
        self._tried = defaultdict(int)

    def take(self, source, people):
        slug = stem = stem_of(source, people)
        while slug in self._taken:
            self._tried[stem] += 1
            slug = f"{stem}-{_letters(self._tried[stem])}"
        self._taken.add(slug)
        return slug


def stem_of(source, people):
    """The address that a source has if no other has it: “hudson-2002”."""
    who = (people[0].family or people[0].literal) if people else " ".join(source.title[:200].split()[:4])
    return "-".join(filter(None, [slugify(who)[:80].strip("-") or "source", source.year]))


def _letters(count):
    """1 -> b, 25 -> z, 26 -> aa: the second of a name and year is its b."""
    letters = ""
    count += 1
    while count:
        count, rest = divmod(count - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def apply(batch, choices=None, user=None):
    """Do what was chosen for the rows of a batch, all of it or nothing. Raises ImportRefused, with messages by line."""
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.PREVIEW)
            choose(batch, choices or {})
            application = Application(batch, user)
            application.work_out()
            if application.faults:
                raise ImportRefused(*application.faults)
            with gathered():
                application.write()
            batch.status, batch.applied_at = Phase.APPLIED, timezone.now()
            batch.save()
    except IntegrityError as error:
        raise ImportRefused(
            "Nothing was imported: the sources were changed at the same moment. Compare with the sources again."
        ) from error
    return batch


def locked(batch, phase):
    """The batch, held against others until the transaction ends. Raises ImportRefused if it is in another phase."""
    batch = type(batch).objects.select_for_update(of=("self",)).filter(pk=batch.pk).first()
    if batch is None:
        raise ImportRefused("This import was discarded in the meantime.")
    if batch.status != phase:
        raise ImportRefused(f"This cannot be done now: the import is {batch.get_status_display().lower()}.")
    return batch


def _wanted(kind, row):
    return kind == "new" or row.overwrite


def _set(source, record, names):
    for name in names:
        if name != PEOPLE:
            setattr(source, name, getattr(record, name))
        if name == "issued":
            source.issued_is_approximate = record.issued_is_approximate


def _snapshot(source):
    return {name: plain(getattr(source, name)) for name in FIELDS}


def _of(source, people):
    for person in people:
        person.source = source
        yield person


def _kept(person):
    return [person.pk, person.role, person.order, person.family, person.given, person.literal]


@contextmanager
def _recording(changes, user, note):
    """Put what the block writes in the history of each source; on record too where readers see it."""
    with history.recording(Source, [change.source.pk for change in changes], user, note[:250]):
        yield
    LogEntry.objects.bulk_create(
        LogEntry(entry=change.source, name=LogEntry.Name.CORRECT, by=user, note=note)
        for change in changes
        if change.source.is_public
    )


def _state(source, people, tags):
    """Names what a source is, so that a later change of it can be seen. A field that is added later changes nothing."""
    values = {field.attname: plain(getattr(source, field.attname)) for field in Source._meta.concrete_fields}
    said = {name: value for name, value in values.items() if value not in (None, "", False) and name != "id"}
    text = json.dumps([said, [list(person) for person in people], list(tags)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


# Undo


def undo(batch, user=None):
    """Put everything back as it was before a batch. Raises ImportRefused, with what stands in the way by code and line.

    The code numbers that the batch gave are not given again: a code leads to one work for ever.
    """
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.APPLIED)
            changes, obstacles = _restored(batch, user)
            obstacles = _in_the_way_of_deleting(batch) + obstacles
            if obstacles:
                raise ImportRefused(*obstacles)
            with gathered(), _recording(changes, user, f"Import of {batch.filename} undone."):
                for change in changes:
                    _put_back(change)
            _delete_created(batch)
            batch.status, batch.undone_at = Phase.UNDONE, timezone.now()
            batch.save()
    except IntegrityError as error:
        raise ImportRefused("Nothing was undone: a source of this import is used by now.") from error
    return batch


def _put_back(change):
    if change.people is not None:
        change.source.contributors.all().delete()
        for pk, role, order, family, given, literal in change.people:
            name = {"family": family, "given": given, "literal": literal}
            Contributor(pk=pk, source=change.source, role=role, order=order, **name).save(force_insert=True)
    change.source.save()


PARTS_OF_A_DRAFT = [(TaggedSource, "content_object"), (Contributor, "source"), (LinkCheck, "source"), (Source, "id")]


def _delete_created(batch):
    """Nothing refers to them, no reader has seen them, and CodeSeries has their numbers already: so together, in SQL.
    `delete` reads each of them, and what refers to it, on its way into the change log."""
    ids = list(batch.rows.filter(created__isnull=False).order_by().values_list("created", flat=True))
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        for name in ["created", "updated", "matched"]:
            ImportRow.objects.filter(**{f"{name}__in": some}).update(**{name: None})
        marks = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            for model, name in PARTS_OF_A_DRAFT:
                table, column = model._meta.db_table, model._meta.get_field(name).column
                cursor.execute(f"DELETE FROM {table} WHERE {column} IN ({marks})", some)


def _in_the_way_of_deleting(batch):
    rows = {row.created_id: row for row in batch.rows.filter(created__isnull=False)}
    sources = Source.objects.filter(pk__in=batch.rows.values("created"))
    obstacles = []
    for source in sources.prefetch_related("contributors", "tagged_items"):
        row = rows[source.pk]
        name = f"{source.code} (line {row.line})"
        tags = sorted(tagged.tag_id for tagged in source.tagged_items.all())
        if source.status != Status.DRAFT:
            obstacles.append((row.position, f"{name} is no draft any more: {source.get_status_display().lower()}."))
        elif _state(source, people_of(source), tags) != row.state_after:
            obstacles.append((row.position, f"{name} has been changed since."))
    codes = {source.pk: source.code for source in sources}
    for relation in _relations():
        users = relation.related_model._base_manager.filter(
            **{f"{relation.field.name}__in": sources.order_by().values("pk")}
        )
        for pk in sorted(set(users.values_list(relation.field.attname, flat=True))):
            what = relation.related_model._meta.verbose_name
            told = f"{codes[pk]} (line {rows[pk].line}) is used by now, in a {what}."
            obstacles.append((rows[pk].position, told))
    return [told for _, told in sorted(obstacles)]


def _relations():
    """All ways in which another row can refer to a source, but for its own parts and what is noted about it."""
    own = (Contributor, TaggedSource, ImportRow, LinkCheck)
    for relation in Source._meta.related_objects:
        if (relation.one_to_many or relation.one_to_one) and relation.related_model not in own:
            yield relation


def _restored(batch, user):
    """The changed sources as they were, in memory, and what stands in the way."""
    rows = batch.rows.filter(before__isnull=False).order_by("-position")
    sources = _load(Source.objects.select_for_update().filter(pk__in=rows.order_by().values("updated")))
    changes, obstacles = {}, []
    for row in rows:
        name = f"{row.before['code']} (line {row.line})"
        source = sources.get(row.updated_id)
        if source is None:
            obstacles.append(f"{name} has been deleted since.")
            continue
        if not may_update(source, user):
            obstacles.append(f"{name} is {source.get_status_display().lower()}: you may not change it.")
            continue
        change = changes.setdefault(source.pk, Change(source, people_of(source)))
        now = _snapshot(source)
        since = [LABELS[field] for field, value in row.before["after"].items() if now[field] != value]
        if "people_after" in row.before:
            if change.held_people != [tuple(person) for person in row.before["people_after"]]:
                since.append(LABELS[PEOPLE])
            elif row.before["people_between"]:
                change.held_people = [tuple(person) for person in row.before["people_between"]]
            else:
                change.people = row.before["people"]
        if since:
            obstacles.append(f"{name} has been changed since: {', '.join(since).lower()}.")
            continue
        for field, value in row.before["fields"].items():
            is_date = field == "accessed_on" and value
            setattr(source, field, date.fromisoformat(value) if is_date else value)
    return list(changes.values()), obstacles[::-1]
