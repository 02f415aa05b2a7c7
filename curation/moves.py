"""Point every row that refers to some rows of a kind to another of them instead, whatever kinds refer to it.

Where a rule allows a reference only once, two rows become one: what the first leaves empty is taken from the second,
and texts are joined. Everything is done by a fixed number of queries for each relation, without signals for the rows
that move: who follows changes hears of them when the kept row is saved.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, TextField, prefetch_related_objects

from curation.imports.models import ImportRow

NAMED = 10


@dataclass
class Move:
    """What happens to the rows of one relation. `folded` are pairs: a row that goes, and the row it becomes part of."""

    field: object
    moving: list
    folded: list

    @property
    def label(self):
        """What the rows are called, for one of them and for more."""
        meta = self.field.model._meta
        if meta.model == self.field.related_model:
            return f"“{self.field.verbose_name}” link", f"“{self.field.verbose_name}” links"
        return meta.verbose_name, meta.verbose_name_plural

    @property
    def moving_label(self):
        return counted(len(self.moving), *self.label)

    @property
    def folded_label(self):
        """How many rows become part of others, and the first of them by name."""
        names = [str(row) for row, _ in self.folded[:NAMED]] + ["…"] * (len(self.folded) > NAMED)
        return f"{counted(len(self.folded), *self.label)} ({', '.join(names)})"


def counted(number, one, more):
    return f"{number:,} {one if number == 1 else more}"


def moves(kept, others, but=()):
    """The moves that point everything at `kept` that points at `others`; `but` are the models whose rows stay."""
    rank = {entry.pk: place for place, entry in enumerate([kept, *others])}
    planned = []
    for field in _references(type(kept)):
        if field.model in but:
            continue
        rows = field.model._base_manager.filter(**{f"{field.name}__in": rank}).order_by("pk")
        rows = sorted(rows, key=lambda row: rank[getattr(row, field.attname)])
        moving, folded, taken = [], [], {}
        for row in rows:
            keys = list(_keys(field, row))
            into = next((taken[key] for key in keys if key in taken), None)
            if into is not None:
                folded.append((row, into))
                continue
            taken.update(dict.fromkeys(keys, row))
            if getattr(row, field.attname) != kept.pk:
                moving.append(row)
        prefetch_related_objects(
            [row for row, _ in folded[:NAMED]], *(f.name for f in field.model._meta.concrete_fields if f.is_relation)
        )
        if moving or folded:
            planned.append(Move(field, moving, folded))
    return planned


def uses(entries):
    """How many rows refer to each of `entries`, which are of one model: {pk: number}."""
    ids, used = [entry.pk for entry in entries], Counter()
    for field in _references(type(entries[0])):
        rows = field.model._base_manager.filter(**{f"{field.name}__in": ids}).order_by()
        used.update(dict(rows.values_list(field.attname).annotate(Count("pk"))))
    return used


def carry_out(planned, kept, others):
    for move in planned:
        rows = move.field.model._base_manager
        if move.folded:
            filled = {field for row, into in move.folded for field in _absorb(into, row, move.field)}
            rows.filter(pk__in=[row.pk for row, _ in move.folded]).delete()
            if filled:
                rows.bulk_update({into for _, into in move.folded}, sorted(filled))
        rows.filter(**{f"{move.field.name}__in": others}).update(**{move.field.name: kept})
    ImportRow.objects.follow_merge(kept, others)


def told(planned):
    """What the moves do, in words: “7 citations, 3 tags moved; 1 citation became part of another”."""
    moved = ", ".join(move.moving_label for move in planned if move.moving)
    folded = ", ".join(move.folded_label for move in planned if move.folded)
    return "; ".join(filter(None, [moved and f"{moved} moved", folded and f"{folded} became part of another"]))


def _references(model):
    """The fields by which rows refer to those of `model`. A field that the database does not hold to, as in tables of
    history, says what was and stays."""
    for relation in model._meta.get_fields(include_hidden=True):
        refers = relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        if refers and relation.field.db_constraint:
            yield relation.field


def _keys(field, row):
    """What of a row may be there only once for each row that it refers to."""
    meta = field.model._meta
    rules = [constraint.fields for constraint in meta.total_unique_constraints] + list(meta.unique_together)
    rules += [[field.name]] if field.unique else []
    for names in rules:
        values = tuple(getattr(row, meta.get_field(name).attname) for name in names if name != field.name)
        if field.name in names and None not in values:
            yield tuple(names), values


def _absorb(into, row, reference):
    """Take over from `row` what `into` does not say. Yields the names of the fields that changed."""
    for field in reference.model._meta.concrete_fields:
        ours, theirs = getattr(into, field.attname), getattr(row, field.attname)
        if field.primary_key or field == reference or theirs in (None, "", ours):
            continue
        if ours in (None, ""):
            setattr(into, field.attname, theirs)
            yield field.name
        elif isinstance(field, TextField) and theirs not in ours:
            setattr(into, field.attname, f"{ours} {theirs}")
            yield field.name
