"""What a look-up would add to a source, field by field, and taking over what a librarian chose of it."""

import hashlib
import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from curation import history
from curation.imports.comparing import differences
from curation.imports.held import states
from curation.log import LogEntry
from curation.workflow import Refused
from sources.bibliography.record import as_json
from sources.imports import SOURCES, news_of
from sources.models import Contributor, Source
from sources.records import GOES_WITH

NOT_TICKED = {"note"}  # ours to word, so for a person to choose


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
    state = _state(source)
    shown = differences(SOURCES, state, news_of(state, record))
    made = [
        Offer(one["field"], one["label"], one["held"], one["found"], one["is_new"] and one["field"] not in NOT_TICKED)
        for one in shown
    ]
    return sorted(made, key=lambda offer: bool(offer.held))


def _state(source):
    return states(SOURCES, [source.pk])[source.pk]


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
            if not source.may_be_changed_by(by):
                raise Refused("Only an editor may change what is public.")
            found = news_of(_state(source), record)
            names = {*names, GOES_WITH["title"]} if "title" in names else names
            taken = {name: value for name, value in found.items() if name in names}
            _take(source, taken)
            if taken and source.is_public:
                LogEntry.objects.create(entry=source, name=LogEntry.Name.CORRECT, by=by, note=note)
    except Source.DoesNotExist as error:
        raise Refused("The source was deleted in the meantime.") from error
    except (ValidationError, IntegrityError) as error:
        told = " ".join(getattr(error, "messages", ["The source was changed at the same moment. Look again."]))
        raise Refused(f"Nothing was taken over. {told}") from error
    return [SOURCES.labels[name] for name in taken]


def _take(source, values):
    for name, value in values.items():
        if name in SOURCES.columns:
            setattr(source, name, SOURCES.columns[name].to_python(value))
    source.full_clean()
    if "contributors" in values:
        source.contributors.all().delete()
        for row, place in SOURCES.part("contributors").numbered(values["contributors"]):
            person = Contributor(source=source, order=place, **row)
            person.full_clean()
            person.save()
    source.save()
