"""Work that waits at the desk: one `Task` for each card of its first page, and the list of what it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Count, F, IntegerField, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from curation.text import listed

SHOWN = 3  # entries that a card names


@dataclass(frozen=True)
class Row:
    """An entry that waits: what a card says of it."""

    model: type
    pk: int
    name: str  # its code, else what it is called
    title: str
    since: date | datetime | None
    by: str

    @property
    def url(self):
        return admin_url(self.model, "change", self.pk)


@dataclass
class Card:
    title: str
    count: int | None  # None where it is not known yet
    url: str
    lines: list = field(default_factory=list)
    late: str = ""


def admin_url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def may_view(user, model):
    return user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def count_of(number, model):
    """“1 finding”, “1,200 findings”."""
    return f"{number:,} {model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural}"


def depending(entry, words):
    """A row of what leads to an entry that is withdrawn, for the page that asks."""
    return {"code": entry.code, "title": str(entry), "url": admin_url(type(entry), "change", entry.pk), "words": words}


def day(moment):
    """“28 November”, with the year where it is another."""
    on = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return date_format(on, "j F" if on.year == timezone.localdate().year else "j F Y")


def ago(moment):
    """How long since, in words: “today”, “1 day”."""
    on = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    days = (timezone.localdate() - on).days
    return "today" if days < 1 else f"{days:,} day{'' if days == 1 else 's'}"


def named(rows, count):
    """“a”, “a and b”, “a, b and 3 more”."""
    more = count - len(rows)
    return listed([row.name for row in rows] + [f"{more:,} more"] * bool(more))


def oldest(rows, count):
    """Which they are, and which has waited longest."""
    lines = [named(rows, count)]
    if first := next((row for row in rows if row.since), None):
        who = f"Oldest: {first.name}, " if count > 1 else "Since "
        lines.append(f"{who}{day(first.since)}, {ago(first.since)}")
    return lines


def by_whom(rows, count):
    """The same, and whose act it was."""
    return _with_people("by", rows, count)


def from_whom(rows, count):
    """The same, and who sent them."""
    return _with_people("from", rows, count)


def _with_people(word, rows, count):
    people = listed(dict.fromkeys(row.by for row in rows if row.by))
    first, *others = oldest(rows, count)
    return [f"{first}, {word} {people}" if people else first, *others]


@dataclass(frozen=True)
class Task:
    """Entries that wait for the same thing.

    `narrow` takes entries of a kind and the user, and returns those that wait; they may carry `since` and `by`. `query`
    are the filters by which the list of a kind shows just these.
    """

    name: str  # in the address of its list
    group: str
    title: str
    narrow: Callable
    kinds: tuple
    query: dict
    says: Callable = oldest
    late: Callable = lambda rows: ""

    def card(self, user):
        """What the first page shows of it; None to whom may see none of it. Two queries, whatever the kinds."""
        kinds = self.seen_by(user)
        if not kinds:
            return None
        counts = self.counts(user, kinds)
        count = sum(counts.values())
        if not count:
            return Card(self.title, 0, self.url(kinds, counts))
        rows = self.rows(user, kinds)
        return Card(self.title, count, self.url(kinds, counts), self.says(rows, count), self.late(rows))

    def seen_by(self, user):
        return [model for model in self.kinds if may_view(user, model)]

    def waiting(self, model, user):
        return self.narrow(model.objects.order_by(), user)

    def counts(self, user, kinds):
        """{kind: how many}"""
        each = [
            self.waiting(model, user).order_by().values(kind=Value(at)).annotate(n=Count("pk")).values("kind", "n")
            for at, model in enumerate(kinds)
        ]
        found = each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]
        return {kinds[row["kind"]]: row["n"] for row in found if row["n"]}

    def rows(self, user, kinds, most=SHOWN):
        """The first that wait, the longest first."""
        each = [_values(self.waiting(model, user).order_by(), at) for at, model in enumerate(kinds)]
        found = each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]
        order = ["since"] if "since" in each[0].query.annotations else []
        return [_row(kinds[one["kind"]], one) for one in found.order_by(*order, "kind", "ordinal")[:most]]

    def url(self, kinds, counts):
        """The list of just these: that of their kind, if all are of one."""
        some = [model for model in kinds if counts.get(model)] or kinds
        return self.list_url(some[0]) if len(some) == 1 else reverse("admin:work", args=[self.name])

    def list_url(self, model):
        return f"{admin_url(model, 'changelist')}?{urlencode(self.query)}"


def _values(entries, at):
    """What a `Row` is made of, the same columns for every kind."""
    model = entries.model
    carried = [name for name in ("since", "by") if name in entries.query.annotations]
    place = F("number") if hasattr(model, "LETTER") else F("pk")
    title = Cast(F(title_of(model)), TextField())
    return entries.values("pk", *carried, kind=Value(at), ordinal=Cast(place, IntegerField()), called=title)


def _row(model, one):
    letter = getattr(model, "LETTER", "")
    name = f"{letter}{one['ordinal']}" if letter else f"“{one['called']}”"
    return Row(model, one["pk"], name, one["called"], one.get("since"), one.get("by") or "")


def title_of(model):
    """The field that an entry of a kind is called by."""
    names = {field.name for field in model._meta.concrete_fields}
    return next(name for name in ("heading", "title", "preferred_label", "name") if name in names)
