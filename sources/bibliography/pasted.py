"""DOIs, PMIDs, PMCIDs and ISBNs in a text that somebody pasted, whatever stands around them."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from sources.bibliography.identifiers import normalise_doi, normalise_isbn

DOI, PMID, PMCID, ISBN = "DOI", "PMID", "PMCID", "ISBN"
KINDS = (DOI, PMID, PMCID, ISBN)

IN_DOI = r"10\.\d{4,9}(?:/|%2F)(?:\(SICI\)\S+|[^\s\"<>“”]+)"  # only the old SICIs have pointed brackets within
DIGITS = r"(?:97[89][-‐-― ]?)?(?:\d[-‐-― ]?){9}[\dXx]"
FOUND = re.compile(
    rf"""
    (?P<DOI>{IN_DOI})
    | (?<![A-Za-z])(?P<PMCID>PMC\ ?\d{{1,9}})(?!\d)
    | (?:\bPMID\b\W{{0,3}}|\bpubmed(?:\.ncbi\.nlm\.nih\.gov)?/|\bpubmed\W{{0,3}}(?=\d))(?P<PMID>\d{{1,9}})(?!\d)
    | \bISBN(?:-?1[03])?(?:\s*\([^()]{{1,20}}\))?\W{{0,3}}(?P<ISBN>{DIGITS}(?![\dXx])|[\dXx][-\dXx‐-―]{{5,20}})
    | (?<![\d.])(?P<bare>{DIGITS})(?![\d-])
    """,
    re.X | re.I,
)
ALONE = re.compile(r"\s*(?:[\[(]?\d{1,3}[\]).:]\s*|[•*-]\s*)?(\d{5,8})[\s.,;]*")  # a PMID on a line of its own
PAIRS = {")": "(", "]": "[", "}": "{"}


class Identifier(NamedTuple):
    kind: str  # of KINDS
    value: str  # in its normal form

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Recognised(NamedTuple):
    """What a text holds: its identifiers, each once and in order, and what should have been one and is not, in words.

    `rest` are the lines in which nothing was recognised.
    """

    identifiers: list[Identifier]
    faults: list[str]
    rest: list[str]


def recognise(text: str) -> Recognised:
    """Read a pasted text, of any length, line by line."""
    found: dict[Identifier, None] = {}
    faults: list[str] = []
    rest: list[str] = []
    for line in text.splitlines():
        before = len(faults)
        here = list(_in_line(line, faults))
        found.update(dict.fromkeys(here))
        if line.strip() and not here and len(faults) == before:
            rest.append(" ".join(line.split()))
    return Recognised(list(found), faults, rest)


def _in_line(line: str, faults: list[str]) -> Iterator[Identifier]:
    if alone := ALONE.fullmatch(line):
        yield Identifier(PMID, str(int(alone[1])))
        return
    for match in FOUND.finditer(line):
        kind, given = match.lastgroup, match[match.lastgroup or 0]
        try:
            if kind == DOI:
                yield Identifier(DOI, normalise_doi(_bare(unquote(given))))
            elif kind in (PMID, PMCID):
                digits = str(int(re.sub(r"\D", "", given)))
                yield Identifier(kind, f"PMC{digits}" if kind == PMCID else digits)
            else:
                yield Identifier(ISBN, normalise_isbn(given))
        except ValueError as error:
            if kind != "bare":  # a number that nobody called an ISBN may be a telephone's
                faults.append(str(error))


def _bare(doi: str) -> str:
    """A DOI without the stops and brackets of the sentence around it."""
    while doi:
        last = doi[-1]
        if last in ".,;:'’”\"*>" or (last in PAIRS and doi.count(last) > doi.count(PAIRS[last])):
            doi = doi[:-1]
        else:
            break
    return doi
