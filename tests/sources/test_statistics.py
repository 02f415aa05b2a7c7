import pytest
from django.db import connection

from sources import statistics
from tests.factories import make_finding

pytestmark = pytest.mark.databases


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts by itself")
def test_sqlite_learns_how_many_rows_there_are_to_each_value():
    for _ in range(5):
        make_finding()
    statistics.refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'findings_in_theme'")
        assert cursor.fetchone()[0].split() == ["5", "5", "5", "1"]
