"""Make one tag of several, or one term. It cannot be undone, and no address that was public stops leading somewhere."""

from django.db import transaction
from django.utils.text import capfirst
from taggit.models import Tag

from curation import moves
from curation.comments import Comment
from curation.log import LogEntry
from curation.workflow import Refused
from findings.models import EarlierTag, Term, TermLabel
from sources.merging import PERMISSION


def obstacle(kept, others):
    """Why these cannot be merged into `kept`, in a sentence, or None."""
    if not others:
        return "Choose at least two to merge."
    if isinstance(kept, Term):
        for term in [kept, *others]:
            if term.is_withdrawn:
                return f"“{term}” is withdrawn: only what is not withdrawn can be merged."
        public = next((term for term in others if term.is_public), None)
        if public and not kept.is_public:
            return f"“{public}” is public and “{kept}” is not: keep “{public}”, so that readers find it."
    return None


def best_first(entries):
    """The given tags or terms, the one to keep before the others: public, then most used, then oldest."""
    used = moves.uses(entries)
    return sorted(entries, key=lambda entry: (not getattr(entry, "is_public", True), -used[entry.pk], entry.pk))


def plan(kept, others):
    """What will move to `kept`, as `moves.Move`s."""
    return moves.moves(kept, others)


def merge(kept, others, by):
    """Make `others`, tags or terms, part of `kept`; return (what is kept, the act that tells what was done).

    Raises `Refused` if `by` may not do this or if one of them is gone or in a state that does not allow it.
    """
    model = type(kept)
    if not by.has_perm(PERMISSION):
        raise Refused(f"You may not merge {model._meta.verbose_name_plural}.")
    ids = [kept.pk, *(other.pk for other in others)]
    with transaction.atomic():
        held = {entry.pk: entry for entry in model.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
        if len(held) != len(ids):
            raise Refused("One of them is gone: it was deleted or merged. Look again.")
        kept, *others = [held[pk] for pk in ids]
        if refusal := obstacle(kept, others):
            raise Refused(refusal)
        planned = plan(kept, others)
        moves.carry_out(planned, kept, others)
        Comment.objects.move(others, kept)
        names = ", ".join(f"“{other}”" for other in others)
        SETTLE[model](kept, others)
        # Whoever follows changes hears of all that moved.
        kept.save()
        told = [f"{names} merged into “{kept}”", capfirst(moves.told(planned))]
        if model is Term:
            told += [f"The definition of “{other}” was: {other.definition.rstrip('.')}" for other in others]
        act = LogEntry.objects.create(
            entry=kept, name=LogEntry.Name.MERGE, by=by, note=". ".join(filter(None, told)) + "."
        )
    return kept, act


def _settle_tags(kept, others):
    slugs = [other.slug for other in others]
    Tag.objects.filter(pk__in=[other.pk for other in others]).delete()
    for slug in slugs:
        EarlierTag.objects.update_or_create(slug=slug, defaults={"tag": kept})


def _settle_terms(kept, others):
    """A term that goes leaves its name as another label, and its anchor."""
    Term.objects.filter(pk__in=[other.pk for other in others]).delete()
    for other in others:
        kept.earlier_anchors = [*kept.earlier_anchors, other.slug, *other.earlier_anchors]
        if not TermLabel.objects.filter(label__iexact=other.preferred_label).exists():
            kept.labels.create(label=other.preferred_label)
    kept.labels.filter(label__iexact=kept.preferred_label).delete()


SETTLE = {Tag: _settle_tags, Term: _settle_terms}
