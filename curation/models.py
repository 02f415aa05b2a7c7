"""What every entry has, whatever it says: its code, earlier addresses, log, notes, history, versions and lists."""

from curation.changelog import Change
from curation.comments import Comment
from curation.entries import CodeSeries, EarlierSlug
from curation.history import Revision
from curation.imports.models import Import, ImportFile, ImportRow, ImportRun
from curation.log import LogEntry
from curation.savedviews import SavedView
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
    "SavedView",
    "Version",
]
