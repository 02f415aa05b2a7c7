"""The types and variables of CSL, and those of Crossref."""

from sources.bibliography.record import CSL_TYPES

# Other types of CSL, and those of Crossref, by the nearest of ours.
TYPES = {name: name for name in CSL_TYPES} | {
    "article": "document",
    "book-part": "chapter",
    "bill": "legislation",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "classic": "book",
    "edited-book": "book",
    "entry": "chapter",
    "entry-dictionary": "chapter",
    "entry-encyclopedia": "chapter",
    "journal-article": "article-journal",
    "manuscript": "document",
    "other": "document",
    "peer-review": "document",
    "monograph": "book",
    "post": "webpage",
    "post-weblog": "webpage",
    "posted-content": "document",
    "proceedings": "book",
    "proceedings-article": "paper-conference",
    "reference-book": "book",
    "report-component": "chapter",
    "report-series": "report",
    "reference-entry": "chapter",
    "regulation": "legislation",
    "review": "article-journal",
    "review-book": "article-journal",
    "standard": "report",
    "speech": "paper-conference",
    "dissertation": "thesis",
}
PLAIN = {
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "publisher": "publisher",
    "publisher-place": "place",
    "collection-title": "series",
    "abstract": "abstract",
    "language": "language",
}
# Crossref's own names for the same, and where those of CSL go that it writes otherwise.
ALSO_PLAIN = {"publisher-location": "place", "edition-number": "edition"}
LEFT_OUT = set(
    """
    alternative-id archive archive_location assertion call-number categories citation-key citation-label
    citation-number container-title-short content-domain content-version created custom deposited event-date
    first-reference-note-number funder indexed is-referenced-by-count issn-type isbn-type journalAbbreviation
    journal-issue license link member original-date page-first prefix published published-online published-print
    reference reference-count references-count relation resource score short-container-title short-title shortTitle
    source submitted system_id title-short update-policy year-suffix
    """.split()
)
