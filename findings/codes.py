"""A code such as F23 <-> the entry it names."""

from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from sources.entries import parse_code
from sources.models import Source

KINDS = {model.LETTER: model for model in [Review, Theme, KeyMessage, Finding, PracticeImplication, Source]}


def entry_for(code):
    """The entry with `code`, in either case of the letter, or the one into which it was merged; None without either."""
    try:
        letter, number = parse_code(code)
    except ValueError:
        return None
    entry = KINDS[letter].objects.filter(number=number).first() if letter in KINDS else None
    return entry and entry.leads_to
