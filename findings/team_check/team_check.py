"""A team's own answers to our questions on practice points: how they are written in an address, and what they come to.

Nothing of it is kept. The letters of the answers and the codes of the points stand in addresses that teams save.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import models

from curation.text import printable
from findings import provenance
from findings.choices import WengerElement
from findings.models import PracticeImplication

MOST_POINTS = 150
MOST_IN_A_NOTE = 500
FIRST = 5

ITEM = re.compile(r"(?P<code>P[1-9][0-9]{0,8})\.(?P<answer>[A-Z])", re.IGNORECASE)
CODE = re.compile(r"P[1-9][0-9]{0,8}")


class Answer(models.TextChoices):
    IN_PLACE = "y", "In place"
    PARTLY = "p", "Partly"
    NOT_YET = "n", "Not yet"
    NOT_FOR_US = "x", "Not for us"


TO_READ_ON = [Answer.NOT_YET, Answer.PARTLY]


def read(text):
    """Answers by code from ``P1.y,P2.p``, the later of two for a point, and the items that are none."""
    answers, wrong = {}, []
    for item in text.replace(",", " ").split():
        match = ITEM.fullmatch(item)
        if match and match["answer"].lower() in Answer:
            answers[match["code"].upper()] = Answer(match["answer"].lower())
        else:
            wrong.append(item)
    return answers, wrong


def write(answers):
    """The inverse of `read`, in the order of the codes."""
    return ",".join(f"{code}.{answers[code].value}" for code in sorted(answers, key=lambda code: int(code[1:])))


def read_form(data):
    """Answers and notes by code, and notices for the reader, from an address or a sent form."""
    answers, wrong = read(data.get("a", ""))
    notes, cut = {}, False
    for name, value in data.items():
        if CODE.fullmatch(name):
            if value in Answer:
                answers[name] = Answer(value)
            elif value:
                wrong.append(f"{name}.{value}")
        elif name.startswith("note-") and CODE.fullmatch(name[5:]):
            note = printable(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
            cut = cut or len(note) > MOST_IN_A_NOTE
            if note:
                notes[name[5:]] = note[:MOST_IN_A_NOTE]
    notices = []
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        are = "are not valid answers, so they were" if more else "is not a valid answer, so it was"
        notices.append(f"“{wrong[0][:40]}”{more} {are} left out.")
    if cut:
        notices.append(f"A note may have {MOST_IN_A_NOTE} characters. What was longer was cut.")
    return answers, notes, notices


@dataclass
class Asked:
    """A point as the team was asked it."""

    point: PracticeImplication
    answer: Answer | None
    note: str


@dataclass
class Counted:
    """Some of the points, with how many have each answer."""

    asked: list[Asked]
    element: WengerElement | None = None
    counts: dict[Answer, int] = field(init=False)

    def __post_init__(self):
        given = [item.answer for item in self.asked]
        self.counts = {answer: given.count(answer) for answer in Answer}

    @property
    def total(self):
        return len(self.asked)

    @property
    def answered(self):
        return sum(self.counts.values())

    @property
    def unanswered(self):
        return self.total - self.answered

    @property
    def words(self):
        """“3 in place, 2 partly, 1 not answered”."""
        parts = [f"{count} {answer.label.lower()}" for answer, count in self.counts.items() if count]
        if self.unanswered:
            parts.append(f"{self.unanswered} not answered")
        return ", ".join(parts)

    @property
    def bar(self):
        """Its answers as stretches of a bar: answer, count, and start, width and middle in percent."""
        start = 0
        for answer, count in self.counts.items():
            if count:
                width = 100 * count / self.total
                yield answer, count, f"{start:.3f}%", f"{width:.3f}%", f"{start + width / 2:.3f}%"
                start += width


@dataclass
class ToRead:
    """A finding that we link to points that are not, or not wholly, in place: their codes by answer."""

    finding: object
    codes: dict[Answer, list[str]]

    @property
    def rank(self):
        return (
            -sum(len(codes) for codes in self.codes.values()),
            -len(self.codes[Answer.NOT_YET]),
            self.finding.number,
        )

    @property
    def behind(self):
        """“Linked to 3 of your answers: P3 (not yet), P2 and P5 (partly)”."""
        count = sum(len(codes) for codes in self.codes.values())
        parts = [f"{listed(codes)} ({answer.label.lower()})" for answer, codes in self.codes.items() if codes]
        return f"Linked to {count} of your answers: {', '.join(parts)}" if count > 1 else f"Linked to {parts[0]}"


def listed(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


class TeamCheck:
    """The answers and notes of a team, by code, to `points`, whose findings are loaded."""

    def __init__(self, points, answers, notes=None, withdrawn=(), notices=()):
        asked = [Asked(point, answers.get(point.code), (notes or {}).get(point.code, "")) for point in points]
        groups = defaultdict(list)
        for item in asked:
            groups[item.point.element].append(item)
        self.groups = [Counted(groups[element], element) for element in WengerElement if groups[element]]
        self.all = Counted(asked)
        self.notes = {item.point.code: item.note for item in asked if item.note}
        self.address = write({item.point.code: item.answer for item in asked if item.answer})
        self.withdrawn = withdrawn
        self.reviews = list({point.review_id: point.review for point in points}.values())
        self.notices = list(notices)

    @classmethod
    def load(cls, data):
        """From an address or a form; an answer to a point that is not public any more is told, or left out."""
        answers, notes, notices = read_form(data)
        points = list(
            PracticeImplication.objects.asked_of_teams().select_related("review").with_trail()[: MOST_POINTS + 1]
        )
        if len(points) > MOST_POINTS:
            points.pop()
            notices.append(f"Only the first {MOST_POINTS} questions are asked here.")
        others = sorted(set(answers) - {point.code for point in points})[:MOST_POINTS]
        withdrawn = list(PracticeImplication.objects.withdrawn(others)) if others else []
        unknown = sorted(set(others) - {point.code for point in withdrawn})
        if unknown:
            more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            notices.append(f"{unknown[0]}{more}: this check does not ask about it, so the answer was left out.")
        check = cls(points, answers, notes, withdrawn, notices)
        provenance.load(check.reviews)
        return check

    @property
    def to_read(self):
        """The findings behind what is not yet or partly in place, those behind most of it first."""
        found = {}
        for item in self.all.asked:
            if item.answer in TO_READ_ON:
                for finding in item.point.findings.all():
                    entry = found.setdefault(finding.pk, ToRead(finding, {answer: [] for answer in TO_READ_ON}))
                    entry.codes[item.answer].append(item.point.code)
        return sorted(found.values(), key=lambda entry: entry.rank)

    @property
    def first(self):
        return self.to_read[:FIRST]

    @property
    def then(self):
        return self.to_read[FIRST:]
