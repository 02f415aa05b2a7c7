"""RIS, as the programs that write it do.

There is no standard but the description by Research Information Systems (2001, 2011) and the dialects of EndNote,
RefWorks, Zotero, Mendeley, JabRef, Web of Science, Scopus, ProQuest and EBSCO. `parse` takes them all; `dump` writes
what Zotero and EndNote read best.
"""

from sources.bibliography.formats.draft import Tally
from sources.bibliography.formats.ris.lines import entries
from sources.bibliography.formats.ris.reading import read_entry
from sources.bibliography.formats.ris.tags import WRITTEN_AS
from sources.bibliography.formats.ris.writing import dump
from sources.bibliography.record import Parsed, Problem

__all__ = ["WRITTEN_AS", "dump", "parse"]


def parse(text: str, most: int | None = None) -> Parsed:
    """Read a RIS file, given as text with line feeds. Returns Parsed; raises TooMany alone.

    Every record that begins with TY is returned, also where its end is missing. What is not understood is in the
    problems, with its line: tags for which Record has no field go to its note, lines that belong to no record are
    fatal if they look like parts of one.
    """
    parsed = Parsed(most=most)
    tally = Tally()
    for entry in entries(text, parsed.problems):
        record = read_entry(entry, parsed.problems, tally)
        if record:
            parsed.add(record, [])
    parsed.problems += tally.problems()
    if not parsed.records and not parsed.problems:
        parsed.problems.append(Problem(1, "The file is empty.", is_fatal=True))
    elif not parsed.records and not any(problem.is_fatal for problem in parsed.problems):
        parsed.problems.append(Problem(1, "No record begins here with “TY  - ”: this is not RIS.", is_fatal=True))
    return parsed.in_order()
