"""The filter box above a list that stands on one page: the words that each entry must have."""

from functools import reduce
from operator import or_

from django.db.models import Q

from curation.text import tidy

LONGEST, MOST_WORDS = 100, 8


def typed_in(params):
    """What a reader typed into the box, on one line."""
    return tidy(params.get("q", "")[:LONGEST])


def having(text, columns):
    """The condition that each word of `text` stands in one of `columns`, in either case; true without a word."""
    words = text.split()[:MOST_WORDS]
    return Q(*(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)) for word in words))
