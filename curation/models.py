"""What every entry has, whatever it says: its code, earlier addresses, log, history and versions."""

from curation.changelog import Change
from curation.entries import CodeSeries, EarlierSlug
from curation.history import Revision
from curation.imports.models import Import, ImportRow
from curation.log import LogEntry
from curation.versions import Version

__all__ = ["Change", "CodeSeries", "EarlierSlug", "Import", "ImportRow", "LogEntry", "Revision", "Version"]
