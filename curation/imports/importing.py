"""Take entries in from a file: read -> match -> preview -> apply, and undo, whatever the type of file.

`upload` reads a file and keeps what it says as an `Import` with a row for each entry and what is proposed for it.
`apply` does what was chosen, `undo` puts everything back; each does all of it or nothing.
"""

from itertools import groupby

from django.db import IntegrityError, transaction
from django.utils import timezone

from curation import workflow
from curation.changelog import gathered
from curation.imports.applying import Application
from curation.imports.comparing import blank, differences, translated
from curation.imports.filetypes import ImportRefused
from curation.imports.held import called, in_chunks, loaded, states
from curation.imports.kinds import KINDS, STANDING
from curation.imports.matching import MAYBE, NEW, found_elsewhere, match_all, said_by
from curation.imports.models import Import, ImportFile, ImportRow
from curation.imports.progress import Progress
from curation.imports.said import lacking, shortened, showable, wrong
from curation.imports.undoing import Undoing
from curation.log import LogEntry
from curation.sandbox import Unreadable
from curation.text import tidy

PUBLISHING = (LogEntry.Name.SEND_FOR_REVIEW, LogEntry.Name.PUBLISH)
MAX_BYTES = 20 * 1024 * 1024
PROBLEMS_KEPT = 500
LONGEST_PROBLEM = 400
TOO_LARGE = f"The file is larger than {MAX_BYTES // 1024**2} MB. Divide it into smaller ones."

Choice, Phase, Keywords = ImportRow.Choice, Import.Status, Import.Keywords


def may_keep_status(user):
    return user is None or user.has_perm("curation.publish_entries")


def upload(file_type, data, filename, user=None, keeps_status=False):
    """Read a file, given as bytes, and keep it as an Import to look at.

    With `keeps_status`, entries get the status and the dates of the file; else they come in as drafts. A table of which
    a column is not known is kept until somebody says what it is (`name_columns`). Raises ImportRefused, with messages
    by place, if nothing in it can be used or if `user` may not do this.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefused(TOO_LARGE)
    reading = _read(file_type, data, filename)
    with transaction.atomic():
        batch = keep(file_type, reading, filename, user, keeps_status)
        if reading.columns:
            ImportFile.objects.create(batch=batch, data=data, columns=reading.columns)
    return batch


def _read(file_type, data, filename, **options):
    try:
        return file_type.read(data, filename, **options)
    except Unreadable as error:
        raise ImportRefused(*map(showable, error.messages)) from error


def keep(file_type, reading, filename, user=None, keeps_status=False):
    """Keep a Reading as an Import to look at, as `upload` does with that of a file."""
    _refuse_to_keep_status(keeps_status, user)
    with transaction.atomic():
        batch = Import.objects.create(
            user=user,
            filename=tidy(filename)[:200] or "A file",
            type=file_type.name,
            format=reading.format,
            keeps_status=keeps_status,
            status=Phase.COLUMNS,
        )
        if reading.are_known:
            _take(batch, reading, user)
    return batch


def name_columns(batch, mapping, user=None):
    """Read the table of an import anew, whose columns are what `mapping` says: {heading: field}. What was chosen before
    is forgotten. Raises ImportRefused."""
    with transaction.atomic():
        batch = locked(batch, Phase.COLUMNS, Phase.PREVIEW)
        file = ImportFile.objects.filter(batch=batch).first()
        if file is None:
            raise ImportRefused("The file of this import is not kept. Upload it again.")
    reading = _read(batch.file_type, bytes(file.data), batch.filename, mapping=mapping)
    with transaction.atomic():
        batch = locked(batch, Phase.COLUMNS, Phase.PREVIEW)
        batch.rows.all().delete()
        _take(batch, reading, user)
        ImportFile.objects.filter(batch=batch).update(mapping=mapping)
    return batch


def _take(batch, reading, user):
    """Keep what a file says as the rows of an import."""
    said, remarks = reading.said, reading.remarks
    if not batch.keeps_status:
        for one in said:
            one.values = {name: value for name, value in one.values.items() if name not in STANDING}
    if problems := found_elsewhere(said)[1]:
        told_all = [*((place, message) for place, message, _ in remarks), *problems]
        raise ImportRefused(*(told(place, message) for place, message in told_all[:PROBLEMS_KEPT]))
    batch.status, batch.record_count = Phase.PREVIEW, len(said)
    batch.problem_count = len(remarks) if reading.remark_count is None else reading.remark_count
    batch.problems = [
        [place, shortened(showable(message), LONGEST_PROBLEM), is_fatal]
        for place, message, is_fatal in remarks[:PROBLEMS_KEPT]
    ]
    batch.save()
    _plan(batch, said, user)


def _refuse_to_keep_status(keeps_status, user):
    if keeps_status and not may_keep_status(user):
        raise ImportRefused("You may import entries as drafts; to keep the status of the file is for editors.")


def told(place, message):
    """A message with its place in front."""
    return f"{place}: {message}" if place else message


def locked(batch, *phases):
    """The import, held against others until the transaction ends. Raises ImportRefused if it is in another phase."""
    batch = Import.objects.select_for_update(of=("self",)).filter(pk=batch.pk).first()
    if batch is None:
        raise ImportRefused("This import was discarded in the meantime.")
    if batch.status not in phases:
        raise ImportRefused(f"This cannot be done now: the import is {batch.get_status_display().lower()}.")
    return batch


# Plan


def _plan(batch, said, user):
    batch.keyword_counts = batch.file_type.take_keywords(said, batch.keywords)
    batch.save(update_fields=["keywords", "keyword_counts"])
    matches = match_all(said, repeats=batch.file_type.repeats)
    held, state = {}, {}
    for kind in {one.kind.name: one.kind for one in said}.values():
        pks = {match.pk for one, match in zip(said, matches, strict=True) if one.kind is kind and match.pk}
        held[kind.name], state[kind.name] = loaded(kind.model, pks), states(kind, pks)
    ours = {
        (one.kind.name, one.code): called(held[one.kind.name][match.pk]) if match.pk else f"{one.code} of the file"
        for one, match in zip(said, matches, strict=True)
        if one.code
    }
    ours |= {key: called(entry) for key, entry in found_elsewhere(said)[0].items()}
    rows = []
    for position, (one, match) in enumerate(zip(said, matches, strict=True)):
        row = ImportRow(
            batch=batch,
            position=position,
            place=one.place,
            kind=one.kind.name,
            record=one.values,
            remarks=one.remarks,
            match=match.match,
            matched=match.pk,
            repeats=match.repeats,
        )
        values = translated(one.kind, one.values, lambda kind, code: ours.get((kind.name, code), code))
        now = state[row.kind].get(match.pk) or _blank_or_repeated(one, match, said, ours)
        if match.match != NEW:
            values = batch.file_type.news(one.kind, now, values)
            row.differences = differences(one.kind, now, values)
        else:
            values.pop(one.kind.key, None)
        row.faults = [] if match.match == MAYBE else faults(one, now, values, is_new=match.match == NEW)
        row.choice = _proposed(row, held[row.kind].get(match.pk), user)
        rows.append(row)
    ImportRow.objects.bulk_create(rows, batch_size=500)


def _blank_or_repeated(one, match, said, ours):
    """What would be said already of an entry that is not held."""
    now = blank(one.kind) | {one.kind.key: ours.get((one.kind.name, one.code), "")}
    return now if match.repeats is None else now | said[match.repeats].values


def faults(one, now, values, is_new):
    """What forbids that an entry that says `now` is saved with other `values`, in sentences."""
    found = [*(lacking(one) if is_new else ()), *wrong(one.kind, values), *one.kind.broken_rules(now | values)]
    return [f"{one.kind.labels[name]}: {message}" for name, message in found]


def _proposed(row, held, user):
    """New entries are made and a review's own brought up to date; what reviews share is used as it is held."""
    if row.faults or row.match == MAYBE:
        return Choice.SKIP
    if row.match == NEW:
        return Choice.CREATE
    offered = choices_for(row, held, user)
    if Choice.FILL in offered:
        return Choice.FILL
    if Choice.UPDATE in offered and row.batch.file_type.updates_unasked(KINDS[row.kind]):
        return Choice.UPDATE
    return Choice.SKIP


def compare_again(batch, user=None):
    """Plan an import anew, against the entries as they are now. What was chosen before is forgotten."""
    with transaction.atomic():
        _plan_anew(locked(batch, Phase.PREVIEW), user)


def choose_keywords(batch, keywords, user=None):
    """Choose which keywords become tags. What was chosen for each row stays, where it is still offered."""
    with transaction.atomic():
        batch = locked(batch, Phase.PREVIEW)
        if keywords == batch.keywords:
            return
        chosen = dict(batch.rows.values_list("position", "choice"))
        batch.keywords = keywords
        _plan_anew(batch, user)
        choose(batch, {pk: chosen[position] for pk, position in batch.rows.values_list("pk", "position")})


def _plan_anew(batch, user):
    said = [said_by(row) for row in batch.rows.order_by("position")]
    batch.rows.all().delete()
    _plan(batch, said, user)


def choose(batch, choices):
    """Keep what was chosen: {id of the row: choice}."""
    changed = []
    for some in in_chunks(choices):
        for row in batch.rows.filter(pk__in=some).select_related("batch"):
            if choices[row.pk] in choices_for(row) and choices[row.pk] != row.choice:
                row.choice = choices[row.pk]
                changed.append(row)
    ImportRow.objects.bulk_update(changed, ["choice"], batch_size=500)


def choose_for_all(rows, choice, user=None):
    """Choose the same for all of a QuerySet of rows that offer it to `user`."""
    rows = rows.select_related("batch")
    held = matched(rows)
    offering = [row.pk for row in rows if choice in choices_for(row, held.get((row.kind, row.matched)), user)]
    for some in in_chunks(offering):
        ImportRow.objects.filter(pk__in=some).update(choice=choice)


def choices_for(row, held=None, user=None):
    """What can be done with a row, by `user` if the entry that is `held` is given."""
    fills = row.batch.file_type.fills
    adds = any(shown["is_new"] for shown in row.differences)
    differs = any(not shown["is_new"] for shown in row.differences)
    may_update = held is None or held.may_be_changed_by(user)
    return [
        Choice.CREATE,
        *([Choice.FILL] if may_update and fills and adds else []),
        *([Choice.UPDATE] if may_update and (differs or (adds and not fills)) else []),
        Choice.SKIP,
    ]


def matched(rows):
    """{(kind, id): entry} of the entries that are held of rows."""
    return _loaded_for(rows, lambda row: row.matched)


def done(rows):
    """{(kind, id): entry} of the entries that came of rows and are still here."""
    return _loaded_for(rows, lambda row: row.created or row.updated)


def _loaded_for(rows, id_of):
    found = {}
    for kind in KINDS.values():
        pks = {id_of(row) for row in rows if row.kind == kind.name} - {None}
        found |= {(kind.name, pk): entry for pk, entry in loaded(kind.model, pks).items()}
    return found


# Apply


def apply(batch, choices=None, user=None, publishes=False, progress=None):
    """Do what was chosen for an import, all of it or nothing, and with `publishes` publish the drafts that it makes.
    Raises ImportRefused, with messages by place, and Stopped if somebody wants its `progress` to stop."""
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.PREVIEW)
            _refuse_to_keep_status(batch.keeps_status, user)
            choose(batch, choices or {})
            application = Application(batch, user, progress or Progress())
            application.work_out()
            if not application.faults:
                with gathered():
                    application.write()
            if application.faults:
                raise ImportRefused(*(told(*fault) for fault in application.faults[:PROBLEMS_KEPT]))
            batch.status, batch.applied_at = Phase.APPLIED, timezone.now()
            batch.save()
            ImportFile.objects.filter(batch=batch).delete()
            for act in PUBLISHING if publishes else ():
                advance(act, batch, user)
    except IntegrityError as error:
        raise ImportRefused(
            "Nothing was imported: an entry has what must be another's own, or the entries here were changed at the "
            "same moment. Compare again."
        ) from error
    return batch


# After


def undo(batch, user=None, progress=None):
    """Put everything back as it was before an import. Raises ImportRefused, with what stands in the way by code, and
    Stopped if somebody wants its `progress` to stop.

    The code numbers that the import gave are not given again: a code leads to one entry for ever.
    """
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.APPLIED)
            undoing = Undoing(batch, user, progress or Progress())
            obstacles = list(undoing.obstacles())
            if obstacles:
                raise ImportRefused(*(told(*obstacle) for obstacle in obstacles[:PROBLEMS_KEPT]))
            with gathered():
                undoing.do()
            batch.status, batch.undone_at = Phase.UNDONE, timezone.now()
            batch.save()
    except IntegrityError as error:
        raise ImportRefused("Nothing was undone: an entry of this import is used by now.") from error
    return batch


def waiting_for(act, batch):
    """The entries that an import made and that are in the state for an act, parents first."""
    entries = []
    for name, kind in KINDS.items():
        pks = batch.rows.filter(kind=name).exclude(created=None).order_by().values("created")
        before = workflow.TRANSITIONS[act].before
        entries += kind.model._base_manager.filter(pk__in=pks, status__in=before).order_by("pk")
    return entries


def advance(act, batch, user):
    """Do an act of curation to all entries of an import that wait for it, or to none. Returns how many there were."""
    with transaction.atomic():
        batch = locked(batch, Phase.APPLIED)
        entries = waiting_for(act, batch)
        with gathered():
            for _, some in groupby(entries, type):
                try:
                    workflow.perform_all(act, list(some), user)
                except workflow.Refused as refusal:
                    raise ImportRefused(str(refusal)) from refusal
    return len(entries)
