"""The rows of an entry: numbered by their place, as many as a paper has authors, and never lost."""

import pytest

from curation.partadmin import MOST
from findings.models import Finding
from sources.models import Contributor, Source
from tests.curation.test_conflicts import DRAFT, add_row, opened, page_of, save, without
from tests.factories import cite, make_finding, make_review, make_source, make_theme
from tests.test_admin import address, form_data

pytestmark = pytest.mark.django_db


def cited(finding):
    return [(row.order, row.source.title) for row in finding.citations.order_by("order")]


@pytest.fixture
def finding():
    finding = make_finding(**DRAFT)
    for title in ["One", "Two", "Three"]:
        cite(finding, make_source(title=title))
    return finding


@pytest.mark.databases
class TestOrder:
    def test_a_new_finding_with_two_citations_saves_the_first_time(self, desk):
        sources = [make_source(title="One"), make_source(title="Two")]
        page = address(Finding, "add")
        data = form_data(desk["Librarian"].get(page)) | {
            "review": make_review().pk,
            "theme": make_theme().pk,
            "stance": "barrier",
            "heading": "Something",
            "slug": "something",
            "bottom_line": "In short.",
            "body": "At length.",
            "citations-TOTAL_FORMS": 2,
        }
        empty = desk["Librarian"].get(page).context["inline_admin_formsets"][0].formset.empty_form
        rows = {
            f"citations-{n}-{bound.name}": bound.value() or ""
            for n in range(2)
            for bound in empty
            if bound.name != "id"
        }
        rows |= {f"citations-{n}-source": source.pk for n, source in enumerate(sources)}
        assert desk["Librarian"].post(page, data | rows).status_code == 302
        assert cited(Finding.objects.get()) == [(1, "One"), (2, "Two")]

    def test_a_new_row_follows_those_that_are_there(self, desk, finding):
        data = opened(desk["Librarian"], finding)
        save(desk["Librarian"], finding, add_row(data, "citations", source=make_source(title="Four").pk))
        assert cited(finding) == [(1, "One"), (2, "Two"), (3, "Three"), (4, "Four")]

    @pytest.mark.parametrize(
        ("orders", "then"),
        [
            ((2, 1, 3), ["Two", "One", "Three"]),
            ((3, 1, 2), ["Two", "Three", "One"]),
            ((3, 2, 1), ["Three", "Two", "One"]),
            ((20, 30, 10), ["Three", "One", "Two"]),
            ((5, "", ""), ["One", "Two", "Three"]),
            (("", "", ""), ["One", "Two", "Three"]),
            ((32767, 1, 2), ["Two", "Three", "One"]),
        ],
    )
    def test_rows_are_ordered_anew_by_typing(self, desk, finding, orders, then):
        typed = {f"citations-{n}-order": order for n, order in enumerate(orders)}
        save(desk["Librarian"], finding, {**opened(desk["Librarian"], finding), **typed})
        assert [title for _, title in cited(finding)] == then

    def test_a_row_takes_the_place_of_one_that_goes(self, desk, finding):
        data = {**opened(desk["Librarian"], finding), "citations-0-order": 3, "citations-2-DELETE": "on"}
        save(desk["Librarian"], finding, data)
        assert cited(finding) == [(2, "Two"), (3, "One")]

    def test_two_rows_in_one_place_are_refused_in_words(self, desk, finding):
        page = page_of(finding)
        response = desk["Librarian"].post(page, {**opened(desk["Librarian"], finding), "citations-0-order": 2})
        assert "Two rows have the same order" in response.content.decode()
        assert cited(finding) == [(1, "One"), (2, "Two"), (3, "Three")]

    def test_contributors_are_numbered_in_each_role(self, desk):
        source = make_source([("Hudson", "B")], **DRAFT)
        data = opened(desk["Librarian"], source)
        data = {**data, "contributors-TOTAL_FORMS": 1}
        for role, family in [("author", "Frost"), ("editor", "Lart"), ("author", "Stein"), ("editor", "Wenger")]:
            data = add_row(data, "contributors", role=role, family=family, given="", literal="", order="")
        save(desk["Librarian"], source, data)
        rows = source.contributors.order_by("role", "order").values_list("role", "order", "family")
        assert list(rows) == [
            ("author", 1, "Hudson"),
            ("author", 2, "Frost"),
            ("author", 3, "Stein"),
            ("editor", 1, "Lart"),
            ("editor", 2, "Wenger"),
        ]

    def test_a_contributor_changes_role_and_place(self, desk):
        source = make_source([("Hudson", "B"), ("Frost", "N")], **DRAFT)
        Contributor.objects.create(source=source, role="editor", order=1, family="Lart")
        data = {**opened(desk["Librarian"], source), "contributors-0-role": "editor", "contributors-2-role": "author"}
        save(desk["Librarian"], source, data)
        rows = source.contributors.order_by("role", "order").values_list("role", "family")
        assert list(rows) == [("author", "Lart"), ("author", "Frost"), ("editor", "Hudson")]

    def test_a_row_that_goes_makes_room_for_the_same_source(self, desk, finding):
        data = without(opened(desk["Librarian"], finding), "citations", order=1)
        one = finding.citations.get(order=1).source
        save(desk["Librarian"], finding, add_row(data, "citations", source=one.pk, order=1))
        assert cited(finding) == [(1, "One"), (2, "Two"), (3, "Three")]


def make_crowd(count):
    source = make_source([], **DRAFT)
    Contributor.objects.bulk_create(
        Contributor(source=source, order=n, family=f"Author {n}") for n in range(1, count + 1)
    )
    return source


class TestMany:
    @pytest.mark.slow
    def test_a_source_with_as_many_contributors_as_there_can_be_is_saved(self, desk):
        source = make_crowd(MOST)
        data = opened(desk["Librarian"], source)
        save(desk["Librarian"], source, {**data, "title": "On teams", "contributors-999-family": "Last"})
        source.refresh_from_db()
        assert source.title == "On teams"
        assert source.contributors.get(order=MOST).family == "Last"

    def test_one_too_many_is_refused_in_words_and_nothing_typed_is_lost(self, desk):
        source = make_crowd(MOST)
        data = {**opened(desk["Librarian"], source), "title": "On teams"}
        data = add_row(data, "contributors", role="author", family="One too many")
        response = desk["Librarian"].post(page_of(source), data)
        assert "There can be at most 1,000 of these" in response.content.decode()
        assert "One too many" in response.content.decode() and "On teams" in response.content.decode()

    def test_more_fields_than_are_taken_are_refused_in_words(self, desk, settings):
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
        data = {f"field-{n}": "x" for n in range(101)}
        response = desk["Librarian"].post(address(Source, "add"), data)
        assert response.status_code == 400
        assert "at most 100 fields" in response.content.decode()
        assert "your browser still has what you typed" in response.content.decode()
