"""Slips of the keyboard: which word of the index was meant by one that nothing has."""

from functools import cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

ORDINARY = Path(__file__).with_name("ordinary_words.txt")
SHORTEST = 5  # letters; of shorter words too many are one slip from each other
LONG = 8  # letters from which on two slips are forgiven


@cache
def ordinary_words():
    """Words of everyday English, which nobody mistyped."""
    lines = ORDINARY.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def may_be_a_slip(form, as_typed):
    """Whether a folded word may be a slip: no ordinary word, no abbreviation in capitals, and long enough to tell."""
    return len(form) >= SHORTEST and form.isalpha() and not as_typed.isupper() and form not in ordinary_words()


def correct(form, as_typed, snapshot):
    """The word of the index that is likeliest meant by `form`, or None.

    Nearest by Damerau-Levenshtein distance (optimal string alignment), then with the same first letter, then in more
    entries.
    """
    if not may_be_a_slip(form, as_typed):
        return None
    entries = snapshot.words
    most = 2 if len(form) >= LONG else 1
    near = process.extract(form, entries.keys(), scorer=OSA.distance, score_cutoff=most, limit=None)
    near = [(slips, word[0] != form[0], -entries[word], word) for word, slips, _ in near if word.isalpha()]
    return min(near)[-1] if near else None
