"""Keep the index right, in the same transaction as the change that made it wrong."""

import threading
from collections import Counter, defaultdict
from contextlib import contextmanager

from django.db import transaction

from findings.oai.stamping import stamp
from joinedup.search import analysis
from joinedup.search.backends import backend
from joinedup.search.backends.base import facet_token, insert
from joinedup.search.documents import KINDS
from joinedup.search.models import IndexEntry, Stem
from joinedup.search.query import name_key
from joinedup.search.spelling import slips, worth_correcting

BATCH = 1000

_state = threading.local()


@contextmanager
def held():
    """Index once, at the end of the block, what changes inside it. Use it around many changes, in their transaction."""
    if getattr(_state, "pending", None) is not None:
        yield
        return
    _state.pending = defaultdict(set)
    try:
        yield
        pending = _state.pending
    finally:
        _state.pending = None
    for kind, ids in pending.items():
        index(kind, ids)


def changed(kind, ids):
    """Tell the index that entries of `kind` with these `ids` may have changed, appeared or gone."""
    pending = getattr(_state, "pending", None)
    if pending is None:
        index(kind, ids)
    else:
        pending[kind].update(ids)


def index(kind, ids):
    """Bring the rows of these entries in line with what is public of them now, and what harvesters are told."""
    ids = sorted(ids)
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        with transaction.atomic():
            public = KINDS[kind].public_of(some)
            _index_batch(kind, some, public)
            stamp(KINDS[kind].model, some, public)


def rows_of(kind, public):
    """The rows that the index ought to hold of these entries, by id, and the words they are written with."""
    rows, written = {}, set()
    for document in map(KINDS[kind].describe, public):
        fields = {}
        for name in ["heading", "summary", "labels", "body"]:
            found = analysis.words(getattr(document, name))
            fields[name] = analysis.field_text(found)
            written.update(form for word in found for form in word.forms)
        facets = {f"{name}={value}" for name, values in document.facets.items() for value in values}
        rows[document.object_id] = IndexEntry(
            kind=kind,
            object_id=document.object_id,
            code=document.code,
            date=document.date,
            names=_between_bars(name_key(name) for name in [document.code, document.heading, *document.names]),
            facets=" ".join(sorted({f"kind={kind}", *facets})),
            **fields,
        )
    return rows, written


def _between_bars(keys):
    return f"|{'|'.join(dict.fromkeys(filter(None, keys)))}|"


COMPARED = ["code", "names", "heading", "summary", "labels", "body", "facets", "date"]


def _index_batch(kind, ids, public):
    wanted, written = rows_of(kind, public)
    held_rows = {row.object_id: row for row in IndexEntry.objects.filter(kind=kind, object_id__in=ids)}
    gone = [row for object_id, row in held_rows.items() if object_id not in wanted]
    new = [row for object_id, row in wanted.items() if object_id not in held_rows]
    altered = []
    for object_id, row in wanted.items():
        before = held_rows.get(object_id)
        if before and any(getattr(before, name) != getattr(row, name) for name in COMPARED):
            row.pk = before.pk
            altered.append((before, row))
    if not (gone or new or altered):
        return
    before = gone + [row for row, _ in altered]
    backend().remove(before)
    if gone:
        IndexEntry.objects.filter(pk__in=[row.pk for row in gone]).delete()
    IndexEntry.objects.bulk_create(new)
    if altered:
        # bulk_update would put a condition into the statement for each row and field.
        known = {"update_conflicts": True, "unique_fields": ["id"], "update_fields": COMPARED}
        IndexEntry.objects.bulk_create([row for _, row in altered], **known)
    after = new + [row for _, row in altered]
    backend().add(after)
    _count_stems(before, after)
    _learn(written)


def _count_stems(before, after):
    change = Counter()
    for rows, step in [(before, -1), (after, 1)]:
        for row in rows:
            change[""] += step
            for token in plain_tokens(row):
                change[token] += step
    insert(
        "search_stem",
        ["stem", "entries"],
        sorted((stem, n) for stem, n in change.items() if n),
        "(stem) DO UPDATE SET entries = search_stem.entries + excluded.entries",
    )


def plain_tokens(row):
    """The distinct tokens of an index entry."""
    return set(f"{row.heading} {row.summary} {row.labels} {row.body}".split()) - {"."}


def _learn(written):
    """Remember how words are written. A word that is no longer used stays, with a stem that nothing holds."""
    known = {word for (word,) in backend().read("search_word", ["word"], "word", written)}
    new = sorted(word for word in written - known if len(word) <= 60)
    insert("search_word", ["word", "stem"], [(word, analysis.stem(word)) for word in new], "DO NOTHING")
    misspelt = [(slip, word) for word in new if worth_correcting(word) for slip in sorted(slips(word))]
    insert("search_misspelling", ["text", "word"], misspelt, "DO NOTHING")


def rebuild(report=lambda done, total: None):
    """Bring the whole index in line with the entries, batch by batch, so that searches find something all the while."""
    if _tokens_are_out_of_step() or backend().is_outdated():
        _write_tokens_anew()
    todo = []
    # Above the cap of a search the newest rows come first: let those be the findings, the first of the kinds.
    for name, kind in reversed(KINDS.items()):
        ids = set(kind.public().values_list("pk", flat=True))
        ids |= set(IndexEntry.objects.filter(kind=name).values_list("object_id", flat=True))
        ordered = sorted(ids)
        todo += [(name, ordered[start : start + BATCH]) for start in range(0, len(ordered), BATCH)]
    total, done = sum(len(ids) for _, ids in todo), 0
    backend().prepare(total)
    try:
        for name, ids in todo:
            index(name, ids)
            done += len(ids)
            report(done, total)
    finally:
        backend().optimise()


def _tokens_are_out_of_step():
    if not backend().exists():
        return True
    counted = Stem.objects.filter(stem="").values_list("entries", flat=True).first() or 0
    return counted != IndexEntry.objects.count() or any(
        backend().count(facet_token(f"kind={name}")) != IndexEntry.objects.filter(kind=name).count() for name in KINDS
    )


def _write_tokens_anew():
    """The database's own index and the counts of words, from `IndexEntry`; others see it when all of it is done."""
    with transaction.atomic():
        backend().clear()
        Stem.objects.all().delete()
        rows = []
        for row in IndexEntry.objects.iterator(chunk_size=BATCH):
            rows.append(row)
            if len(rows) == BATCH:
                backend().add(rows)
                _count_stems([], rows)
                rows = []
        backend().add(rows)
        _count_stems([], rows)


def clear_with_the_entries(sender, **kwargs):
    """Emptying all tables (`flush`) empties those of Django's models only: the rest follows."""
    if backend().exists() and not IndexEntry.objects.exists():
        backend().clear()


def faults():
    """What is wrong with the index, in sentences; empty if it is sound as far as counting shows."""
    if not backend().exists():
        return ["The table search_tokens or its index is missing."]
    found = []
    for name, kind in KINDS.items():
        public, indexed = kind.public().count(), IndexEntry.objects.filter(kind=name).count()
        if backend().count(facet_token(f"kind={name}")) != indexed:
            found.append(f"{kind.label}: the table search_tokens is out of step.")
        if public != indexed:
            found.append(f"{kind.label}: {public} are public and {indexed} are in the search index.")
    counted = Stem.objects.filter(stem="").values_list("entries", flat=True).first() or 0
    if counted != IndexEntry.objects.count():
        found.append("The counts of words do not fit the index.")
    return found
