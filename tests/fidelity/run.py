"""Compare our wording with the text of the review, which stays outside the repository: make fidelity TEXT=a-file

Each quotation must stand in the text letter for letter; outside quotations, names and titles, no more than seven words
in a row may stand there too. Exit status: 0 nothing found, 1 something found, 2 the text cannot be read.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from findings.extraction.checks import RUN, plain, quotations, runs, without_quotations
from tests.fidelity.wording import FIXTURE, entries, said


def problems(text, fixture=FIXTURE):
    review, held = plain(text), runs(text)
    for code, fields in entries(fixture).items():
        for wording in said(fields):
            for quotation in quotations(wording):
                if plain(quotation) not in review:
                    yield f"{code}: the text has no “{quotation}”"
            for run in sorted(runs(without_quotations(wording)) & held):
                yield f"{code}: {RUN} words in a row are the text’s: {' '.join(run)}"


def main(arguments):
    try:
        [path] = arguments
        text = Path(path).read_text(encoding="utf-8")
    except (ValueError, OSError, UnicodeDecodeError) as error:
        print(f"Name the file with the text of the review: make fidelity TEXT=a-file ({error}).")
        return 2
    found = list(problems(text))
    print("\n".join(found) or "Every quotation stands in the text, and no wording is the text’s.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
