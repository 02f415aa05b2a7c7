"""What Zotero makes of tags, rule by rule, and what a librarian is told of it."""

import pytest

from sources.bibliography.formats.ris import WRITTEN_AS
from sources.bibliography.zotero import RIS_KINDS, kind_of, preview, seen
from tests.sources.bibliography.test_metadata import NAMING, organisation, person, work


def names(*contents, tag="citation_author"):
    item = seen([("citation_title", "X"), *[(tag, content) for content in contents]])
    return [(creator.family, creator.given) for creator in item.creators]


class TestKind:
    @pytest.mark.parametrize(
        ("tags", "kind", "is_guess"),
        [
            ({"citation_title": "X"}, "journalArticle", True),
            ({"citation_title": "X", "citation_isbn": "1"}, "book", True),
            ({"citation_isbn": "1", "citation_title": "X"}, "book", True),
            ({"citation_series_title": "X"}, "journalArticle", True),
            ({"citation_journal_title": "X"}, "journalArticle", False),
            ({"citation_technical_report_institution": "X"}, "report", False),
            ({"citation_conference_title": "X"}, "conferencePaper", False),
            ({"citation_inbook_title": "X"}, "bookSection", False),
            ({"citation_book_title": "X"}, "bookSection", False),
            ({"citation_dissertation_institution": "X"}, "thesis", False),
            ({"citation_isbn": "1", "og:type": "website"}, "webpage", False),
            ({"citation_title": "X", "og:type": "article"}, "journalArticle", True),
            ({"og:type": "website", "z.itemType": "book"}, "book", False),
            ({"z.itemType": "book", "citation_journal_title": "X"}, "journalArticle", False),
            ({"bepress_citation_journal_title": "X"}, "journalArticle", False),
            ({}, "", True),
        ],
    )
    def test_a_settling_tag_beats_a_declared_kind_and_that_a_guess(self, tags, kind, is_guess):
        assert kind_of(tags.items()) == (kind, is_guess)

    def test_every_type_of_ris_that_we_write_is_known(self):
        assert set(RIS_KINDS) == set(WRITTEN_AS.values())


class TestNames:
    @pytest.mark.parametrize(
        ("contents", "found"),
        [
            (["Frost, Nick"], [("Frost", "Nick")]),
            (["Nick Frost"], [("Frost", "Nick")]),
            (["Hochstadt, NJ"], [("Hochstadt", "N. J.")]),
            (["Van Dyck, A.M."], [("Van Dyck", "A. M.")]),
            # on its own it falls in two, in company not
            (["Van Dyck, Anna Maria"], [("Dyck", "Van"), ("Maria", "Anna")]),
            (["Van Dyck, Anna Maria", "Frost, Nick"], [("Van Dyck", "Anna Maria"), ("Frost", "Nick")]),
            (["Nick Frost, University of Leeds"], [("Frost", "Nick"), ("Leeds", "University of")]),
            (["Frost, Nick; Lart, Rachel"], [("Frost", "Nick"), ("Lart", "Rachel")]),
            (["research in practice"], [("Practice", "Research In")]),
            (["HM GOVERNMENT"], [("Government", "Hm")]),
            (["Frost, JAB"], [("Frost", "J. a. B.")]),
            (["OFSTED"], [("OFSTED", "")]),
            (["hooks, bell"], [("Hooks", "Bell")]),
            (["SMITH-JONES, ANNA"], [("Smith-Jones", "Anna")]),
            (["Dupont, Jean-P."], [("Dupont", "Jean-P.")]),
            ([".", ";"], []),
        ],
    )
    def test_they_are_cut_up_and_written_as_zotero_does(self, contents, found):
        assert names(*contents) == found

    def test_editors_stay_editors(self):
        assert [creator.role for creator in seen([("citation_editor", "Lart, R")]).creators] == ["editor"]


class TestFields:
    def test_the_first_value_counts_but_for_numbers_of_books_and_journals(self):
        twice = [("title", "One"), ("title", "Two"), ("isbn", "1"), ("isbn", "2"), ("issn", "3"), ("issn", "4")]
        item = seen([*[(f"citation_{name}", content) for name, content in twice], ("citation_eIssn", "5")])
        assert (item.title, item.isbn, item.issn) == ("One", "1, 2", "3, 4")
        assert seen([("citation_eIssn", "5")]).issn == "5"

    def test_a_range_in_the_first_page_is_cut(self):
        assert seen([("citation_firstpage", "7-9, 12")]).pages == "7"


def told(source):
    return " ".join(preview(source).warnings)


class TestWarnings:
    def test_what_is_in_order_gets_none(self):
        assert preview(work(url="https://example.org/")).warnings == []
        for csl_type, more in NAMING.items():
            assert preview(work(csl_type=csl_type, doi="10.1000/a", **more)).warnings == [], csl_type

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (work(csl_type="pamphlet"), "Zotero has no pamphlets"),
            (work(csl_type="pamphlet"), "From a RIS file, Zotero saves it as a manuscript"),
            (work(csl_type="document"), "From a RIS file, Zotero saves it as a journal article"),
            (work(csl_type="article-journal"), "Nothing names the journal."),
            (work(csl_type="chapter"), "Nothing names the book that the chapter is in."),
            (work(csl_type="report", publisher=""), "The report has no institution. Fill in the publisher."),
            (work(csl_type="thesis", publisher=""), "The thesis has no university."),
            (work(person("X", "Y", "translator")), "It has no author."),
            (work(organisation("Ofsted"), publisher=""), "“Ofsted” is saved as the publisher"),
            (work(organisation("Ofsted"), csl_type="report", publisher=""), "“Ofsted” is saved as the institution"),
            (work(organisation("Ofsted"), csl_type="report", publisher="TSO"), "The publisher, “TSO”, is not saved."),
            (work(person("Frost", "N"), organisation("Ofsted")), "“Ofsted” is not saved"),
            (work(person("Van Dyck", "Anna Maria")), "sent as initials, “Van Dyck, A.M.”"),
            (work(person("hooks", "bell")), "Zotero writes “Hooks, Bell” for “hooks, bell”"),
            (work(person("Frost; Lart", "N")), "Zotero makes 2 people of 1."),
            (work(issued=""), "It has no date and is saved with “n.d.”."),
            (work(issued="2005", issued_is_approximate=True), "is approximate cannot be told: it is saved as 2005."),
            (work(), "the address of our page is saved"),
            (work(edition="2nd", place="Leeds"), "Pages cannot tell the edition and the place."),
        ],
    )  # fmt: skip
    def test_each_says_what_to_know_or_do(self, source, words):
        assert words in told(source)

    def test_an_edited_book_has_somebody(self):
        assert "no author" not in told(work(person("Lart", "Rachel", "editor")))
