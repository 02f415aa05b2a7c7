"""Models whose rows are read often."""

from django.db import models
from django.db.models.base import ModelState


class QuickRows(models.Model):
    """A model whose rows become objects in a fraction of the time that Django takes for them.

    Django hands the values of a row to ``__init__``, as if somebody had called it, with a mark for each field that was
    not asked for. Here they are put where ``__init__`` puts them. So a model that has an ``__init__`` of its own, or an
    image (Django's one use of the signal ``post_init``), must not be one of these.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = cls.__new__(cls)
        row._state = state = ModelState()
        state.adding = False
        state.db = db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row
