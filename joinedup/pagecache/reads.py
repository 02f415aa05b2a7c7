"""What an answer was made from: the questions it put to the database, and a digest of what came back.

The rule: **the same questions with the same answers make the same page.** Each question follows from the address, the
program and the answers before it, and a page from nothing else, so that if all of them are answered as before, the
page would be too. Asking again takes a tenth of making it.
"""

import io
import pickle
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from hashlib import blake2b
from typing import NamedTuple

from django.db import Error

from joinedup.databases import connection_to_read, reading_from
from joinedup.pagecache import stamp

MOST = 60  # questions; an answer that takes more is made anew
ROWS = 1000  # of a question that are held for the digest; of more, the database is asked again

_noted = ContextVar("noted", default=None)


class Question(NamedTuple):
    """What was asked of a database. `rows` is what came back, as the driver has it; None if it was too much to hold."""

    alias: str
    sql: str
    parameters: object
    rows: list | None


@contextmanager
def noted():
    """A list of what is asked of any database inside: a Question each, None for what cannot be asked again."""
    token = _noted.set(found := [])
    try:
        yield found
    finally:
        _noted.reset(token)


def while_nothing_changes(ask):
    """`ask`, which puts questions that many pages have in common, asked once a stamp. Whoever has questions noted is
    told of them each time, as if they were put again."""
    held = {}

    @wraps(ask)
    def answer():
        alias = reading_from()
        with noted():  # the stamp is no part of what a page is made from
            known = stamp.latest(alias)
        if not known or known != held.get(alias, ("",))[0]:
            with noted() as questions:
                held[alias] = known, ask(), questions
        _, found, questions = held[alias]
        if (others := _noted.get()) is not None:
            others.extend(questions)
        return found

    return answer


def noting(execute, sql, params, many, context):
    """A wrapper for `connection.execute_wrapper`."""
    found = _noted.get()
    if found is None:
        return execute(sql, params, many, context)
    cursor = context["cursor"]
    if isinstance(cursor.cursor, _Held):
        cursor.cursor = cursor.cursor.cursor
    text = str(sql)
    # A union stands in brackets on PostgreSQL.
    only_asks = not many and text.lstrip("(").startswith("SELECT ") and "FOR UPDATE" not in text
    found.append(None)  # should it fail
    result = execute(sql, params, many, context)
    if only_asks:
        rows = None
        if not getattr(cursor.cursor, "name", None):  # one with a name has its rows on the server, to be had by and by
            held = cursor.cursor = _Held(cursor.cursor)
            rows = held.rows if held.is_all else None
        found[-1] = Question(context["connection"].alias, text, params, rows)
    return result


class _Held:
    """A driver's cursor after a question, whose first rows were fetched already."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.rows = cursor.fetchmany(ROWS)
        self.is_all = len(self.rows) < ROWS
        self.given = 0

    def fetchmany(self, size=1):
        some = self.rows[self.given : self.given + size]
        self.given += len(some)
        if len(some) < size and not self.is_all:
            some += self.cursor.fetchmany(size - len(some))
        return some

    def fetchone(self):
        return next(iter(self.fetchmany()), None)

    def fetchall(self):
        rest = self.rows[self.given :] + ([] if self.is_all else self.cursor.fetchall())
        self.given = len(self.rows)
        return rest

    def __iter__(self):
        return iter(self.fetchone, None)

    def __getattr__(self, name):
        return getattr(self.cursor, name)


def packed(found):
    """What was `noted`, as bytes; b"" if it cannot be asked again where we read now."""
    here = reading_from()
    if len(found) > MOST or not all(one and one.alias == here for one in found):
        return b""
    statements = _compressed(tuple(one.sql for one in found))
    try:
        return pickle.dumps((statements, [one.parameters for one in found]))
    except (TypeError, AttributeError, pickle.PicklingError):  # a parameter that is no plain value
        return b""


@lru_cache(maxsize=32)
def _compressed(statements):
    """SQL texts as bytes: most pages of a kind put the same."""
    return zlib.compress(pickle.dumps(statements), 1)


def digest_of(found, questions):
    """What `digest` gives of `questions`, those that were `noted`, by the rows that came back then if all were held."""
    if not questions or any(one.rows is None for one in found):
        return digest(questions)
    return _hashed(one.rows for one in found)


def digest(questions):
    """Ask what is `packed` in `questions`: a digest of the rows, as bytes; b"" if they cannot be had, or nothing is
    packed."""
    if not questions:
        return b""
    compressed, parameters = pickle.loads(questions)
    try:
        return _hashed(map(_rows, pickle.loads(zlib.decompress(compressed)), parameters))
    except Error:
        return b""


def _rows(sql, parameters):
    with connection_to_read().cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _hashed(answers):
    """A digest of rows, as bytes; b"" if one holds what has no plain value."""
    told = io.BytesIO()
    pickler = pickle.Pickler(told, protocol=5)
    pickler.fast = True  # what is equal reads alike, be it one object twice or two
    try:
        for rows in answers:
            pickler.dump(rows)
    except (TypeError, AttributeError, pickle.PicklingError):
        return b""
    return blake2b(told.getbuffer(), digest_size=16).digest()
