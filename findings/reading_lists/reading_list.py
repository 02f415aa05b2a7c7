"""A list of entries that anybody can make and share: codes in order, held by an address.

``/reading-list/?items=F3,F23,P9`` is the list: there is no account, no cookie and nothing kept. What its maker calls
it, and notes on entries, stand there too: ``&title=…&group=…&date=2026-12-03&nF23=…``.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlencode

from django.db.models import Prefetch, Q

from curation.entries import parse_code
from curation.routes import path
from findings.codes import KINDS, plain_code
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.reading_lists.naming import MOST_IN, Naming
from findings.records import record_to_cite, records_to_cite, with_records
from sources.models import Source

MOST = 500
MOST_LAID_OUT = 100  # entries of a file whose every entry costs tens of milliseconds
BETWEEN = re.compile(r"[\s,;]+")
VERSION = re.compile(r"(?<=[0-9])v[0-9]+", re.I)
QUERY = re.compile(r"\S*/reading-list\S*\?(\S+)")  # of the address of a list


@dataclass(frozen=True)
class ReadingList:
    """Codes in order, each once, what their maker calls them, and what else was asked for that is not in the list."""

    codes: tuple[str, ...] = ()
    naming: Naming = field(default_factory=Naming)
    repeated: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    left_over: int = 0

    @classmethod
    def parse(cls, text):
        """Read codes with commas or spaces between them, in either case. Never raises: `notices` tells the rest."""
        codes, repeated, unreadable, versions = {}, {}, {}, {}
        for piece in filter(None, BETWEEN.split(text)):
            code = plain_code(piece)
            if not code:
                unreadable[piece] = True
                continue
            if VERSION.search(piece):
                versions[piece] = True
            if code in codes:
                repeated[code] = True
            codes[code] = True
        return cls(
            tuple(codes)[:MOST],
            repeated=tuple(repeated),
            unreadable=tuple(unreadable),
            versions=tuple(versions),
            left_over=max(0, len(codes) - MOST),
        )

    @classmethod
    def read(cls, data):
        """The list that an address or a sent form asks for (a QueryDict), with its naming. Never raises."""
        asked = cls.parse(",".join(data.getlist("items")))
        return replace(asked, naming=Naming.read(data, asked.codes)).with_merged()

    def with_merged(self):
        """The list with the source into which one was merged in the place of that one."""
        numbers = [number for letter, number in map(parse_code, self.codes) if letter == Source.LETTER]
        merged = Source.objects.filter(number__in=numbers, merged_into__isnull=False).select_related("merged_into")
        into = {source.code: source.merged_into.code for source in merged} if numbers else {}
        codes = dict.fromkeys(into.get(code, code) for code in self.codes)
        notes = {into.get(code, code): note for code, note in self.naming.notes.items()}
        return replace(self, codes=tuple(codes), merged=tuple(into), naming=replace(self.naming, notes=notes))

    def shown(self, entries):
        """The list as it is to be shared: those of its codes that lead to one of `entries`, and its naming."""
        return self._with_codes(entry.code for entry in entries)

    def _with_codes(self, codes):
        codes = tuple(codes)
        return ReadingList(codes, self.naming.for_codes(codes))

    @property
    def items(self):
        """The list as `parse` reads it."""
        return ",".join(self.codes)

    @property
    def query(self):
        """What an address asks for to have the list; "" for an empty one."""
        return urlencode(self.parameters, safe=",") if self.codes else ""

    @property
    def parameters(self):
        """The same by name."""
        return {"items": self.items, **self.naming.for_codes(self.codes).parameters}

    @property
    def query_as_typed(self):
        """The same with what is no code, so that the page it leads to can tell."""
        items = ",".join([*self.codes, *self.unreadable])
        return urlencode({"items": items, **self.naming.parameters}, safe=",")

    def query_to_check(self, today):
        """What asks, of the page that checks handouts, what changed since the day of the list, or since `today`."""
        day = min(self.naming.day or today, today)
        return urlencode({"items": self.items, "made_on": day.isoformat()}, safe=",")

    @property
    def address(self):
        return path("reading-list") + (f"?{self.query}" if self.codes else "")

    @property
    def bare_address(self):
        """The same list without its naming: short enough to print as a QR code."""
        return ReadingList(self.codes).address

    @property
    def notices(self):
        """What is not as it was asked for, in sentences."""
        told = []
        if self.unreadable:
            told.append(
                f"Left out, because {_is(self.unreadable)} not a code: {_named(self.unreadable)}. A code is one of the "
                f"letters {', '.join(KINDS)} and a number, such as F23."
            )
        if self.versions:
            told.append(f"A list shows each entry as it is now, so {_named(self.versions)} stands without its version.")
        if self.merged:
            told.append(f"Described twice, now listed as the one that was kept: {_named(self.merged)}.")
        if self.repeated:
            told.append(f"Given more than once, listed once: {_named(self.repeated)}.")
        if self.left_over:
            told.append(
                f"A list holds at most {MOST} entries. The first {MOST} are here; {self.left_over} are left out."
            )
        return [*told, *self.naming.notices]

    def __contains__(self, code):
        return code in self.codes

    def with_code(self, code, place=None):
        """The list with `code` as its last, or at `place`; itself, if it has the code or is full."""
        if code in self.codes or len(self.codes) >= MOST:
            return self
        place = len(self.codes) if place is None else place
        return replace(self, codes=(*self.codes[:place], code, *self.codes[place:]))

    def plus(self, text):
        """The list with what is typed or pasted: codes, or the address of another list, whose entries come after."""
        others = [",".join(parse_qs(query).get("items", [])) for query in QUERY.findall(text)]
        more = self.parse(",".join([self.items, QUERY.sub(" ", text), *others]))
        return replace(more, naming=self.naming).with_merged()

    def minus(self, code):
        return self._with_codes(other for other in self.codes if other != code)

    def moved(self, code, place):
        """The list with `code` at `place`, or at its nearer end."""
        others = [other for other in self.codes if other != code]
        place = min(max(place, 0), len(others))
        return self._with_codes([*others[:place], code, *others[place:]])

    def entries(self):
        """The entries of the list in its order, withdrawn ones too: what the public may open. See `left_out`."""
        numbers = defaultdict(list)
        for letter, number in map(parse_code, self.codes):
            numbers[KINDS[letter]].append(number)
        found = {}
        for model, wanted in numbers.items():
            entries = LOADED.get(model, lambda entries: entries)(with_records(model.objects.published_or_withdrawn()))
            for entry in entries.filter(number__in=wanted).select_related("replaced_by"):
                found[entry.code] = entry
        return [found[code] for code in self.codes if code in found and _has_a_page(found[code])]

    def left_out(self, entries):
        """A sentence about the codes that lead to none of `entries`, or ""."""
        there = {entry.code for entry in entries}
        missing = [code for code in self.codes if code not in there]
        return f"Left out, because nothing public has this code: {_named(missing)}." if missing else ""


def list_of_findings(findings, title):
    """A list of this title with as many of the `findings`, a QuerySet, as slides and documents are made of."""
    numbers = findings.values_list("number", flat=True)[:MOST_LAID_OUT]
    return ReadingList(
        tuple(f"{Finding.LETTER}{number}" for number in numbers), Naming(title=title[: MOST_IN["title"]])
    )


def records(entries, site_url, with_sources=False):
    """The Record of each entry, in order; `with_sources`, then those of the works they cite and that are not listed."""
    for entry, record in zip(entries, records_to_cite(entries, site_url), strict=True):
        if entry.is_withdrawn:
            record = replace(record, notice=" ".join(filter(None, [withdrawal_notice(entry), record.notice])))
        yield record
    if with_sources:
        for source in works_cited_in(entries):
            yield record_to_cite(source, site_url)


def works_cited_in(entries):
    """The published sources that `entries` cite, themselves or through their findings, by code; none of `entries`."""
    ids = defaultdict(list)
    for entry in entries:
        ids[type(entry)].append(entry.pk)
    findings = Finding.objects.published().filter(
        Q(pk__in=ids[Finding])
        | Q(theme__in=ids[Theme])
        | Q(review__in=ids[Review])
        | Q(implications__in=ids[PracticeImplication])
        | Q(key_messages__in=ids[KeyMessage])
    )
    cited = Source.objects.filter(Q(citations__finding__in=findings.values("pk")) | Q(reviews__in=ids[Review]))
    published = Source.objects.published().exclude(pk__in=ids[Source])
    return published.filter(pk__in=cited.values("pk")).order_by("number").with_records()


def withdrawal_notice(entry):
    """When and why `entry` was withdrawn and what to use instead, in a line."""
    other = entry.replaced_by
    instead = f"Use {other.code} instead: {other}." if other and other.is_public else "Nothing replaces it."
    reason = " ".join(entry.withdrawal_reason.split())
    return f"Withdrawn {entry.withdrawn_on:%-d %B %Y}. {reason} {instead}"


LOADED = {
    Finding: lambda findings: findings.whole(),
    PracticeImplication: lambda points: points.with_trail(),
    KeyMessage: lambda messages: messages.prefetch_related(Prefetch("findings", Finding.objects.published().whole())),
}


def _has_a_page(entry):
    return not isinstance(entry, KeyMessage) or entry.is_withdrawn or entry.review.is_public


def _is(these):
    return "this is" if len(these) == 1 else "these are"


def _named(these, most=8):
    named = ", ".join(f"“{one[:20]}…”" if len(one) > 20 else f"“{one}”" for one in these[:most])
    return f"{named} and {len(these) - most} more" if len(these) > most else named
