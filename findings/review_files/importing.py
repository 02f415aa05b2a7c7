"""Take entries in from a file: read -> check -> match -> preview -> apply, and undo.

`upload` reads a file and keeps what it says as an `EntryImport` with a row for each entry and what is proposed for it.
`apply` does what was chosen, `undo` puts everything back; each does all of it or nothing.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from curation import workflow
from curation.changelog import gathered
from curation.sandbox import Unreadable
from findings.review_files import jsonfile
from findings.review_files.applying import Application, found_elsewhere, said_by
from findings.review_files.batches import EntryImport, EntryImportRow
from findings.review_files.checking import broken_rules, check, lacking, showable
from findings.review_files.comparing import blank, differences, news, translated
from findings.review_files.earlier import of_today
from findings.review_files.form import KINDS, STANDING
from findings.review_files.held import called, in_chunks, loaded, states
from findings.review_files.matching import match_all
from findings.review_files.undoing import Undoing
from sources.importing import ImportRefused, locked, may_update

MAX_BYTES = 20 * 1024 * 1024
PROBLEMS_KEPT = 500

Match, Choice, Phase = EntryImportRow.Match, EntryImportRow.Choice, EntryImport.Status


def may_keep_status(user):
    return user is None or user.has_perm("curation.publish_entries")


def upload(data, filename, user=None, keeps_status=False):
    """Read a file, given as bytes, and keep it as a batch to look at.

    With `keeps_status`, entries get the status and the dates of the file; else they come in as drafts. Raises
    ImportRefused, with messages by place, if the file is not sound or if `user` may not do this.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefused(f"The file is larger than {MAX_BYTES // 1024**2} MB. Divide it into smaller ones.")
    _refuse_to_keep_status(keeps_status, user)
    try:
        format, document, remarks = _read(data, filename)
    except Unreadable as error:
        raise ImportRefused(*map(showable, error.messages)) from error
    document, more = of_today(document)
    remarks += more
    said, problems = check(document, with_labels=format != "json")
    if not keeps_status:
        for one in said:
            one.values = {name: value for name, value in one.values.items() if name not in STANDING}
    problems = problems or found_elsewhere(said)[1]
    if problems:
        raise ImportRefused(*(told(place, message) for place, message in [*remarks, *problems][:PROBLEMS_KEPT]))
    with transaction.atomic():
        batch = EntryImport.objects.create(
            user=user,
            filename=showable(filename)[:200] or "A file",
            format=format,
            keeps_status=keeps_status,
            record_count=len(said),
            problem_count=len(remarks),
            problems=[[place, message] for place, message in remarks[:PROBLEMS_KEPT]],
        )
        _plan(batch, said, user)
    return batch


def _refuse_to_keep_status(keeps_status, user):
    if keeps_status and not may_keep_status(user):
        raise ImportRefused("You may import entries as drafts; to keep the status of the file is for editors.")


def _read(data, filename):
    """(format, document, remarks) of a file."""
    extension = filename.rpartition(".")[2].lower()
    if extension in ("xlsx", "csv") or data.startswith(b"PK\x03\x04"):
        from findings.review_files import tables  # with its library, for the first who asks

        table = tables.read(data, filename)
        return "csv" if extension == "csv" else "xlsx", table.document, list(table.problems)
    return "json", jsonfile.read_apart(data), []


def told(place, message):
    """A message with its place in front."""
    return f"{place}: {message}" if place else message


# Plan


def _plan(batch, said, user):
    matches = match_all(said)
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
        row = EntryImportRow(
            batch=batch,
            position=position,
            place=one.place,
            kind=one.kind.name,
            record=one.values,
            match=match.match,
            matched=match.pk,
        )
        values = translated(one.kind, one.values, lambda kind, code: ours.get((kind.name, code), code))
        if match.pk:
            now = state[row.kind][match.pk]
            values = news(one.kind, now, values)
            row.differences = differences(one.kind, now, values)
        else:
            now = blank(one.kind) | {one.kind.key: ours.get((row.kind, one.code), "")}
            values.pop(one.kind.key, None)
        row.faults = [] if match.match == Match.MAYBE else faults(one, now | values, is_new=not match.pk)
        row.choice = _proposed(row, held[row.kind].get(match.pk), user)
        rows.append(row)
    EntryImportRow.objects.bulk_create(rows, batch_size=500)


def faults(one, now, is_new):
    """What forbids that an entry is saved as it would be, in sentences."""
    found = [f"{one.kind.labels[name]}: a new entry needs this." for name in lacking(one)] if is_new else []
    return found + [f"{one.kind.labels[name]}: {message}" for name, message in broken_rules(one.kind, now)]


def _proposed(row, held, user):
    """New entries are made and a review's own brought up to date; what reviews share is used as it is held."""
    if row.faults or row.match == Match.MAYBE:
        return Choice.SKIP
    if row.match == Match.NEW:
        return Choice.CREATE
    if row.differences and not KINDS[row.kind].is_shared and may_update(held, user):
        return Choice.UPDATE
    return Choice.SKIP


def compare_again(batch, user=None):
    """Plan a batch anew, against the entries as they are now. What was chosen before is forgotten."""
    with transaction.atomic():
        batch = locked(batch, Phase.PREVIEW)
        said = [said_by(row) for row in batch.rows.order_by("position")]
        batch.rows.all().delete()
        _plan(batch, said, user)


def choose(batch, choices):
    """Keep what was chosen: {id of the row: choice}."""
    for row in batch.rows.filter(pk__in=choices):
        if choices[row.pk] in choices_for(row) and choices[row.pk] != row.choice:
            row.choice = choices[row.pk]
            row.save(update_fields=["choice"])


def choose_for_all(rows, choice, user=None):
    """Choose the same for all of a QuerySet of rows that offer it to `user`."""
    held = matched(rows)
    offering = [row.pk for row in rows if choice in choices_for(row, held.get((row.kind, row.matched)), user)]
    for some in in_chunks(offering):
        EntryImportRow.objects.filter(pk__in=some).update(choice=choice)


def choices_for(row, held=None, user=None):
    """What can be done with a row, by `user` if the entry that is `held` is given."""
    offers_update = row.matched is not None and row.differences and (held is None or may_update(held, user))
    return [Choice.CREATE, *([Choice.UPDATE] if offers_update else []), Choice.SKIP]


def matched(rows):
    """{(kind, id): entry} of the entries that are held of rows."""
    found = {}
    for kind in KINDS.values():
        pks = {row.matched for row in rows if row.kind == kind.name} - {None}
        found |= {(kind.name, pk): entry for pk, entry in loaded(kind.model, pks).items()}
    return found


# Apply


def apply(batch, choices=None, user=None):
    """Do what was chosen for a batch, all of it or nothing. Raises ImportRefused, with messages by place."""
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.PREVIEW)
            _refuse_to_keep_status(batch.keeps_status, user)
            choose(batch, choices or {})
            application = Application(batch, user)
            application.work_out()
            if not application.faults:
                with gathered():
                    application.write()
            if application.faults:
                raise ImportRefused(*(told(*fault) for fault in application.faults[:PROBLEMS_KEPT]))
            batch.status, batch.applied_at = Phase.APPLIED, timezone.now()
            batch.save()
    except IntegrityError as error:
        raise ImportRefused(
            "Nothing was imported: an entry has what must be another's own, or the entries here were changed at the "
            "same moment. Compare again."
        ) from error
    return batch


# After


def undo(batch, user=None):
    """Put everything back as it was before a batch. Raises ImportRefused, with what stands in the way by code.

    The code numbers that the batch gave are not given again: a code leads to one entry for ever.
    """
    try:
        with transaction.atomic():
            batch = locked(batch, Phase.APPLIED)
            undoing = Undoing(batch, user)
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
    """The entries that a batch made and that are in the state for an act, parents first."""
    entries = []
    for name, kind in KINDS.items():
        pks = batch.rows.filter(kind=name).exclude(created=None).order_by().values("created")
        entries += kind.model._base_manager.filter(pk__in=pks, status__in=workflow.TRANSITIONS[act].before).order_by(
            "pk"
        )
    return entries


def advance(act, batch, user):
    """Do an act of curation to all entries of a batch that wait for it, or to none. Returns how many there were."""
    with transaction.atomic():
        batch = locked(batch, Phase.APPLIED)
        entries = waiting_for(act, batch)
        with gathered():
            for entry in entries:
                try:
                    workflow.perform(act, entry, user)
                except workflow.Refused as refusal:
                    raise ImportRefused(f"{called(entry)} “{entry}”: {refusal}") from refusal
    return len(entries)
