"""From the fields of a BibTeX entry to a record."""

import re
from collections.abc import Iterator

from curation.text import split_keywords, tidy
from sources.bibliography.dates import read_date
from sources.bibliography.formats.bibtex.blocks import Fields, evaluated, grown
from sources.bibliography.formats.draft import Draft, Value
from sources.bibliography.formats.latex import UNKNOWN, decode, decode_address, tagged
from sources.bibliography.markup import plain
from sources.bibliography.names import (
    ORGANISATION,
    OTHERS,
    SHORT,
    SUFFIX,
    ReadName,
    given_first,
    is_one_name,
    is_organisation,
    person,
    read_name,
)
from sources.bibliography.record import ARTICLES, Name
from sources.bibliography.titles import with_subtitle

TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "bookinbook": "chapter",
    "collection": "book",
    "conference": "paper-conference",
    "dataset": "document",
    "electronic": "webpage",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "inreference": "chapter",
    "jurisdiction": "document",
    "legal": "legislation",
    "legislation": "legislation",
    "manual": "report",
    "mastersthesis": "thesis",
    "misc": "document",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "book",
    "mvreference": "book",
    "newspaper": "article-newspaper",
    "online": "webpage",
    "pamphlet": "pamphlet",
    "periodical": "book",
    "phdthesis": "thesis",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "suppperiodical": "article-journal",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "document",
    "webpage": "webpage",
    "www": "webpage",
}
SUBTYPES = {"magazine": "article-magazine", "newspaper": "article-newspaper"}
PLAIN = {
    "journaltitle": "container_title",
    "journal": "container_title",
    "booktitle": "container_title",
    "maintitle": "container_title",
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "organization": "publisher",
    "location": "place",
    "address": "place",
    "series": "series",
    "abstract": "abstract",
    "langid": "language",
    "language": "language",
}
NOTES = ("note", "annote", "annotation", "addendum")
LEFT_OUT = set(
    """
    abbrev_source_title added-at bdsk-file-1 bdsk-url-1 biburl bibsource chapter-url cited-references citedby
    comment correspondence_address1 da date-added date-modified doc-delivery-number file groups ids interhash
    intrahash journal-iso keyword-list localfile mendeley-groups mendeley-tags number-of-cited-references options
    owner posted-at printed priority publication_stage ranking readstatus references research-areas review
    shortjournal shorttitle shortauthor shorthand sortkey sorttitle source times-cited timestamp unique-id
    usage-count-last-180-days usage-count-since-2013 username web-of-science-categories web-of-science-index
    """.split()
)
KEYWORDS = ("keywords", "keyword", "author_keywords", "keywords-plus", "index_keywords")
ARTICLE_NUMBERS = ("eid", "article-number", "articleno", "art_number")
ADDRESSES = {"doi", "url", "file", "howpublished", "eprint", "urldate", "ee", "link", "fulltext", "pdf"}
COPIES = ("ee", "link", "fulltext", "pdf")
BRACE = r"(?<!\\)[{}]|"
AND = re.compile(BRACE + r" and(?= |$)|^and ", re.I)
COMMA = re.compile(BRACE + ",")
SPACE = re.compile(BRACE + "[ ~]")
EXTENDED = re.compile(r"\s*(?:family|given|prefix|suffix|useprefix)(?:-i)?\s*=", re.I)


class Reading:
    """From fields to a record. `fields` is what is not read yet."""

    def __init__(self, draft: Draft, fields: Fields, strings: dict[str, str]) -> None:
        self.draft = draft
        self.fields = fields
        self.strings = strings

    def take(self, name: str) -> Value:
        """The raw text of a field, its strings put in, and its line; empty if there is none."""
        if name not in self.fields:
            return Value("", self.fields.line)
        raw, line = self.fields.pop(name)
        text, unknown, is_cut = evaluated(raw, self.strings)
        if is_cut:
            self.draft.say(line, grown(f"The field “{name}”"))
        commands = UNKNOWN.findall(decode(text)) if "\\" in text and name not in ADDRESSES else []
        for command in dict.fromkeys(commands):
            self.draft.say(line, f"“{command[:40]}” in “{name}” is a command of LaTeX that is not known here.")
        for word in unknown:
            self.draft.say(line, f"“{word[:80]}” is not defined with @string: the word itself was taken.")
        return Value(text, line)

    def read(self) -> None:
        self.read_type()
        self.read_titles()
        self.read_people()
        self.read_dates()
        self.read_identifiers()
        self.read_plain_fields()
        self.keep_the_rest()

    def read_type(self) -> None:
        draft, kind = self.draft, self.fields.kind
        draft.record.csl_type = TYPES.get(kind, "document")
        if kind not in TYPES:
            message = f"The type “@{kind[:80]}” has no like here."
            draft.refuse("Entry type", kind, self.fields.line, message, "csl_type")
        subtype, line = self.take("entrysubtype")
        kind_of_article = SUBTYPES.get(plain(decode(subtype)).lower())
        if draft.record.csl_type == "article-journal" and kind_of_article:
            draft.record.csl_type = kind_of_article
        else:
            draft.keep("entrysubtype", decode(subtype), line)
        self.type = draft.record.csl_type

    def read_titles(self) -> None:
        for main, sub, field in [
            ("title", "subtitle", "title"),
            ("booktitle", "booksubtitle", "container_title"),
            ("journaltitle", "journalsubtitle", "container_title"),
        ]:
            (title, line), (subtitle, _) = self.take(main), self.take(sub)
            self.draft.set(field, with_subtitle(decode(tagged(title)), decode(tagged(subtitle))), line)

    def read_people(self) -> None:
        draft = self.draft
        for field, role in [
            ("author", "author"),
            ("editor", "editor"),
            ("editora", "editor"),
            ("editorb", "editor"),
            ("editorc", "editor"),
            ("translator", "translator"),
        ]:
            text, line = self.take(field)
            kind, kind_line = self.take(f"{field}type")
            kind = plain(decode(kind)).lower()
            if not tidy(text):
                draft.keep(f"{field}type", kind, kind_line)
            elif kind and kind not in {"editor", "compiler"}:
                draft.keep(kind.capitalize(), decode(text), line)
            else:
                self.read_names(text, kind or role, line)
        if self.type == "webpage" and not draft.record.publisher:
            draft.set("publisher", decode(self.take("organization").text), self.fields.line)

    def read_names(self, text: str, role: str, line: int) -> None:
        draft = self.draft
        for name in _divided(" ".join(text.split()), AND):
            shown = plain(decode(name))
            if not shown:
                continue
            if EXTENDED.match(name):
                draft.people([_extended(name, role)])
            elif "{" not in name and (OTHERS.search(shown) or ";" in shown or not is_one_name(shown)):
                draft.names(shown, role, line)
            else:
                found, is_guess = _name(name, role)
                draft.people([found])
                if is_guess:
                    message = f"“{found.literal[:80]}” was read as an organisation, though it is not in double braces."
                    draft.say(line, message, "contributors")

    def read_dates(self) -> None:
        draft = self.draft
        (date, line), (year, year_line), (month, _), (day, _) = map(self.take, ["date", "year", "month", "day"])
        date, year = tidy(decode_address(date)), tidy(decode_address(year))  # their ~ means about
        month, day = tidy(decode(month)), tidy(decode(day))
        if date:
            draft.date(date, line)
        if year:
            draft.date(year, year_line)
        if year and month and draft.record.issued == draft.record.year:
            named = re.search("[A-Za-z]", month)
            numbers = "-".join(filter(None, [draft.record.year, month.zfill(2), day.zfill(2) if day else ""]))
            draft.date(" ".join(filter(None, [day, month, year])) if named else numbers, year_line)
        elif month or day:
            also = read_date(" ".join(filter(None, [day, month, draft.record.year])))
            if not (also and also.is_whole and draft.record.issued.startswith(also.issued)):
                draft.keep("month and day", f"{day} {month}", line)
        visited, line = self.take("urldate")
        draft.accessed(decode_address(visited), line)

    def read_identifiers(self) -> None:
        draft = self.draft
        doi, line = self.take("doi")
        if tidy(doi):
            draft.doi(decode_address(doi), line)
        for field in ["isbn", "issn", "eissn"]:
            text, line = self.take(field)
            draft.serials(decode(text), line, is_electronic=field == "eissn")
        url, line = self.take("url")
        draft.url(decode_address(url), line)
        how, line = self.take("howpublished")
        if re.match(r"(?:\\url\s*)?\{?\s*https?://\S+\s*\}?$", how):
            draft.url(decode_address(how), line)
        else:
            draft.keep("howpublished", decode(how), line)
        for name in COPIES:
            address, line = self.take(name)
            if address:
                draft.file(name, decode_address(address), line)
        pages, line = self.take("pages")
        draft.pages(decode(pages), line)
        for name in ARTICLE_NUMBERS:
            number, line = self.take(name)
            draft.article_number(decode(number), line)
        self.read_eprint()

    def read_eprint(self) -> None:
        draft = self.draft
        (eprint, line), (kind, _), (other, _) = map(self.take, ["eprint", "eprinttype", "archiveprefix"])
        kind, other = plain(decode(kind)), plain(decode(other))
        is_address = bool(re.match(r"https?://", eprint))
        if is_address:
            draft.url(decode_address(eprint), line)
        elif tidy(eprint):
            draft.keep(kind or other or "eprint", decode_address(eprint), line)
        if kind and (is_address or not tidy(eprint)):
            draft.keep("eprinttype", kind, line)
        if other and (kind or is_address or not tidy(eprint)):
            draft.keep("archiveprefix", other, line)

    def read_plain_fields(self) -> None:
        draft = self.draft
        if self.type in ARTICLES:
            number, line = self.take("number")
            draft.set("issue", decode(number), line)
        for name, field in PLAIN.items():
            text, line = self.take(name)
            draft.set(field, decode(text.replace("\n", " ")), line)
        for name in KEYWORDS:
            words, _ = self.take(name)
            draft.keywords(split_keywords(decode(words)))
        for name in NOTES:
            draft.note(decode(self.take(name).text.replace("\n", " ")))

    def keep_the_rest(self) -> None:
        draft = self.draft
        left = [(name, self.take(name)) for name in list(self.fields)]
        left += [(name, Value(evaluated(raw, self.strings).text, line)) for name, (raw, line) in self.fields.repeated]
        repeated = {name for name, _ in self.fields.repeated}
        for name, (text, line) in left:
            if name in repeated:
                draft.note(f"{name}: {decode(text)}")
                draft.say(line, f"The field “{name}” is given twice: the second is kept in the note.", "note")
            elif name in LEFT_OUT or name.startswith("bdsk-"):
                draft.leave_out(name, line)
            else:
                draft.keep(name, decode(text), line)


def _divided(text: str, divider: re.Pattern[str]) -> Iterator[str]:
    """The parts of `text` between matches of `divider`, a pattern that finds braces too; what is in braces is one."""
    depth, start = 0, 0
    for match in divider.finditer(text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth <= 0:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _name(text: str, role: str) -> ReadName:
    """A name as BibTeX divides it: ``First von Last``, ``von Last, First``, ``von Last, Jr, First``, ``{All One}``."""
    text = text.strip()
    if _is_one_group(text):
        return ReadName(Name(role, literal=plain(decode(text[1:-1]))), False)
    parts = [plain(decode(part)) for part in _divided(text, COMMA)]
    family, *rest = parts
    rest = [part for part in rest if part]
    if not family:
        return ReadName(Name(role, literal=" ".join(rest)), False)
    if len(parts) > 1:
        if "{" not in text and rest and is_organisation(family, rest):
            return ReadName(Name(role, literal=plain(decode(text))), True)
        if len(rest) > 1 and (len(rest) == 2 or SUFFIX.fullmatch(rest[0])):
            family, rest = f"{family} {rest[0]}", rest[1:]
        return ReadName(person(role, family, " ".join(rest)), False)
    words = [plain(decode(word)) for word in _divided(text, SPACE) if plain(decode(word))]
    if len(words) > 1 and ORGANISATION.search(family):
        return ReadName(Name(role, literal=family), True)
    if len(words) > 1 and SHORT.fullmatch(words[-1]) and not SHORT.fullmatch(words[0]):
        return read_name(" ".join(words), role)  # as PubMed has it: Frost NJ
    return ReadName(given_first(words, role), False)


def _extended(text: str, role: str) -> Name:
    """A name in BibLaTeX's extended form: ``family=Groote, given=Frank, prefix=de, useprefix=true``.

    The prefix goes with the family name, whether or not it counts in sorting: so references print it.
    """
    parts: dict[str, str] = {}
    for part in _divided(re.sub(r'"([^"{}]*)"', r"{\1}", text), COMMA):
        name, _, value = part.partition("=")
        parts[name.strip().lower()] = plain(decode(value))
    prefix = parts.get("prefix", "")
    family = f"{prefix}{'' if prefix.endswith(('’', chr(39))) else ' '}{parts.get('family', '')}".strip()
    family = " ".join(filter(None, [family, parts.get("suffix")]))
    return person(role, family, parts.get("given") or parts.get("given-i", ""))


def _is_one_group(text: str) -> bool:
    """Whether `text` begins with a brace that its last character closes."""
    if not text.startswith("{"):
        return False
    depth = 0
    for match in re.finditer(r"(?<!\\)[{}]", text):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end() == len(text)
    return False
