"""What a team says in a team check: how its answers are written in an address, and what else it types.

Nothing of it is kept. The letters of the answers and the codes of the points stand in addresses that teams save; notes,
actions, the name of the team and the date are in no address.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from django.db import models

from curation.text import printable

MOST_IN_A_NOTE = 500
MOST_IN_A_LINE = 120  # characters of a name, a date, who or by when
MOST_ACTIONS = 20

ITEM = re.compile(r"(?P<code>P[1-9][0-9]{0,8})\.(?P<answer>[A-Z])", re.IGNORECASE)
CODE = re.compile(r"P[1-9][0-9]{0,8}")
FIELD = re.compile(r"(?P<part>note|what|who|when)-(?P<key>P[1-9][0-9]{0,8}|[1-9][0-9]?)")


class Answer(models.TextChoices):
    IN_PLACE = "y", "In place"
    PARTLY = "p", "Partly"
    NOT_YET = "n", "Not yet"
    NOT_FOR_US = "x", "Not for us"


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


def read_link(text):
    """The answers in the address of a result, or as they stand in one; empty if there are none."""
    text = text.strip()
    try:
        inside = parse_qs(urlsplit(text).query).get("a", [""])[0]
    except ValueError:
        inside = ""
    return read(inside or text)[0]


@dataclass
class Action:
    """What is to be done, by whom, by when: about a point, or about none (`key` is then a number)."""

    key: str
    what: str = ""
    who: str = ""
    when: str = ""


@dataclass
class Typed:
    """All that was sent: `answers` and `notes` by code, `actions` by key, and `notices` for the reader."""

    answers: dict
    notes: dict = field(default_factory=dict)
    actions: dict = field(default_factory=dict)
    team: str = ""
    date: str = ""
    notices: list = field(default_factory=list)

    @property
    def is_bare(self):
        """Whether it is answers alone, which an address can hold."""
        return not (self.notes or self.actions or self.team or self.date)


def read_form(data):
    """What an address or a sent form (a QueryDict) says, as `Typed`."""
    answers, wrong = read(data.get("a", ""))
    typed = Typed(answers)
    cut = set()
    for name, value in data.items():
        if CODE.fullmatch(name):
            if value in Answer:
                answers[name] = Answer(value)
            elif value:
                wrong.append(f"{name}.{value}")
        elif name in ("team", "date"):
            setattr(typed, name, _shortened(value, MOST_IN_A_LINE, cut))
        elif found := FIELD.fullmatch(name):
            _read_field(typed, found["part"], found["key"], value, cut)
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        are = "are not valid answers, so they were" if more else "is not a valid answer, so it was"
        typed.notices.append(f"“{wrong[0][:40]}”{more} {are} left out.")
    if MOST_IN_A_NOTE in cut:
        typed.notices.append(f"A note may have {MOST_IN_A_NOTE} characters. What was longer was cut.")
    if MOST_IN_A_LINE in cut:
        typed.notices.append(f"A name or a date may have {MOST_IN_A_LINE} characters. What was longer was cut.")
    if len(typed.actions) > MOST_ACTIONS:
        typed.actions = dict(list(typed.actions.items())[:MOST_ACTIONS])
        typed.notices.append(f"There is room for {MOST_ACTIONS} actions. What was more was left out.")
    return typed


def _read_field(typed, part, key, value, cut):
    if part == "note":
        if CODE.fullmatch(key) and (note := _shortened(value, MOST_IN_A_NOTE, cut)):
            typed.notes[key] = note
    elif text := _shortened(value, MOST_IN_A_NOTE if part == "what" else MOST_IN_A_LINE, cut):
        setattr(typed.actions.setdefault(key, Action(key)), part, text)


def _shortened(value, most, cut):
    text = printable(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > most:
        cut.add(most)
    return text[:most]
