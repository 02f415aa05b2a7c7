"""The tags and types of RIS."""

TYPES = {
    "ABST": "article-journal",
    "BILL": "legislation",
    "BLOG": "webpage",
    "BOOK": "book",
    "CASE": "document",
    "CHAP": "chapter",
    "CONF": "paper-conference",
    "CPAPER": "paper-conference",
    "CTLG": "document",
    "DICT": "chapter",
    "EBOOK": "book",
    "ECHAP": "chapter",
    "EDBOOK": "book",
    "EJOUR": "article-journal",
    "ELEC": "webpage",
    "ENCYC": "chapter",
    "GEN": "document",
    "GOVDOC": "report",
    "ICOMM": "webpage",
    "INPR": "article-journal",
    "JFULL": "article-journal",
    "JOUR": "article-journal",
    "MANSCPT": "document",
    "MGZN": "article-magazine",
    "NEWS": "article-newspaper",
    "PAMP": "pamphlet",
    "RPRT": "report",
    "SER": "book",
    "STAND": "report",
    "STAT": "legislation",
    "THES": "thesis",
    "UNBILL": "legislation",
    "UNPB": "document",
    "UNPD": "document",
    "WEB": "webpage",
}
WRITTEN_AS = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "document": "GEN",
    "legislation": "STAT",
    "pamphlet": "PAMP",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
}
DOCUMENT = "Document"  # in M3, of what GEN says too little

# Works that stand alone: their secondary title is a series.
WHOLE = ("book", "report", "thesis", "pamphlet")

TITLE = ("TI", "T1", "CT")
CONTAINER = ("JF", "JO", "JA", "J1", "J2", "JI")
PEOPLE = {"AU": "author", "A1": "author", "ED": "editor", "A2": "editor", "A4": "translator"}
PLAIN = {
    "VL": "volume",
    "IS": "issue",
    "CP": "issue",
    "ET": "edition",
    "PB": "publisher",
    "CY": "place",
    "PP": "place",
    "T3": "series",
    "LA": "language",
    "AB": "abstract",
    "N2": "abstract",
}
# What says nothing about the work: where a database keeps it, files on someone's computer, abbreviations.
LEFT_OUT = {"AD", "AV", "CN", "DB", "DP", "ER", "RP", "SR", "ST", "TY", "XT", "Y3"}
OTHER = (
    "A3 AN BT C1 C2 C3 C4 C5 C6 C7 C8 DA DI DO EI EP ID K1 KW L1 L2 L3 L4 LK M1 M2 M3 N1 NV OP PY RD RN SE SN SP T2 TA "
    "TT U1 U2 U3 U4 U5 UR Y1 Y2"
)
KNOWN = {*TITLE, *CONTAINER, *PEOPLE, *PLAIN, *LEFT_OUT, *OTHER.split()}
