"""Entries as files: by address, by Accept, and from lists."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from bibtexparser import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from curation.changelog import gathered
from findings import cautions, provenance
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from findings.records import (
    record_of,
    record_of_edition,
    record_to_cite,
    records_of_file,
    records_of_files,
    records_to_cite,
    with_records,
    works_cited,
)
from findings.versions import editions
from joinedup.search import index
from sources.bibliography.formats import WRITTEN
from sources.bibliography.names import spaced
from sources.bibliography.record import Name
from sources.bibliography.references import as_text, reference
from sources.models import Contributor, Source
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)
from tests.signposts import load_signposts
from tests.wording import wording

pytestmark = pytest.mark.django_db

SIGNPOSTS = Path(__file__).parent.parent.parent / "fixtures" / "signposts.json"
SITE = "https://evidence.example.org"
KINDS = [Review, Theme, KeyMessage, Finding, PracticeImplication, Source]
RETRACTED = {
    "retracted_on": date(2021, 3, 4),
    "retraction_reason": "The data\nwere made up.",
    "retraction_url": "https://example.org/notice",
}
NOTICE = "Retracted 4 March 2021. The data were made up. https://example.org/notice"


def text(response):
    return response.content.decode()


def get(client, address, **headers):
    return client.get(address, headers=headers)


def items(response):
    return json.loads(response.content)


def codes(response):
    return [item["id"] for item in items(response)]


@pytest.fixture
def trail():
    """A finding that cites two sources, with what hangs from it; and a source that only the review names."""
    review = make_review(
        [("Flood", "Steve")],
        title="A review",
        series="SIGNS",
        publisher="A House",
        place="Leeds",
    )
    theme = make_theme()
    finding = make_finding(review=review, theme=theme, heading="Trust grows", bottom_line="It does.")
    hudson = make_source(title="Heels", doi="10.5555/heels")
    frost = make_source([("Frost", "Nick")], title="Partners", **RETRACTED)
    cite(finding, hudson)
    cite(finding, frost)
    cite(finding, frost, locator="7", locator_label="page")
    cite(finding, make_source(status="draft"))
    cite(finding, make_source(**withdrawn()))
    implication = make_implication([finding], review=review)
    message = make_key_message([finding], review=review)
    whole = make_source(title="The whole")
    review.review_sources.create(source=whole, role="background")
    return {
        "review": review,
        "theme": theme,
        "finding": finding,
        "implication": implication,
        "message": message,
        "hudson": hudson,
        "frost": frost,
        "whole": whole,
    }


class TestRecords:
    def test_a_finding_is_a_page_of_the_site(self, trail):
        finding = trail["finding"]
        finding.tags.add("trust", "Co-location")
        record = record_of(finding, "https://joined-up.example")
        assert record.csl_type == "webpage"
        assert record.title == "Trust grows"
        assert [name.literal for name in record.contributors] == ["Joined-up"]
        assert record.issued == "2020-01-02"
        assert record.container_title == record.publisher == "Joined-up"
        assert record.url == f"https://joined-up.example/{finding.code}"
        assert record.abstract == "It does."
        assert record.keywords == ("Co-location", "trust")
        assert record.note == f"Finding {finding.code}"
        assert (record.version, record.entry_code, record.key) == ("1", finding.code, finding.code)
        assert (record.accessed_on, record.based_on) == (None, "")  # harvesters are told the same every day

    def test_who_cites_a_page_of_ours_has_its_version_its_day_and_the_review_behind_it(self, trail):
        for name in ["finding", "implication", "message", "theme"]:
            entry = trail[name]
            record = record_to_cite(entry, "https://joined-up.example")
            assert [name.literal for name in record.contributors] == ["Joined-up"]
            assert record.url == f"https://joined-up.example/{entry.code}v1"
            assert record.accessed_on == localdate()
            assert record.based_on == "SIGNS, comp. S. Flood, A House, no date"
            assert record.notes.splitlines() == [
                cautions.words(entry),
                f"Based on {record.based_on}.",
                f"{entry.kind.capitalize()} {entry.code}",
                f"{provenance.line(trail['review'])} {provenance.rights()}",
            ]
            assert records_to_cite([entry], "https://joined-up.example") == [record]

    def test_what_a_page_is_based_on_comes_from_the_fields_of_the_review(self):
        review = make_review(title="Working in Wales", publisher="A Press", year="2024", year_is_approximate=True)
        for role, order, family in [("author", 1, "Rees"), ("author", 2, "Bevan"), ("editor", 1, "Cole")]:
            review.contributors.create(role=role, order=order, family=family, given="AB")
        told = "‘Working in Wales’, A.B. Rees and A.B. Bevan, ed. A.B. Cole, A Press, about 2024"
        assert record_to_cite(make_finding(review=review), "").based_on == told

    def test_a_theme_is_based_on_each_published_review_behind_its_findings(self, trail):
        make_finding(theme=trail["theme"], review=make_review(title="Another", publisher="B"))
        make_finding(theme=trail["theme"], review=make_review(title="Hidden", status="draft"))
        assert record_to_cite(trail["theme"], "").based_on == (
            "SIGNS, comp. S. Flood, A House, no date; ‘Another’, B, no date"
        )

    def test_a_review_is_the_publication_by_whom_it_was_made(self, trail):
        review = trail["review"]
        record = record_to_cite(review, "https://joined-up.example")
        assert (record.csl_type, record.title, record.series) == ("report", "A review", "SIGNS")
        assert record.contributors == [Name("compiler", "Flood", "Steve")]
        assert (record.place, record.publisher, record.issued) == ("Leeds", "A House", "")
        assert (record.url, record.accessed_on, record.abstract, record.version) == ("", None, "", "")
        assert as_text(reference(record, "harvard")) == ("Flood, S. (comp.) (no date) A review. SIGNS. Leeds: A House.")

    def test_a_version_of_a_review_is_our_page_about_it(self, trail):
        edition = editions(trail["review"])[0]
        record = record_of_edition(edition, "https://joined-up.example")
        assert [name.literal for name in record.contributors] == ["Joined-up"]
        assert record.url == f"https://joined-up.example/{edition.code}"
        assert record.based_on == "SIGNS, comp. S. Flood, A House, no date"

    def test_it_is_dated_by_its_last_change_of_meaning(self, trail):
        trail["finding"].wording_changed_on = date(2024, 5, 1)
        assert record_of(trail["finding"], "").issued == "2024-05-01"

    def test_a_draft_has_no_date(self, trail):
        assert record_of(make_finding(status="draft", published_on=None), "").issued == ""

    def test_initials_written_together_come_apart_in_every_record(self):
        record = record_of(make_source([("Hochstadt", "NJ")]), "")
        assert record.contributors == [Name("author", "Hochstadt", "N. J.")]

    def test_a_source_is_what_it_is_with_its_notice(self, trail):
        record = record_of(trail["frost"], "https://joined-up.example")
        assert (record.csl_type, record.title, record.key) == ("book", "Partners", trail["frost"].code)
        assert record.notice == NOTICE
        assert record.url == ""

    @pytest.mark.parametrize(
        ("name", "cited"),
        [
            ("finding", ["hudson", "frost"]),
            ("implication", ["hudson", "frost"]),
            ("message", ["hudson", "frost"]),
            ("theme", ["hudson", "frost"]),
            ("review", ["hudson", "frost", "whole"]),
            ("hudson", []),
        ],
    )
    def test_works_cited_are_the_published_ones_each_once(self, trail, name, cited):
        assert list(works_cited(trail[name])) == [trail[source] for source in cited]

    def test_files_of_many_entries_hold_what_the_file_of_each_holds(self, trail):
        entries = [trail[name] for name in ["finding", "implication", "message", "theme", "review", "hudson"]]
        for entry, files in zip(entries, records_of_files(entries, SITE), strict=True):
            assert files == tuple(records_of_file(entry, SITE, with_sources) for with_sources in (False, True))

    @pytest.mark.parametrize("name", ["theme", "review", "implication", "message"])
    def test_what_only_a_draft_cites_is_not_cited(self, trail, name):
        draft = make_finding(status="draft", review=trail["review"], theme=trail["theme"])
        cite(draft, make_source())
        draft.implications.add(trail["implication"])
        draft.key_messages.add(trail["message"])
        assert trail["hudson"] in works_cited(trail[name])
        assert len(works_cited(trail[name])) == (3 if name == "review" else 2)


class TestAddresses:
    @pytest.mark.parametrize("extension", WRITTEN)
    def test_every_entry_of_the_fixture_has_every_file(self, client, extension):
        load_signposts()
        media_type = f"{WRITTEN[extension].media_type}; charset=utf-8"
        for kind in KINDS:
            for entry in kind.objects.all():
                for address in [f"/{entry.code}.{extension}", f"/{entry.code.lower()}.{extension}?with=sources"]:
                    response = client.get(address)
                    assert (response.status_code, response["Content-Type"]) == (200, media_type)
                    assert response["Content-Disposition"] == f'inline; filename="{entry.code}.{extension}"'
                    assert response.content or kind in {Theme, Review}

    def test_a_source_is_itself_and_a_finding_is_followed_by_its_sources(self, client, trail):
        finding, hudson, frost = trail["finding"], trail["hudson"], trail["frost"]
        assert codes(client.get(f"/{finding.code}.json")) == [finding.code]
        assert codes(client.get(f"/{finding.code}.json?with=sources")) == [finding.code, hudson.code, frost.code]
        assert codes(client.get(f"/{hudson.code}.json?with=sources")) == [hudson.code]

    def test_a_theme_and_a_review_are_the_works_cited_in_them(self, client, trail):
        cited = [trail["hudson"].code, trail["frost"].code]
        assert codes(client.get(f"/{trail['theme'].code}.json")) == cited
        assert codes(client.get(f"/{trail['review'].code}.json")) == [*cited, trail["whole"].code]
        assert items(client.get(f"/{make_theme().code}.json")) == []

    def test_addresses_in_files_are_of_the_site_asked_unless_it_is_set(self, client, trail):
        code = trail["finding"].code
        assert items(client.get(f"/{code}.json"))[0]["URL"] == f"http://testserver/{code}v1"
        with override_settings(SITE_URL="https://joined-up.example"):
            assert items(client.get(f"/{code}.json"))[0]["URL"] == f"https://joined-up.example/{code}v1"

    def test_head_is_answered_and_post_refused(self, client, trail):
        address = f"/{trail['finding'].code}.ris"
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405

    @pytest.mark.parametrize("extension", WRITTEN)
    def test_a_withdrawn_entry_is_gone_and_the_file_says_why_in_text(self, client, extension):
        new = make_finding(heading="What is known now")
        old = make_finding(heading="Hopes & <fears>", replaced_by=new, **withdrawn())
        for entry in [old, make_key_message(**withdrawn()), make_source(**withdrawn())]:
            response = client.get(f"/{entry.code}.{extension}")
            assert (response.status_code, response["Content-Type"]) == (410, "text/plain; charset=utf-8")
            assert "It claimed too much." in text(response)
            assert "4 March 2021" in text(response)
        said = text(client.get(f"/{old.code}.{extension}"))
        assert "Hopes & <fears>" in said
        assert f"What is known now ({new.code})" in said

    @pytest.mark.parametrize("make", [make_finding, make_source, make_theme, make_key_message])
    def test_a_draft_is_not_found_by_the_public(self, client, admin_client, make):
        draft = make(status="draft", published_on=None)
        assert client.get(f"/{draft.code}.ris").status_code == 404
        assert admin_client.get(f"/{draft.code}.ris").status_code == 200

    def test_a_key_message_of_a_hidden_review_is_not_found(self, client):
        message = make_key_message(review=make_review(status="draft"))
        assert client.get(f"/{message.code}.ris").status_code == 404

    @pytest.mark.parametrize(
        "address",
        [
            "/F99999.ris",
            "/F0.ris",
            "/X1.ris",
            "/F1.doc",
            "/F1.risx",
            "/F1v2.ris",
            "/F٣.ris",
            "/F1 .ris",
        ],
    )
    def test_an_odd_address_is_not_found(self, client, trail, address):
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("value", ["findings", "Sources", "\0", "x" * 5000])
    def test_what_cannot_be_added_is_said(self, client, trail, value):
        response = client.get(f"/{trail['finding'].code}.ris", {"with": value})
        assert response.status_code == 400
        assert "“with” can only be “sources”" in text(response)


class TestAccept:
    @pytest.mark.parametrize("extension", ["ris", "bib", "json"])
    def test_the_page_answers_in_the_format_that_is_accepted(self, client, trail, extension):
        form = WRITTEN[extension]
        for entry in [trail["finding"], trail["hudson"]]:
            response = get(client, entry.get_absolute_url(), accept=f"{form.media_type}, text/html;q=0.5")
            assert response["Content-Type"] == f"{form.media_type}; charset=utf-8"
            assert response.content == client.get(f"/{entry.code}.{extension}").content
            assert "Accept" in response["Vary"]

    @pytest.mark.parametrize(
        "accept",
        [
            "",
            "*/*",
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/x-bibtex;q=0.1, text/html",
            "image/png",
            "nonsense",
            ";;;,,,",
            "text/html;q=x",
            "application/x-bibtex;q=0",
        ],
    )
    def test_everyone_else_gets_the_page(self, client, trail, accept):
        for entry in [trail["finding"], trail["hudson"]]:
            response = get(client, entry.get_absolute_url(), accept=accept)
            assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
            assert "Accept" in response["Vary"]

    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            ("text/x-bibliography", "Hudson, B. (2002) Heels. A Press. Available at: https://doi.org/10.5555/heels\n"),
            ("text/x-bibliography; style=apa", "Hudson, B. (2002). Heels. A Press. https://doi.org/10.5555/heels\n"),
            (
                "text/x-bibliography;style=APA; locale=en-GB",
                "Hudson, B. (2002). Heels. A Press. https://doi.org/10.5555/heels\n",
            ),
            ('text/x-bibliography; style="vancouver"', "Hudson B. Heels. A Press; 2002. doi: 10.5555/heels\n"),
        ],
    )
    def test_a_reference_in_a_style(self, client, trail, accept, expected):
        response = get(client, trail["hudson"].get_absolute_url(), accept=accept)
        assert text(response) == expected
        assert response["Content-Type"] == "text/x-bibliography; charset=utf-8"

    def test_an_unknown_style_is_refused_with_those_there_are(self, client, trail):
        response = get(client, trail["hudson"].get_absolute_url(), accept="text/x-bibliography; style=<b>")
        assert response.status_code == 406
        assert "harvard, apa, vancouver" in text(response)
        assert response["Content-Type"].startswith("text/plain")

    def test_a_withdrawn_entry_says_so_in_the_form_that_is_accepted(self, client):
        gone = make_finding(**withdrawn())
        response = get(client, gone.get_absolute_url(), accept="application/x-bibtex")
        assert (response.status_code, response["Content-Type"]) == (410, "text/plain; charset=utf-8")
        assert "text/html" in client.get(gone.get_absolute_url())["Content-Type"]


class TestLists:
    def test_the_sources_shown_are_exported(self, client, trail):
        assert codes(client.get("/sources/?format=json")) == [trail[name].code for name in ["hudson", "frost", "whole"]]
        assert items(client.get("/sources/?format=json&type=article")) == []

    def test_what_a_search_found_is_exported_best_first(self, client, trail):
        found = client.get("/api/v1/search?q=trust").json()["results"]
        assert trail["finding"].code in [result["code"] for result in found]
        response = client.get("/search/?q=trust&format=json&page=9")
        assert codes(response) == [result["code"] for result in found if result["code"]]
        assert response["Content-Disposition"] == 'inline; filename="search.json"'

    def test_a_search_export_keeps_to_its_filters(self, client, trail):
        assert codes(client.get("/search/?kind=source&format=json&sort=newest"))
        assert all(code[0] == "S" for code in codes(client.get("/search/?kind=source&format=json")))

    @pytest.mark.parametrize("address", ["/sources/?format=", "/search/?q=trust&format="])
    def test_an_unknown_format_shows_the_page_with_a_notice(self, client, trail, address):
        for value in ["pdf", "RIS", "\0", "<b>"]:
            response = client.get(address + value)
            assert response.status_code == 200
            assert "cannot be exported as" in text(response)
        assert "cannot be exported" not in text(client.get(address))

    @pytest.mark.parametrize("extension", WRITTEN)
    def test_the_lists_link_to_their_exports(self, client, trail, extension):
        assert f'href="?format={extension}"' in text(client.get("/sources/"))
        assert f'href="?q=trust&amp;kind=finding&amp;format={extension}"' in text(
            client.get("/search/?q=trust&kind=finding&page=1")
        )

    def test_a_list_that_is_too_long_says_how_much_of_it_is_exported(self, client, trail, monkeypatch):
        monkeypatch.setattr("sources.views.MOST", 2)
        assert len(items(client.get("/sources/?format=json"))) == 2
        assert "The first 2 of these" in text(client.get("/sources/"))


@pytest.mark.databases
class TestQueryBudget:
    def populate(self, count):
        with gathered():
            review, theme = make_review(), make_theme(slug=f"theme-{count}")
            finding = make_finding(review=review, theme=theme, heading="Trust and trust")
            for n in range(count):
                source = make_source(
                    [("Hudson", "B"), ("Frost", "N")], title=f"Trust {n}", retracted_on=date(2020, 1, 1)
                )
                source.tags.add("trust", f"tag {n}")
                cite(finding, source)
                make_finding(review=review, theme=theme, heading=f"Trust {n}").tags.add("trust")
                make_implication([finding], review=review, heading="Trust").tags.add("trust")
                make_key_message([finding], review=review, heading="Trust")
        return finding, theme, review

    @pytest.mark.parametrize("extension", WRITTEN)
    def test_three_works_and_thirty(self, client, extension):
        def taken(address):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            return len(queries)

        counts = []
        for count in [3, 30]:
            finding, theme, review = self.populate(count)
            addresses = [
                f"/{finding.code}.{extension}?with=sources",
                f"/{theme.code}.{extension}",
                f"/{review.code}.{extension}",
                f"/sources/?format={extension}",
                f"/search/?kind=source&kind=finding&kind=implication&kind=key-message&format={extension}",
            ]
            index.snapshot()  # which follows what was made
            counts.append([taken(address) for address in addresses])
        assert counts[0] == counts[1]
        assert max(counts[0][:4]) <= 16

    def test_files_of_three_findings_and_of_thirty_take_a_query_more_for_each(self):
        def taken(count):
            self.populate(count)
            findings = list(with_records(Finding.objects.published())[:count])
            with CaptureQueriesContext(connection) as queries:
                list(records_of_files(findings, SITE))
            return len(queries) - count

        assert taken(3) == taken(30)


class TestPages:
    @pytest.mark.parametrize("name", ["finding", "implication", "hudson", "theme", "review"])
    def test_a_page_has_three_references_and_links_to_its_files(self, client, trail, name):
        entry = trail[name]
        page = text(client.get(entry.get_absolute_url()))
        for style in ["harvard", "apa", "vancouver"]:
            assert page.count(f'id="ref-{style}"') == 1
            assert f'data-copy="ref-{style}"' in page
        for extension in WRITTEN:
            assert f'href="/{entry.code}.{extension}"' in page

    def test_a_finding_is_cited_as_a_page_with_its_version(self, client, trail):
        page = wording(text(client.get(trail["finding"].get_absolute_url())))
        code, basis = trail["finding"].code, "ased on SIGNS, comp. S. Flood, A House, no date"
        address = f"http://testserver/{code}v1"
        day = f"{localdate():%-d %B %Y}"
        assert (
            f"Joined-up (2020) ‘Trust grows’ ({code}, version 1), b{basis}. Available at: {address} (Accessed: {day}).<"
        ) in page
        assert f"Joined-up. (2020, January 2). <i>Trust grows</i> ({code}, Version 1). B{basis}. {address}<" in page

    def test_a_review_is_cited_and_had_as_a_file_as_what_was_published(self, client, trail):
        review = trail["review"]
        page = text(client.get(review.get_absolute_url()))
        assert page.count("Flood, S. (comp.) (no date) <i>A review</i>. SIGNS. Leeds: A House.<") == 2
        assert "Flood, S. (Compiler). (n.d.). <i>A review</i> (SIGNS). A House.<" in page
        assert "Flood S, compiler. A review. Leeds: A House; [date unknown]. (SIGNS).<" in page
        for extension in WRITTEN:
            address = f"/reading-list.{extension}?items={review.code}"
            assert f'href="{address}"' in page
            assert "Flood" in text(client.get(address))
        told = client.get(f"/api/v1/reviews/{review.code}").json()["references"]
        assert told["harvard"] == "Flood, S. (comp.) (no date) A review. SIGNS. Leeds: A House."
        [item] = items(client.get(f"/reading-list.json?items={review.code}"))
        assert (item["type"], item["compiler"]) == ("report", [{"family": "Flood", "given": "Steve"}])
        assert "AU  - Flood, Steve\r\n" in text(client.get(f"/unapi?id={review.code}&format=ris"))
        assert "editor = {Flood, Steve}" in text(client.get(f"/unapi?id={review.code}&format=bibtex"))

    def test_a_source_is_cited_as_what_it_is(self, client, trail):
        page = text(client.get(trail["hudson"].get_absolute_url()))
        assert "Hudson B. Heels. A Press; 2002. doi: 10.5555/heels<" in page
        assert "?with=sources" not in page

    def test_pages_name_their_other_forms_for_machines(self, client, trail):
        for name in ["finding", "implication", "hudson"]:
            head = text(client.get(trail[name].get_absolute_url())).partition("</head>")[0]
            links = re.findall(r'<link rel="alternate" type="([^"+]+(?:csl\+json)?)" href="([^"]+)"', head)
            files = [(form.media_type, f"/{trail[name].code}.{end}") for end, form in WRITTEN.items()]
            assert [link for link in links if not link[1].startswith("/api/")] == files


class TestRetracted:
    @pytest.mark.parametrize(
        ("extension", "line"),
        [
            ("ris", f"N1  - {NOTICE}\r\n"),
            ("bib", f"  note = {{{NOTICE}}}"),
            ("json", f'"note": "{NOTICE}"'),
            ("txt", f"[{NOTICE}]"),
        ],
    )
    def test_every_export_says_so(self, client, trail, extension, line):
        for address in [
            f"/{trail['frost'].code}.{extension}",
            f"/{trail['finding'].code}.{extension}?with=sources",
            f"/{trail['theme'].code}.{extension}",
            f"/sources/?format={extension}",
            f"/search/?q=partners&format={extension}",
        ]:
            assert text(client.get(address)).count(line) == 1

    def test_so_do_references_pages_and_the_search(self, client, trail):
        address = trail["frost"].get_absolute_url()
        assert NOTICE in text(get(client, address, accept="text/x-bibliography; style=apa"))
        assert NOTICE in text(client.get(address))
        assert "Retracted 4 March 2021" in text(client.get("/search/?q=partners"))
        results = client.get("/api/v1/search?q=partners").json()["results"]
        assert [result.get("notice") for result in results if result["code"] == trail["frost"].code] == [NOTICE]
        told = {result["code"]: result["notice"] for result in results if result["notice"]}
        assert {told.pop(trail["frost"].code), *told.values()} == {NOTICE, f"Retracted: Frost (2002). {NOTICE}"}


# What other programs read: neither parser shares code with ours.


def ris_entries(data):
    """A strict reader of RIS: fails on any line that is not a tag line of the form that all programs take."""
    assert data.endswith("ER  - \r\n\r\n")
    assert "\n" not in data.replace("\r\n", "")
    entries = []
    for line in filter(None, data.split("\r\n")):
        tag, value = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups()
        if tag == "TY":
            entries.append({})
        if tag == "ER":
            assert value == ""
        else:
            entries[-1].setdefault(tag, []).append(value)
    return entries


def bibtex_entries(data):
    library = parse_string(data, append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    assert len(library.entries) == len(library.entries_dict)
    return library.entries_dict


@pytest.fixture
def everything():
    load_signposts()
    odd = make_source(
        [("Παπαδόπουλος", "Γιώργος"), ("O'Brien", "Zoë")],
        title="50% of {families} & carers_#1: ~$5 ^ \\ “συνεργασία”",
        issued="",
        csl_type="article-journal",
        publisher="",
        container_title="Журнал & заботы",
        volume="3",
        pages="",
        abstract="One line.\nTY  - BOOK\nTI  - No",
        note="First\r\nER  - \r\nSecond",
        **RETRACTED,
    )
    Contributor.objects.create(source=odd, role="author", order=3, literal="Bureau, Agency and Council")
    Contributor.objects.create(source=odd, role="editor", order=1, family="王", given="小明")
    odd.tags.add("one, two", "работа")
    make_source([], title="Nobody’s", issued="2005-06-07", issued_is_approximate=True, csl_type="report")
    make_source(
        title="دليل",
        csl_type="webpage",
        url="https://example.org/a_b?c=1&d=%20#e~f",
        accessed_on=date(2024, 5, 1),
        container_title="Site",
    )
    return list(Source.objects.order_by("number").with_records())


def shown(source, role):
    """The names of those in `role`, their initials apart."""
    people = [person for person in source.contributors.all() if person.role == role]
    return [one.literal or ", ".join(filter(None, [one.family, spaced(one.given)])) for one in people]


class TestOtherReaders:
    def test_ris(self, client, everything):
        entries = ris_entries(text(client.get("/sources/?format=ris")))
        assert len(entries) == len(everything) == 17
        kinds = {"article-journal": "JOUR", "book": "BOOK", "legislation": "STAT", "report": "RPRT", "webpage": "ELEC"}
        for entry, source in zip(entries, everything, strict=True):
            one = {tag: values[0] for tag, values in entry.items()}
            assert entry["TY"] == [kinds[source.csl_type]]
            assert entry["ID"] == [source.code]
            assert entry["TI"] == [source.title]
            assert [name.replace(",,", ",").rstrip(",") for name in entry.get("AU", [])] == shown(source, "author")
            assert entry.get("ED", []) == shown(source, "editor")
            assert one.get("PY", "") == source.issued[:4]
            assert one.get("DA", "").startswith("2005/06/07/circa" if source.issued == "2005-06-07" else "")
            assert one.get("VL", "") == source.volume
            assert one.get("IS", "") == source.issue
            assert "-".join(filter(None, [one.get("SP", ""), one.get("EP", "")])) == source.pages
            assert one.get("PB", "") == source.publisher
            assert one.get("CY", "") == source.place
            assert one.get("DO", "") == source.doi
            assert one.get("UR", "") == source.url
            assert one.get("Y2", "") == (source.accessed_on.strftime("%Y/%m/%d/") if source.accessed_on else "")
            serials = [source.isbn, source.issn, source.eissn and f"{source.eissn} (Electronic)"]
            assert entry.get("SN", []) == list(filter(None, serials))
            assert one.get("AB", "") == " ".join(source.abstract.split())
            assert sorted(entry.get("KW", [])) == sorted(tag.name for tag in source.tags.all())
            notes = [source.retraction_notice, *" ".join(source.note.split("\r\n")).split("\n")]
            assert " ".join(entry.get("N1", [])) == " ".join(" ".join(notes).split())
            container, series = ("JF", "T2") if source.csl_type in {"book", "report"} else ("T2", "T3")
            assert one.get(container, "") == source.container_title
            assert one.get(series, "") == source.series

    def test_bibtex(self, client, everything):
        data = text(client.get("/sources/?format=bib"))
        assert "date = {2005~}" in data  # the sign for about, which LaTeX takes for a space
        entries = bibtex_entries(data)
        assert list(entries) == [source.code for source in everything]
        kinds = {
            "article-journal": "article",
            "book": "book",
            "legislation": "legislation",
            "report": "techreport",
            "webpage": "online",
        }
        for source in everything:
            entry = entries[source.code]
            fields = {name: field.value.strip() for name, field in entry.fields_dict.items()}
            is_article = source.csl_type == "article-journal"
            assert entry.entry_type == kinds[source.csl_type]
            title = fields["title"].replace("ˆ", "^")  # how this parser reads \textasciicircum
            assert re.sub(r"[{}]", "", title) == re.sub(r"[{}]", "", source.title)
            for role in ["author", "editor"]:
                names = fields.get(role, "").replace("{", "").replace("}", "").split(" and ")
                assert " and ".join(names) == " and ".join(shown(source, role))
            assert fields.get("journal" if is_article else "booktitle", "") == source.container_title
            assert fields.get("year", "") == source.issued[:4]
            assert fields.get("date", "") == (source.issued if source.issued_is_approximate else "")
            assert fields.get("volume", "") == source.volume
            assert fields.get("number", "") == source.issue
            assert fields.get("pages", "").replace("–", "-") == source.pages
            assert fields.get("institution" if source.csl_type == "report" else "publisher", "") == source.publisher
            assert fields.get("address", "") == source.place
            assert fields.get("series", "") == source.series
            for name in ["doi", "isbn", "issn", "eissn"]:
                assert fields.get(name, "") == getattr(source, name)
            assert fields.get("urldate", "") == str(source.accessed_on or "")
            assert fields.get("note", "") == source.retraction_notice
            keywords = fields.get("keywords", "")
            words = re.split("; ?" if ";" in keywords else ", ", keywords)
            assert sorted(words) == (sorted(tag.name for tag in source.tags.all()) or [""])

    def test_csl_json(self, client, everything):
        for item, source in zip(items(client.get("/sources/?format=json")), everything, strict=True):
            expected = {
                "id": source.code,
                "type": source.csl_type,
                "title": source.title,
                "container-title": source.container_title,
                "volume": source.volume,
                "issue": source.issue,
                "page": source.pages,
                "edition": source.edition,
                "publisher": source.publisher,
                "publisher-place": source.place,
                "collection-title": source.series,
                "DOI": source.doi,
                "ISBN": source.isbn,
                "ISSN": ", ".join(filter(None, [source.issn, source.eissn])),
                "URL": source.url,
                "abstract": source.abstract,
                "note": "\n".join(filter(None, [source.retraction_notice, source.note])),
            }
            assert {name: item.get(name, "") for name in expected} == expected
            for role in ["author", "editor"]:
                people = [person for person in source.contributors.all() if person.role == role]
                assert item.get(role, []) == [
                    {part: value for part in ["family", "given", "literal"] if (value := spaced(getattr(one, part)))}
                    for one in people
                ]
            issued = [int(part) for part in source.issued.split("-")] if source.issued else None
            assert item.get("issued", {}).get("date-parts", [None])[0] == issued
            assert item.get("issued", {}).get("circa", False) == source.issued_is_approximate

    def test_text(self, client, everything):
        lines = text(client.get("/sources/?format=txt")).split("\n\n")
        assert len(lines) == len(everything)
        assert all("\n" not in line.strip("\n") for line in lines)
        assert any("Available at: https://doi.org/10.1080/13561820220104122" in line for line in lines)

    def test_entries_read_back_too(self, client, everything):
        address = "/search/?kind=finding&kind=implication&kind=key-message&kind=theme&kind=review&format="
        count = sum(kind.objects.count() for kind in KINDS if kind is not Source)
        entries = ris_entries(text(client.get(address + "ris")))
        assert len(entries) == len(bibtex_entries(text(client.get(address + "bib")))) == count
        for entry in entries:
            [code] = entry["ID"]
            if code[0] == "R":
                assert (entry["TY"], "UR" in entry, "ET" in entry) == (["RPRT"], False, False)
                continue
            assert entry["TY"] == ["ELEC"]
            assert entry["UR"] == [f"http://testserver/{code}v1"]
            assert entry["Y2"] == [f"{localdate():%Y/%m/%d/}"]
            assert entry["ET"] == ["Version 1"]
            assert entry["N1"][0].startswith("Based on ")
            assert entry["N1"][1].endswith(code)
        for item in items(client.get(address + "json")):
            told = [item.get(name) for name in ["type", "version", "number", "container-title"]]
            expected = ["webpage", "1", item["id"], "Joined-up"]
            assert told == (["report", None, None, None] if item["id"][0] == "R" else expected)


def test_loading_for_records_takes_the_same_queries_for_every_kind(django_assert_max_num_queries, trail):
    for kind in KINDS:
        with django_assert_max_num_queries(6):
            entries = list(with_records(kind.objects.all()))
        cautions.load(entries)
        with django_assert_max_num_queries(4):
            assert [record_of(entry, "").key for entry in entries]
