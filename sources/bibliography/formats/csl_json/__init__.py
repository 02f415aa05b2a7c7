"""CSL-JSON, the input of citation processors (schema of CSL 1.0.2), and what the API of Crossref answers."""

from sources.bibliography.formats.csl_json.items import items
from sources.bibliography.formats.csl_json.reading import read, text_of
from sources.bibliography.formats.csl_json.writing import dump
from sources.bibliography.formats.draft import Draft, Tally
from sources.bibliography.record import Parsed, Problem

__all__ = ["dump", "parse"]


def parse(text: str, most: int | None = None) -> Parsed:
    """Read an item or an array of items, given as text. Returns Parsed; raises TooMany alone.

    What stands before an error of syntax is read; the error is fatal and has its line.
    """
    parsed = Parsed(most=most)
    tally = Tally()
    for item, line in items(text, parsed.problems):
        if not isinstance(item, dict) or not item:
            parsed.problems.append(Problem(line, "This is not an item of CSL-JSON: it was not read.", is_fatal=True))
            continue
        draft = Draft(line, tally, key=text_of(item.get("id")))
        read(item, draft, line)
        parsed.add(draft.finish(), draft.problems)
    parsed.problems += tally.problems()
    if not parsed.records and not parsed.problems:
        parsed.problems.append(Problem(1, "There is no item in the file.", is_fatal=True))
    return parsed.in_order()
