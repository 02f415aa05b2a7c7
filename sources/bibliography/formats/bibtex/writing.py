"""Records as BibTeX, which BibLaTeX reads too."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from curation.text import join_keywords
from sources.bibliography.dates import MONTHS
from sources.bibliography.formats.latex import encode
from sources.bibliography.names import parted, spaced
from sources.bibliography.record import ARTICLES, Name, Record
from sources.bibliography.titles import italic_parts

WRITTEN_AS = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "document": "misc",
    "legislation": "legislation",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "thesis",
    "webpage": "online",
}


def dump(records: Iterable[Record]) -> str:
    """`records` as the text of a BibTeX file, which BibLaTeX reads too; keys are the records' own, made unique."""
    used: set[str] = set()
    return "\n".join(_dumped(record, _key(record, used)) for record in records)


def _key(record: Record, used: set[str]) -> str:
    """The record's key in the letters that BibTeX allows; numbered if it was used before."""
    wanted = record.key or "".join(
        [*[name.family or name.literal for name in record.contributors[:1]], record.year, record.title[:20]]
    )
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
    base = key = re.sub(r"[^A-Za-z0-9:._/+-]", "", plain) or "entry"
    number = 1
    while key.lower() in used:
        number += 1
        key = f"{base}-{number}"
    used.add(key.lower())
    return key


def _dumped(record: Record, key: str) -> str:
    lines = [f"  {name} = {value}" for name, value in _fields(record) if value not in {"", "{}"}]
    return ",\n".join([f"@{WRITTEN_AS.get(record.csl_type, 'misc')}{{{key}", *lines]) + "\n}\n"


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    for role, field, kind in _roles(record):
        yield field, f"{{{' and '.join(_written(name) for name in record.people(role))}}}"
        yield f"{field}type", f"{{{kind}}}"
    yield "title", f"{{{''.join(_title(record))}}}"
    yield (
        "entrysubtype",
        f"{{{record.csl_type.partition('-')[2]}}}"
        if record.csl_type in {"article-magazine", "article-newspaper"}
        else "",
    )
    is_article = record.csl_type in ARTICLES
    yield "journal" if is_article else "booktitle", _braced(record.container_title)
    yield "year", f"{{{record.year}}}"
    if len(record.issued) == 7:
        yield "month", MONTHS[int(record.issued[5:]) - 1]
    if record.issued_is_approximate or len(record.issued) == 10:
        yield "date", f"{{{record.issued}{'~' if record.issued_is_approximate else ''}}}"
    yield "volume", _braced(record.volume)
    yield "number" if is_article else "issue", _braced(record.issue)
    yield "number", _braced(record.entry_code)
    yield "pages", _braced(record.pages).replace("-", "--")
    yield "edition", _braced(record.edition)
    yield "version", _braced(record.version)
    yield "institution" if record.csl_type in {"report", "thesis"} else "publisher", _braced(record.publisher)
    yield "address", _braced(record.place)
    yield "series", _braced(record.series)
    yield "doi", _address(record.doi)
    for field in ["isbn", "issn", "eissn"]:
        yield field, _braced(getattr(record, field))
    yield "url", _address(record.url)
    yield "urldate", f"{{{record.accessed_on or ''}}}"
    yield "language", _braced(record.language)
    yield "abstract", _braced(record.abstract)
    yield "keywords", _braced(join_keywords(record.keywords))
    yield "note", _braced(record.caveats)
    yield "annote", _braced("\n".join(filter(None, [record.note, record.provenance])))


def _roles(record: Record) -> Iterator[tuple[str, str, str]]:
    yield "author", "author", ""
    yield "editor", "editor", ""
    if record.people("compiler"):  # BibLaTeX has them as a kind of editor
        yield "compiler", *(("editora", "compiler") if record.people("editor") else ("editor", "compiler"))
    yield "translator", "translator", ""


def _title(record: Record) -> Iterator[str]:
    for text, is_italic in italic_parts(record.title, record.title_italics):
        # Styles write titles in small letters, and must not with NHS.
        encoded = re.sub(r"(?<![\\\w])\w*[A-Z]\w*[A-Z]\w*", r"{\g<0>}", encode(text))
        yield f"\\emph{{{encoded}}}" if is_italic else encoded


def _braced(text: str) -> str:
    return f"{{{encode(text)}}}"


def _address(text: str) -> str:
    for char in "{}\\":
        text = text.replace(char, f"%{ord(char):02X}")
    return f"{{{text}}}"


def _written(name: Name) -> str:
    if name.literal:
        return f"{{{encode(name.literal)}}}"
    if not name.given:
        return f"{_whole(name.family)}," if " " in name.family else _whole(name.family)
    family, suffix = parted(name.family)
    return ", ".join(map(_whole, filter(None, [family, suffix, spaced(name.given)])))


def _whole(part: str) -> str:
    """A part of a name, its commas and “and” kept from dividing it."""
    encoded = encode(part)
    return f"{{{encoded}}}" if re.search(r",|\band\b", part, re.I) else encoded
