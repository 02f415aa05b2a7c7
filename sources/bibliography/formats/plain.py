"""References as plain text, to be read and pasted."""

from collections.abc import Iterable

from curation.text import tidy
from sources.bibliography.record import Record
from sources.bibliography.references import Run, as_text, reference_list


def dump(records: Iterable[Record]) -> str:
    """`records` in Harvard, in order of their authors, each a paragraph with its notice; to be sent as UTF-8."""
    return "\n".join(f"{with_notice(one.work, one.runs)}\n" for one in reference_list(records, "harvard"))


def with_notice(record: Record, runs: Iterable[Run]) -> str:
    """A reference as one line, with the notice that the work was retracted; below it, the provenance."""
    line = tidy(f"{as_text(runs)} {record.notice and f'[{tidy(record.notice)}]'}")
    return "\n".join(filter(None, [line, *record.provenance.splitlines()]))
