"""The neutral bibliographic record that every format is read into and written from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, Protocol, Self

from curation.text import printable
from sources.bibliography.notices import Notice, written

ROLES = ("author", "editor", "compiler", "translator")

CSL_TYPES = (
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "book",
    "chapter",
    "document",
    "legislation",
    "pamphlet",
    "paper-conference",
    "report",
    "thesis",
    "webpage",
)

ARTICLES = ("article-journal", "article-magazine", "article-newspaper")


class NameParts(Protocol):
    """The name of a person, with a family name, or of an organisation, with a literal alone (as in CSL 1.0.2)."""

    @property
    def family(self) -> str: ...
    @property
    def given(self) -> str: ...
    @property
    def literal(self) -> str: ...


class Citable(Protocol):
    """A work to be cited: a Record, or a `sources.models.Source`. The fields have the names of the columns there."""

    csl_type: str
    title: str
    title_italics: str
    issued: str
    issued_is_approximate: bool
    container_title: str
    volume: str
    issue: str
    pages: str
    edition: str
    publisher: str
    place: str
    series: str
    doi: str
    isbn: str
    issn: str
    eissn: str
    url: str
    accessed_on: date | None
    abstract: str

    @property
    def year(self) -> str: ...
    def people(self, role: str) -> Sequence[NameParts]: ...


@dataclass(frozen=True)
class Name:
    """A contributor, in one of ROLES."""

    role: str = "author"
    family: str = ""
    given: str = ""
    literal: str = ""


class Remark(NamedTuple):
    """What a librarian should know of a record that was read, in a sentence; of one of its fields, or of all of it."""

    field: str  # of Record, or empty
    message: str


@dataclass
class Record:
    """A work as reference managers know it, with the names and the normal forms of `sources.models.Source`.

    `contributors` stand in the order of the file, those of one role together. `line` is where in the file the record
    starts and `key` the name it has there (citation key, id), and `remarks` is what its reader has to say of it; none
    is part of the work. `notices` tell what was said of the work since: that it was retracted, say.

    Five are written and not read, since other programs have them in many ways: `notice` (what whoever cites the work
    must know: that it was retracted), and of a page of this site its `entry_code` (F23), its `version`, what it is
    `based_on`, in a phrase, and its `provenance`: whose words it is, from when, and what may be done with it.
    """

    csl_type: str = "document"
    title: str = ""
    contributors: list[Name] = field(default_factory=list)
    issued: str = ""
    issued_is_approximate: bool = False
    container_title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    edition: str = ""
    publisher: str = ""
    place: str = ""
    series: str = ""
    doi: str = ""
    isbn: str = ""
    issn: str = ""
    eissn: str = ""
    url: str = ""
    accessed_on: date | None = None
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    note: str = ""
    title_italics: str = ""
    language: str = ""
    entry_code: str = ""
    version: str = ""
    based_on: str = ""
    notice: str = ""
    provenance: str = ""
    notices: tuple[Notice, ...] = ()
    key: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    remarks: list[Remark] = field(default_factory=list, compare=False)

    def printable(self) -> Self:
        """The same without what no file can show."""
        texts: dict[str, Any] = {name: printable(value) for name, value in vars(self).items() if isinstance(value, str)}
        people = [
            Name(name.role, *map(printable, [name.family, name.given, name.literal])) for name in self.contributors
        ]
        notices = tuple(Notice(*map(printable, vars(notice).values())) for notice in self.notices)
        keywords = tuple(map(printable, self.keywords))
        return replace(self, **texts, contributors=people, keywords=keywords, notices=notices)

    def people(self, role: str) -> list[Name]:
        """The contributors in `role`, in order."""
        return [name for name in self.contributors if name.role == role]

    @property
    def year(self) -> str:
        return self.issued[:4]

    @property
    def caveats(self) -> str:
        """What is to be read with a reference: the notices, and what it is based on; in lines."""
        based_on = self.based_on and f"Based on {self.based_on}."
        return "\n".join(filter(None, [self.notice, *map(written, self.notices), based_on]))

    @property
    def notes(self) -> str:
        """The caveats, the note and the provenance, in lines."""
        return "\n".join(filter(None, [self.caveats, self.note, self.provenance]))


@dataclass(frozen=True)
class Problem:
    """What a reader of the file should know, in a sentence. Fatal: something was not read at all."""

    line: int
    message: str
    is_fatal: bool = False


def as_json(record: Record) -> dict[str, Any]:
    """A record as JSON keeps it."""
    return vars(record) | {
        "contributors": [dict(vars(name)) for name in record.contributors],
        "accessed_on": record.accessed_on and record.accessed_on.isoformat(),
        "keywords": list(record.keywords),
        "notices": [dict(vars(notice)) for notice in record.notices],
        "remarks": [list(remark) for remark in record.remarks],
    }


def from_json(values: dict[str, Any]) -> Record:
    """The record that `as_json` wrote, now or before a field was added."""
    found = {
        "contributors": [Name(**name) for name in values["contributors"]],
        "accessed_on": date.fromisoformat(values["accessed_on"]) if values["accessed_on"] else None,
        "keywords": tuple(values["keywords"]),
        "notices": tuple(Notice(**notice) for notice in values.get("notices", [])),
        "remarks": [Remark(*remark) for remark in values.get("remarks", [])],
    }
    return Record(**values | found)


class TooMany(Exception):
    """The file has more records than were asked for."""


class Column(NamedTuple):
    """A column of a table: its heading, the first value under it, and the field that it is taken for; None if nothing
    is known of it."""

    heading: str
    first: str
    field: str | None


@dataclass
class Parsed:
    """What a file gave: its records, at most so many, and the problems in the order of their lines; of a table, its
    columns."""

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    most: int | None = None
    columns: list[Column] = field(default_factory=list)

    def add(self, record: Record, problems: list[Problem]) -> None:
        """Raises TooMany."""
        if self.most is not None and len(self.records) >= self.most:
            raise TooMany
        self.records.append(record)
        self.problems += problems

    @property
    def is_complete(self) -> bool:
        """Whether everything in the file could be read."""
        return not any(problem.is_fatal for problem in self.problems)

    def in_order(self) -> Self:
        self.problems.sort(key=lambda problem: problem.line)
        return self
