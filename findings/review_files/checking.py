"""Is a document what the form says? Each fault is told with its place, in words for a librarian."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models

from curation import tagging
from curation.imports.said import MAX_IN_A_LIST, NO_DATABASE_KEEPS, Said, shortened, showable, twice
from curation.text import in_lines
from findings.review_files.form import FORMAT, HEAD, IN_A_FILE, KINDS, PASSAGES, VERSION
from sources.bibliography import identifiers

MAX_ENTRIES = 20_000
MAX_NUMBER = 32_767
MAX_PROBLEMS = 500
LONGEST_ADDRESS = 250
LONGEST_TEXT = 500_000
LONGEST_LABEL = 300

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ADDRESS = re.compile(r"[-\w]+(/[-\w]+)?", re.ASCII)
NORMAL = {
    "doi": identifiers.normalise_doi,
    "isbn": identifiers.normalise_isbn,
    "issn": identifiers.normalise_issn,
    "eissn": identifiers.normalise_issn,
}


class Problems(list):
    """(place, message) of what is wrong, up to a number that a person can read."""

    def tell(self, place, message):
        if len(self) < MAX_PROBLEMS:
            self.append((showable(place), showable(message)))


def check(document, with_labels=False):
    """(what the document says as a list of Said in the order of KINDS, problems as (place, message)).

    With problems, what is said is not to be used. Whether codes that the document does not define exist is not asked.
    `with_labels` lets entries name each other by any words, as the rows of a table do.
    """
    problems = Problems()
    if not isinstance(document, dict):
        problems.tell("", "This is not a file of a review: it does not begin with “{”.")
        return [], problems
    _check_head(document, problems)
    said = []
    for name in IN_A_FILE:
        entries = document.get(name, [])
        if not isinstance(entries, list):
            problems.tell(KINDS[name].label, "This must be a list.")
            continue
        said += [(KINDS[name], n, entry) for n, entry in enumerate(entries, 1)]
    if not said and not problems:
        problems.tell("", "There are no entries in the file.")
    if len(said) > MAX_ENTRIES:
        problems.tell("", f"The file has {len(said):,} entries; at most {MAX_ENTRIES:,} can be imported at once.")
    if problems:
        return [], problems
    checked = [_Checker(kind, n, entry, problems, with_labels).said for kind, n, entry in said]
    order = list(KINDS)
    checked.sort(key=lambda one: order.index(one.kind.name))
    _check_codes(checked, problems)
    return checked, problems


def _check_head(document, problems):
    if document.get("format") != FORMAT or document.get("version") != VERSION or document.get("version") is True:
        problems.tell("", f"This is not a file of a review: “format” must be “{FORMAT}” and “version” {VERSION}.")
        return
    for name in document:
        if name not in HEAD and name not in KINDS and name != PASSAGES:
            problems.tell("", f"A file of a review has no part “{shortened(name)}”.")


def _check_codes(said, problems):
    """Each code, and each address, is defined once."""
    for what in ["code", "slug"]:
        first = {}
        for one in said:
            value = one.values.get(what)
            if not value:
                continue
            scope = (one.kind.name, value)
            if what == "slug":
                scope += (one.values.get(one.kind.address_with),)
            if scope in first:
                problems.tell(one.where, f"{one.kind.labels[what]} “{value}” stands in {first[scope]} too.")
            first.setdefault(scope, one.place)


class _Checker:
    """One entry of a document, checked key by key."""

    def __init__(self, kind, n, entry, problems, with_labels):
        self.kind, self.problems, self.with_labels = kind, problems, with_labels
        self.said = Said(kind, f"{kind.label}, entry {n}")
        if not isinstance(entry, dict):
            problems.tell(self.said.place, "This is not an entry: it must stand between “{” and “}”.")
            return
        at = entry.get("_at")
        if isinstance(at, str):
            self.said.place = shortened(at)
        elif isinstance(at, dict):
            self.said.place, self.said.places = at[""], at
        named = {name: entry[name] for name in (kind.key, kind.title) if isinstance(entry.get(name), str)}
        self.named = Said(kind, self.said.place, named, places=self.said.places)
        self.has_name = any(entry.get(name) for name in (kind.key, "slug", kind.title))
        for name, value in entry.items():
            if name != "_at":
                self._check(name, value)
        self._check_together()

    def _tell(self, name, message):
        self.problems.tell(self.named.at(name), f"{self.kind.labels.get(name, name)}: {message}")

    def _check(self, name, value):
        kind = self.kind
        part = kind.part(name)
        if name not in kind.names:
            self._tell(shortened(name), f"{kind.label} have no such field.")
            return
        if name in (kind.key, "slug") and value == "":
            return  # an entry without one is given one
        if name == "code":
            value = self._code(kind, name, value)
        elif name in kind.references:
            value = self._code(kind.references[name], name, value, name in kind.required)
        elif name in kind.links:
            value = self._each(name, value, lambda code: self._code(kind.links[name], name, code, True))
        elif part:
            value = self._each(name, value, lambda row: self._row(part, row))
        elif name == "tags":
            value = self._each(name, value, self._tag)
        elif name == "earlier_slugs":
            value = self._each(name, value, self._address)
        else:
            value = self._value(name, kind.columns[name], value)
        if value is not None or self._may_be_none(name):
            self.said.values[name] = value

    def _may_be_none(self, name):
        return name in self.kind.columns and self.kind.columns[name].null

    def _each(self, name, values, check):
        if not isinstance(values, list):
            self._tell(name, "this must be a list.")
            return None
        if len(values) > MAX_IN_A_LIST:
            self._tell(name, f"this list has more than {MAX_IN_A_LIST:,} items.")
            return None
        found = [check(value) for value in values]
        if any(value is None for value in found):
            return None
        repeated = twice(self.kind.part(name), found)
        if repeated:
            self._tell(name, f"“{shortened(repeated)}” stands twice in this list.")
        return found

    def _code(self, kind, name, value, is_required=False):
        text = self._text(name, value)
        if text is None or (not text and not is_required):
            return text
        if self.with_labels:
            return self._text(name, text, LONGEST_LABEL)
        if kind.number(text) is None:
            self._tell(name, f"“{shortened(text)}” is not the code of a {kind.noun}, such as {kind.letter}1.")
            return None
        return text

    def _tag(self, value):
        text = self._text("tags", value, tagging.LONGEST)
        if text is not None and not tagging.tidy(text):
            self._tell("tags", "this is empty.")
            return None
        return text and tagging.tidy(text)

    def _address(self, value):
        text = self._text("earlier_slugs", value, LONGEST_ADDRESS)
        if text is not None and not ADDRESS.fullmatch(text):
            self._tell("earlier_slugs", f"“{shortened(text)}” cannot be part of an address.")
            return None
        return text

    def _text(self, name, value, longest=None):
        if not isinstance(value, str):
            self._tell(name, f"this must be text, in quotation marks, not {_sort(value)}.")
        elif NO_DATABASE_KEEPS.search(value):
            self._tell(name, "this holds a character that cannot be kept.")
        elif len(value) > (longest or LONGEST_TEXT):
            self._tell(name, f"this has more than {longest or LONGEST_TEXT:,} characters.")
        elif longest and not value.strip():
            self._tell(name, "this is empty.")
        else:
            return in_lines(value)
        return None

    def _row(self, part, row):
        name = part.name
        if not isinstance(row, dict):
            self._tell(name, "each must stand between “{” and “}”.")
            return None
        found = {}
        for key, value in row.items():
            if key in part.references:
                value = self._code(part.references[key], name, value, True)
            elif key in part.columns:
                value = self._value(name, part.columns[key], value, f"{part.labels[key]}: ")
            else:
                self._tell(name, f"there is no field “{shortened(key)}” here.")
                continue
            found[key] = value
            if value is None and not (key in part.columns and part.columns[key].null):
                return None
        # What a row does not say is what its model says.
        for key in part.names:
            if key in found:
                continue
            column = part.columns.get(key)
            if column is None or (not column.blank and not column.has_default()):
                self._tell(name, f"the {part.labels[key].lower()} is missing.")
                return None
            found[key] = None if column.null else column.get_default()
        fault = _fault_of_row(found)
        if fault:
            self._tell(name, fault)
        return {key: found[key] for key in part.names}

    def _value(self, name, column, value, prefix=""):
        """A value of a column, as JSON keeps it, or None if it is empty or wrong: then that was told."""
        told = len(self.problems)
        if isinstance(column, models.BooleanField):
            if not isinstance(value, bool):
                self._tell(name, f"{prefix}this must be true or false, not {_sort(value)}.")
                return None
            return value
        if column.null and value in (None, "") and not isinstance(value, bool):
            return None
        if isinstance(column, models.IntegerField):
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
                self._tell(name, f"{prefix}this must be a whole number from 0 to {MAX_NUMBER:,}.")
                return None
            return value
        text = self._text(name, value)
        if text is None:
            return None
        if text and not text.strip() and not column.blank:
            self._tell(name, f"{prefix}this is empty.")
            return None
        if isinstance(column, models.DateField):
            return self._date(name, text)
        if text and column.name in NORMAL:
            try:
                text = self._text(name, NORMAL[column.name](text))
            except ValueError as error:
                self._tell(name, str(error)[:300])
                return None
        try:
            column.clean(text, None)
        except ValidationError as error:
            for message in error.messages:
                self._tell(name, prefix + _plainer(message, column, text))
        return text if len(self.problems) == told else None

    def _date(self, name, text):
        try:
            if not DATE.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self._tell(name, f"“{shortened(text)}” is not a date. Write it as 2003-05-12.")
            return None

    def _check_together(self):
        """Rules over several fields, as the models have them."""
        if not self.has_name:
            title = self.kind.labels[self.kind.title].lower()
            self.problems.tell(self.named.where, f"Say the {self.kind.key} or the {title}.")


def _fault_of_row(row):
    """What the constraints of contributors and citations say."""
    if "literal" in row and bool(row["literal"]) == bool(row["family"] or row["given"]):
        return "give a family name, or the name of an organisation, not both."
    if row.get("given") and not row.get("family"):
        return "give a family name too."
    if "locator" in row and bool(row["locator"]) != bool(row["locator_label"]):
        return "a locator needs its label (page, chapter …), and a label its locator."
    return ""


def _plainer(message, column, text):
    if column.choices and text not in dict(column.choices):
        return f"“{shortened(text)}” is none of {', '.join(str(value) for value, _ in column.choices)}."
    return message[:1].lower() + message[1:] if not text else message


def _sort(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "a number"
