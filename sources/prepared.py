"""Questions that Django puts into SQL once a process, however often they are asked.

To put a QuerySet into SQL takes ten times as long as SQLite takes to answer it, and a page has a dozen of them.
"""

from copy import copy
from itertools import count

from django.core.exceptions import EmptyResultSet
from django.db import connections

FIRST_NUMBER, TEXT = 2_000_000_000, "\ue000{}\ue001"  # nobody asks for these


class Prepared:
    """A QuerySet for values that come later: ``Prepared(lambda slug: Theme.objects.filter(slug=slug))``.

    A value is a whole number, a text, or a list of either (for ``__in``). The QuerySet must hand each of them to
    the database as it is, and depend on nothing else, no day and no setting, since it is not made again. What it
    would prefetch is not.
    """

    def __init__(self, build):
        self._build = build
        self._statements = {}

    def __call__(self, *values):
        """What the QuerySet finds, as a list; nothing if one of the values is an empty list."""
        if [] in values:
            return []
        values = [_filled_up(value) if type(value) is list else value for value in values]
        shape = tuple((type(value[0]), len(value)) if type(value) is list else type(value) for value in values)
        if shape not in self._statements:
            self._statements[shape] = _Statement(self._build, values)
        return self._statements[shape].ask(values)

    def first(self, *values):
        """The first that the QuerySet finds, or None."""
        return next(iter(self(*values)), None)


def hold(entry, name, rows):
    """Let ``entry.<name>.all()`` be the list `rows`, as if they had been prefetched: without a QuerySet for each
    entry."""
    entry.__dict__.setdefault("_prefetched_objects_cache", {})[name] = rows


def _filled_up(values):
    """As many as the next power of two: lists of all lengths shall need few statements."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


def _flat(values):
    return [one for value in values for one in (value if type(value) is list else [value])]


class _Statement:
    """The question for values of one shape, in the SQL of each database that it was put to."""

    def __init__(self, build, values):
        unused = {int: count(FIRST_NUMBER), str: map(TEXT.format, count())}
        stand_ins = [
            [next(unused[type(one)]) for one in value] if type(value) is list else next(unused[type(value)])
            for value in values
        ]
        self.queryset = build(*stand_ins)
        self.place = {stand_in: place for place, stand_in in enumerate(_flat(stand_ins))}
        self.compiled = {}

    def ask(self, values):
        alias = self.queryset.db
        if alias not in self.compiled:
            self.compiled[alias] = self.compile(alias)
        compiler, sql, parameters = self.compiled[alias]
        if compiler is None:
            return []
        values = _flat(values)
        asked = tuple(parameter if place is None else values[place] for place, parameter in parameters)
        return self.rows(compiler, sql, asked, alias)

    def compile(self, alias):
        """The compiler after its work, its SQL and, for each parameter, the place of its value and what stood there."""
        compiler = self.queryset.query.get_compiler(alias)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None, "", []
        parameters = [(self.place.get(parameter), parameter) for parameter in parameters]
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        compiler.get_converters = lambda columns: converters
        lost = self.place.keys() - {parameter for _, parameter in parameters}
        if lost:
            raise ValueError(f"The QuerySet does not hand over as it is: {lost}.")
        return compiler, sql, parameters

    def rows(self, compiler, sql, parameters, alias):
        compiler = copy(compiler)
        compiler.connection = connections[alias]
        compiler.as_sql = lambda *args, **kwargs: (sql, parameters)
        queryset = type(self.queryset)(self.queryset.model, _Query(self.queryset.query, compiler), alias)
        queryset._fields = self.queryset._fields
        return list(self.queryset._iterable_class(queryset))


class _Query:
    """A Query that is put into SQL already."""

    def __init__(self, query, compiler):
        self._query = query
        self._compiler = compiler

    def get_compiler(self, *args, **kwargs):
        return self._compiler

    def __getattr__(self, name):
        return getattr(self._query, name)
