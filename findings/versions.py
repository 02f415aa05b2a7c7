"""The public versions of an entry, as pages tell them: what each said, from when until when, and what changed."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.urls import reverse

from curation import history
from curation.models import Version
from curation.worddiff import marked_difference
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from sources.models import Source

# The fields that readers read, in their order: title, lead, the rest.
READ = {
    Finding: ("heading", "bottom_line", "body"),
    PracticeImplication: ("heading", "summary", "body"),
    KeyMessage: ("heading", "body"),
    Theme: ("name", "summary"),
    Review: ("title", "summary", "method"),
    Source: ("title", "summary", "abstract"),
}


@dataclass
class Edition:
    """A version of `entry`; `until` is None while it is the newest, and `kept` is its state if it is not."""

    entry: object
    number: int
    issued_on: date
    until: date | None
    note: str
    kept: dict | None

    @cached_property
    def state(self):
        """What it says, as `curation.history` writes it."""
        return history.state_of(self.entry) if self.is_newest else self.kept

    @property
    def is_newest(self):
        return self.until is None

    @property
    def code(self):
        return f"{self.entry.code}v{self.number}"

    @property
    def all_url(self):
        return versions_url(self.entry)

    @property
    def short_url(self):
        return reverse("version_code", args=[self.entry.code, self.number])

    @property
    def url(self):
        return f"{versions_url(self.entry)}{self.number}/"

    @property
    def title(self):
        return self._said[0]

    @property
    def lead(self):
        return self._said[1]

    @property
    def paragraphs(self):
        return [paragraph for text in self._said[2:] for paragraph in text.split("\n\n") if paragraph]

    @property
    def _said(self):
        return [self.state.get(name, "") for name in READ[type(self.entry)]]

    @property
    def stance(self):
        return self.state.get("stance", "")

    def citations(self):
        """(label, source, note) of the works that it cited, as we hold them now."""
        rows = self.state.get("citations", [])
        codes = [row["source"] for row in rows]
        sources = {source.code: source.leads_to for source in Source.objects.with_codes(codes).with_contributors()}
        return [
            (row["number"] or row["order"], sources[row["source"]], row["note"])
            for row in rows
            if row["source"] in sources
        ]

    def changes_since(self, earlier):
        """(label, difference as HTML) of what this version changed in `earlier`."""
        found = history.changes(type(self.entry), *map(history.without_besides, [earlier.state, self.state]))
        return [(label, marked_difference(old, new)) for label, old, new in found]


def versions_url(entry):
    if isinstance(entry, KeyMessage):
        return f"{entry.review.get_absolute_url()}{entry.code}/versions/"
    return f"{entry.get_absolute_url()}versions/"


def editions(entry):
    """All versions of a published or withdrawn entry, newest first."""
    return editions_of([entry])[entry.code]


def editions_of(entries):
    """Code -> all versions of each of the published or withdrawn `entries`, newest first: one query."""
    found = {entry.code: [] for entry in entries}
    by_code = {entry.code: entry for entry in entries}
    for row in Version.objects.of(*entries):
        later = found[row.code]
        until = later[-1].issued_on if later else None
        later.append(Edition(by_code[row.code], row.version, row.issued_on, until, row.note, row.state))
    return {
        code: some or [Edition(by_code[code], 1, by_code[code].published_on, None, "", None)]
        for code, some in found.items()
    }
