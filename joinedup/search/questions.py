"""A search that found little becomes a question that an entry answers: so search gets better by what readers ask."""

from django.db import transaction

from curation import history
from findings.models import Asked
from joinedup.search.documents import KINDS
from joinedup.search.engine import search
from joinedup.search.index import NotReady
from joinedup.search.results import entries_of

MOST = 8
KINDS_THAT_ANSWER = [name for name, kind in KINDS.items() if issubclass(kind.model, Asked)]


def nearest_to_answer(text):
    """The entries that come nearest to `text` now, of the kinds that answer questions; none while there is no index."""
    try:
        hits = search(text, {"kind": KINDS_THAT_ANSWER}, with_facets=False).hits[:MOST]
    except NotReady:
        return []
    return [entry for _, entry in entries_of(hits, lambda kind, ids: KINDS[kind].public().filter(pk__in=ids))]


def make_question(entry, question, by):
    """Add `question` to those that `entry` answers, on record.

    Raises ValidationError if it is too long, or the entry has enough of them.
    """
    model = type(entry)
    with transaction.atomic(), history.recording(model, [entry.pk], by, "A question that readers asked."):
        entry = model.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        entry.questions_answered = f"{entry.questions_answered}\n{question}".strip()
        entry.full_clean()
        entry.save()
