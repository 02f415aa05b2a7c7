"""What reference managers read: the tags of a work's page, and COinS in lists, read as strangers would."""

from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote

import pytest

from sources.bibliography import zotero
from sources.bibliography.metadata import ZOTERO_KINDS, coins, highwire, page_span
from sources.bibliography.record import CSL_TYPES, Name
from sources.bibliography.zotero import seen


def work(*names, **values):
    """A work as the functions want it, without a database."""
    names = names or (Name(family="Hudson", given="Bob"),)
    fields = [
        "container_title",
        "volume",
        "issue",
        "pages",
        "edition",
        "place",
        "series",
        "doi",
        "isbn",
        "issn",
        "eissn",
        "url",
        "abstract",
    ]
    defaults = {**dict.fromkeys(fields, ""), "title": "A work", "issued": "2002", "csl_type": "book"}
    defaults["issued_is_approximate"] = False
    return SimpleNamespace(
        **{**defaults, "publisher": "A Press", **values},
        people=lambda role: [name for name in names if name.role == role],
    )


def person(family, given="", role="author"):
    return Name(role, family, given)


def organisation(literal, role="author"):
    return Name(role, literal=literal)


def tags(source):
    return dict(highwire(source))


NAMING = {  # what settles the kind
    "article-journal": {"container_title": "A Journal"},
    "chapter": {"container_title": "A Book"},
    "paper-conference": {"container_title": "Proceedings"},
}


class TestTags:
    def test_every_type_is_known(self):
        assert set(ZOTERO_KINDS) == set(CSL_TYPES)
        assert set(ZOTERO_KINDS.values()) <= set(zotero.KIND_LABELS)

    @pytest.mark.parametrize("csl_type", CSL_TYPES)
    @pytest.mark.parametrize("more", [{}, {"isbn": "9780521663632", "series": "A series"}])
    @pytest.mark.parametrize("bare", [False, True])
    def test_each_type_is_saved_as_what_it_is_and_not_as_a_guess(self, csl_type, more, bare):
        more = {**more, **({"publisher": ""} if bare else NAMING.get(csl_type, {}))}
        item = seen(highwire(work(csl_type=csl_type, **more)))
        assert (item.kind, item.is_guess) == (ZOTERO_KINDS[csl_type], False)

    def test_a_journal_article_is_told_whole(self):
        source = work(
            person("Hudson", "Bob"), csl_type="article-journal", title="The  Achilles'\nheel", issued="2002-05-01",
            container_title="Children & Families", volume="16", issue="1", pages="7-17", doi="10.1000/a",
            issn="1356-1820", eissn="1469-9567", abstract="Short.", publisher="",
        )  # fmt: skip
        assert highwire(source) == [
            ("citation_title", "The Achilles' heel"),
            ("citation_journal_title", "Children & Families"),
            ("citation_author", "Hudson, Bob"),
            ("citation_publication_date", "2002/05/01"),
            ("citation_volume", "16"),
            ("citation_issue", "1"),
            ("citation_firstpage", "7"),
            ("citation_lastpage", "17"),
            ("citation_doi", "10.1000/a"),
            ("citation_issn", "1356-1820"),
            ("citation_eIssn", "1469-9567"),
            ("citation_abstract", "Short."),
            ("citation_public_url", "https://doi.org/10.1000/a"),
        ]

    def test_each_person_has_a_tag(self):
        source = work(person("Frost", "Nick"), person("Van Dyck", "Anna Maria"), person("Lart", "R", "editor"))
        assert [content for name, content in highwire(source) if name == "citation_author"] == [
            "Frost, Nick",
            "Van Dyck, Anna Maria",
        ]
        assert tags(source)["citation_editor"] == "Lart, R"

    def test_a_single_name_that_would_be_two_people_gets_initials(self):
        assert tags(work(person("Van Dyck", "Anna Maria")))["citation_author"] == "Van Dyck, A.M."
        assert tags(work(person("Van Dyck", "Anna")))["citation_author"] == "Van Dyck, Anna"
        assert tags(work(person("Dyck", "Anna Maria")))["citation_author"] == "Dyck, Anna Maria"

    def test_an_organisation_is_no_author_but_the_house(self):
        ofsted = organisation("research in practice")
        assert "citation_author" not in tags(work(ofsted))
        assert tags(work(ofsted, publisher=""))["citation_publisher"] == "research in practice"
        report = tags(work(ofsted, csl_type="report", publisher="TSO"))
        assert report["citation_technical_report_institution"] == "research in practice"
        assert "citation_publisher" not in report
        both = work(person("Frost", "Nick"), ofsted, csl_type="report", publisher="TSO")
        assert tags(both)["citation_technical_report_institution"] == "TSO"

    def test_a_compiler_leads_where_there_is_no_author(self):
        assert tags(work(person("Frost", "N", "compiler")))["citation_author"] == "Frost, N"

    def test_a_date_is_always_given(self):
        assert tags(work(issued=""))["citation_publication_date"] == "n.d."

    @pytest.mark.parametrize(
        ("pages", "span"),
        [
            ("7-17", ("7", "17")),
            ("7–17", ("7", "17")),
            ("7", ("7", "")),
            ("", ("", "")),
            ("7-9, 12-14", ("7–9, 12–14", "")),
            ("e1-2-3", ("e1–2–3", "")),
        ],
    )
    def test_pages_are_divided_where_they_are_a_plain_range(self, pages, span):
        assert page_span(pages) == span
        assert seen(highwire(work(pages=pages))).pages == (pages.replace("–", "-") if span[1] else span[0])


def fields_of(source):
    """COinS as OpenURL has it, read by the standard library."""
    return parse_qsl(coins(source), strict_parsing=True, keep_blank_values=True)


def zotero_reads(text):
    """As openurl.js does: a part without “=” is a fault, plus signs are spaces, what follows a second “=” is lost."""
    return [(key, unquote(value.split("=")[0].replace("+", " ").replace("%2B", " ")))
            for key, value in (part.split("=", 1) for part in text.split("&"))]  # fmt: skip


TRICKY = [
    "Children & Families",
    "50% more",
    "a = b",
    "“Who?” é 家族",
    "a;b",
    "#1/2",
    "<b>bold</b>",
    "x&y=z",
    "'single'",
]


class TestCoins:
    @pytest.mark.parametrize("title", TRICKY)
    def test_any_text_comes_through(self, title):
        source = work(title=title, publisher=title)
        for read in [fields_of(source), zotero_reads(coins(source))]:
            assert dict(read)["rft.btitle"] == title
            assert dict(read)["rft.pub"] == title

    @pytest.mark.parametrize(
        ("csl_type", "form", "genre", "title"),
        [
            ("article-journal", "journal", "article", "rft.atitle"),
            ("book", "book", "book", "rft.btitle"),
            ("chapter", "book", "bookitem", "rft.atitle"),
            ("paper-conference", "book", "proceeding", "rft.atitle"),
            ("report", "book", "report", "rft.btitle"),
            ("document", "book", "document", "rft.title"),
            ("pamphlet", "book", "document", "rft.title"),
            ("thesis", "dissertation", None, "rft.title"),
            ("webpage", "dc", None, "rft.title"),
            ("article-magazine", "dc", None, "rft.title"),
            ("legislation", "dc", None, "rft.title"),
        ],
    )
    def test_the_kind_decides_format_genre_and_title(self, csl_type, form, genre, title):
        source = work(csl_type=csl_type, container_title="Whole")
        read = dict(fields_of(source))
        assert read["rft_val_fmt"] == f"info:ofi/fmt:kev:mtx:{form}"
        assert read.get("rft.genre") == genre
        assert read[title] == "A work"
        assert genre is None or f"rft.genre={genre}" in coins(source).split("&")
        if form == "dc":
            assert read["rft.type"] == ZOTERO_KINDS[csl_type]

    def test_every_type_has_its_context(self):
        for csl_type in CSL_TYPES:
            read = dict(fields_of(work(csl_type=csl_type, container_title="Whole")))
            assert read["rft_val_fmt"].startswith("info:ofi/fmt:kev:mtx:")
            assert "A work" in read.values()

    def test_people_and_organisations_are_kept_apart(self):
        read = fields_of(work(person("Hudson", "Bob"), organisation("Ofsted"), person("Lart", "Rachel")))
        assert [value for key, value in read if key == "rft.au"] == ["Hudson, Bob", "Lart, Rachel"]
        assert dict(read)["rft.aucorp"] == "Ofsted"

    def test_somebody_is_always_named_so_that_nobody_is_asked(self):
        editor = fields_of(work(person("Lart", "R", "editor")))
        assert dict(editor)["rft.contributor"] == "Lart, R"
        assert "rft.aucorp" not in dict(editor)
        nobody = work(person("X", "Y", "translator"))
        assert dict(fields_of(nobody))["rft.aucorp"] == "A Press"

    def test_identifiers_are_told(self):
        read = fields_of(work(doi="10.1000/a<b>", isbn="9780521663632", url="https://example.org/?a=1&b=2"))
        assert [value for key, value in read if key == "rft_id"] == [
            "info:doi/10.1000/a<b>",
            "https://example.org/?a=1&b=2",
        ]
        assert dict(read)["rft.isbn"] == "9780521663632"
