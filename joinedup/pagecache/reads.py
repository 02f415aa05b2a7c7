"""What an answer was made from: the questions it put to the database, and a digest of what came back.

The rule: **the same questions with the same answers make the same page.** Each question follows from the address, the
program and the answers before it, and a page from nothing else, so that if all of them are answered as before, the
page would be too. Asking again takes a tenth of making it.
"""

import pickle
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b

from django.db import Error

from joinedup.databases import connection_to_read, reading_from

MOST = 60  # questions; an answer that takes more is made anew

_noted = ContextVar("noted", default=None)


@contextmanager
def noted():
    """A list of what is asked of any database inside: (alias, SQL, parameters), None for what cannot be asked again."""
    token = _noted.set(found := [])
    try:
        yield found
    finally:
        _noted.reset(token)


def noting(execute, sql, params, many, context):
    """A wrapper for `connection.execute_wrapper`."""
    found = _noted.get()
    if found is None:
        return execute(sql, params, many, context)
    text = str(sql)
    # A union stands in brackets on PostgreSQL.
    only_asks = not many and text.lstrip("(").startswith("SELECT ") and "FOR UPDATE" not in text
    found.append(None)  # should it fail
    result = execute(sql, params, many, context)
    if only_asks:
        found[-1] = (context["connection"].alias, text, params)
    return result


def packed(found):
    """What was `noted`, as bytes; b"" if it cannot be asked again where we read now."""
    if len(found) > MOST or not all(one and one[0] == reading_from() for one in found):
        return b""
    try:
        questions = pickle.dumps([(sql, params) for _, sql, params in found])
    except (TypeError, AttributeError, pickle.PicklingError):  # a parameter that is no plain value
        return b""
    return zlib.compress(questions, 1)


def digest(questions):
    """Ask what is `packed` in `questions`: a digest of the rows, as bytes; b"" if they cannot be had, or nothing is
    packed."""
    if not questions:
        return b""
    made = blake2b(digest_size=16)
    try:
        for sql, params in pickle.loads(zlib.decompress(questions)):
            with connection_to_read().cursor() as cursor:
                cursor.execute(sql, params)
                made.update(repr(cursor.fetchall()).encode())
    except Error:
        return b""
    return made.digest()
