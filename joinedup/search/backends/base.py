"""The small interface, and what both databases say alike."""

import base64
from contextlib import contextmanager
from functools import lru_cache

from django.db import connection

from joinedup.databases import connection_to_read

TIME_LIMIT = 2.0  # seconds for all the questions of one search
AT_ONCE = 400  # rows in a statement; SQLite takes some 1,000 parameters everywhere

# An entry's tokens are held three times over: anywhere, in heading or summary, in the heading.
ANYWHERE, SUMMARY, HEADING = "", "0s", "0h"
FACET = "0f"  # before what is no word but the value of a facet


DATE = " on="


class TooSlow(Exception):
    """The database gave up a search that took longer than `TIME_LIMIT`."""


@lru_cache(maxsize=50_000)
def facet_token(facet):
    """``theme=T5`` as a token of letters and digits that no word is."""
    return FACET + base64.b32encode(facet.encode()).decode().rstrip("=").lower()


def dated(facets, date):
    """The facets of an entry and its date, in a text: of what is found both are wanted."""
    return f"{facets}{DATE}{date or ''}"


def index_tokens(row):
    """Everything by which the database can find an `IndexEntry`."""
    heading = set(row.heading.split())
    summary = heading | set(row.summary.split())
    anywhere = summary | set(row.labels.split()) | set(row.body.split())
    found = anywhere | {SUMMARY + token for token in summary} | {HEADING + token for token in heading}
    found -= {".", SUMMARY + ".", HEADING + "."}
    return found | {facet_token(facet) for facet in row.facets.split()}


class Backend:
    """A boolean index of tokens beside `IndexEntry`.

    An expression is nested: ``("all", [...])``, ``("any", [...])``, ``("not", wanted, unwanted)`` or a token.
    """

    def add(self, rows):
        """Index new rows, which are saved already."""
        raise NotImplementedError

    def remove(self, rows):
        """Take rows out as they were."""
        raise NotImplementedError

    def matching(self, expression, limit):
        """At most `limit` rows that fulfil the expression, the newest first: id -> facets, as they are `dated`
        or as an earlier release wrote them, without; None if they lie elsewhere."""
        raise NotImplementedError

    def met(self, query, ids, entries):
        """What of a Query these rows meet, id -> `ranking.Met`; None if to read their texts is as quick. `entries`
        tells how many entries hold a token."""
        return None

    def clear(self):
        """An empty index, made anew if it was lost."""
        raise NotImplementedError

    def prepare(self, rows):
        """Before a rebuild that will leave so many rows."""

    def optimise(self):
        """After a rebuild."""

    def is_outdated(self):
        """Whether rows were written by a release that kept less in them."""
        return False

    def count(self, expression):
        """How many rows fulfil the expression."""
        raise NotImplementedError

    def exists(self):
        with connection.cursor() as cursor:
            return "search_tokens" in connection.introspection.table_names(cursor)

    @contextmanager
    def time_limit(self, seconds=TIME_LIMIT):
        """Raise `TooSlow` when the questions inside take longer than `seconds`."""
        raise NotImplementedError

    def among(self, column, values):
        """A condition that `column` is one of `values`, in SQL, and its one parameter: quick for thousands."""
        raise NotImplementedError

    def read(self, table, columns, column, values):
        """Tuples of the rows of `table` whose `column` is one of `values`: what thousands of them take long to get
        with ``filter(pk__in=values)``."""
        if not values:
            return []
        condition, parameter = self.among(column, values)
        with connection_to_read().cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}", [parameter])
            return cursor.fetchall()


def insert(table, columns, rows, conflict):
    """Insert short rows, many in a statement; `conflict` says what to do about those that are there already."""
    row = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            batch = rows[start : start + AT_ONCE]
            values = ", ".join([row] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} ON CONFLICT {conflict}",
                [value for row in batch for value in row],
            )


def spell(expression, token, conjunction, disjunction, exception):
    """An expression in a database's own operators; `token` quotes a token."""
    if isinstance(expression, str):
        return token(expression)
    operator, *parts = expression
    if operator == "not":
        wanted, unwanted = (spell(part, token, conjunction, disjunction, exception) for part in parts)
        return f"({wanted}{exception(unwanted)})"
    spelled = [spell(part, token, conjunction, disjunction, exception) for part in parts[0]]
    return f"({(conjunction if operator == 'all' else disjunction).join(spelled)})"
