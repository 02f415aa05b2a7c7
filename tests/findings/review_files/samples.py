"""A small review with everything of it, and ways to write, send and compare it."""

import io

from django.core.management import call_command
from django.db import connection

from curation.imports import importing
from curation.models import EarlierSlug
from findings.review_files import jsonfile
from findings.review_files.export import review_document
from findings.review_files.filetype import REVIEW_FILE
from findings.review_files.form import HEAD
from tests import factories

RECORDS = ["curation.change", "curation.codeseries", "curation.logentry", "curation.revision"]
IMPORTS = ["curation.import", "curation.importrow"]
OURS = ["stamp"]


def dump():
    """Every row but the records of imports, acts and changes, and the numbers given: those are never taken back."""
    text = io.StringIO()
    left_out = [*RECORDS, *IMPORTS, *(f"findings.{name}" for name in OURS)]
    call_command("dumpdata", "curation", "sources", "findings", "taggit", exclude=left_out, indent=1, stdout=text)
    return text.getvalue()


emptyings = []  # which tests/conftest.py clears up after


def emptied():
    """Leave nothing, in this transaction."""
    emptyings.append(True)
    connection.check_constraints()  # PostgreSQL empties no table with checks that wait for the end
    call_command("flush", verbosity=0, interactive=False)


def make_whole_review():
    """A review in which each kind of entry, part, reference and date occurs."""
    review, theme = factories.make_review(title="Working in one team"), factories.make_theme(name="Co-location")
    newer = factories.make_source(title="A newer edition of the work", authors=[("Hudson", "B")], issued="2010")
    source = factories.make_source(
        title="The work", authors=[("Hudson", "B"), ("Frost", "N")], newer_edition=newer, doi="10.1000/a"
    )
    source.contributors.create(role="editor", order=1, literal="An organisation")
    source.tags.add("partnership", "Évaluation")
    review.contributors.create(role="editor", literal="A department")
    review.contributors.create(role="compiler", family="Flood", given="S")
    review.review_sources.create(source=newer, role="summarises", number=3)
    first = factories.make_finding(
        heading="Sharing an office helps",
        stance="facilitator",
        review=review,
        theme=theme,
        last_checked_on="2021-02-03",
    )
    second = factories.make_finding(
        heading="Distance gets in the way", review=review, theme=theme, **factories.withdrawn(replaced_by=first)
    )
    EarlierSlug.objects.create(letter="F", slug="sharing-a-room", number=first.number)
    factories.cite(
        first,
        source,
        locator="12–14",
        locator_label="page",
        note="A study of one team.",
        covers="The quotation only",
        number=4,
    )
    factories.cite(first, newer)
    first.tags.add("partnership")
    point = factories.make_implication(
        [first, second], review=review, heading="Share an office", questions="Do we share an office?", audience="both"
    )
    point.tags.add("offices")
    message = factories.make_key_message([first], review=review, heading="Offices matter")
    message.implications.add(point)
    factories.make_finding(
        heading="An unfinished finding", status="draft", published_on=None, review=review, theme=theme
    )
    term = factories.make_term("Co-location", also_called=["Shared office"], spellings=["colocation"])
    term.labels.create(label="Estates", kind="leads-here")
    term.notes.create(profession="Nurses", text="Say “under one roof”.")
    return review


def exported(review):
    return jsonfile.write(review_document(review))


def document(**lists):
    return {**HEAD, **lists}


def planned(document, user=None, **options):
    return importing.upload(REVIEW_FILE, jsonfile.write(document), "review.json", user, **options)


def taken_in(document, user=None, **options):
    return importing.apply(planned(document, user, **options), user=user)


def rows(batch):
    return {row.record.get("code") or row.place: (row.match, row.choice) for row in batch.rows.order_by("position")}


REVIEW = {"code": "R1", "title": "Another review", "summary": "What it is."}
THEME = {"code": "T1", "name": "Another theme", "summary": "What it gathers."}


def finding(code="F1", **values):
    return {
        "code": code,
        "review": "R1",
        "theme": "T1",
        "stance": "barrier",
        "heading": f"Something of {code} gets in the way",
        "bottom_line": "It does.",
        "body": "It does so at length.",
        **values,
    }


def small(*findings, **lists):
    return document(**{"reviews": [REVIEW], "themes": [THEME], "findings": list(findings) or [finding()], **lists})
