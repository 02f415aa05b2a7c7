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
