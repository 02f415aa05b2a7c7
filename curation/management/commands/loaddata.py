from django.core.management.commands import loaddata

from curation.changelog import gathered


class Command(loaddata.Command):
    """Django's loaddata, with the changes of all that it loads recorded once at the end of its transaction."""

    def loaddata(self, fixture_labels):
        with gathered():
            super().loaddata(fixture_labels)
