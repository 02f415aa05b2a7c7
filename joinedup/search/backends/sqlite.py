"""SQLite: a contentless FTS5 table whose rowid is the entry's id."""

import json
import sqlite3
import time
from contextlib import contextmanager

from django.db import OperationalError, connection

from joinedup.search.backends.base import TIME_LIMIT, Backend, TooSlow, index_tokens, spell

# Tokens are made in analysis.py; the tokenizer only parts them at spaces. Of those that SQLite has, “ascii” takes every
# character beyond ASCII for a letter: others part words of scripts that they do not know. detail=none: a set of tokens.
CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_tokens USING fts5"
    "(tokens, content='', columnsize=0, detail=none, tokenize='ascii')"
)
DROP = "DROP TABLE IF EXISTS search_tokens"
SPELLING = '"{}"'.format, " AND ", " OR ", " NOT {}".format
OPCODES_BETWEEN_LOOKS = 20_000


class SqliteBackend(Backend):
    def add(self, rows):
        self._write("INSERT INTO search_tokens (rowid, tokens) VALUES (%s, %s)", rows)

    def remove(self, rows):
        self._write("INSERT INTO search_tokens (search_tokens, rowid, tokens) VALUES ('delete', %s, %s)", rows)

    def _write(self, statement, rows):
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(statement, [(row.pk, " ".join(sorted(index_tokens(row)))) for row in rows])

    def matching(self, expression, limit):
        match = spell(expression, *SPELLING)
        with connection.cursor() as cursor:
            # In one row: between two a thread lets the others on, and under load waits for its turn a thousand times.
            cursor.execute(
                "SELECT json_group_array(rowid) FROM"
                " (SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s ORDER BY rowid DESC LIMIT %s)",
                [match, limit],
            )
            return dict.fromkeys(sorted(json.loads(cursor.fetchone()[0]), reverse=True))

    def among(self, column, values):
        return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(values))

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.execute("INSERT INTO search_tokens (search_tokens) VALUES ('delete-all')")

    def prepare(self, rows):
        """Without statistics SQLite goes through all citations for every batch of findings."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")

    def optimise(self):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_tokens (search_tokens) VALUES ('optimize')")

    def count(self, expression):
        match = spell(expression, *SPELLING)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_tokens WHERE search_tokens MATCH %s", [match])
            return cursor.fetchone()[0]

    @contextmanager
    def time_limit(self, seconds=TIME_LIMIT):
        connection.ensure_connection()
        raw, deadline = connection.connection, time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > deadline, OPCODES_BETWEEN_LOOKS)
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__cause__, sqlite3.OperationalError) and "interrupted" in str(error):
                raise TooSlow from error
            raise
        finally:
            raw.set_progress_handler(None, 0)
