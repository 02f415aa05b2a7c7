"""What the buttons of the page of a reading list do to it, and how the page that follows tells of it.

``F10.up`` moves, ``F25.remove`` takes off, ``F25.2`` puts back at the third place.
"""

import re
from dataclasses import dataclass, replace

from findings.codes import plain_code
from findings.reading_lists.naming import Naming

ACT = re.compile(r"(?P<code>[A-Z][1-9][0-9]{0,8})\.(?P<does>top|up|down|remove|[0-9]{1,3})")
DONE = re.compile(r"(?P<code>[A-Z][1-9][0-9]{0,8})\.(?P<did>moved|added|removed-(?P<place>[0-9]{1,3}))")


@dataclass(frozen=True)
class Done:
    """What was done a moment ago, in words; `back` is the act that undoes a removal."""

    code: str
    words: str
    back: str = ""

    @classmethod
    def read(cls, text, codes):
        """What the parameter `done` of the address says of a list of these codes; None if that cannot be."""
        if text == "saved":
            return cls("", "Saved in the address of this page.")
        match = DONE.fullmatch(text)
        if not match or (match["code"] in codes) == bool(match["place"]):
            return None
        code = match["code"]
        if match["place"]:
            return cls(code, f"{code} was removed.", f"{code}.{match['place']}")
        place = f"place {codes.index(code) + 1} of {len(codes)}"
        return cls(code, f"{code} moved to {place}." if match["did"] == "moved" else f"{code} added, at {place}.")


def applied(chosen, data):
    """The list after what a sent form asks for, and the `done` that tells of it."""
    done = "saved"
    if match := ACT.fullmatch(data.get("act", "")):
        chosen, done = _acted(chosen, match["code"], match["does"])
        chosen = replace(chosen, naming=Naming.read(data, chosen.codes))  # with the note of what was put back
    typed = data.get("add", "").strip()
    if typed:
        chosen, done = _added(chosen, typed, done)
    return chosen, done


def _acted(chosen, code, does):
    if does.isdecimal():
        return chosen.with_code(code, int(does)), f"{code}.added"
    if code not in chosen:
        return chosen, ""
    here = chosen.codes.index(code)
    if does == "remove":
        return chosen.minus(code), f"{code}.removed-{here}"
    return chosen.moved(code, {"top": 0, "up": here - 1, "down": here + 1}[does]), f"{code}.moved"


def _added(chosen, typed, done):
    more = chosen.plus(typed)
    new = [code for code in more.codes if code not in chosen.codes]
    return more, f"{new[-1]}.added" if new else done if plain_code(typed) else ""
