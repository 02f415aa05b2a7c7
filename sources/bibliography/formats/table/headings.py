"""What the columns of a spreadsheet of references are called by the programs that write one.

Zotero (CSV), PubMed (CSV), Scopus (CSV), Web of Science (XLS and tab-delimited), EndNote (tab-delimited), and our own
columns. A heading is compared by its letters and digits alone.
"""

import re

# Our field -> headings. Those that stand first win where a table has several of them.
HEADINGS = {
    "csl_type": "item type; reference type; ref type; document type; dt; publication type; pt; "
    "type of work; type; kind; genre",
    "title": "title; article title; document title; primary title; title of the work; ti",
    "authors": "author full names; af; author; authors; authors names; creators; creator; au; "
    "book author full names; bf; book authors; ba; group authors; gp; book group authors; corporate author; ca",
    "editors": "editor; editors; book editors; be; ed",
    "translators": "translator; translators",
    "compilers": "compiler; compilers",
    "year": "publication year; year; year published; py; pub year",
    "date": "date; publication date; date published; issued; pd",
    "container_title": "publication title; source title; journal; journal/book; journal title; journal or book; "
    "journal or book it is part of; secondary title; journal/secondary title; book title; container title; "
    "proceedings title; so; part of",
    "series": "series; book series title; series title; tertiary title; se",
    "volume": "volume; vol; vl",
    "issue": "issue; number/issue; issue number; is",
    "pages": "pages; page; page range; pages cited",
    "first_page": "start page; page start; beginning page; first page; bp",
    "last_page": "end page; page end; ending page; last page; ep",
    "article_number": "article number; art. no.; art no; ar",
    "edition": "edition",
    "publisher": "publisher; institution; university; pu",
    "place": "place; place published; publisher city; city; pi",
    "doi": "doi; di; book doi; d2; doi link",
    "isbn": "isbn; bn; isbn/issn",
    "issn": "issn; sn; print issn",
    "eissn": "eissn; ei; electronic issn; e-issn",
    "url": "url; urls; address; web address; dl",
    "accessed": "access date; accessed; date accessed; accessed on",
    "abstract": "abstract note; abstract; ab",
    "keywords": "manual tags; automatic tags; author keywords; de; keywords; keywords plus; id; index keywords; tags; "
    "keyword; subject terms; mesh terms",
    "language": "language; language of original document; la",
    "note": "notes; note; extra; research notes",
    "citation": "citation",
}
# What our fields are called where somebody says what is in a column.
LABELS = {
    "title": "Title",
    "authors": "Authors",
    "editors": "Editors",
    "translators": "Translators",
    "compilers": "Compilers",
    "year": "Year",
    "date": "Date",
    "csl_type": "Kind of work",
    "container_title": "Journal, or book it is part of",
    "series": "Series",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "first_page": "First page",
    "last_page": "Last page",
    "article_number": "Article number",
    "edition": "Edition",
    "publisher": "Publisher or institution",
    "place": "Place of publication",
    "doi": "DOI",
    "isbn": "ISBN",
    "issn": "ISSN",
    "eissn": "ISSN of the electronic edition",
    "url": "Web address",
    "accessed": "Day it was looked up",
    "abstract": "Abstract",
    "keywords": "Keywords",
    "language": "Language",
    "note": "Note",
    "citation": "Citation, as PubMed writes it",
}
# Kept in the note, under the name that stands here.
KEPT = {
    "pmid": "PMID",
    "pubmed id": "PMID",
    "pubmedid": "PMID",
    "pm": "PMID",
    "pmcid": "PMCID",
    "conference name": "Conference",
    "conference title": "Conference",
    "ct": "Conference",
    "report number": "Report number",
    "accession number": "Accession number",
    "ut unique wos id": "Accession number",
    "ut": "Accession number",
}
# Where a database or a program keeps the work, and what it counts: nothing of the work itself.
LEFT_OUT = """
key; date added; date modified; file attachments; link attachments; library catalog; archive; archive location;
call number; rights; short title; journal abbreviation; journal iso abbreviation; j9; ji; num pages; page count;
number of pages; pg; cited by; times cited; times cited wos core; times cited all databases; tc; z9; author(s) id;
author s id; affiliations; authors with affiliations; addresses; c1; reprint addresses; rp; email addresses; em;
researcher ids; ri; orcids; oi; correspondence address; references; cited references; cr; cited reference count; nr;
coden; abbreviated source title; publication stage; open access; open access designations; oa; open access
indicator; source; eid; link; create date; first author; nihms id; early access date; ea; 180 day usage count; u1;
since 2013 usage count; u2; funding details; funding texts; funding orgs; fu; funding text; fx; funding name
preferred; web of science index; wos categories; wc; we; research areas; sc; ids number; ga; date of export; da;
highly cited status; hc; hot paper status; hp; publisher address; pa; ended; label; date stamp; record number;
name of database; database provider; file attachment; custom 1; author address
"""


def plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading.casefold())


FIELD_OF = {plain(name): field for field, names in HEADINGS.items() for name in names.split(";")}
RANK = {plain(name): rank for names in HEADINGS.values() for rank, name in enumerate(names.split(";"))}
LABEL_OF = {plain(name): label for name, label in KEPT.items()}
LEFT = {plain(name) for name in LEFT_OUT.replace("\n", " ").split(";")}

# What they call the kinds of works -> ours.
TYPES = {
    "article-journal": "journal article; article; journalarticle; review; review article; article in press; letter; "
    "note; editorial; editorial material; short survey; data paper; erratum; correction; electronic article; "
    "early access; j; jour; articlejournal; retracted; retracted publication; meeting abstract",
    "article-magazine": "magazine article; magazinearticle; mgzn",
    "article-newspaper": "newspaper article; newspaperarticle; news",
    "book": "book; edited book; electronic book; monograph; b; s; encyclopedia; dictionary; edbook",
    "chapter": "book section; booksection; book chapter; chapter; chapter or part of a book; chap; "
    "electronic book section; encyclopedia article; encyclopediaarticle; dictionary entry; dictionaryentry; "
    "incollection; inbook",
    "document": "document; generic; gen; unpublished work; manuscript; preprint; misc; other",
    "legislation": "statute; bill; legislation; legal rule or regulation; stat",
    "pamphlet": "pamphlet; leaflet; pamp",
    "paper-conference": "conference paper; conferencepaper; proceedings paper; conference proceedings; p; cpaper; "
    "conf; inproceedings; paperconference; conference review; presentation",
    "report": "report; government document; rprt; techreport; working paper; standard; technical report",
    "thesis": "thesis; dissertation; thes; phd thesis; phdthesis",
    "webpage": "web page; webpage; website; blog; blog post; blogpost; elec; online; online multimedia; forum post",
}
TYPE_OF = {plain(name): ours for ours, names in TYPES.items() for name in names.split(";")}
