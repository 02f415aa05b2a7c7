"""A list of entries that anybody can make and share: codes in order, held by an address.

``/reading-list/?items=F3,F23,P9`` is the list: there is no account, no cookie and nothing kept.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import Prefetch, Q

from curation.entries import parse_code
from curation.routes import path
from findings.codes import KINDS, plain_code
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.records import record_to_cite, records_to_cite, with_records
from sources.models import Source

MOST = 500
BETWEEN = re.compile(r"[\s,;]+")
VERSION = re.compile(r"(?<=[0-9])v[0-9]+", re.I)


def _address(codes):
    return path("reading-list") + (f"?items={','.join(codes)}" if codes else "")


@dataclass(frozen=True)
class ReadingList:
    """Codes in order, each once, and what else was asked for that is not in the list."""

    codes: tuple[str, ...] = ()
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
            tuple(repeated),
            tuple(unreadable),
            tuple(versions),
            left_over=max(0, len(codes) - MOST),
        )

    def with_merged(self):
        """The list with the source into which one was merged in the place of that one."""
        numbers = [number for letter, number in map(parse_code, self.codes) if letter == Source.LETTER]
        merged = Source.objects.filter(number__in=numbers, merged_into__isnull=False).select_related("merged_into")
        into = {source.code: source.merged_into.code for source in merged} if numbers else {}
        codes = dict.fromkeys(into.get(code, code) for code in self.codes)
        return replace(self, codes=tuple(codes), merged=tuple(into))

    @property
    def items(self):
        """The list as `parse` reads it."""
        return ",".join(self.codes)

    @property
    def address(self):
        return _address(self.codes)

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
        return told

    def __contains__(self, code):
        return code in self.codes

    def address_with(self, code):
        """The address of the list with `code` as its last; its own, if it has the code or is full."""
        return _address(self.codes if code in self.codes else (*self.codes, code)[:MOST])

    def minus(self, code):
        return ReadingList(tuple(other for other in self.codes if other != code))

    def moved(self, code, step):
        """The list with `code` one place earlier (-1) or later (+1)."""
        codes = list(self.codes)
        here = codes.index(code)
        there = min(max(here + step, 0), len(codes) - 1)
        codes[here], codes[there] = codes[there], codes[here]
        return ReadingList(tuple(codes))

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
