from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from joinedup import databases


class Telling(DatabaseErrorWrapper):
    def __exit__(self, kind, error, traceback):
        if error is not None:
            databases.noticed(self.wrapper, error)
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    @cached_property
    def wrap_database_errors(self):
        return Telling(self)
