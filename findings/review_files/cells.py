"""What stands in one cell -> a value of the neutral form, and back. Pure: no database.

Each `read_…` takes the text of a cell, never empty, and returns the value, or raises ValueError with a sentence for
a librarian. What is written by `show_…` is read as the same value again.

A cell with a list divides it by semicolons or lines. Text in straight quotation marks, doubled within, is taken as it
is: so a note or a name may hold a semicolon.
"""

import re

from curation import tagging
from curation.entries import CODE
from curation.text import in_lines, tidy
from findings.choices import LocatorLabel
from findings.models import ReviewSource, TermLabel
from findings.review_files.grids import Dated
from sources.bibliography.dates import read_date
from sources.bibliography.names import read_name

QUOTED = r'"(?:[^"]|"")*"'
ITEM = re.compile(rf"(?:(?<![^\s;:,(\[{{]){QUOTED}|[^;\n])+")
PERSON = re.compile(rf"({QUOTED}|[^,]*),(.*)", re.S)
USED = re.compile(
    rf"(?P<source>{QUOTED}|[^\[({{:]+?)\s*(?:\[(?P<number>[^\]]*)\]\s*)?"
    rf"(?:\((?P<place>{QUOTED}|[^)]*)\)\s*)?(?:\{{(?P<covers>{QUOTED}|[^}}]*)\}}\s*)?(?::\s*(?P<note>.*))?",
    re.S,
)
SAID = re.compile(rf"({QUOTED}|[^:]*?)\s*:\s*(.*)", re.S)
LOCATOR = re.compile(r"([^\W\d_]+)\.?\s*(.+)", re.S)
PLAIN_LOCATOR = re.compile(r"[\divxlc][\divxlc\s,–-]*", re.I)
SHORT = {"page": "p.", "chapter": "ch.", "section": "sec.", "paragraph": "para.", "figure": "fig.", "volume": "vol."}
MORE_SHORT = {"pp": "page", "pages": "page", "chapters": "chapter", "chap": "chapter", "paras": "paragraph"}
LABELS = {
    **{value: value for value in LocatorLabel.values},
    **{short.rstrip("."): value for value, short in SHORT.items()},
    **MORE_SHORT,
}
YES = {"yes", "y", "true", "1", "x"}
NO = {"no", "n", "false", "0"}


# Single values


def read_line(text):
    text = tidy(_not_a_date(text))
    if re.fullmatch(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", text):
        raise ValueError(f"The spreadsheet has shortened a number to “{text}”. Write it again, in a cell for text.")
    return re.sub(r"^([0-9]{4})\.0$", r"\1", text)


def read_code(text):
    return code_of(read_line(text))


def code_of(text):
    """`text`, in capitals if it is a code."""
    return text.upper() if CODE.fullmatch(text) else text


def read_lines(text):
    return in_lines(re.sub(r"\r\n?", "\n", _not_a_date(text))).strip()


def _not_a_date(text):
    if isinstance(text, Dated) and len(text) > 4:
        raise ValueError(f"The spreadsheet has made a date of this: {text}. Write it again, in a cell for text.")
    return str(text)


def read_yes(text):
    word = tidy(text).casefold()
    if word in YES | NO:
        return word in YES
    raise ValueError(f"“{short(text)}” is neither yes nor no.")


def show_yes(value):
    return "yes" if value else "no"


def read_whole(text):
    match = re.fullmatch(r"\+?([0-9]{1,9})(?:\.0+)?", tidy(_not_a_date(text)))
    if not match:
        raise ValueError(f"“{short(text)}” is not a whole number.")
    return int(match[1])


def read_day(text):
    found = read_date(tidy(text))
    if not found or len(found.issued) < 10 or not found.is_whole or found.is_approximate:
        raise ValueError(f"“{short(text)}” is not a whole date. Write it as 2003-05-12.")
    return found.issued


def read_issued(text):
    found = read_date(re.sub(r"^([0-9]{4})\.0$", r"\1", tidy(text)))
    if found and found.is_approximate:
        raise ValueError(
            f"“{short(text)}” is not exact. Write the year alone, and yes in the column for approximate dates."
        )
    if not found or not found.is_whole:
        raise ValueError(f"“{short(text)}” is no date, or not a clear one. Write 2003, 2003-05 or 2003-05-12.")
    return found.issued


def choice_reader(choices):
    """A reader of one of `choices`, pairs of value and label, by either."""
    values = {word_of(name): value for value, label in choices for name in (label, value)}

    def read_choice(text):
        try:
            return values[word_of(text)]
        except KeyError:
            labels = ", ".join(str(label) for _, label in choices)
            raise ValueError(f"“{short(text)}” is none of these: {labels}.") from None

    return read_choice


def word_of(text):
    """`text` for comparing: any case, blanks, hyphens and punctuation are the same."""
    return re.sub(r"[\W_]+", " ", text.casefold().replace("’", "").replace("'", "")).strip()


# Lists


def items(text):
    return list(filter(None, map(tidy, ITEM.findall(_not_a_date(text)))))


def plain(text):
    """`text` without the quotation marks around it."""
    return tidy(text[1:-1].replace('""', '"') if re.fullmatch(QUOTED, text, re.S) else text)


def quoted(text, special=""):
    """`text` as `plain` reads it, in quotation marks if it has a character in it that divides."""
    return '"{}"'.format(text.replace('"', '""')) if re.search(f'[";\n{re.escape(special)}]', text) else text


def read_words(text):
    return list(dict.fromkeys(filter(None, map(plain, items(text)))))


def read_tags(text):
    return tagging.names_in(_not_a_date(text))


def read_codes(text):
    return list(dict.fromkeys(map(code_of, read_words(text))))


def show_words(words):
    return "; ".join(map(quoted, words))


def people_reader(role):
    def read_people(text):
        return [{"role": role, **_person(item)} for item in items(text)]

    return read_people


def _person(item):
    if item.startswith("[") and item.endswith("]"):
        names = {"literal": plain(item[1:-1].strip())}
    elif match := PERSON.fullmatch(item):
        names = {"family": plain(match[1].strip()), "given": plain(match[2].strip())}
    else:
        name, is_guess = read_name(plain(item))
        if is_guess:
            raise ValueError(f"Which part of “{short(item)}” is the family name? Write “Family, Given”.")
        names = {"family": name.family, "given": name.given, "literal": name.literal}
    names = {key: value for key, value in names.items() if value}
    if not (names.get("family") or names.get("literal")):
        raise ValueError(f"“{short(item)}” names nobody. Write “Family, Given”, or [Organisation].")
    return names


def people_shower(role):
    def show_people(people):
        return "; ".join(_show_person(person) for person in people if person.get("role", "author") == role)

    return show_people


def _show_person(person):
    if person.get("literal"):
        return f"[{quoted(person['literal'])}]"
    return f"{quoted(person.get('family', ''), ',[]')}, {quoted(person.get('given', ''))}".rstrip(" ")


def read_citations(text):
    return [_read_citation(item) for item in items(text)]


def _read_citation(item):
    match = USED.fullmatch(item)
    if not match or not plain(match["source"]):
        raise ValueError(f"“{short(item)}” is not a citation. Write the source’s code, such as S3 or S3 (p. 12–14).")
    citation = {"source": code_of(plain(match["source"]))}
    if match["number"]:
        citation["number"] = read_whole(match["number"])
    if match["place"]:
        citation["locator_label"], citation["locator"] = _read_locator(plain(match["place"]))
    if match["covers"]:
        citation["covers"] = plain(match["covers"])
    if match["note"]:
        citation["note"] = plain(match["note"])
    return citation


def _read_locator(text):
    match = LOCATOR.fullmatch(text)
    if match and match[1].casefold() in LABELS:
        return LABELS[match[1].casefold()], match[2]
    if PLAIN_LOCATOR.fullmatch(text):
        return LocatorLabel.PAGE.value, text
    raise ValueError(f"Is “{short(text)}” a page, a chapter …? Write it as in (p. 12–14) or (chapter 3).")


def show_citations(citations):
    return "\n".join(
        _show_used(
            one,
            f"{SHORT.get(one.get('locator_label'), one.get('locator_label', ''))} {one.get('locator', '')}".strip(),
        )
        for one in citations
    )


def _show_used(one, place):
    shown = quoted(one["source"], "[({:")
    if one.get("number") is not None:
        shown += f" [{one['number']}]"
    if place:
        shown += f" ({quoted(place, ')')})"
    if one.get("covers"):
        shown += f" {{{quoted(one['covers'], '}')}}}"
    if one.get("note"):
        shown += f": {quoted(one['note'])}"
    return shown


read_role = choice_reader(ReviewSource.Role.choices)


def read_used(text):
    """The works that a review as a whole rests on."""
    found = []
    for item in items(text):
        match = USED.fullmatch(item)
        if not match or not plain(match["source"]) or match["note"] or match["covers"]:
            raise ValueError(f"“{short(item)}” is not understood. Write it as in S6 [6] (framework).")
        used = {"source": code_of(plain(match["source"]))}
        if match["place"]:
            used["role"] = read_role(plain(match["place"]))
        if match["number"]:
            used["number"] = read_whole(match["number"])
        found.append(used)
    return found


def show_used(sources):
    return "; ".join(_show_used(one, one.get("role", "")) for one in sources)


def labels_reader(kind):
    def read_labels(text):
        return [{"label": label, "kind": kind} for label in read_words(text)]

    return read_labels


def labels_shower(kind):
    def show_labels(labels):
        default = TermLabel.Kind.ALSO_CALLED
        return show_words(one["label"] for one in labels if one.get("kind", default) == kind)

    return show_labels


def read_notes(text):
    found = []
    for item in items(text):
        match = SAID.fullmatch(item)
        if not match or not plain(match[1]) or not plain(match[2]):
            raise ValueError(f"“{short(item)}” is not understood. Write it as in Health: what the word means there.")
        found.append({"profession": plain(match[1]), "text": plain(match[2])})
    return found


def show_notes(notes):
    return "\n".join(f"{quoted(one['profession'], ':')}: {quoted(one['text'])}" for one in notes)


def short(text):
    text = tidy(text)
    return text if len(text) <= 60 else f"{text[:59]}…"
