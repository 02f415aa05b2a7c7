"""Files as the exports of reference managers and databases are, of works that are made up and of mixed quality.

Each dialect writes what its program documents, and the faults that such files have. Beside the file stands what was put
into it, so that it can be counted what came out.
"""

import csv
import io
import json
import random
from dataclasses import dataclass, field

from tests.sources.bibliography.formats.strategies import isbn, issn

FAMILIES = "Quill Ferris Okafor Szabó Dubois O’Hara Lindqvist Nowak de_la_Cruz van_Dyck Müller King_Jr.".split()
GIVENS = ["Jo", "Pat", "N. J.", "Éva", "Anna Maria", "K.", "Tom"]
NOUNS = "teams trust handover corridor neighbourhood assessment school family record meeting carer worker".split()
VERBS = "talk share meet split grow change learn wait".split()
TOWNS = ["Leeds", "Bristol", "Lyon", "Växjö"]
BODIES = ["Corridor Press", "Bureau for Family Studies", "University of Nowhere", "Trust & Sons"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
KINDS = ["article-journal"] * 5 + ["book", "chapter", "report", "thesis", "paper-conference"]


@dataclass
class Work:
    """A made-up work."""

    rng: random.Random
    number: int
    kind: str = ""
    authors: list = field(default_factory=list)

    def __post_init__(self):
        rng, n = self.rng, self.number
        self.kind = rng.choice(KINDS)
        self.title = f"How {rng.choice(NOUNS)} {rng.choice(VERBS)} with {rng.choice(NOUNS)} {n}x{rng.randrange(99)}"
        names = [(family.replace("_", " "), rng.choice(GIVENS)) for family in FAMILIES]
        self.authors = rng.sample(names, rng.randint(1, 4))
        self.editors = rng.sample(names, 1) if self.kind == "chapter" else []
        self.year, self.month, self.day = rng.randint(1985, 2024), rng.randint(1, 12), rng.randint(1, 28)
        self.container = f"Journal of {rng.choice(NOUNS)} {rng.choice(NOUNS)}"
        self.volume, self.issue = str(rng.randint(1, 80)), str(rng.randint(1, 12))
        self.first = rng.randint(100, 900)
        self.last = self.first + rng.randint(1, 30)
        self.publisher, self.place = rng.choice(BODIES), rng.choice(TOWNS)
        self.doi = f"10.5555/{rng.choice(NOUNS)}.{n}.{rng.randrange(999)}"
        self.isbn, self.issn = isbn(rng.randrange(10**9)), issn(rng.randrange(10**7))
        self.url = f"https://example.org/{rng.choice(NOUNS)}/{n}"
        self.abstract = f"We asked {rng.randint(9, 999)} people in {rng.choice(TOWNS)} how they {rng.choice(VERBS)}."
        self.keywords = rng.sample(NOUNS, rng.randint(0, 3))
        self.accession = f"ACC{n:05}"
        self.has_serial = rng.random() < 0.7
        self.pages = f"{self.first}-{self.last}"

    @property
    def in_whole(self):
        return self.kind in {"article-journal", "chapter", "paper-conference"}

    def odd_title(self):
        """The title, perhaps with a fault, and what it says."""
        word = self.title.split()[1]
        return self.rng.choice(
            [
                (self.title, self.title),
                (f"{self.title}.", self.title),
                (self.title.replace(word, f"<i>{word}</i>", 1), self.title),
                (f"{self.title} &ndash; caf&eacute;", f"{self.title} café"),
                (self.title.replace(" ", "\u00a0", 2), self.title),
            ]
        )

    def odd_date(self, usual):
        """A date as programs write it, mostly as this one does."""
        month = MONTHS[self.month - 1]
        odd = [f"{self.year}{self.month:02}{self.day:02}", f"{self.day} {month} {self.year}", f"Spring {self.year}"]
        odd += [f"{self.year} {month}-{MONTHS[self.month % 12]}", "in press", f"{self.year}/{self.month:02}//"]
        return self.rng.choice(odd) if self.rng.random() < 0.25 else usual


@dataclass
class Export:
    """A file, and for each record what was put in: (label, text). Labels of one column or tag can be told together."""

    filename: str
    data: bytes
    records: list


def inverted(name, comma=", "):
    return comma.join(name)


def ris(program, works, types, container="T2", title="TI", date="PY", extra=(), authors_together=False, dialect=()):
    """RIS: EndNote, Zotero, Mendeley, ProQuest, EBSCO, RefWorks, Ovid, Scopus and Web of Science differ in these."""
    rng, lines, records = works[0].rng, [], []
    for work in works:
        shown, said = work.odd_title()
        usual = f"{work.year}/{work.month:02}/{work.day:02}/" if date in {"Y1", "PY"} else str(work.year)
        when = work.odd_date(usual)
        put = [(title, shown, said), (date, when, when)]
        if authors_together and len(work.authors) > 1:
            together = "; ".join(map(inverted, work.authors))
            put.append(("AU", together, together))
        else:
            put += [("AU", inverted(name), inverted(name)) for name in work.authors]
        put += [("ED", inverted(name), inverted(name)) for name in work.editors]
        if work.in_whole:
            put += [(container, work.container, work.container), ("VL", work.volume, work.volume)]
            put += [("SP", str(work.first), str(work.first)), ("EP", str(work.last), str(work.last))]
        else:
            put += [("PB", work.publisher, work.publisher), ("CY", work.place, work.place)]
        if work.kind == "article-journal":
            put.append(("IS", work.issue, work.issue))
        if work.has_serial:
            serial = work.issn if work.kind == "article-journal" else work.isbn
            put.append(("SN", rng.choice([serial, f"{serial} (Print)"]), serial))
        doi_tag, doi = rng.choice(
            [("DO", work.doi), ("DO", f"https://doi.org/{work.doi}"), ("L3", f"http://dx.doi.org/{work.doi}")]
        )
        put += [(doi_tag, doi, work.doi), ("UR", work.url, work.url), ("AB", work.abstract, work.abstract)]
        put += [("KW", word, word) for word in work.keywords]
        put += [(tag, make(work), make(work)) for tag, make in (*extra, *dialect)]
        lines += [f"TY  - {types.get(work.kind, 'GEN')}", *(f"{tag}  - {text}" for tag, text, _ in put)]
        if rng.random() < 0.97:
            lines += ["ER  - ", *[""] * rng.randint(0, 3)]
        records.append([(tag, said) for tag, _, said in put] + [("csl_type", work.kind)] * (work.kind in types))
    text = "\r\n".join(lines) + "\r\n"
    return Export(f"{program}.ris", text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"])), records)


JOUR = {
    "article-journal": "JOUR",
    "book": "BOOK",
    "chapter": "CHAP",
    "report": "RPRT",
    "thesis": "THES",
    "paper-conference": "CPAPER",
}


def bibtex(program, works, is_biblatex, extra=()):
    """JabRef and Mendeley write BibTeX, Better BibTeX BibLaTeX with extended names, Scopus its own fields."""
    kinds = {"chapter": "incollection", "thesis": "phdthesis", "paper-conference": "inproceedings", "book": "book"}
    kinds |= {"article-journal": "article", "report": "report" if is_biblatex else "techreport"}
    entries, records = [], []
    for work in works:
        rng = work.rng
        shown, said = work.odd_title()
        shown = shown.replace("&", r"\&").replace("<i>", r"\emph{").replace("</i>", "}")
        if is_biblatex and rng.random() < 0.3:
            shown, said = shown + r" in CO\textsubscript{2}", f"{said} CO2"
        names = [inverted(name) for name in work.authors]
        if is_biblatex:
            names = [
                f"family={family}, given={given}, prefix=von" if rng.random() < 0.2 else f"{family}, {given}"
                for family, given in work.authors
            ]
        put = [("title", shown, said)]
        put.append(("author", " and ".join(names), " ".join(map(inverted, work.authors))))
        if work.editors:
            put.append(("editor", inverted(work.editors[0]), inverted(work.editors[0])))
        if is_biblatex:
            when = work.odd_date(f"{work.year}-{work.month:02}")
            put.append(("date", when, when))
        else:
            put += [
                ("year", str(work.year), str(work.year)),
                ("month", MONTHS[work.month - 1].lower(), str(work.month)),
            ]
        if work.in_whole:
            name = "booktitle" if work.kind != "article-journal" else "journaltitle" if is_biblatex else "journal"
            put += [(name, work.container, work.container), ("volume", work.volume, work.volume)]
            put.append(("pages", f"{work.first}--{work.last}", work.pages))
        else:
            house = "publisher" if work.kind == "book" else "institution"
            put.append((house, work.publisher.replace("&", r"\&"), work.publisher))
            put.append(("address", work.place, work.place))
        if work.kind == "article-journal":
            put.append(("number", work.issue, work.issue))
        if work.has_serial:
            serial = "issn" if work.kind == "article-journal" else "isbn"
            put.append((serial, getattr(work, serial), getattr(work, serial)))
        put += [("doi", work.doi, work.doi), ("url", work.url, work.url), ("abstract", work.abstract, work.abstract)]
        put.append(("keywords", ", ".join(work.keywords), " ".join(work.keywords)))
        put += [(name, make(work), make(work)) for name, make in extra]
        fields = ",\n".join(f"  {name} = {{{text}}}" for name, text, _ in put)
        entries.append(f"@{kinds[work.kind]}{{key{work.number},\n{fields}\n}}\n")
        records.append([(name, said) for name, _, said in put] + [("csl_type", work.kind)])
    return Export(f"{program}.bib", "\n".join(entries).encode(), records)


def nbib(program, works):
    """PubMed and, with other tags, ERIC."""
    lines, records = [], []
    for work in works:
        is_eric = program == "eric"
        put = [] if is_eric else [("PMID", str(9_000_000 + work.number), str(9_000_000 + work.number))]
        put += [("OWN", "ERIC", "")] if is_eric else [("OWN", "NLM", ""), ("STAT", "MEDLINE", "")]
        shown, said = work.odd_title()
        shown = shown if shown.endswith(".") or is_eric else f"{shown}."
        when = work.odd_date(f"{work.year} {MONTHS[work.month - 1]}")
        put += [("TI", shown, said), ("DP", when, when)]
        put += [("AU" if is_eric else "FAU", inverted(name), inverted(name)) for name in work.authors]
        put += [
            ("JT", work.container, work.container),
            ("VI", work.volume, work.volume),
            ("IP", work.issue, work.issue),
        ]
        put += [("PG", work.pages, work.pages), ("AB", work.abstract, work.abstract)]
        put += [("OT" if is_eric else "MH", word, word) for word in work.keywords]
        if is_eric:
            put += [("OID", f"EJ{work.number:06}", f"EJ{work.number:06}"), ("LID", work.url, work.url)]
        else:
            put += [("IS", f"{work.issn} (Print)", work.issn), ("AID", f"{work.doi} [doi]", work.doi)]
            put += [("TA", "J Made Up", "J Made Up"), ("PL", "England", "England")]
            if work.rng.random() < 0.05:
                put += [
                    (
                        "RIN",
                        f"J Made Up. {work.year + 1};1(2):{work.number}",
                        f"J Made Up {work.year + 1} {work.number}",
                    )
                ]
        lines += [f"{tag:<4}- {text}" for tag, text, _ in put] + [""]
        records.append([(tag, said) for tag, _, said in put if said])
    sign = "\r\r\n" if program == "pubmed" else "\n"
    return Export(f"{program}.nbib", sign.join(lines).encode(), records)


def csl(program, works):
    """Zotero's CSL-JSON, and the answer of Crossref, with lists, subtitles and article numbers."""
    items, records = [], []
    for work in works:
        shown, said = work.odd_title()
        item = {"id": work.number, "type": work.kind, "title": shown, "DOI": work.doi, "URL": work.url}
        put = [("title", said), ("DOI", work.doi), ("URL", work.url), ("abstract", work.abstract)]
        item["author"] = [{"family": family, "given": given} for family, given in work.authors]
        put += [("author", inverted(name)) for name in work.authors]
        parts = work.rng.choice([[[work.year, work.month]], [work.year, work.month, work.day], [[str(work.year)]]])
        item["issued"] = {"date-parts": parts}
        put.append(("issued", str(work.year)))
        item["abstract"] = work.abstract
        if work.in_whole:
            item |= {"container-title": work.container, "volume": work.volume, "page": work.pages}
            put += [("container-title", work.container), ("volume", work.volume), ("page", work.pages)]
        if program == "crossref":
            item |= {
                "type": {"article-journal": "journal-article", "chapter": "book-chapter"}.get(work.kind, work.kind)
            }
            item |= {
                "title": [shown],
                "subtitle": [f"a view from {work.place}"],
                "container-title": [work.container, "J M U"],
            }
            item["author"][0] |= {"affiliation": [{"name": "Dept of Everything"}], "sequence": "first"}
            item |= {"subject": work.keywords, "article-number": f"e{work.number}", "publisher": work.publisher}
            put += [
                ("title", f"view from {work.place}"),
                ("container-title", "J M U"),
                ("affiliation", "Dept of Everything"),
            ]
            put += [("container-title", work.container), ("article-number", f"e{work.number}")]
            put += [("publisher", work.publisher)]
        else:
            item |= {"keyword": ", ".join(work.keywords), "note": f"PMID: {work.number}", "source": "Library"}
            item["custom"] = {"shelf": work.accession}
            put += [("custom", work.accession), ("source", "Library"), ("note", f"PMID: {work.number}")]
        put += [("keyword", word) for word in work.keywords]
        items.append(item)
        records.append([*put, ("csl_type", work.kind)])
    return Export(f"{program}.json", json.dumps(items).encode(), records)


def table(program, works, columns, delimiter=","):
    """CSV and tab-delimited text: Zotero, PubMed, Scopus, Web of Science, EndNote."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    records = []
    for work in works:
        shown = {heading: make(work) for heading, make in columns.items()}
        writer.writerow([text for text, _ in shown.values()])
        records.append([(heading, said) for heading, (_, said) in shown.items() if said])
    return Export(
        f"{program}.csv" if delimiter == "," else f"{program}.txt", file.getvalue().encode("utf-8-sig"), records
    )


def same(make):
    return lambda work: (make(work), make(work))


def names(separator, comma=", "):
    return same(lambda work: separator.join(inverted(name, comma) for name in work.authors))


LABELS = {"article-journal": "Journal Article", "chapter": "Book Section", "paper-conference": "Conference Paper"}
ZOTERO = {
    "Key": same(lambda work: f"KEY{work.number}"),
    "Item Type": lambda work: ("journalArticle", "article journal"),
    "Publication Year": same(lambda work: str(work.year)),
    "Author": names("; "),
    "Title": lambda work: work.odd_title(),
    "Publication Title": same(lambda work: work.container),
    "ISSN": same(lambda work: work.issn),
    "DOI": same(lambda work: work.doi),
    "Url": same(lambda work: work.url),
    "Abstract Note": same(lambda work: work.abstract),
    "Date": same(lambda work: f"{work.year}-{work.month:02}"),
    "Pages": same(lambda work: "17-Jul" if work.number % 9 == 0 else work.pages),
    "Manual Tags": same(lambda work: "; ".join(work.keywords)),
    "Extra": same(lambda work: f"PMID: {work.number}"),
    "Shelf of ours": same(lambda work: work.accession),
}
PUBMED = {
    "PMID": same(lambda work: str(work.number)),
    "Title": lambda work: work.odd_title(),
    "Authors": same(
        lambda work: ", ".join(f"{family.replace(' Jr.', '')} {given[0]}" for family, given in work.authors) + "."
    ),
    "Citation": lambda work: (
        f"J Made Up. {work.year} {MONTHS[work.month - 1]};{work.volume}({work.issue}):{work.pages}. doi: {work.doi}.",
        f"{work.year} {work.month} {work.volume} {work.issue} {work.pages} {work.doi}",
    ),
    "First Author": same(lambda work: work.authors[0][0]),
    "Journal/Book": same(lambda work: work.container),
    "Publication Year": same(lambda work: str(work.year)),
    "DOI": same(lambda work: work.doi),
}
SCOPUS = {
    "Authors": same(
        lambda work: "; ".join(f"{family.replace(' Jr.', '')} {given[0]}." for family, given in work.authors)
    ),
    "Author full names": lambda work: (
        "; ".join(f"{family}, {given} (57190000{place})" for place, (family, given) in enumerate(work.authors)),
        " ".join(map(inverted, work.authors)),
    ),
    "Title": lambda work: work.odd_title(),
    "Year": same(lambda work: str(work.year)),
    "Source title": same(lambda work: work.container),
    "Volume": same(lambda work: work.volume),
    "Art. No.": same(lambda work: f"e{work.number}" if work.number % 2 else ""),
    "Page start": same(lambda work: "" if work.number % 2 else str(work.first)),
    "Page end": same(lambda work: "" if work.number % 2 else str(work.last)),
    "Cited by": same(lambda work: str(work.number)),
    "DOI": same(lambda work: work.doi),
    "Document Type": lambda work: ("Retracted" if work.number % 20 == 0 else "Article", "article-journal"),
    "EID": same(lambda work: f"2-s2.0-{work.number}"),
}
WEB_OF_SCIENCE = {
    "PT": lambda work: ("J", ""),
    "AU": names("; "),
    "TI": lambda work: work.odd_title(),
    "SO": same(lambda work: work.container.upper()),
    "PY": same(lambda work: str(work.year)),
    "PD": lambda work: (f"{MONTHS[work.month - 1].upper()} {work.day}", f"{work.month} {work.day}"),
    "VL": same(lambda work: work.volume),
    "BP": same(lambda work: str(work.first)),
    "EP": same(lambda work: str(work.last)),
    "SN": same(lambda work: work.issn),
    "DI": same(lambda work: work.doi),
    "UT": same(lambda work: f"WOS:{work.accession}"),
    "Z9": same(lambda work: str(work.number)),
}
ENDNOTE = {
    "Reference Type": lambda work: (LABELS.get(work.kind, work.kind.capitalize()), work.kind),
    "Author": names("; "),
    "Year": same(lambda work: str(work.year)),
    "Title": lambda work: work.odd_title(),
    "Journal/Secondary Title": same(lambda work: work.container),
    "Place Published": same(lambda work: work.place),
    "Publisher": same(lambda work: work.publisher),
    "Volume": same(lambda work: work.volume),
    "Number/Issue": same(lambda work: work.issue),
    "Pages": same(lambda work: work.pages),
    "DOI": same(lambda work: work.doi),
    "Keywords": same(lambda work: "\n".join(work.keywords)),
    "Custom 9": same(lambda work: work.accession),
}

DATABASE = [("DB", lambda work: "A Database"), ("AN", lambda work: work.accession)]
DIALECTS = {
    "zotero.ris": lambda works: ris("zotero", works, JOUR, extra=[("L1", lambda work: f"/home/{work.number}.pdf")]),
    "endnote.ris": lambda works: ris("endnote", works, JOUR, extra=[("N1", lambda work: f"Shelf {work.accession}")]),
    "mendeley.ris": lambda works: ris("mendeley", works, {}, container="JF", title="T1", date="Y1"),
    "proquest.ris": lambda works: ris("proquest", works, JOUR, container="JF", extra=DATABASE, authors_together=True),
    "ebsco.ris": lambda works: ris("ebsco", works, JOUR, container="JO", date="Y1", extra=DATABASE),
    "refworks.ris": lambda works: ris("refworks", works, JOUR, title="T1", extra=[("U5", lambda work: work.accession)]),
    "ovid.ris": lambda works: ris("ovid", works, JOUR, container="JF", extra=[("XT", lambda work: "cgi"), *DATABASE]),
    "scopus.ris": lambda works: ris(
        "scopus",
        works,
        JOUR,
        extra=[("N1", lambda work: f"Cited By :{work.number}"), ("C7", lambda work: f"e{work.number}")],
    ),
    "web-of-science.ris": lambda works: ris(
        "web-of-science",
        works,
        JOUR,
        extra=[("AN", lambda work: f"WOS:{work.accession}"), ("M3", lambda work: "Article")],
    ),
    "jabref.bib": lambda works: bibtex(
        "jabref", works, False, [("owner", lambda work: "me"), ("file", lambda work: ":x.pdf:PDF")]
    ),
    "mendeley.bib": lambda works: bibtex("mendeley", works, False, [("mendeley-groups", lambda work: "Group A")]),
    "better-bibtex.bib": lambda works: bibtex("better-bibtex", works, True, [("langid", lambda work: "english")]),
    "scopus.bib": lambda works: bibtex(
        "scopus",
        works,
        False,
        [("note", lambda work: f"cited By {work.number}"), ("art_number", lambda work: f"e{work.number}")],
    ),
    "pubmed.nbib": lambda works: nbib("pubmed", works),
    "eric.nbib": lambda works: nbib("eric", works),
    "zotero.json": lambda works: csl("zotero", works),
    "crossref.json": lambda works: csl("crossref", works),
    "zotero.csv": lambda works: table("zotero", works, ZOTERO),
    "pubmed.csv": lambda works: table("pubmed", works, PUBMED),
    "scopus.csv": lambda works: table("scopus", works, SCOPUS),
    "web-of-science.txt": lambda works: table("web-of-science", works, WEB_OF_SCIENCE, "\t"),
    "endnote.txt": lambda works: table("endnote", works, ENDNOTE, "\t"),
}


def export(dialect, count, seed=1):
    rng = random.Random(f"{dialect}-{seed}")
    return DIALECTS[dialect]([Work(rng, number) for number in range(1, count + 1)])
