"""Small makers of entries: each gives what the database insists on, published unless told otherwise."""

import datetime
import itertools

from curation.changelog import gathered
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Contributor, Source

serial = itertools.count(1)
LONG_AGO = datetime.date(2020, 1, 2)


def curated(kind, **values):
    n = next(serial)
    return {"slug": f"{kind}-{n}", "status": "published", "published_on": LONG_AGO, **values}


def withdrawn(**values):
    return {
        "status": "withdrawn",
        "withdrawn_on": datetime.date(2021, 3, 4),
        "withdrawal_reason": "It claimed too much.",
        **values,
    }


@gathered()
def make_review(compilers=(), **values):
    review = Review.objects.create(**curated("review", **{"title": "A review", "summary": "What it is.", **values}))
    for order, (family, given) in enumerate(compilers, 1):
        review.contributors.create(role="compiler", order=order, family=family, given=given)
    return review


def make_theme(**values):
    return Theme.objects.create(**curated("theme", **{"name": "A theme", "summary": "What it gathers.", **values}))


@gathered()
def make_finding(**values):
    values.setdefault("review", Review.objects.first() or make_review())
    values.setdefault("theme", Theme.objects.first() or make_theme())
    defaults = {
        "stance": "barrier",
        "heading": "Something gets in the way",
        "bottom_line": "It does so in one line.",
        "body": "It does so at length.",
    }
    return Finding.objects.create(**curated("finding", **{**defaults, **values}))


@gathered()
def make_implication(findings=(), **values):
    values.setdefault("review", Review.objects.first() or make_review())
    defaults = {
        "element": "joint-enterprise",
        "heading": "Do it",
        "summary": "Do it soon.",
        "body": "Do it so.",
        "questions": "Is it done?",
    }
    implication = PracticeImplication.objects.create(**curated("implication", **{**defaults, **values}))
    implication.findings.set(findings)
    return implication


@gathered()
def make_key_message(findings=(), **values):
    values.setdefault("review", Review.objects.first() or make_review())
    message = KeyMessage.objects.create(**curated("message", **{"heading": "In short", "body": "This.", **values}))
    message.findings.set(findings)
    return message


@gathered()
def make_source(authors=(("Hudson", "B"),), **values):
    defaults = {"title": "A work", "issued": "2002", "csl_type": "book", "publisher": "A Press"}
    source = Source.objects.create(**curated("source", **{**defaults, **values}))
    for order, (family, given) in enumerate(authors, 1):
        Contributor.objects.create(source=source, order=order, family=family, given=given)
    return source


def cite(finding, source, **values):
    values.setdefault("order", finding.citations.count() + 1)
    return Citation.objects.create(finding=finding, source=source, **values)


@gathered()
def make_term(label, also_called=(), spellings=(), **values):
    values.setdefault("slug", label.lower().replace(" ", "-"))
    term = Term.objects.create(
        **curated("term", **{"preferred_label": label, "definition": f"What {label} means.", **values})
    )
    for kind, labels in [("also-called", also_called), ("spelling", spellings)]:
        for other in labels:
            term.labels.create(label=other, kind=kind)
    return term
