"""PostgreSQL: a tsvector without positions for each entry, in a narrow table of its own, under a GIN index. The facets
stand beside it: they are counted of all that is found."""

import time
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from joinedup.databases import connection_to_read
from joinedup.search.backends.base import TIME_LIMIT, Backend, TooSlow, index_tokens, spell

INDEX = "CREATE INDEX IF NOT EXISTS search_tokens_gin ON search_tokens USING gin (tokens) WITH (fastupdate = off);"
CREATE = (
    "CREATE TABLE IF NOT EXISTS search_tokens"
    " (entry_id bigint PRIMARY KEY, tokens tsvector NOT NULL, facets text);"
    # How common a word is decides how it is looked for: let the server know of ten thousand. Knowing fewer, it takes
    # several rare ones together, as suggestions ask for them, for common.
    "ALTER TABLE search_tokens ALTER tokens SET STATISTICS 1000;" + INDEX
)
DROP = "DROP TABLE IF EXISTS search_tokens"
SPELLING = "'{}'".format, " & ", " | ", " & !{}".format
NO_LIMITS = "SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = on"
QUERY_CANCELED = "57014"
VECTOR = 14  # times as long as a place in the GIN index takes a vector, measured


class PostgresBackend(Backend):
    def add(self, rows):
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO search_tokens (entry_id, tokens, facets)"
                    " SELECT id, array_to_tsvector(string_to_array(words, ' ')), facets"
                    " FROM unnest(%s, %s, %s) AS row (id, words, facets)",
                    [
                        [row.pk for row in rows],
                        [" ".join(index_tokens(row)) for row in rows],
                        [row.facets for row in rows],
                    ],
                )

    def remove(self, rows):
        if rows:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM search_tokens WHERE entry_id = ANY(%s)", [[row.pk for row in rows]])

    def matching(self, expression, limit):
        query = spell(expression, *SPELLING)
        with connection_to_read().cursor() as cursor:
            # The server takes the key for cheaper than it is, since each vector has to be fetched from elsewhere. An
            # order that the key cannot give leaves it the GIN index.
            order = "entry_id" if self._key_is_sooner(cursor, query, limit) else "entry_id + 0"
            cursor.execute(
                "SELECT entry_id, facets FROM search_tokens WHERE tokens @@ %s::tsquery"
                f" ORDER BY {order} DESC LIMIT %s",
                [query, limit],
            )
            return dict(cursor.fetchall())

    def _key_is_sooner(self, cursor, query, limit):
        """Whether going through the rows from the newest on meets `limit` that match before the GIN index has all.

        Of n rows of which m match, the one looks at n * limit / m vectors, the other at m places in the index.
        """
        cursor.execute(
            f"{_limits()} EXPLAIN (FORMAT JSON) SELECT 1 FROM search_tokens WHERE tokens @@ %s::tsquery"
            " UNION ALL SELECT 1 FROM search_tokens",
            [query],
        )
        matching, rows = (plan["Plan Rows"] for plan in cursor.fetchone()[0][0]["Plan"]["Plans"])
        return matching * matching > VECTOR * limit * rows

    def among(self, column, values):
        values = list(values)
        if values and isinstance(values[0], int):  # one text is written many times sooner than a list
            return f"{column} = ANY(%s::bigint[])", f"{{{','.join(map(str, values))}}}"
        return f"{column} = ANY(%s)", values

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.execute("DELETE FROM search_tokens")

    def prepare(self, rows):
        """Drop the index if most rows are still to come: made of all at once it is ready many times sooner."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_tokens")
            if cursor.fetchone()[0] < rows / 10:
                cursor.execute("DROP INDEX IF EXISTS search_tokens_gin")

    def optimise(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            cursor.execute(INDEX)
            cursor.execute("ANALYZE search_tokens, search_indexentry, search_stem, search_word, search_misspelling")

    def exists(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('search_tokens_gin') IS NOT NULL")
            return cursor.fetchone()[0]

    def is_outdated(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM search_tokens WHERE facets IS NULL)")
            return cursor.fetchone()[0]

    def count(self, expression):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM search_tokens WHERE tokens @@ %s::tsquery", [spell(expression, *SPELLING)]
            )
            return cursor.fetchone()[0]

    @contextmanager
    def time_limit(self, seconds=TIME_LIMIT):
        connection = connection_to_read()
        connection.search_ends = time.monotonic() + seconds
        nested = connection.in_atomic_block
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(_limits())
                yield
                if nested:  # else they end with the transaction
                    cursor.execute(NO_LIMITS)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") == QUERY_CANCELED:
                raise TooSlow from error
            raise
        finally:
            connection.search_ends = None


def _limits():
    """The server limits each statement by itself: SQL that gives the next one what is left of the time for all."""
    ends = getattr(connection_to_read(), "search_ends", None)
    if ends is None:
        return ""
    left = int(1000 * (ends - time.monotonic()))
    if left <= 0:
        raise TooSlow
    return f"SET LOCAL statement_timeout = {left}; SET LOCAL enable_seqscan = off;"
