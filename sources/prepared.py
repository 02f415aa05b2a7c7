"""Questions that Django puts into SQL once a process, however often they are asked.

To put a QuerySet into SQL takes ten times as long as SQLite takes to answer it, and a page has a dozen of them.
"""

from itertools import count
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models.sql.compiler import SQLCompiler

FIRST_NUMBER, TEXT = 2_000_000_000, "\ue000{}\ue001"  # nobody asks for these
COMPILED = {"select", "klass_info", "annotation_col_map", "has_extra_select"}  # that a compiler knows after its work


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


def held(entry, name):
    """What ``entry.<name>.all()`` finds, without a QuerySet if it was prefetched."""
    rows = entry.__dict__.get("_prefetched_objects_cache", {}).get(name)
    return getattr(entry, name).all() if rows is None else rows


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
        connection = connections[self.queryset.db]
        if connection.alias not in self.compiled:
            self.compiled[connection.alias] = self.compile(connection.alias)
        compiled = self.compiled[connection.alias]
        if compiled is None:
            return []
        values = _flat(values)
        asked = tuple(parameter if place is None else values[place] for place, parameter in compiled.parameters)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, asked)
            rows = cursor.fetchall()
        return list(self.queryset._iterable_class(_Answer(self.queryset, compiled, connection, rows)))

    def compile(self, alias):
        """The question as the database at `alias` understands it; None if no row can ever be found."""
        compiler = self.queryset.query.get_compiler(alias)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        lost = self.place.keys() - set(parameters)
        if lost:
            raise ValueError(f"The QuerySet does not hand over as it is: {lost}.")
        fields = [column for column, *_ in compiler.select[: compiler.col_count]]
        places = [(self.place.get(parameter), parameter) for parameter in parameters]
        return _Compiled(compiler, sql, places, compiler.get_converters(fields))


class _Compiled(NamedTuple):
    """A compiler after its work: its SQL, for each parameter the place of its value and what stood there, and for some
    columns what makes Python's values of the database's."""

    compiler: SQLCompiler
    sql: str
    parameters: list
    converters: dict


class _Answer:
    """A QuerySet, its Query and its compiler in one, as Django's iterables know them, whose rows have come already."""

    _known_related_objects = {}

    def __init__(self, queryset, compiled, connection, rows):
        self.model, self.db, self._fields = queryset.model, connection.alias, queryset._fields
        self.query = self
        self.connection = connection
        self._statement, self._compiled, self._rows = queryset.query, compiled, rows

    def get_compiler(self, using):
        return self

    def execute_sql(self, **kwargs):
        return self._rows

    def results_iter(self, rows=None, tuple_expected=False, **kwargs):
        width = self._compiled.compiler.col_count
        rows = [row[:width] for row in self._rows] if self.has_extra_select else self._rows
        if self._compiled.converters:
            rows = SQLCompiler.apply_converters(self, rows, self._compiled.converters)
            return map(tuple, rows) if tuple_expected else rows
        return iter(rows)

    def __getattr__(self, name):
        """What nothing changes: of the compiler, or of the Query."""
        return getattr(self._compiled.compiler if name in COMPILED else self._statement, name)
