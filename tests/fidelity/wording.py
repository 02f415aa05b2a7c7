"""The wording of a fixture: what of each entry a review says, in our words."""

import json
from pathlib import Path

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "signposts.json"
HEDGES = Path(__file__).with_name("hedges.tsv")
# Model -> letter of its codes, and the fields that say what the review says. The rest is marked as ours.
SAID = {
    "findings.review": ("R", ["summary", "method", "rights"]),
    "findings.theme": ("T", ["summary"]),
    "findings.keymessage": ("K", ["heading", "body"]),
    "findings.finding": ("F", ["heading", "bottom_line", "body"]),
    "findings.practiceimplication": ("P", ["heading", "summary", "body"]),
}
OURS = [
    "not_named",
    "not_known",
    "since_then",
    "questions",
    "questions_answered",
    "also_asked_as",
    "note",
    "bear_in_mind",
    "how_to_get_it",
]


def entries(fixture=FIXTURE):
    """Code -> fields of each review, theme, key message, finding and practice point."""
    rows = json.loads(Path(fixture).read_text(encoding="utf-8"))
    found = {}
    for row in rows:
        if row["model"] in SAID:
            letter, names = SAID[row["model"]]
            fields = row["fields"]
            found[f"{letter}{fields['number']}"] = {name: fields.get(name) or "" for name in [*names, *OURS]}
    return found


def places(fixture=FIXTURE):
    """Code -> (section, paragraph) in the review of each entry that has one."""
    rows = json.loads(Path(fixture).read_text(encoding="utf-8"))
    found = {f"{SAID[row['model']][0]}{row['fields']['number']}": row["fields"] for row in rows if row["model"] in SAID}
    return {
        code: (fields["place_section"], fields["place_paragraph"])
        for code, fields in found.items()
        if fields.get("place_section")
    }


def said(fields):
    """The texts of an entry that say what the review says."""
    names = {name for _, names in SAID.values() for name in names}
    return [text for name, text in fields.items() if name in names]


def hedges():
    """(code, field, words) of each hedge that our wording has to keep."""
    lines = HEDGES.read_text(encoding="utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]
