"""The sets that can be harvested alone: what is part of a review, what stands under a theme, one kind of entry.

``review`` alone is what is part of any review, and so for the others. A work that is cited is part of no review: ask
for ``kind:source``.
"""

from django.db.models import Q
from django.utils.text import capfirst, slugify

from curation.entries import parse_code
from findings.codes import KINDS
from findings.models import Review, Theme

BY_CODE = {"review": Review, "theme": Theme}
LETTERS = {slugify(model._meta.verbose_name): letter for letter, model in KINDS.items()}


def within(spec):
    """Which stamps belong to the set called `spec`; None if there is no such set."""
    name, _, part = spec.partition(":")
    if name == "kind":
        return Q(letter=LETTERS[part]) if part in LETTERS else None if part else Q()
    if name not in BY_CODE:
        return None
    if not part:
        return Q(**{f"{name}__isnull": False})
    try:
        number = parse_code(part)[1]
    except ValueError:
        return None
    return Q(**{name: number}) if part == f"{BY_CODE[name].LETTER}{number}" else None


def sets_of(stamp):
    """The names of the sets to which a stamp belongs."""
    kind = next(name for name, letter in LETTERS.items() if letter == stamp.letter)
    numbers = {"review": stamp.review, "theme": stamp.theme}
    return [f"kind:{kind}", *(f"{name}:{BY_CODE[name].LETTER}{n}" for name, n in numbers.items() if n)]


def all_sets():
    """(name, what it is called) of each set."""
    kinds = [(f"kind:{name}", capfirst(KINDS[letter]._meta.verbose_name_plural)) for name, letter in LETTERS.items()]
    found = [("kind", "By kind"), *kinds, ("review", "By review"), ("theme", "By theme")]
    for name, model in BY_CODE.items():
        found += [(f"{name}:{entry.code}", f"{capfirst(name)}: {entry}") for entry in model.objects.published()]
    return found
