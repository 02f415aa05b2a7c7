"""What a look-up would add to a source, field by field, and taking over what a librarian chose of it."""

import hashlib
import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from curation import history
from curation.log import LogEntry
from curation.workflow import Refused
from sources.bibliography.record import as_json
from sources.importing import LABELS, OURS, PEOPLE, compare, contributors, may_update, people_of, plain
from sources.models import Source

NOT_TICKED = OURS  # what is ours to word is for a person to choose


@dataclass(frozen=True)
class Offer:
    """One field: what we hold, what was found, and whether it is ticked before anybody looks."""

    name: str
    label: str
    held: str
    found: str
    is_ticked: bool


def offers(source, record):
    """The Offers of a record, those for empty fields first."""
    made = [
        Offer(name, LABELS[name], _text(source, name), _text(record, name), kind == "new" and name not in NOT_TICKED)
        for name, kind in compare(source, record)
    ]
    return sorted(made, key=lambda offer: bool(offer.held))


def seal(record):
    """Names what a record says, so that nothing else is taken over than what was shown."""
    return hashlib.sha256(json.dumps(as_json(record), sort_keys=True, default=str).encode()).hexdigest()


def fill_in(source, record, names, by, note):
    """Take over the fields `names` of a record, with history as any edit; on record where readers see the source.

    Returns the labels of what changed. Raises Refused, in words.
    """
    try:
        with transaction.atomic(), history.recording(Source, [source.pk], by, note[:250]):
            source = Source.objects.select_for_update(of=("self",)).get(pk=source.pk)
            if not may_update(source, by):
                raise Refused("Only an editor may change what is public.")
            taken = [name for name, _ in compare(source, record) if name in names]
            _take(source, record, taken)
            if taken and source.is_public:
                LogEntry.objects.create(entry=source, name=LogEntry.Name.CORRECT, by=by, note=note)
    except Source.DoesNotExist as error:
        raise Refused("The source was deleted in the meantime.") from error
    except (ValidationError, IntegrityError) as error:
        told = " ".join(getattr(error, "messages", ["The source was changed at the same moment. Look again."]))
        raise Refused(f"Nothing was taken over. {told}") from error
    return [LABELS[name] for name in taken]


def _take(source, record, names):
    for name in names:
        if name != PEOPLE:
            setattr(source, name, getattr(record, name))
        if name == "issued":
            source.issued_is_approximate = record.issued_is_approximate
    source.full_clean()
    if PEOPLE in names:
        source.contributors.all().delete()
        for person in contributors(source, people_of(record)):
            person.full_clean()
            person.save()
    source.save()


def _text(work, name):
    if name == PEOPLE:
        people = people_of(work)
        return "; ".join(literal or ", ".join(filter(None, [family, given])) for _, family, given, literal in people)
    value = getattr(work, name)
    choices = dict(Source._meta.get_field(name).choices or [])
    return str(choices.get(value, plain(value)) or "")
