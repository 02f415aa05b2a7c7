"""Compare our wording with the text of the review, which stays outside the repository: make fidelity TEXT=a-file

Each quotation must stand in the text letter for letter; outside quotations, names and titles, no more than seven words
in a row may stand there too. Then come counts: how many sentences of each section stand in a paragraph that an entry is
from; and what the checks of the desk would have a second reader look at. These two fail nothing.

Exit status: 0 nothing found, 1 something found, 2 the text cannot be read.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from curation.sandbox import Unreadable
from findings.extraction.checks import QUOTED, RUN, plain, quotations, remarks, runs, stems
from findings.extraction.documents import read_file
from findings.extraction.reading import read
from tests.fidelity.wording import FIXTURE, entries, places, said

LIKE = 0.45  # of the words of a sentence that a wording made of it has too
# Names of works that findings cite, with their years: a wording may have them.
CITED = "2002 2003 2004 Hudson Townsley"


def problems(text, fixture=FIXTURE):
    review, held = plain(text), runs(text)
    for code, fields in entries(fixture).items():
        for wording in said(fields):
            for quotation in quotations(wording):
                if plain(quotation) not in review:
                    yield f"{code}: the text has no “{quotation}”"
            for run in sorted(runs(QUOTED.sub(" … ", wording)) & held):
                yield f"{code}: {RUN} words in a row are the text’s: {' '.join(run)}"


def coverage(reading, fixture=FIXTURE):
    """(section, sentences, those in a paragraph that an entry is from, headings and notes) in order."""
    named = set(places(fixture).values())
    total, covered, form = Counter(), Counter(), Counter()
    for one in reading.sentences:
        total[one.section] += 1
        title = reading.sections[one.section].title
        if one.kind in ("heading", "note"):
            form[one.section] += 1
        elif (title, one.paragraph) in named:
            covered[one.section] += 1
    return [(reading.sections[n].title, total[n], covered[n], form[n]) for n in sorted(total)]


def to_look_at(reading, fixture=FIXTURE):
    """(code, remark) of what the checks say of findings and key messages, beside the sentences of their paragraph that
    they share words with."""
    where = places(fixture)
    for code, fields in entries(fixture).items():
        if code[0] not in "FK" or code not in where:
            continue
        heading, *texts = [text for text in said(fields) if text]
        paragraph = [
            one.text
            for one in reading.sentences
            if (reading.sections[one.section].title, one.paragraph) == where[code] and one.kind != "heading"
        ]
        for remark in remarks(_alike(paragraph, " ".join([heading, *texts])), heading, texts, [CITED]):
            yield code, remark


def _alike(sentences, wording):
    """The sentences that a wording shares most of their words with, or else the one that it shares most with."""
    words = stems(wording)
    shared = [(len(stems(text) & words) / (len(stems(text)) or 1), text) for text in sentences]
    return [text for share, text in shared if share >= LIKE] or [text for _, text in sorted(shared)[-1:]]


def report(reading):
    print(f"\n{'sentences':>9} {'from here':>9} {'headings':>9}  section")
    for title, total, covered, form in coverage(reading):
        print(f"{total:9} {covered:9} {form:9}  {title}")
    print("\nTo look at, by the checks of the desk:")
    for code, remark in to_look_at(reading):
        print(f"{code}: {remark.says} {remark.why}")


def main(arguments):
    try:
        [path] = arguments
        blocks = read_file(Path(path).read_bytes())
    except (ValueError, OSError, Unreadable) as error:
        print(f"Name the file with the text of the review: make fidelity TEXT=a-file ({error}).")
        return 2
    reading = read(blocks)
    found = list(problems(" ".join(one.text for one in reading.sentences)))
    print("\n".join(found) or "Every quotation stands in the text, and no wording is the text’s.")
    report(reading)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
