"""BibTeX and BibLaTeX.

`blocks` finds the entries of a file, `reading` says what they mean (names, dates, LaTeX), `writing` writes them.
"""

import re

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParserStateException

from sources.bibliography.formats.bibtex.blocks import Fields, inherited, sorted_out
from sources.bibliography.formats.bibtex.reading import Reading
from sources.bibliography.formats.bibtex.writing import WRITTEN_AS, dump
from sources.bibliography.formats.draft import Draft, Tally
from sources.bibliography.record import Parsed, Problem, TooMany

__all__ = ["WRITTEN_AS", "dump", "parse"]

ENTRY_LINE = re.compile(r"^[ \t]*@[ \t]*(?!(?:string|preamble|comment)\b)\w+[ \t]*[{(]", re.M | re.I)


def parse(text: str, most: int | None = None) -> Parsed:
    """Read a BibTeX or BibLaTeX file, given as text. Returns Parsed; raises TooMany alone.

    An entry that is broken is rescued line by line and reported; fatal is only what gave no record.
    """
    parsed = Parsed(most=most)
    problems = parsed.problems
    if most is not None and sum(1 for _ in ENTRY_LINE.finditer(text)) > most:
        raise TooMany
    try:
        blocks = parse_string(text, parse_stack=[]).blocks
    except (ParserStateException, RecursionError):
        problems.append(Problem(1, "The file cannot be read as BibTeX.", is_fatal=True))
        return parsed
    strings, entries = sorted_out(blocks, text, problems)
    by_key: dict[str, Fields] = {}
    for entry in entries:
        by_key.setdefault(entry.key.lower(), entry)
    tally = Tally()
    for entry in entries:
        if entry.kind == "xdata":
            continue
        if not entry:
            problems.append(Problem(entry.line, "The entry has no fields: there is nothing to read.", is_fatal=True))
            continue
        draft = Draft(entry.line, tally, entry.key)
        Reading(draft, inherited(entry, by_key, draft), strings).read()
        parsed.add(draft.finish(), draft.problems)
    problems += tally.problems()
    if not parsed.records and not any(problem.is_fatal for problem in problems):
        problems.append(Problem(1, "No entry begins here with “@…{”: this is not BibTeX.", is_fatal=True))
    return parsed.in_order()
