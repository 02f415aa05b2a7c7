"""What a handout of a reading list says, whatever it becomes: one `Handout` for the page, Word, slides and CSV."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Count
from django.utils import timezone
from django.utils.text import capfirst

from curation.routes import path
from curation.versions import newest_versions
from findings import cautions, provenance, qrcodes, since_then
from findings.choices import Stance
from findings.glossary import REFERENCE_MARK
from findings.models import Finding, KeyMessage, PracticeImplication
from findings.reading_lists.naming import Naming
from findings.reading_lists.reading_list import withdrawal_notice
from findings.records import record_to_cite, with_records
from findings.versions import READ
from sources.bibliography.references import citation, reference, reference_list
from sources.models import Source, StudyDesign

# A mark, or several, and the stop that stands before them: “so it is.[1]” is to read “so it is (Hudson, 2002).”
MARKS = re.compile(rf"(?P<stop>[.,;:]?)(?P<marks>(?:\s*{REFERENCE_MARK.replace('?P<reference>', '?:')})+)")

MOST_LINKED_POINTS = 3


class Named(NamedTuple):
    """A work that a finding names, or a finding that we link to a practice point or a key message: in a word or two
    and in full."""

    short: str
    long: str


class Reference(NamedTuple):
    """`runs` are pairs of text and whether it is italic. `notice`: that the work was retracted."""

    runs: list
    notice: str


@dataclass(frozen=True)
class Item:
    """An entry of the list. Of a withdrawn one only the heading stands, and what became of it."""

    code: str
    kind: str
    label: str  # the stance in words, else the kind
    heading: str
    url: str
    address: str
    version: int
    worded_on: date | None
    checked_on: date | None
    cite_as: str
    stance: str = ""
    element: str = ""
    is_article: bool = False
    is_withdrawn: bool = False
    in_short: str = ""
    paragraphs: list = field(default_factory=list)  # each a list of runs
    provenance: str = ""
    since_then: list = field(default_factory=list)  # what we added, in sentences
    not_named: str = ""  # of a finding that names no work, in words
    names: list = field(default_factory=list)
    notices: list = field(default_factory=list)
    references: list = field(default_factory=list)  # of the works it names
    note: str = ""  # of whoever made the list
    question: str = ""  # ours, to a team, on a practice point
    coins: str = ""  # of a source: what reference managers read from a list

    @property
    def is_point(self):
        return bool(self.element) and not self.is_withdrawn

    @property
    def currency(self):
        """“Version 2, 4 March 2026. Compared with the review on 5 March 2026.”"""
        dated = f", {_day(self.worded_on)}" if self.worded_on else ""
        against = "" if self.kind == "source" else "with the review "
        checked = f" Compared {against}on {_day(self.checked_on)}." if self.checked_on else ""
        return f"Version {self.version}{dated}.{checked}"

    @property
    def body(self):
        """The paragraphs as text."""
        return ["".join(text for text, _ in runs) for runs in self.paragraphs]

    @property
    def names_heading(self):
        """What to put before the works or findings that it names."""
        return "Names" if self.stance else "Findings that we link to it:"

    @property
    def evidence(self):
        """The works or findings that it names, in a line; empty where that has no meaning."""
        if not self.names:
            return self.not_named
        if self.stance:
            return f"Names {'; '.join(named.long for named in self.names)}"
        return f"{self.names_heading} {_listed([named.short for named in self.names])}"


@dataclass(frozen=True)
class Handout:
    """`style` is one of `references.STYLES`; citations in the text and the references follow it."""

    address: str
    site: str
    made_on: date
    style: str
    naming: Naming
    items: list
    references: list
    drawn_from: list  # a line for each review
    practice_notes: list  # how these reviews put their practice points, if there are such points
    linked_points: list = field(default_factory=list)  # items that are not on the list, which its findings lead to

    @property
    def title(self):
        return self.naming.title or "Reading list"

    @property
    def occasion(self):
        return self.naming.occasion

    @property
    def check_address(self):
        """Of the page that says what changed since."""
        return self.site + path("check").rstrip("/")

    @property
    def has_readable_address(self):
        return qrcodes.is_readable(self.address)

    @property
    def points(self):
        """The practice points of the list; without any, those that its findings lead to."""
        return [item for item in self.items if item.is_point] or self.linked_points

    @property
    def findings(self):
        """Everything on the list but its practice points."""
        return [item for item in self.items if not item.is_point]

    @property
    def some_name_nothing(self):
        return any(item.not_named for item in self.items)

    @property
    def versions(self):
        """“F3v1, F23v2”: what is handed out, as the page that checks handouts reads it."""
        items = [*self.findings, *self.points]
        return ", ".join(f"{item.code}v{item.version}" for item in items if not item.is_withdrawn)

    @property
    def compared(self):
        """When the wording was last compared with the review, said once of all entries; "" if it is of none."""
        days = sorted({item.checked_on for item in self.items if item.checked_on and not item.is_withdrawn})
        if not days:
            return ""
        when = f"on {_day(days[0])}" if len(days) == 1 else f"between {_day(days[0])} and {_day(days[-1])}"
        return f"Compared with {'the review' if self.is_of_one_review else 'the reviews'} {when}."

    @property
    def contents(self):
        """“Three findings and one practice point”."""
        counts = {}
        for item in self.items:
            counts[item.kind] = counts.get(item.kind, 0) + 1
        return capfirst(
            _listed([f"{apnumber(count)} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items()])
        )

    @property
    def is_of_one_review(self):
        """Whether what `drawn_from` says once is said of every entry."""
        return len(self.drawn_from) < 2

    @property
    def rights(self):
        return provenance.rights()

    @property
    def made(self):
        return f"Made {_day(self.made_on)}"


def make_handout(entries, chosen, site_url, style="harvard", with_points=False):
    """The Handout of `entries`, as ReadingList.entries gives them, which are those of the list `chosen`.

    `with_points`: with the practice points that its findings lead to, if there is none on the list.
    """
    linked = _points_behind(entries) if with_points else []
    versions = newest_versions([*entries, *linked])
    provenance.load_behind([*entries, *linked])
    cautions.load([*entries, *linked])
    works = {work.pk: work for entry in entries for work in _works(entry)}
    listed = reference_list(works.values(), style)
    marks = {one.work.pk: one.mark for one in listed}
    held = cautions.Cautions()
    references = {one.work.pk: Reference(one.runs, held.notice_of(one.work)) for one in listed}
    named = since_then.sources_of([_since(entry) for entry in entries])
    notes = chosen.naming.notes

    def items_of(some):
        return [
            replace(
                _item(entry, versions.get(entry.code, 1), marks, references, named, site_url, style),
                note=notes.get(entry.code, ""),
            )
            for entry in some
        ]

    today = timezone.localdate()
    return Handout(
        address=site_url + chosen.bare_address,
        site=site_url,
        made_on=today,
        style=style,
        naming=chosen.naming,
        items=items_of(entries),
        references=list(references.values()),
        drawn_from=_once(provenance.line(review) for entry in entries for review in provenance.behind(entry)),
        practice_notes=_once(
            f"Practice points: {note[:1].lower()}{note[1:]}"
            for entry in [*entries, *linked]
            if _is_shown_point(entry) and (note := entry.review.practice_note)
        ),
        linked_points=items_of(linked),
    )


def _points_behind(entries):
    """The practice points that most of the findings among `entries` lead to, if no point is among them."""
    findings = [entry.pk for entry in entries if isinstance(entry, Finding) and not entry.is_withdrawn]
    if not findings or any(map(_is_shown_point, entries)):
        return []
    points = with_records(PracticeImplication.objects.published().with_trail()).filter(findings__in=findings)
    return list(points.annotate(behind=Count("pk")).order_by("-behind", "number")[:MOST_LINKED_POINTS])


def _item(entry, version, marks, references, named, site_url, style):
    common = {
        "code": entry.code,
        "kind": entry.kind,
        "heading": str(entry),
        "url": entry.short_url if entry.is_withdrawn else entry.get_absolute_url(),
        "address": site_url + entry.short_url,
        "version": version,
        "worded_on": entry.worded_on,
        "checked_on": entry.last_checked_on,
        "cite_as": _cite_as(entry, version, site_url, style),
        "is_article": getattr(entry, "is_article", False),
        "provenance": provenance.lines(provenance.behind(entry)),
    }
    if entry.is_withdrawn:
        return Item(**common, label="Withdrawn", is_withdrawn=True, notices=[withdrawal_notice(entry)])
    stance = getattr(entry, "stance", "")
    paragraphs = getattr(entry, "body", "").replace("\r\n", "\n").strip()
    return Item(
        **common,
        label=Stance(stance).label if stance else capfirst(entry.kind),
        stance=stance,
        element=getattr(entry, "element", ""),
        question=getattr(entry, "team_question", ""),
        coins=getattr(entry, "coins", ""),
        in_short=getattr(entry, READ[type(entry)][1]),
        paragraphs=[_cited(text, entry, marks, style) for text in re.split(r"\n\s*\n", paragraphs) if text]
        if not isinstance(entry, KeyMessage)
        else [],
        since_then=list(map(str, since_then.notes(_since(entry), named))),
        not_named=provenance.named(entry).rstrip(".") if stance and not entry.citations.all() else "",
        names=_names(entry, marks, style),
        notices=_notices(entry),
        references=[references[pk] for pk in dict.fromkeys(work.pk for work in _works(entry)) if pk in references],
    )


def _since(entry):
    return "" if entry.is_withdrawn else getattr(entry, "since_then", "")


def _once(texts):
    return list(dict.fromkeys(texts))


def _is_shown_point(entry):
    return isinstance(entry, PracticeImplication) and not entry.is_withdrawn


def _findings(entry):
    """Those that we link to an entry, or the finding itself."""
    if isinstance(entry, Finding):
        return [entry]
    return entry.findings.all() if isinstance(entry, PracticeImplication | KeyMessage) else []


def _works(entry):
    if entry.is_withdrawn:
        return []
    if isinstance(entry, Source):
        return [entry]
    return [citation.source for finding in _findings(entry) for citation in finding.citations.all()]


def _in_text(work, marks, style):
    return citation(work, style, marks[work.pk])


def _names(entry, marks, style):
    if isinstance(entry, Finding):
        cited = {one.source.pk: one for one in entry.citations.all()}.values()
        return [
            Named(
                "".join(text for text, _ in _in_text(one.source, marks, style)).strip("()"),
                ", ".join(
                    filter(
                        None,
                        [
                            one.source.short_citation,
                            StudyDesign(design).short_name if (design := one.source.study_design) else "",
                            "for part of it" if one.covers else "",
                        ],
                    )
                ),
            )
            for one in cited
        ]
    return [Named(finding.code, f"{finding.code} {finding}") for finding in _findings(entry)]


def _notices(entry):
    """What whoever hands this out must know."""
    told = [caution.words for caution in cautions.held_by(entry)]
    if isinstance(entry, Finding):
        told += [
            f"We have withdrawn our record of {work.short_citation}." for work in _works(entry) if work.is_withdrawn
        ]
    if entry.is_due:
        told.append("This is due for a check. You can still use it; say when it was compared with the review.")
    return list(dict.fromkeys(told))


def _cited(text, entry, marks, style):
    """A paragraph as runs, in which the citations of the style stand for the review's note numbers."""
    works = {cited.label: cited.source for cited in entry.citations.all()} if isinstance(entry, Finding) else {}
    runs, end = [], 0
    for match in MARKS.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", match["marks"])]
        if not all(number in works for number in numbers):
            continue
        runs.append((text[end : match.start()], False))
        for number in numbers:
            runs += [(" ", False), *_in_text(works[number], marks, style)]
        runs.append((match["stop"], False))
        end = match.end()
    return [run for run in [*runs, (text[end:], False)] if run[0]]


def _cite_as(entry, version, site_url, style):
    return "".join(text for text, _ in reference(record_to_cite(entry, site_url, version), style))


def _listed(words):
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _day(day):
    return f"{day:%-d %B %Y}"
