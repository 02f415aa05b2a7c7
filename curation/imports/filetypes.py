"""The types of file that entries can come from: each reads its files, and has a policy of what it may do to entries."""

from dataclasses import dataclass, field

from curation.imports.comparing import EMPTY, news

FILE_TYPES = {}  # name: FileType


class ImportRefused(Exception):
    """Nothing was done. `messages` say why, in words for a librarian, in the order of the file."""

    def __init__(self, *messages):
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass
class Reading:
    """What a file says: its format, its entries as Said with parents first, and remarks as (place, message, whether
    something was not read at all), of which there may have been more. Of a table also its columns as (heading, first
    value, field), and whether all of them are known: if not, nothing was read yet."""

    format: str
    said: list
    remarks: list = field(default_factory=list)
    remark_count: int | None = None
    columns: list = field(default_factory=list)
    are_known: bool = True


class FileType:
    """A subclass reads its files, and says how their entries are taken in."""

    name = ""
    label = ""  # in the list of imports
    title = ""  # of the page for an upload
    noun = "entry", "entries"  # what comes of it
    records = "entry", "entries"  # what stands in the file
    needs = ()  # permissions
    formats = {}  # name: label
    form = None  # a subclass of curation.imports.forms.UploadForm
    help = ""  # a template that is shown above the form
    goes_to = ""  # the name of the address of a list of what comes of it
    fields = {}  # what a column of a table can be: name: label
    unknown = ""  # of them, what a column is taken for of which nothing is known
    filters = {}  # of a preview: name: (label, condition)
    repeats = False  # one thing may stand in a file more than once, and the rows then add to each other
    fills = False  # a row can fill what is empty and leave the rest

    def read(self, data, filename, mapping=None):
        """A Reading of a file, given as bytes; `mapping` says of a table with `fields` which column is what, by its
        heading. Raises curation.sandbox.Unreadable or ImportRefused."""
        raise NotImplementedError

    def news(self, kind, state, values, only_empty=False):
        """{key: value} of what a file says otherwise than the entry that is held, both with our codes; with
        `only_empty` just for what the entry leaves empty."""
        found = news(kind, state, values)
        return {name: value for name, value in found.items() if not only_empty or state[name] in EMPTY}

    def take_keywords(self, said, which):
        """Make tags of those keywords of a list of Said that somebody wants (`Import.Keywords`). Returns how many that
        would be for each choice; nothing if such files have no keywords."""
        return {}

    def warnings(self, values):
        """What is to be known before an entry is taken in, each in a word or three."""
        return []

    def left_out(self, values):
        """The keywords of an entry of the file that do not become tags."""
        return []

    def updates_unasked(self, kind):
        """Whether it is proposed that what is held of a kind is changed where it differs."""
        return not kind.is_shared

    def keeps_codes(self, batch):
        """Whether new entries get the codes of the file, where they are free."""
        return True

    def detail(self, values):
        """A line of a preview that tells an entry from others with the same title, in runs of text and whether it is in
        italics."""
        return []


def register(file_type):
    FILE_TYPES[file_type.name] = file_type
    return file_type
