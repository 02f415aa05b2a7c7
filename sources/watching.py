"""Was a work that we hold retracted, corrected or put in doubt? Crossref is asked; what it reports are proposals.

A work says what updates it (`updated-by`), and a notice says what it updates (`update-to`); Crossref holds what
publishers told it, and the Retraction Watch database.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from sources import notices
from sources.bibliography import catalogues
from sources.fetching import Until
from sources.models import Source
from sources.services import CROSSREF, Unanswered, Unknown

TOGETHER = 20  # DOIs in one question
ROWS = 1000  # of an answer: as many as Crossref gives
SECONDS = 30  # for one question, with its pause


@dataclass
class Report:
    """What came of asking about many works."""

    asked: int = 0
    made: list = field(default_factory=list)  # new proposals
    unanswered: dict = field(default_factory=dict)  # DOI -> why


def watched():
    """The sources that can be asked about: those in use that have a DOI."""
    return Source.objects.in_use().exclude(doi="").order_by("number")


def check(sources):
    """Ask about `sources`, and keep what is new as proposals. Returns a Report; never raises."""
    report, sources = Report(), list(sources)
    for start in range(0, len(sources), TOGETHER):
        by_doi = {source.doi: source for source in sources[start : start + TOGETHER]}
        try:
            told = catalogues.updates(_works(list(by_doi)))
        except (Unknown, Unanswered, ValueError) as error:
            report.unanswered |= dict.fromkeys(by_doi, str(error))
            continue
        report.asked += len(by_doi)
        for doi, found in told.items():
            for notice, said_by in found.items() if doi in by_doi else ():
                report.made += notices.report(by_doi[doi], [notice], reported_by_in_words(said_by))
    return report


def _works(dois):
    """The works of these DOIs and the notices about them, as Crossref has them."""
    plain = [doi for doi in dois if "," not in doi]  # a comma parts the filters
    found = []
    for name in ("doi", "updates"):
        if plain:
            wanted = quote(",".join(f"{name}:{doi}" for doi in plain), safe=":,/()")
            found += _asked(f"/works?filter={wanted}&select=DOI,update-to,updated-by&rows={ROWS}")
    for doi in sorted({*dois} - {*plain}):
        found += _asked(f"/works/{quote(doi, safe='')}")
    return found


def _asked(path):
    try:
        return catalogues.works(CROSSREF.ask(path, Until(SECONDS), "application/json"))
    except Unknown:
        return []  # not all DOIs are Crossref's


def reported_by_in_words(said_by):
    return {"retraction watch": "Retraction Watch", "publisher": "the publisher, by Crossref"}.get(said_by, "Crossref")
