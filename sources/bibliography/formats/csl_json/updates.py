"""What Crossref says of the retractions and corrections of a work (`updated-by`), or of which work it is one itself."""

from typing import Any

from curation.text import tidy
from sources.bibliography.dates import read_date
from sources.bibliography.formats.csl_json.dates import read_day
from sources.bibliography.formats.draft import Draft, doi_in
from sources.bibliography.notices import Notice, kind_of_update

REPORTED_BY = {"publisher": "reported by the publisher", "retraction-watch": "reported by Retraction Watch"}


def read_updated_by(draft: Draft, value: object, line: int) -> None:
    """Notices about the work: each has a type, the DOI of the notice, its date and who reported it."""
    for update in value if isinstance(value, list) else [value]:
        if not isinstance(update, dict):
            draft.keep("updated-by", _word(update), line)
            continue
        name, label, doi, source = (_word(update.get(key)) for key in ("type", "label", "DOI", "source"))
        kind = kind_of_update(name or label)
        if not kind:
            draft.keep(f"{label or name or 'Update'} in", doi, line)
            continue
        detail = ", ".join(filter(None, [label or name.replace("_", " "), REPORTED_BY.get(source, source)]))
        draft.notice(Notice(kind, _date(update.get("updated")), doi_in(doi), "", detail), line)


def read_update_to(draft: Draft, value: object, line: int) -> None:
    """The works about which this record is a notice."""
    for update in value if isinstance(value, list) else [value]:
        about = update if isinstance(update, dict) else {"DOI": update}
        label = _word(about.get("label")) or _word(about.get("type")) or "Update"
        message = f"This is a notice ({label.lower()[:40]}) about another work, and not that work: look for it."
        draft.refuse(f"{label[:40]} of", _word(about.get("DOI")), line, message, "title")


def read_relation(draft: Draft, value: object, line: int) -> None:
    """Crossref's other way to say it: ``{"is-corrected-by": [{"id": …}]}``. Other relations are left out."""
    for name, others in value.items() if isinstance(value, dict) else []:
        kind = kind_of_update(name) if name.startswith("has-") or name.endswith("-by") else ""
        found = [one for one in others if isinstance(one, dict)] if isinstance(others, list) else []
        for one in found if kind else []:
            doi = doi_in(_word(one.get("id")))
            draft.notice(Notice(kind, "", doi, "", name.replace("-", " ")), line)
        if not kind and others:
            draft.leave_out("relation", line)
    if value and not isinstance(value, dict):
        draft.leave_out("relation", line)


def _date(value: Any) -> str:
    found = next((read_date(day.text) for day in read_day(value) if day.is_date), None)
    return found.issued if found else ""


def _word(value: object) -> str:
    return "" if value is None else tidy(str(value))
