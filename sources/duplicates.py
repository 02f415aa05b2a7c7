"""Sources that are probably the same work, by the comparison that imports use too."""

from collections import defaultdict

from curation.entries import Status
from sources.bibliography.matching import Holdings, Work
from sources.different import Different
from sources.matching import compared
from sources.models import Source


def may_look(user):
    """Whether `user` is shown probable duplicates, and may say of some that they are none."""
    return user.has_perm("sources.change_source")


MANY = 2000  # sources that are compared while somebody waits for a page that is about something else


def known_groups():
    """`groups`, or None where it takes long: many sources, and none were compared since this process began."""
    if Source.objects.exclude(status=Status.WITHDRAWN).count() > MANY and not _last[0]:
        return None
    return groups()


def groups():
    """Lists of ids of sources that are probably one work, in order of code; withdrawn ones stand in none.

    Three queries, however many there are.
    """
    rows = list(compared(Source.objects.exclude(status=Status.WITHDRAWN)))
    different = Different.objects.pairs()
    leader = {}
    for one, other in pairs(rows):
        if frozenset([one, other]) not in different:
            first, second = _first(leader, one), _first(leader, other)
            leader[second] = first
    linked = leader.keys() | set(leader.values())
    together = defaultdict(list)
    for pk, *_ in rows:
        if pk in linked:
            together[_first(leader, pk)].append(pk)
    return list(together.values())


def _first(leader, pk):
    while leader.get(pk, pk) != pk:
        pk = leader[pk]
    return pk


def pairs(rows):
    """The pairs of ids of works that are the same or near, given what `Work.of` takes of each.

    The last answer is kept, so that only what is new or has changed since is compared, with all the others.
    """
    global _last
    seen, near = _last
    now = set(rows)
    near = [(one, other) for one, other in near if one in now and other in now]
    if fresh := [row for row in rows if row not in seen]:
        holdings = Holdings(Work.of(row, *row[1:]) for row in rows if row in seen)
        for row in fresh:
            work = Work.of(row, *row[1:])
            near += [(held.ref, row) for held in holdings.find_all(work)]
            holdings.add(work)
    _last = now, near
    return [(one[0], other[0]) for one, other in near]


_last = frozenset(), []
