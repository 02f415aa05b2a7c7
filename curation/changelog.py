"""The change log: what changed in public, in the order of its numbers. Whatever follows changes reads it, or hears of
each change in the transaction that makes it (`followers`)."""

import secrets
import threading
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

KEPT_FOR = timedelta(days=30)
TOGETHER = 500


def make_token():
    return secrets.token_hex(8)


class Change(models.Model):
    """An entry may have changed, appeared or gone for readers.

    A number that was rolled back, or was lost with a database, may come again: `token` tells the two rows apart.
    """

    number = models.BigAutoField(primary_key=True)
    token = models.CharField(max_length=16, default=make_token)
    kind = models.CharField(max_length=50)  # “findings.finding”
    object_id = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        default_permissions = ()

    def __str__(self):
        return f"{self.number}: {self.kind} {self.object_id}"


followers = []  # called with a model and the ids of its rows, in the transaction of their change

_state = threading.local()


@contextmanager
def gathered():
    """Record once, at the end of the block, what changes inside it: around many changes, in their transaction."""
    if getattr(_state, "pending", None) is not None:
        yield
        return
    _state.pending = defaultdict(set)
    try:
        yield
        pending = _state.pending
    finally:
        _state.pending = None
    for model, ids in pending.items():
        _write(model, ids)


def record(model, ids):
    """Write into the log, in the transaction of the change, that these rows of `model` may have changed in public."""
    ids = {pk for pk in ids if pk}
    pending = getattr(_state, "pending", None)
    if pending is not None:
        pending[model] |= ids
    elif ids:
        _write(model, ids)


def _write(model, ids):
    kind = model._meta.label_lower
    with transaction.atomic():
        rows = [Change(kind=kind, object_id=pk) for pk in sorted(ids)]
        Change.objects.bulk_create(rows, batch_size=TOGETHER)
        for follow in followers:
            follow(model, sorted(ids))


def prune():
    """Delete the rows that are older than `KEPT_FOR`, but never the last, which tells how far the log is."""
    last = Change.objects.last()
    if last:
        Change.objects.filter(at__lt=timezone.now() - KEPT_FOR, number__lt=last.number).delete()
