"""What the maker of a reading list calls it: title, group, date and notes on entries, held by its address.

All of it is bounded, so that an address stays one that browsers, servers and mail programs take.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import quote_plus

from curation.text import printable
from findings.handout_check.reading import day_named

MOST_IN = {"title": 80, "group": 60, "note": 140}
MOST_IN_ALL_NOTES = 4000  # characters as an address holds them: a line of a request has 8,190
OF_A_NOTE = re.compile(r"n(?P<code>[A-Z][1-9][0-9]{0,8})", re.IGNORECASE)


@dataclass(frozen=True)
class Naming:
    """`notes` are by code; `notices` say, in sentences, what was not taken as it was typed."""

    title: str = ""
    group: str = ""
    day: date | None = None
    notes: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @classmethod
    def read(cls, data, codes):
        """What an address or a form (a QueryDict) says; notes only on `codes`. Never raises."""
        notices = []
        title, group = (_bounded(name, data.get(name, ""), notices) for name in ("title", "group"))
        written = data.get("date", "").strip()
        day = day_named(written)
        if written and not day:
            notices.append(f"“{written[:20]}” is no date, so it was left out. Write one such as 3 December 2026.")
        typed = {match["code"].upper(): data[name] for name in data if (match := OF_A_NOTE.fullmatch(name))}
        notes = _that_fit({code: typed[code] for code in codes if code in typed}, notices)
        return cls(title, group, day, notes, tuple(notices))

    def for_codes(self, codes):
        """The same for a list of these codes, as it is to be shared."""
        kept = {code: self.notes[code] for code in codes if code in self.notes}
        return replace(self, notes=kept, notices=())

    @property
    def parameters(self):
        """What stands in the address, by name."""
        said = {"title": self.title, "group": self.group, "date": self.day.isoformat() if self.day else ""}
        said |= {f"n{code}": note for code, note in self.notes.items()}
        return {name: value for name, value in said.items() if value}

    @property
    def occasion(self):
        """“Family support team, 3 December 2026”: for whom and when, as far as it is said."""
        return ", ".join(filter(None, [self.group, f"{self.day:%-d %B %Y}" if self.day else ""]))


def _bounded(name, text, notices):
    text = " ".join(printable(text).split())
    most = MOST_IN[name]
    if len(text) > most:
        notices.append(f"A {name} has at most {most} characters. It was cut after “…{text[most - 20 : most].strip()}”.")
    return text[:most].strip()


def _that_fit(typed, notices):
    """The notes, each cut to its length, as far as there is room for all of them in an address."""
    notes, cut, left, room = {}, [], [], MOST_IN_ALL_NOTES
    for code, text in typed.items():
        whole = " ".join(printable(text).split())
        note = whole[: MOST_IN["note"]].strip()
        length = len(f"&n{code}={quote_plus(note)}")
        if length > room:
            left.append(code)
        elif note:
            notes[code] = note
            room -= length
            if len(whole) > MOST_IN["note"]:
                cut.append(code)
    if cut:
        notices.append(f"A note has at most {MOST_IN['note']} characters. Cut: {', '.join(cut)}.")
    if left:
        notices.append(
            f"An address has no room for so many notes. Left out: {', '.join(left)}. Shorten others, or make two lists."
        )
    return notes
