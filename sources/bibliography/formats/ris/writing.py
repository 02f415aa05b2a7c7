"""Records as RIS, as Zotero and EndNote read it best."""

from collections.abc import Iterable, Iterator

from curation.text import tidy
from sources.bibliography.formats.ris.tags import DOCUMENT, WHOLE, WRITTEN_AS
from sources.bibliography.names import parted, read_names, spaced
from sources.bibliography.record import Name, Record


def dump(records: Iterable[Record]) -> str:
    """`records` as the text of a RIS file, with its CRLF line ends; to be sent as UTF-8.

    RIS has no compilers: they are written as authors, as references print them. Text is written on one line each,
    since a line break could make a new tag of what follows; a note has a tag for each of its lines.
    """
    return "".join(_dumped(record) for record in records)


def _dumped(record: Record) -> str:
    lines = [f"{tag}  - {tidy(value)}" for tag, value in _tags(record) if tidy(value)]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _tags(record: Record) -> Iterator[tuple[str, str]]:
    is_whole = record.csl_type in WHOLE
    yield "TY", WRITTEN_AS.get(record.csl_type, "GEN")
    yield "M3", DOCUMENT if record.csl_type == "document" else ""  # GEN alone is anything
    yield "ID", record.key
    yield "TI", record.title
    for name in record.people("author") + record.people("compiler"):
        yield "AU", _name(name)
    for name in record.people("editor"):
        yield "ED", _name(name)
    for name in record.people("translator"):
        yield "A4", _name(name)
    yield "PY", record.year
    if record.issued_is_approximate or len(record.issued) > 4:
        year, month, day = [*record.issued.split("-"), "", ""][:3]
        yield "DA", f"{year}/{month}/{day}/{'circa' if record.issued_is_approximate else ''}"
    yield "JF" if is_whole else "T2", record.container_title
    yield "T2" if is_whole else "T3", record.series
    yield "VL", record.volume
    yield "IS", record.issue
    start, _, end = record.pages.partition("-")
    is_range = start and end and start != end and "-" not in end and "," not in record.pages
    yield "SP", start if is_range else record.pages
    yield "EP", end if is_range else ""
    yield "ET", record.edition or (f"Version {record.version}" if record.version else "")
    yield "PB", record.publisher
    yield "CY", record.place
    yield "DO", record.doi
    yield "SN", record.isbn
    yield "SN", record.issn
    yield "SN", f"{record.eissn} (Electronic)" if record.eissn else ""
    yield "UR", record.url
    yield "Y2", record.accessed_on.strftime("%Y/%m/%d/") if record.accessed_on else ""
    yield "AB", record.abstract
    for keyword in record.keywords:
        yield "KW", keyword.replace(";", ",")
    for line in record.notes.split("\n"):
        yield "N1", line
    yield "LA", record.language


def _name(name: Name) -> str:
    if not name.literal:
        family, suffix = parted(name.family) if name.given else (name.family, "")
        return ", ".join(filter(None, [family, spaced(name.given), suffix]))
    literal = tidy(name.literal)
    if "," in literal:
        return literal.replace(",", ",,")
    return literal if read_names(literal).names == [Name(literal=literal)] else f"{literal},"
