"""The sheets of a workbook and their columns: made from the models, with plain words for headings and notes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import models
from django.utils.text import capfirst

from curation import tagging
from curation.entries import Curated, Entry
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, TermLabel, Theme
from findings.review_files import cells
from sources.models import Contributor, Source

NOT_WRITTEN = {field.name for model in (Curated, Entry) for field in model._meta.fields} | {"id"}
ONE_LINE = {"title"}  # text fields that hold one
HEADINGS = {
    "stance": "What helps or hinders",
    "method": "How it was compiled",
    "rights": "Whose work it is",
    "url": "Web address",
}
NOTES = {
    "slug": "The last part of the address, such as trust-grows-slowly. Leave it empty to have one made.",
    "review": "The code of the review, or its title.",
    "theme": "The code of the theme, or its name.",
    "newer_edition": "The code of the source that is the newer edition.",
    "issued": "As much as is known: 2003, 2003-05 or 2003-05-12.",
}
# What headings were called in workbooks of before.
EARLIER = {"has_practice_example": ["tells a practice example"]}
DAY = "A whole date, such as 2003-05-12."
CODES = "Codes, divided by semicolons: {}."


@dataclass(frozen=True)
class Column:
    """`key` is the name in the neutral form; two columns with lists may share one. `read` and `show` are of `cells`."""

    key: str
    heading: str
    note: str
    read: Callable = cells.read_line
    show: Callable = str
    choices: tuple = ()
    names: tuple = ()  # by which it is known besides

    @property
    def words(self):
        return {cells.word_of(name) for name in (self.heading, *self.names)}


@dataclass(frozen=True)
class Kind:
    """A kind of entry: the key of its list in a document, its sheet, and the column that no sheet of it lacks."""

    key: str
    sheet: str
    needed: str
    columns: tuple
    names: tuple = ()

    @property
    def words(self):
        return {cells.word_of(name) for name in (self.key, self.sheet, self.sheet.rstrip("s"), *self.names)}

    def column_by_word(self):
        return {word: column for column in self.columns for word in column.words}


def _code(letter):
    note = f"A label such as {letter}1, by which other rows name this one. It may stay empty if none does."
    return Column("code", "Code", note, cells.read_code, names=("label",))


def _columns(model):
    """A column for each field that a librarian writes."""
    fields = [field for field in model._meta.concrete_fields if field.name not in NOT_WRITTEN]
    slug = Column("slug", "Slug", NOTES["slug"], names=("address part",))
    return [slug, *map(_column, fields)]


def _column(field):
    heading = HEADINGS.get(field.name) or str(capfirst(field.verbose_name))
    note = NOTES.get(field.name) or str(field.help_text)
    names = (field.name, str(field.verbose_name), *EARLIER.get(field.name, []))
    if field.choices:
        labels = {value: _offered(value, str(label)) for value, label in field.choices}
        note = f"{note} One of: {', '.join(labels.values())}.".strip()
        read = cells.choice_reader(field.choices)
        return Column(
            field.name, heading, note, read, lambda value: labels.get(value, str(value)), tuple(labels.values()), names
        )
    if field.is_relation:
        return Column(field.name, heading, note, cells.read_code, names=names)
    if isinstance(field, models.BooleanField):
        return Column(field.name, heading, note or "yes or no", cells.read_yes, cells.show_yes, ("yes", "no"), names)
    if isinstance(field, models.DateField):
        return Column(field.name, heading, note or DAY, cells.read_day, names=names)
    if isinstance(field, models.IntegerField):
        return Column(field.name, heading, note or "A whole number.", cells.read_whole, int, names=names)
    if field.name == "issued":
        return Column(field.name, heading, note, cells.read_issued, names=names)
    is_long = isinstance(field, models.TextField) and field.name not in ONE_LINE
    return Column(field.name, heading, note, cells.read_lines if is_long else cells.read_line, names=names)


def _offered(value, label):
    """A choice as a list in a cell can offer it, where commas divide."""
    return capfirst(value.replace("-", " ")) if "," in label else label


def _codes(key, heading, example, *names):
    return Column(key, heading, CODES.format(example), cells.read_codes, cells.show_words, names=names)


TAGS = Column("tags", "Tags", tagging.HELP, cells.read_tags, lambda names: tagging.written(names, "; "))
PEOPLE = tuple(
    Column(
        "contributors",
        f"{label}s",
        "Family, Given; the next one. An organisation stands in square brackets: "
        "Hudson, Bob; [Department of Health]. Each role has its own column.",
        cells.people_reader(role),
        cells.people_shower(role),
        names=(label,),
    )
    for role, label in Contributor.Role.choices
)
# Workbooks of before named the compiler of a review in a column of that name.
PEOPLE_OF_REVIEWS = tuple(
    replace(column, names=(*column.names, "compiled by")) if column.heading == "Compilers" else column
    for column in PEOPLE
)
CITATIONS = Column(
    "citations",
    "Citations",
    "Codes of sources, divided by semicolons, each with where to look: S1; S3 (p. 12–14). The review’s note number "
    "goes in square brackets, what that note covers in curly ones if it is not the whole finding, and how the work is "
    "used after a colon: S3 [4] (chapter 2) {the quotation only}: an example. Put a note with a semicolon in quotation "
    "marks.",
    cells.read_citations,
    cells.show_citations,
    names=("cites", "sources", "sources cited"),
)
USED = Column(
    "sources",
    "Sources",
    "Works that the review summarises or builds on, divided by semicolons: code, note number in square brackets, and "
    "in round ones what it is: summarises, framework or background. S6 [6] (framework).",
    cells.read_used,
    cells.show_used,
)
LABELS = (
    Column(
        "labels",
        "Spelled otherwise",
        "Other spellings of the same word, divided by semicolons.",
        cells.labels_reader(TermLabel.Kind.SPELLING.value),
        cells.labels_shower(TermLabel.Kind.SPELLING),
        names=("spellings", "spelling"),
    ),
    Column(
        "labels",
        "Also called",
        "Other names for it, divided by semicolons.",
        cells.labels_reader(TermLabel.Kind.ALSO_CALLED.value),
        cells.labels_shower(TermLabel.Kind.ALSO_CALLED),
        names=("labels", "other labels", "synonyms"),
    ),
    Column(
        "labels",
        "Leads here",
        "Words by which a search finds it, though they mean something else, divided by semicolons.",
        cells.labels_reader(TermLabel.Kind.LEADS_HERE.value),
        cells.labels_shower(TermLabel.Kind.LEADS_HERE),
        names=("search words",),
    ),
)
PROFESSIONS = Column(
    "notes",
    "Notes for professions",
    "How a profession uses the word, one a line: Health: what it means there. Put a note with a semicolon in "
    "quotation marks.",
    cells.read_notes,
    cells.show_notes,
    names=("notes",),
)
FINDINGS = _codes("findings", "Findings", "F1; F4")
POINTS = _codes("implications", "Practice points", "P1; P2", "implications", "practice implications")

KINDS = (
    Kind("reviews", "Reviews", "title", (_code("R"), *_columns(Review), *PEOPLE_OF_REVIEWS, USED)),
    Kind("themes", "Themes", "name", (_code("T"), *_columns(Theme))),
    Kind("sources", "Sources", "title", (_code("S"), *_columns(Source), *PEOPLE, TAGS), ("bibliography", "references")),
    Kind("findings", "Findings", "heading", (_code("F"), *_columns(Finding), TAGS, CITATIONS)),
    Kind(
        "implications",
        "Practice points",
        "heading",
        (_code("P"), *_columns(PracticeImplication), FINDINGS, TAGS),
        ("practice implications",),
    ),
    Kind("key_messages", "Key messages", "heading", (_code("K"), *_columns(KeyMessage), FINDINGS, POINTS)),
    Kind("terms", "Terms", "preferred_label", (*_columns(Term), *LABELS, PROFESSIONS), ("glossary",)),
)
