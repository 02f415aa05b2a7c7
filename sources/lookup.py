"""Look works up by DOI, PMID, PMCID or ISBN: identifiers in, Records out.

DOIs by content negotiation, whichever agency gave them out; articles from NCBI's E-utilities, all in one question, and
books from Open Library likewise. What was found is kept for a day.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache
from django.db.models import TextChoices

from sources.bibliography import catalogues
from sources.bibliography.formats import csl_json, nbib
from sources.bibliography.identifiers import normalise_doi
from sources.bibliography.pasted import DOI, ISBN, PMCID, PMID, Identifier
from sources.bibliography.record import Record, Remark, as_json, from_json
from sources.fetching import Until
from sources.services import CATALOGUE, PUBMED, REGISTRY, Unanswered, Unknown

MOST = 50
SECONDS = 20  # that somebody who pressed a button waits
KEPT = 24 * 3600
CSL = "application/vnd.citationstyles.csl+json"
NOT_AVAILABLE = re.compile(r"^.{0,12}id: \d+ Error.*$", re.M)  # stands between the records that there are
BETWEEN_RECORDS = re.compile(r"\n\s*\n(?=PMID ?- )")
SERVICES = {DOI: REGISTRY, PMID: PUBMED, PMCID: PUBMED, ISBN: CATALOGUE}


class State(TextChoices):
    FOUND = "found", "Found"
    UNKNOWN = "unknown", "Not found"
    UNANSWERED = "unanswered", "No answer"


@dataclass(frozen=True)
class Result:
    """What came of one identifier. `words` say why nothing was found, or what there is to know of what was."""

    identifier: Identifier
    state: State
    record: Record | None = None
    words: tuple[str, ...] = ()

    @property
    def with_words(self):
        """The record, with what there is to know of it among its remarks."""
        said = {remark.message for remark in self.record.remarks}
        more = [Remark("", word) for word in self.words if word not in said]
        return replace(self.record, remarks=[*self.record.remarks, *more])

    @property
    def service(self):
        return SERVICES[self.identifier.kind].name


def is_on():
    return any(service.url for service in SERVICES.values())


def look_up(identifiers, seconds=SECONDS):
    """A Result for each of `identifiers`, in their order, in so many seconds at most; never raises."""
    asked = LookUp(Until(seconds))
    asked.run(list(dict.fromkeys(identifiers)))
    return [asked.results[one] for one in identifiers]


class LookUp:
    def __init__(self, until):
        self.until = until
        self.results = {}

    def run(self, identifiers):
        keys = {_key(one): one for one in identifiers}
        for key, kept in cache.get_many(keys).items():
            words = tuple(kept["words"])
            self.results[keys[key]] = Result(keys[key], State.FOUND, from_json(kept["record"]), words)
        wanted = {kind: [one for one in identifiers if one.kind == kind] for kind in SERVICES}
        open_ = {kind: [one for one in some if one not in self.results] for kind, some in wanted.items()}
        self._together(open_[ISBN], self._books)
        self._together(open_[PMID], self._articles)
        self._together(open_[PMCID], self._archived)
        for one in open_[DOI]:
            self._together([one], self._work)

    def _together(self, identifiers, ask):
        """Ask about several at once, and note for each what came of it."""
        if not identifiers:
            return
        try:
            found = ask(identifiers)
        except (Unknown, Unanswered, ValueError) as error:
            state = State.UNKNOWN if isinstance(error, Unknown) else State.UNANSWERED
            words = str(error)
            if isinstance(error, ValueError):
                words = f"{SERVICES[identifiers[0].kind].start} answers with what is no record. {error}"
            found = {one: Result(one, state, words=(words, *hints(one, state))) for one in identifiers}
        for one in identifiers:
            self.results[one] = result = found.get(one) or _unknown(one)
            if result.state == State.FOUND:
                cache.set(_key(one), {"record": as_json(result.record), "words": list(result.words)}, KEPT)

    def _books(self, identifiers):
        keys = ",".join(f"ISBN:{one.value}" for one in identifiers)
        query = urlencode({"bibkeys": keys, "format": "json", "jscmd": "data"}, safe=":,")
        found = catalogues.books(CATALOGUE.ask(f"/api/books?{query}", self.until, "application/json"))
        return {one: _found(one, found[one.value]) for one in identifiers if one.value in found}

    def _articles(self, identifiers):
        numbers = [one.value for one in identifiers]
        text = _fetched("efetch.fcgi", self.until, db="pubmed", id=numbers, rettype="medline", retmode="text")
        found = {}
        for one in BETWEEN_RECORDS.split(NOT_AVAILABLE.sub("", text)):
            parsed = nbib.parse(one)
            found |= {record.key: (record, parsed.problems) for record in parsed.records}
        if not found and not NOT_AVAILABLE.search(text):
            raise ValueError("It has no PMID.")
        return {
            one: _found(one, record, [problem.message for problem in problems])
            for one in identifiers
            for record, problems in [found.get(one.value, (None, []))]
            if record
        }

    def _archived(self, identifiers):
        """Works of PubMed Central, by the PMID or the DOI that they have there."""
        numbers = [one.value.removeprefix("PMC") for one in identifiers]
        known = catalogues.articles(_fetched("esummary.fcgi", self.until, db="pmc", id=numbers, retmode="json"))
        others = {}
        for one in identifiers:
            pmid, doi = known.get(one.value, ("", ""))
            if pmid or doi:
                others[one] = Identifier(PMID, pmid) if pmid else Identifier(DOI, normalise_doi(doi))
        self.run([other for other in dict.fromkeys(others.values()) if other not in self.results])
        return {
            one: Result(one, self.results[other].state, self.results[other].record, self.results[other].words)
            for one, other in others.items()
        }

    def _work(self, identifiers):
        [one] = identifiers
        text = REGISTRY.ask(f"/{quote(one.value, safe='/:;()._-')}", self.until, CSL)
        parsed = csl_json.parse(text)
        if not parsed.records or not parsed.records[0].title:
            raise ValueError("The agency of this DOI gives no record, or none with a title.")
        record = parsed.records[0]
        record.doi = record.doi or one.value
        return {one: _found(one, record, [problem.message for problem in parsed.problems])}


def _fetched(tool, until, **query):
    """What E-utilities answer, with the names of program and contact that NCBI asks for."""
    query = {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}
    query |= {"tool": "joined-up", **({"email": settings.CONTACT_EMAIL} if settings.CONTACT_EMAIL else {})}
    return PUBMED.ask(f"/{tool}?{urlencode(query, safe=',')}", until)


def _found(identifier, record, problems=()):
    if identifier.kind == ISBN and not record.isbn:
        record.isbn = identifier.value
    words = [*(remark.message for remark in record.remarks), *problems]
    return Result(identifier, State.FOUND, record, tuple(dict.fromkeys(words)))


def _unknown(identifier):
    words = f"{SERVICES[identifier.kind].start} knows no work with this number."
    return Result(identifier, State.UNKNOWN, words=(words, *hints(identifier, State.UNKNOWN)))


def hints(identifier, state):
    """What may be wrong with a DOI that nobody knows: letters that look like figures."""
    if state == State.UNKNOWN and identifier.kind == DOI:
        end = identifier.value.rpartition("/")[2]
        if end[:-1].isdigit() and end[-1:] in "loi":
            yield f"It ends in a letter {end[-1]}. Is a figure meant?"


def _key(identifier):
    address = f"{SERVICES[identifier.kind].url} {identifier}"
    return f"lookup:{hashlib.sha256(address.encode()).hexdigest()}"
