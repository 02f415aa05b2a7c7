"""What every entry has, whatever it says: its code, earlier addresses, log, history and versions."""

from curation.changelog import Change
from curation.entries import CodeSeries, EarlierSlug
from curation.history import Revision
from curation.log import LogEntry
from curation.versions import Version

__all__ = ["Change", "CodeSeries", "EarlierSlug", "LogEntry", "Revision", "Version"]
