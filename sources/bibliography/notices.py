"""What was said of a work after it came out: that it was retracted, corrected or is in doubt."""

from dataclasses import dataclass

KINDS = ("retracted", "corrected", "concern")


@dataclass(frozen=True)
class Notice:
    """A notice about a work. `kind` is one of KINDS; `date` is as much as is known: 2006, 2006-01 or 2006-01-31.

    `doi` and `url` lead to the notice, not to the work. `detail` is what else is known of it, in the words of whoever
    reported it.
    """

    kind: str
    date: str = ""
    doi: str = ""
    url: str = ""
    detail: str = ""
