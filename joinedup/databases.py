"""Which database is asked."""

from django.db import DEFAULT_DB_ALIAS


def reading_from():
    """The alias of the database from which this request reads what is public."""
    return DEFAULT_DB_ALIAS
