"""Two people at one form: what it said when it was opened, what it says now and what was typed, put together.

What a form says is kept as a browser sends it: lists of texts by the name of the field, and rows of parts by their id.
It travels with the form, signed, so that what each of the two changed is known when the second one saves.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django import forms
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from taggit.forms import TagField
from taggit.models import Tag

from curation import history
from curation.entries import Curated
from curation.log import LogEntry
from curation.worddiff import marked_difference

SEEN = "state_seen"
TAKE = "take-"
MOST_ROWS = 5000


def state_token(entry):
    """Names the whole state of an entry, its parts, links and tags included: another token means that somebody saved
    in between. None if it is gone."""
    return state_tokens(type(entry), [entry.pk]).get(entry.pk)


def state_tokens(model, ids):
    """{id: token} of the entries of a kind, or of its other rows."""
    rows = model._base_manager.filter(pk__in=ids)
    if not issubclass(model, Curated):
        return {row["pk"]: _token(sorted(row.items())) for row in rows.values("pk", *_columns_of(model))}
    said, parts = history.states(model, ids), defaultdict(list)
    for name in model.PARTS:
        owned = rows.exclude(**{name: None}).order_by("pk", name).values_list("pk", name)
        for pk, part in owned:
            parts[pk].append((name, part))
    statuses = rows.values_list("pk", "status")
    return {pk: _token(status, said[pk], parts[pk]) for pk, status in statuses if pk in said}


def _columns_of(model):
    return [column.attname for column in model._meta.concrete_fields if not column.primary_key]


def _token(*said):
    return hashlib.sha256(repr(said).encode()).hexdigest()[:24]


# What a form says


def said(bound):
    """What a browser sends of a field as it stands."""
    value = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return ["on"] if value else []
    if isinstance(bound.field, forms.ModelMultipleChoiceField):
        return [str(one) for one in value or []]
    shown = bound.field.widget.format_value(value)
    if shown is None:
        return []
    return [*shown] if isinstance(shown, list | tuple) else [str(shown)]


def snapshot(form, formsets):
    """What the form of an entry and those of its parts say, before anything is typed."""
    return {
        "values": {name: said(form[name]) for name in _wording(form)},
        "rows": {
            formset.prefix: {
                str(row.instance.pk): {name: said(row[name]) for name in _columns(formset)}
                for row in formset.initial_forms
            }
            for formset in formsets
        },
    }


def _wording(form):
    columns = {column.name for column in form.instance._meta.get_fields()}
    return [name for name in form.fields if name in columns]


def _columns(formset):
    left_out = {formset.model._meta.pk.name, formset.fk.name, DELETION_FIELD_NAME}
    return [name for name in formset.empty_form.fields if name not in left_out]


def sealed(entry, token, shown):
    """What a form that was just opened keeps of the entry, as a text that nobody else can make."""
    kept = {
        "at": timezone.now().isoformat(),
        "token": token,
        "status": getattr(entry, "status", ""),
        "code": getattr(entry, "code", ""),
        "name": str(entry),
    }
    return signing.dumps({**kept, **shown}, salt=__name__, compress=True)


def opened(text):
    """What `sealed` kept; None if it is not to be had."""
    try:
        seen = signing.loads(text or "", salt=__name__)
    except signing.BadSignature:
        return None
    return {**seen, "at": parse_datetime(seen["at"])}


# Who did what meanwhile


@dataclass(frozen=True, order=True)
class Deed:
    at: datetime
    what: str
    by: str

    def __str__(self):
        local = timezone.localtime(self.at)
        return f"{self.what} at {date_format(local, 'H:i')} on {date_format(local, 'j F Y')}."


def since(entry, moment):
    """What was done to an entry since a moment, the first deed first."""
    if not isinstance(entry, Curated):
        return logged(type(entry), entry.pk, CHANGE, "saved it", moment)
    deeds = []
    revisions = history.Revision.objects.of(entry).filter(at__gte=moment).exclude(note=history.EARLIER)
    for row in revisions.select_related("by"):
        note = f" ({row.note.rstrip('.')})" if row.note else ""
        deeds.append(Deed(row.at, f"{person(row.by)} saved this entry{note}", person(row.by)))
    told_by_revisions = [LogEntry.Name.CORRECT, LogEntry.Name.CHANGE_MEANING]
    for act in LogEntry.objects.on(entry).filter(at__gte=moment).exclude(name__in=told_by_revisions):
        deeds.append(Deed(act.at, f"{act.get_name_display()} by {person(act.by)}", person(act.by)))
    return sorted(deeds)


def logged(model, pk, flag, what, moment):
    """The same of what only the log of the admin knows."""
    log = AdminLogEntry.objects.filter(object_id=str(pk), action_flag=flag, action_time__gte=moment).select_related(
        "user"
    )
    log = log.filter(content_type=ContentType.objects.get_for_model(model))
    return sorted(Deed(row.action_time, f"{person(row.user)} {what}", person(row.user)) for row in log)


def person(user):
    return (user.get_full_name() or user.get_username()) if user else "Somebody"


# What both said, put together


@dataclass
class Conflict:
    """What both changed. The form goes on with mine, unless `other` (value, what it does) is chosen."""

    name: str  # of the field or the row in the form
    label: str
    before: str
    mine: str  # as HTML, compared with what was before
    theirs: str
    other: tuple

    @property
    def field(self):
        return f"{TAKE}{self.name}"


@dataclass
class Joined:
    """`post` is the form with what both changed; the rest tells of it, as (label, difference)."""

    post: object
    seen: dict | None
    conflicts: list = field(default_factory=list)
    theirs: list = field(default_factory=list)
    mine: list = field(default_factory=list)

    @property
    def is_news(self):
        return bool(self.conflicts or self.theirs)

    def add(self, form, formsets, now):
        for name in _wording(form):
            label = capfirst(form[name].label)
            base = self.seen["values"].get(name) if self.seen else None
            mine = self.post.getlist(form[name].html_name)
            value = self._field(form[name].html_name, label, form.fields[name], base, mine, now["values"][name])
            self.post.setlist(form[name].html_name, value)
        for formset in formsets:
            base = self.seen["rows"].get(formset.prefix, {}) if self.seen else {}
            self._rows(formset, base, now["rows"][formset.prefix])
        return self

    def _field(self, name, label, column, base, mine, theirs):
        """The value of one field. What it was is None where nobody knows it."""
        before, ours, others = plain(base), plain(mine), plain(theirs)
        if others in (before, ours):
            if ours != before:
                self.mine.append((label, self._difference(column, before, ours)))
            return mine
        if ours == before:
            self.theirs.append((label, self._difference(column, before, others)))
            return theirs
        both = _both(column, before, ours, others)
        if both is not None:
            self.theirs.append((label, self._difference(column, before, others)))
            self.mine.append((label, self._difference(column, before, ours)))
            return both
        if before is None:
            before = others
        marked = [self._difference(column, before, value) for value in (ours, others)]
        self.conflicts.append(Conflict(name, label, in_words(column, before), *marked, ("theirs", "Take this one")))
        return mine

    @staticmethod
    def _difference(column, before, after):
        return marked_difference(in_words(column, before or []), in_words(column, after))

    def _rows(self, formset, base, now):
        """The rows of a part: those that are there now, with what I changed in them, then mine that are new."""
        prefix, names, columns = formset.prefix, _columns(formset), formset.empty_form.fields
        key, noun = formset.model._meta.pk.name, capfirst(formset.model._meta.verbose_name)
        same = _same_rows(base, now)
        before = {same.get(pk, pk): values for pk, values in base.items()}
        posted = read_rows(self.post, prefix)
        mine = {same.get(pk, pk): row for row in posted if (pk := _first(row, key))}
        new = [row for row in posted if not _first(row, key)]
        rows = []

        def words(values):
            return ", ".join(filter(None, (in_words(columns[name], plain(values.get(name, []))) for name in names)))

        for pk, theirs in now.items():
            was, row, label = before.get(pk), mine.get(pk), f"{noun} {len(rows) + 1}"
            values = theirs
            if row is None and was is None:  # they added it
                new = [one for one in new if not _says(one, theirs, set(names) - {"order"})]
                self.theirs.append((label, marked_difference("", words(theirs))))
            elif row is None:
                pass  # it was not in the form that was sent
            elif DELETION_FIELD_NAME in row:
                values = {**theirs, DELETION_FIELD_NAME: ["on"]}
                if was and not _says(was, theirs, names):
                    told = marked_difference(words(was), ""), marked_difference(words(was), words(theirs))
                    other = ("keep", "Keep the row, as it is now")
                    self.conflicts.append(Conflict(f"{prefix}-{len(rows)}", label, words(was), *told, other))
            else:
                values = {}
                for name in names:
                    place, of = f"{prefix}-{len(rows)}-{name}", f"{label}: {columns[name].label.lower()}"
                    base_value = was[name] if was else None
                    values[name] = self._field(place, of, columns[name], base_value, row.get(name, []), theirs[name])
            rows.append({**values, key: [pk]})
        there = len(rows)
        for pk, row in mine.items():
            if pk in now or DELETION_FIELD_NAME in row:
                continue
            was = before.get(pk, {})
            if was and _says(was, row, names):
                self.theirs.append((noun, marked_difference(words(was), "")))
                continue
            told = marked_difference(words(was), words(row)), marked_difference(words(was) or words(row), "")
            place, label, other = f"{prefix}-{len(rows)}", f"{noun} {len(rows) + 1}", ("drop", "Leave the row out")
            self.conflicts.append(Conflict(place, label, words(was), *told, other))
            rows.append({name: row.get(name, []) for name in names})
        rows += new
        taken = {_place(row) for row in rows[:there]}
        for row in rows[there:]:
            if _place(row) in taken:
                row.pop("order", None)  # it gets the next one
        write_rows(self.post, prefix, rows, there)


def typed(form, formsets, post, seen):
    """(label, text) of what was typed into a form since it was opened."""
    told = []
    for name in _wording(form):
        value = plain(post.getlist(name))
        if value != plain(seen["values"].get(name, [])):
            told.append((capfirst(form[name].label), in_words(form.fields[name], value)))
    for formset in formsets:
        names, columns = _columns(formset), formset.empty_form.fields
        rows = seen["rows"].get(formset.prefix, {})
        for row in read_rows(post, formset.prefix):
            was = rows.get(_first(row, formset.model._meta.pk.name), {})
            words = [in_words(columns[name], plain(row.get(name, []))) for name in names]
            if was and DELETION_FIELD_NAME in row:
                words = ["taken out", *words]
            elif _says(row, was or _blank(formset), names):
                continue
            told.append((capfirst(formset.model._meta.verbose_name), ", ".join(filter(None, words))))
    return told


def _blank(formset):
    return {name: said(formset.empty_form[name]) for name in _columns(formset)}


def plain(value):
    """A value as it is compared; None stays."""
    return value if value is None else sorted(text for text in map(_tidied, value) if text)


def _tidied(text):
    return text.replace("\r\n", "\n").strip()


def _first(row, name):
    return next(iter(row.get(name, [])), "")


def _says(one, other, names):
    """Whether two rows say the same."""
    return all(plain(one.get(name, [])) == plain(other.get(name, [])) for name in names)


def _place(row):
    return _first(row, "role"), _first(row, "order")


def _same_rows(base, now):
    """{id of a row when the form was opened: id now} of rows that were written anew with the same words."""
    new = [pk for pk in now if pk not in base]
    same = {}
    for pk, values in base.items():
        if pk not in now and (found := next((other for other in new if _says(values, now[other], values)), None)):
            new.remove(found)
            same[pk] = found
    return same


def _both(column, before, mine, theirs):
    """Lists of which each of the two changed something else, put together; None if the field holds no list."""
    if isinstance(column, forms.ModelMultipleChoiceField):
        return _union(before or [], mine, theirs)
    if isinstance(column, TagField):
        try:
            names = _union(*(column.clean(" ".join(value)) if value else [] for value in (before or [], mine, theirs)))
        except ValidationError:
            return None
        return [column.widget.format_value([Tag(name=name) for name in names])]
    return None


def _union(before, mine, theirs):
    gone = set(before) - set(theirs)
    return [one for one in mine if one not in gone] + [one for one in theirs if one not in before and one not in mine]


def in_words(column, value):
    """What a field says, for people."""
    if isinstance(column, forms.BooleanField):
        return "yes" if value else "no"
    if isinstance(column, forms.ModelChoiceField):
        keys = [key for key in value if key.isdecimal() and len(key) < 19]
        entries = column.queryset.filter(pk__in=keys)
        return ", ".join(" ".join(filter(None, [getattr(entry, "code", ""), str(entry)])) for entry in entries)
    if isinstance(column, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in _flat(column.choices)}
        return ", ".join(labels.get(one, one) for one in value)
    return ", ".join(value)


def _flat(choices):
    for key, label in choices:
        yield from label if isinstance(label, list | tuple) else [(key, label)]


# Rows of parts as they are posted


def read_rows(post, prefix):
    """The rows that were posted, as {name: list of texts} each."""
    total = post.get(f"{prefix}-{TOTAL_FORM_COUNT}", "")
    total = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 9 else 0
    rows = [{} for _ in range(total)]
    for key in post:
        match = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,8}})-(\w+)", key)
        if match and int(match[1]) < total:
            rows[int(match[1])][match[2]] = post.getlist(key)
    return rows


def write_rows(post, prefix, rows, initial):
    for key in [key for key in post if re.fullmatch(rf"{re.escape(prefix)}-[0-9]+-\w+", key)]:
        del post[key]
    post[f"{prefix}-{TOTAL_FORM_COUNT}"], post[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(rows)), str(initial)
    for number, row in enumerate(rows):
        for name, value in row.items():
            if value:
                post.setlist(f"{prefix}-{number}-{name}", value)


def choose(post, seen):
    """Put into the form what was chosen of the other wording, which the form has seen."""
    dropped = {}
    for key in [key for key in post if key.startswith(TAKE)]:
        name, chosen = key.removeprefix(TAKE), post[key]
        del post[key]
        row = re.fullmatch(r"(\w+)-([0-9]{1,8})(?:-(\w+))?", name)
        if chosen == "theirs" and name in seen["values"]:
            post.setlist(name, seen["values"][name])
        elif chosen == "theirs" and row:
            rows = seen["rows"].get(row[1], {})
            held = rows.get(post.get(f"{row[1]}-{row[2]}-id", ""), {})
            if row[3] in held:
                post.setlist(name, held[row[3]])
        elif chosen == "keep" and row:
            post.pop(f"{name}-{DELETION_FIELD_NAME}", None)
        elif chosen == "drop" and row:
            dropped.setdefault(row[1], set()).add(int(row[2]))
    for prefix, numbers in dropped.items():
        initial = post.get(f"{prefix}-{INITIAL_FORM_COUNT}", "0")
        rows = [row for number, row in enumerate(read_rows(post, prefix)) if number not in numbers]
        write_rows(post, prefix, rows, initial)
