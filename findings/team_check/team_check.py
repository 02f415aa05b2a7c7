"""What a team's own answers to our questions on practice points come to."""

from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.formats import date_format

from curation.text import listed
from findings import provenance
from findings.choices import WengerElement
from findings.models import PracticeImplication
from findings.team_check.answers import Action, Answer, read_form, write
from findings.team_check.comparison import Comparison
from findings.team_check.selection import ASKED_AT_ONCE, MOST_POINTS, Selection

FIRST = 5
ACTIONS_OFFERED = 5
MOST_CODES = 1000  # of what an address names, that are looked up

TO_READ_ON = [Answer.NOT_YET, Answer.PARTLY]


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


class TeamCheck:
    """What a team `typed` about `points`, whose findings are loaded; perhaps beside an earlier result."""

    def __init__(self, points, typed, selection=None, comparison=None, withdrawn=(), notices=()):
        self.typed, self.selection, self.comparison = typed, selection or Selection(), comparison
        asked = [Asked(point, typed.answers.get(point.code), typed.notes.get(point.code, "")) for point in points]
        groups = defaultdict(list)
        for item in asked:
            groups[item.point.element].append(item)
        self.groups = [Counted(groups[element], element) for element in WengerElement if groups[element]]
        self.all = Counted(asked)
        self.notes = {item.point.code: item.note for item in asked if item.note}
        self.answers = write({item.point.code: item.answer for item in asked if item.answer})
        self.withdrawn = withdrawn
        self.reviews = list({point.review_id: point.review for point in points}.values())
        self.notices = list(notices)

    @classmethod
    def load(cls, data):
        """From an address or a form (a QueryDict); an answer to a point that is not public any more is told, or left
        out. Where nothing is selected, what the answers are about says which reviews are asked about."""
        typed = read_form(data)
        selection, notices = Selection.read(data)
        comparison, problems = Comparison.read(data)
        notices = [*typed.notices, *notices, *problems]
        points = _points(selection, typed.answers)
        if len(points) > MOST_POINTS:
            points.pop()
            notices.append(f"Only the first {MOST_POINTS} questions are asked here.")
        others = sorted({*typed.answers, *selection.points} - {point.code for point in points})[:MOST_POINTS]
        withdrawn = list(PracticeImplication.objects.withdrawn(others)) if others else []
        unknown = sorted(set(others) - {point.code for point in withdrawn})
        if unknown:
            more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            notices.append(f"{unknown[0]}{more}: this check does not ask about it, so it was left out.")
        check = cls(points, typed, selection, comparison, withdrawn, notices)
        provenance.load(check.reviews)
        return check

    @property
    def is_too_much(self):
        """Whether it is more than one team goes through, so that a choice is to be made first."""
        return self.selection.is_empty and (len(self.reviews) > 1 or self.all.total > ASKED_AT_ONCE)

    @property
    def query(self):
        """What the address of the result holds: the answers, what was asked, and the earlier answers."""
        return urlencode([("a", self.answers), *self.kept], safe=",")

    @property
    def kept(self):
        """The parameters beside the answers, as pairs."""
        return self.selection.pairs + (self.comparison.pairs if self.comparison else [])

    @property
    def since(self):
        """“Since 3 June 2026: 4 moved on, 1 slipped back.”, or ""."""
        if not self.comparison:
            return ""
        on, back = self.comparison.counted(self.all.asked)
        then = date_format(self.comparison.on, "j F Y") if self.comparison.on else "the earlier result"
        moved = [f"{on} moved on" if on else "", f"{back} slipped back" if back else ""]
        return f"Since {then}: {', '.join(filter(None, moved)) or 'nothing moved'}."

    @property
    def compared(self):
        """(Asked, earlier answer, how it moved) for each point; without an earlier result, the last two are None."""
        for item in self.all.asked:
            before = self.comparison.before.get(item.point.code) if self.comparison else None
            move = self.comparison.change(item.point.code, item.answer) if self.comparison else None
            yield item, before, move

    def actions(self, more=0):
        """(Asked or None, Action) to fill in: the first points that are not in place, what was typed, and `more` rows
        that belong to no point."""
        typed = dict(self.typed.actions)
        wanting = sorted(
            (item for item in self.all.asked if item.answer in TO_READ_ON),
            key=lambda item: TO_READ_ON.index(item.answer),
        )
        items = {item.point.code: item for item in self.all.asked}
        keys = [item.point.code for item in wanting[:ACTIONS_OFFERED]]
        keys += [key for key in typed if key in items and key not in keys]
        rows = [(items[key], typed.pop(key, Action(key))) for key in keys]
        rows += [(None, action) for key, action in typed.items() if key.isdecimal()]
        free = max((int(action.key) for item, action in rows if item is None), default=0)
        return rows + [(None, Action(str(number))) for number in range(free + 1, free + 1 + more)]

    @property
    def reading_list(self):
        """The codes of what to read, for a reading list."""
        return ",".join(entry.finding.code for entry in self.to_read)

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


def _points(selection, answers):
    """The points to ask about, one more than `MOST_POINTS` if there are more."""
    points = PracticeImplication.objects.asked_of_teams()
    if selection.is_empty and answers:
        answered = points.with_codes(list(answers)[:MOST_CODES]).order_by().values("review")
        points = points.filter(review__in=answered) if answered.exists() else points
    return list(selection.narrow(points).select_related("review").with_trail()[: MOST_POINTS + 1])
