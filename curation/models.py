"""What every entry has, whatever it says: its code, earlier addresses, log, notes, history and versions."""

from curation.changelog import Change
from curation.comments import Comment
from curation.entries import CodeSeries, EarlierSlug
from curation.history import Revision
from curation.imports.models import Import, ImportFile, ImportRow, ImportRun
from curation.log import LogEntry
from curation.versions import Version

__all__ = [
    "Change",
    "CodeSeries",
    "Comment",
    "EarlierSlug",
    "Import",
    "ImportFile",
    "ImportRow",
    "ImportRun",
    "LogEntry",
    "Revision",
    "Version",
]
