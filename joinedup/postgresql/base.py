import select

from django.db.backends.postgresql import base, features
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from joinedup import databases


class Telling(DatabaseErrorWrapper):
    def __exit__(self, kind, error, traceback):
        if error is not None:
            databases.noticed(self.wrapper, error)
        super().__exit__(kind, error, traceback)


class DatabaseFeatures(features.DatabaseFeatures):
    minimum_database_version = (15,)  # what the tests run on: an older server is refused in a sentence


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    @cached_property
    def wrap_database_errors(self):
        return Telling(self)

    def is_usable(self):
        """Asked before the first question of each request. A server that goes says so, or the kernel finds out
        (`keepalives_idle`): while there is nothing to read, it need not be asked."""
        is_quiet = self.connection and not self.errors_occurred and not _has_something(self.connection)
        return is_quiet or super().is_usable()


def _has_something(connection):
    waiting = select.poll()
    try:
        waiting.register(connection.fileno(), select.POLLIN)
    except base.Database.Error:  # it was closed
        return True
    return bool(waiting.poll(0))
