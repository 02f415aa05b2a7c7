from django.core.management.commands import loaddata

from joinedup.search.indexing import held


class Command(loaddata.Command):
    """Django's loaddata, with everything it loads indexed once at the end of its transaction."""

    def loaddata(self, fixture_labels):
        with held():
            super().loaddata(fixture_labels)
