"""Keep the stamps of entries right: a follower of the change log, in the transaction of each change."""

from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from curation.entries import Status
from findings import cautions, provenance
from findings.metadata import dublin_core
from findings.models import Finding, Review, Stamp, Theme
from findings.oai.records import LOADED, mods_of

TOGETHER = 1000
WRITTEN = ["object_id", "review", "theme", "digest", "changed_at"]


def follow(model, ids):
    """Give a new stamp to those of the entries of `model` with these `ids` of which harvesters are told something else
    than before."""
    if model in LOADED:
        for start in range(0, len(ids), TOGETHER):
            _stamp(model, ids[start : start + TOGETHER])


def refresh():
    """The same for all entries, after changes that no program told of (`QuerySet.update()`, SQL)."""
    for model in LOADED:
        follow(model, list(model._base_manager.order_by("pk").values_list("pk", flat=True)))


def _stamp(model, ids):
    public = list(LOADED[model]().filter(pk__in=ids))
    provenance.load_behind(public)
    cautions.load(public)
    told = {entry.number: _told(entry) for entry in public}
    if hidden := set(ids) - {entry.pk for entry in public}:
        withdrawn = model._base_manager.filter(pk__in=hidden, status=Status.WITHDRAWN)
        told |= {entry.number: Stamp(object_id=entry.pk, **_places(entry)) for entry in withdrawn}
    held = Stamp.objects.filter(Q(number__in=told) | Q(object_id__in=ids), letter=model.LETTER)
    held = {row.number: row for row in held}
    for number, row in held.items():
        told.setdefault(number, Stamp(object_id=row.object_id, review=row.review, theme=row.theme))
    now = timezone.now().replace(microsecond=0)
    changed = []
    for number, row in sorted(told.items()):
        if number not in held or row.digest != held[number].digest:
            row.letter, row.number, row.changed_at = model.LETTER, number, now
            changed.append(row)
    if changed:
        unique = {"unique_fields": ["letter", "number"], "update_fields": WRITTEN}
        Stamp.objects.bulk_create(changed, update_conflicts=True, batch_size=500, **unique)


def _told(entry):
    """The stamp of a public entry, not saved. The site's address is the same for all and stays out of it."""
    row = Stamp(object_id=entry.pk, **_places(entry))
    said = repr([row.review, row.theme, sorted(dublin_core(entry, "")), sorted(mods_of(entry, "").items())])
    row.digest = sha256(said.encode(errors="surrogatepass")).hexdigest()
    return row


def _places(entry):
    """The code numbers of the review and of the theme that an entry is part of, or is."""
    review = entry if isinstance(entry, Review) else getattr(entry, "review", None)
    theme = entry if isinstance(entry, Theme) else entry.theme if isinstance(entry, Finding) else None
    return {"review": review and review.number, "theme": theme and theme.number}
