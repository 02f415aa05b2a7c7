"""The engine of SQLite."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the engine of SQLite"),
]


def answer(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, *parameters)
        return cursor.fetchone()


def test_parameters_stand_where_they_are_marked_each_time_that_it_is_asked():
    for pair in [("a", "%s"), ("?", "'")]:
        assert answer("SELECT %s, '100%%', %s", pair) == (pair[0], "100%", pair[1])


def test_a_question_without_parameters_is_as_it_stands():
    assert answer("SELECT '100%%'") == ("100%%",)
    assert answer("SELECT '100%%'", []) == ("100%",)


def test_parameters_may_have_names():
    assert answer("SELECT %(one)s, %(two)s", {"two": 2, "one": 1}) == (1, 2)
