"""The difference between two wordings, in words: what was taken out, what was put in. Pure."""

import re
from difflib import SequenceMatcher
from enum import Enum

from django.utils.html import format_html, format_html_join

WORD = re.compile(r"\n\n|\w+(?:[’'-]\w+)*|\s+|[^\w\s]")
MOST_WORDS = 4000  # of a wording that is compared word by word; longer ones paragraph by paragraph


class Change(Enum):
    SAME = "same"
    REMOVED = "removed"
    INSERTED = "inserted"


def difference(before, after):
    """Pairs of `Change` and text that together are both wordings: what stayed and was removed is `before`, what stayed
    and was inserted is `after`."""
    old, new = WORD.findall(before), WORD.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append((Change.SAME, "".join(old[a:b])))
        else:
            pieces += [(Change.REMOVED, "".join(old[a:b])), (Change.INSERTED, "".join(new[c:d]))]
    return _joined(_without_lone_spaces(pieces))


def _without_lone_spaces(pieces):
    """A space that stayed between two changes is part of both: a changed phrase reads as a phrase."""
    for i, (change, text) in enumerate(pieces):
        if change is Change.SAME and text.isspace() and 0 < i < len(pieces) - 1:
            yield Change.REMOVED, text
            yield Change.INSERTED, text
        else:
            yield change, text


def _joined(pieces):
    joined, pending = [], {Change.REMOVED: "", Change.INSERTED: ""}

    def flush():
        joined.extend((change, text) for change, text in pending.items() if text)
        pending.update({Change.REMOVED: "", Change.INSERTED: ""})

    for change, text in pieces:
        if change is Change.SAME:
            flush()
            if text:
                joined.append((change, text))
        else:
            pending[change] += text
    flush()
    return joined


SHOWN = {
    Change.SAME: "{}",
    Change.REMOVED: '<del><span class="vh">[removed: </span>{}<span class="vh">]</span></del>',
    Change.INSERTED: '<ins><span class="vh">[inserted: </span>{}<span class="vh">]</span></ins>',
}


def marked_difference(before, after):
    """The difference as safe HTML: <del> and <ins>, which say in words what they are to those who see no colour."""
    pieces = (format_html(SHOWN[change], text) for change, text in difference(before, after))
    return format_html_join("", "{}", ((piece,) for piece in pieces))
