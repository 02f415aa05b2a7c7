"""Which entries a change touches: each gets a row of the change log (`curation.changelog`), in the same transaction."""

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.dispatch import receiver
from taggit.models import Tag

from curation.changelog import record
from curation.entries import HIDDEN
from findings.models import (
    Citation,
    Finding,
    KeyMessage,
    PracticeImplication,
    Review,
    ReviewContributor,
    ReviewSource,
    TaggedFinding,
    TaggedImplication,
    Term,
    TermLabel,
    TermNote,
    Theme,
)
from sources.models import Contributor, Notice, Source, TaggedSource

LOGGED = {Finding, KeyMessage, PracticeImplication, Review, Source, Term, Theme}


def with_neighbours(entry):
    """The entries whose document or record for harvesters speaks of this one, by kind. Little of it shows there, so
    that a change of wording touches few rows."""
    pk = entry.pk
    if isinstance(entry, Theme):
        own = Finding.objects.filter(theme=pk)
        yield Finding, own.values_list("pk", flat=True)
    elif isinstance(entry, Review):
        yield from of_review(pk)
    elif isinstance(entry, Finding):
        yield PracticeImplication, entry.implications.values_list("pk", flat=True)
        yield KeyMessage, entry.key_messages.values_list("pk", flat=True)
        yield Source, entry.citations.values_list("source", flat=True)
        yield Theme, [entry.theme_id]
    elif isinstance(entry, PracticeImplication):
        yield Finding, entry.findings.values_list("pk", flat=True)
    elif isinstance(entry, Source):
        yield from resting_on(pk)
        yield Review, ReviewSource.objects.filter(source=pk).values_list("review", flat=True)


def resting_on(source):
    """What rests on a source with this pk: its pages tell what was said of the work since."""
    findings = list(Citation.objects.filter(source=source).order_by().values_list("finding", flat=True).distinct())
    yield Finding, findings
    for model in [PracticeImplication, KeyMessage, Theme] if findings else ():
        yield model, model.objects.filter(findings__in=findings).order_by().values_list("pk", flat=True).distinct()


def of_review(pk):
    for model in [KeyMessage, Finding, PracticeImplication]:
        yield model, model.objects.filter(review=pk).values_list("pk", flat=True)
    yield Theme, Finding.objects.filter(review=pk).order_by().values_list("theme", flat=True).distinct()


def show(entry):
    """What of an entry shows in the documents of others."""
    if isinstance(entry, Source):
        told = "title", "doi", "issued", "issued_is_approximate", "publisher", "retracted_on", "retraction_reason"
        return entry.status, entry.retraction_url, *(getattr(entry, name) for name in told)
    if isinstance(entry, Finding):
        return entry.status, entry.theme_id, entry.review_id
    if isinstance(entry, PracticeImplication):
        return entry.status, entry.element
    if isinstance(entry, Review):
        told = "series", "kind_of_text", "publisher", "year", "year_is_approximate", "country", "updates", "rights"
        return entry.status, str(entry), *(getattr(entry, name) for name in told)
    return entry.status, str(entry)


def entry_saved(sender, instance, created, raw, **kwargs):
    record(sender, [instance.pk])
    # Of what is new nothing speaks yet, but in a file (`raw`), where what speaks of it may come first.
    if (raw or not created) and getattr(instance, "_shown", None) != show(instance):
        for model, ids in with_neighbours(instance):
            record(model, ids)
    if created and isinstance(instance, Finding):
        record(Theme, [instance.theme_id])  # which names the reviews that its findings are from
    instance._shown = show(instance)


def entry_going(sender, instance, **kwargs):
    if instance.status in HIDDEN:
        return  # nothing public speaks of it
    instance.neighbours_before = [(model, list(ids)) for model, ids in with_neighbours(instance)]


def entry_gone(sender, instance, **kwargs):
    record(sender, [instance.pk])
    for model, ids in getattr(instance, "neighbours_before", []):
        record(model, ids)


for model in LOGGED:
    post_save.connect(entry_saved, sender=model)
    pre_delete.connect(entry_going, sender=model)
    post_delete.connect(entry_gone, sender=model)


def part_changed(touched):
    def handler(sender, instance, origin=None, **kwargs):
        if sender in GO_WITH_A_SOURCE and getattr(origin, "model", type(origin)) is Source:
            return  # the source that goes tells of all that rests on it
        for model, ids in touched(instance):
            record(model, ids)

    return handler


PARTS = {
    Citation: lambda citation: [(Finding, [citation.finding_id]), (Source, [citation.source_id])],
    Contributor: lambda person: [
        (Source, [person.source_id]),
        (Finding, Citation.objects.filter(source=person.source_id).values_list("finding", flat=True)),
    ],
    Notice: lambda notice: [(Source, [notice.source_id]), *resting_on(notice.source_id)],
    ReviewContributor: lambda person: [(Review, [person.review_id]), *of_review(person.review_id)],
    ReviewSource: lambda link: [
        (Source, [link.source_id]),
        (Review, [link.review_id]),
        *(of_review(link.review_id) if link.role == ReviewSource.Role.SUMMARISES else []),
    ],
    TaggedFinding: lambda tagged: [(Finding, [tagged.content_object_id])],
    TaggedImplication: lambda tagged: [(PracticeImplication, [tagged.content_object_id])],
    TaggedSource: lambda tagged: [(Source, [tagged.content_object_id])],
    Tag: lambda tag: [
        (Finding, TaggedFinding.objects.filter(tag=tag).values_list("content_object", flat=True)),
        (PracticeImplication, TaggedImplication.objects.filter(tag=tag).values_list("content_object", flat=True)),
        (Source, TaggedSource.objects.filter(tag=tag).values_list("content_object", flat=True)),
    ],
    TermLabel: lambda label: [(Term, [label.term_id])],
    TermNote: lambda note: [(Term, [note.term_id])],
}
GO_WITH_A_SOURCE = {Contributor, Notice, TaggedSource}
_handlers = {model: part_changed(touched) for model, touched in PARTS.items()}
for model, handler in _handlers.items():
    post_save.connect(handler, sender=model)
    post_delete.connect(handler, sender=model)


@receiver(m2m_changed)
def links_changed(sender, instance, action, reverse, model, pk_set, **kwargs):
    if sender not in (PracticeImplication.findings.through, KeyMessage.findings.through):
        return
    if action == "pre_clear":
        entry_going(type(instance), instance)
    elif action in ("post_add", "post_remove"):
        record(type(instance), [instance.pk])
        record(model, pk_set)
    elif action == "post_clear":
        entry_gone(type(instance), instance)


def taggit_bulk(sender, instance, **kwargs):
    """django-taggit adds and removes tags in bulk, with no signal but this."""
    if type(instance) in LOGGED and kwargs.get("action", "").startswith("post_"):
        record(type(instance), [instance.pk])


m2m_changed.connect(taggit_bulk)
