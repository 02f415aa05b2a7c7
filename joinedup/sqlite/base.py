from functools import lru_cache

from django.db.backends.sqlite3 import base


class SQLiteCursorWrapper(base.SQLiteCursorWrapper):
    def convert_query(self, query, *, param_names=None):
        return super().convert_query(query, param_names=param_names) if param_names else _with_question_marks(query)


@lru_cache(maxsize=1000)
def _with_question_marks(query):
    """A question as SQLite understands it: to find the marks of a long one takes twice as long as the answer."""
    return base.SQLiteCursorWrapper.convert_query(None, query)


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name=None):
        return self.connection.cursor(factory=SQLiteCursorWrapper)
