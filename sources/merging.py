"""Make one source of several that describe the same work. It cannot be undone."""

from collections import Counter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import capfirst

from curation import history, moves
from curation.changelog import gathered
from curation.comments import Comment
from curation.entries import Entry, Status
from curation.log import LogEntry
from curation.workflow import Refused
from sources.bibliography.record import ROLES
from sources.different import Different
from sources.models import Contributor, Source
from sources.records import GOES_WITH

PERMISSION = "curation.publish_entries"
MOST = 10
PEOPLE = "contributors"
# What describes the work.
APART = {field.name for field in Entry._meta.fields} | {*GOES_WITH.values()}
FIELDS = [
    field.name
    for field in Source._meta.concrete_fields
    if field.editable and not field.primary_key and field.name not in APART
]
LABELS = {name: capfirst(Source._meta.get_field(name).verbose_name) for name in FIELDS} | {PEOPLE: "Contributors"}
RANK = {Status.PUBLISHED: 0, Status.IN_REVIEW: 1, Status.DRAFT: 2, Status.WITHDRAWN: 3}
# Their rows are chosen, or settled here, and do not just move.
SETTLED = (Contributor, Different)


def best_first(sources):
    """The given sources, the one to keep before the others: published, then most cited, then first by code."""
    cited = dict(
        Source.objects.filter(pk__in=[source.pk for source in sources]).order_by().values_list("pk", Count("citations"))
    )
    return sorted(sources, key=lambda source: (RANK[source.status], -cited.get(source.pk, 0), source.number))


def people_of(source):
    """The contributors of a source: (role, family, given, literal), in order."""
    people = sorted(source.contributors.all(), key=lambda person: (ROLES.index(person.role), person.order))
    return [(person.role, person.family, person.given, person.literal) for person in people]


def contributors(source, people):
    """Unsaved contributors, numbered in each role."""
    taken = Counter()
    for role, family, given, literal in people:
        taken[role] += 1
        yield Contributor(source=source, role=role, order=taken[role], family=family, given=given, literal=literal)


def value_of(source, name):
    """What a source says in a field of `FIELDS` or of its contributors, to compare."""
    if name == PEOPLE:
        return people_of(source)
    value = getattr(source, Source._meta.get_field(name).attname)
    return (value, value and getattr(source, GOES_WITH[name])) if name in GOES_WITH else value


def says(source, name):
    return value_of(source, name) not in (None, "", [], ("", ""))


def default(name, kept, others):
    """The source whose value is taken if nobody chooses: the kept one, or the first other if that says nothing."""
    return next((source for source in [kept, *others] if says(source, name)), kept)


def obstacle(kept, others):
    """Why these cannot be merged into `kept`, in a sentence, or None."""
    if not others:
        return "Choose at least two sources to merge."
    for source in [kept, *others]:
        if source.is_withdrawn:
            return f"{source.code} is withdrawn: only what is not withdrawn can be merged."
    public = next((source for source in others if source.published_on), None)
    if public and not kept.is_public:
        return f"{public.code} is public and {kept.code} is not: keep {public.code}, so that readers find it."
    return None


def plan(kept, others):
    """What will move to `kept`, as `moves.Move`s."""
    return moves.moves(kept, others, but=SETTLED)


def merge(kept, others, by, values=None):
    """Make `others` part of `kept`, and return (the kept source, the act that tells what was done).

    Everything that refers to the others refers to `kept` then. `values` maps fields (or "contributors") to the source
    whose value is kept; `default` says which it is for the rest. A source that was ever public stays, withdrawn, and
    leads to `kept`; another is deleted. Raises `Refused` if `by` may not do this, if one of the sources is gone or in a
    state that does not allow it, or if what is kept breaks a rule.
    """
    if not by.has_perm(PERMISSION):
        raise Refused("You may not merge sources.")
    ids = [kept.pk, *(source.pk for source in others)]
    named = f"Merged with {', '.join(source.code for source in others)}"
    with transaction.atomic(), gathered(), history.recording(Source, [kept.pk], by, named[:250]):
        locked = Source.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
        held = {source.pk: source for source in locked.prefetch_related("contributors")}
        if len(held) != len(ids):
            raise Refused("One of these sources is gone: it was deleted or merged. Look again.")
        kept, *others = [held[pk] for pk in ids]
        if refusal := obstacle(kept, others):
            raise Refused(refusal)
        chosen = {name: default(name, kept, others) for name in LABELS}
        chosen |= {name: held[source.pk] for name, source in (values or {}).items()}
        people = people_of(chosen[PEOPLE])
        taken = {
            Source._meta.get_field(name).attname: getattr(chosen[name], Source._meta.get_field(name).attname)
            for name in FIELDS
        }
        taken |= {also: getattr(chosen[name], also) for name, also in GOES_WITH.items()}

        planned = plan(kept, others)
        moves.carry_out(planned, kept, others)
        _carry_over_differences(kept, others)
        Comment.objects.move(others, kept)
        _retire(others, kept, by)
        for name, value in taken.items():
            setattr(kept, name, value)
        _let_go_of(kept, ids)
        if people != people_of(kept):
            kept.contributors.all().delete()
            Contributor.objects.bulk_create(contributors(kept, people))
        try:
            kept.full_clean()
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from error
        kept.save()
        gone = ", ".join(f"{source.code} “{source}”" for source in others)
        note = ". ".join(filter(None, [f"{gone} merged into this one", capfirst(moves.told(planned))])) + "."
        return kept, LogEntry.objects.create(entry=kept, name=LogEntry.Name.MERGE, by=by, note=note)


def _retire(others, kept, by):
    for source in others:
        if not source.published_on:
            source.delete()
            continue
        source.status = Status.WITHDRAWN
        source.withdrawn_on = timezone.localdate()
        source.withdrawal_reason = f"It described the same work as {kept.code}, of which it is now part."
        source.merged_into = kept
        source.save(update_fields=["status", "withdrawn_on", "withdrawal_reason", "merged_into"])
        LogEntry.objects.create(
            entry=source, name=LogEntry.Name.MERGE, by=by, note=f"Merged into {kept.code} “{kept}”."
        )


def _let_go_of(kept, ids):
    """What named one of the others as its newer edition or the like would name itself."""
    for field in Source._meta.concrete_fields:
        if field.related_model is Source and getattr(kept, field.attname) in ids:
            setattr(kept, field.attname, None)


def _carry_over_differences(kept, others):
    """What was not the same work as one of the others is not the same as the kept one."""
    group = {kept.pk, *(source.pk for source in others)}
    here = Different.objects.filter(Q(one__in=others) | Q(other__in=others))
    strangers = {pk for pair in here.values_list("one", "other") for pk in pair} - group
    here.delete()
    Different.objects.bulk_create([Different(one=kept, other_id=pk) for pk in strangers], ignore_conflicts=True)
