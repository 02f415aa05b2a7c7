"""A team check beside an earlier one: what moved on, and what slipped back."""

from dataclasses import dataclass
from datetime import date

from findings.team_check.answers import Answer, read_link, write

STEPS = {Answer.NOT_YET: 0, Answer.PARTLY: 1, Answer.IN_PLACE: 2}


@dataclass
class Comparison:
    """`before` are the earlier answers by code, `on` the day they are from, None if that is not said."""

    before: dict
    on: date | None = None

    @classmethod
    def read(cls, data):
        """(the comparison asked for, None if there is none, and notices for the reader)."""
        given, notices = data.get("before", "").strip(), []
        if not given:
            return None, []
        before = read_link(given)
        if not before:
            return None, [
                "The link of the earlier result holds no answers. Copy it from the page of that result: it has “?a=”."
            ]
        on = None
        if asked := data.get("on", "").strip():
            try:
                on = date.fromisoformat(asked)
            except ValueError:
                notices.append(f"“{asked[:40]}” is no date such as 2026-06-03, so none is shown.")
        return cls(before, on), notices

    @property
    def pairs(self):
        """As parameters of an address or hidden fields."""
        return [("before", write(self.before)), *([("on", self.on.isoformat())] if self.on else [])]

    def change(self, code, answer):
        """How an answer moved: 1 on, -1 back, 0 not at all; None where the two cannot be compared."""
        earlier = self.before.get(code)
        if earlier not in STEPS or answer not in STEPS:
            return None
        step = STEPS[answer] - STEPS[earlier]
        return (step > 0) - (step < 0)

    def counted(self, asked):
        """How many of `asked` (see `team_check.Asked`) moved on, and how many slipped back."""
        moves = [self.change(item.point.code, item.answer) for item in asked]
        return moves.count(1), moves.count(-1)
