"""Look-ups on the desk: works added by their identifiers, and what is missing of a source filled in."""

import pytest
from django.urls import reverse

from curation.log import LogEntry
from curation.models import Import, Revision
from findings.accounts import EDITOR, LIBRARIAN
from sources.models import Source
from tests.factories import make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogues")]

LOOK_UP = "/admin/sources/source/look-up/"
FIVE = """Example (2003) https://doi.org/10.5555/trust
A report, doi:10.5555/report.
PMID: 23750856
ISBN 0-521-42374-0 (Learning)
Communities 1998, ISBN 978-0-521-66363-2
"""


def text(response):
    return " ".join(response.content.decode().split())


def fill_in(client, source, **values):
    return client.post(reverse("admin:sources_source_fill_in", args=[source.pk]), values)


class TestAdding:
    def test_five_works_of_three_kinds_become_drafts_by_way_of_a_preview(self, desk):
        client = desk[LIBRARIAN]
        page = client.post(LOOK_UP, {"text": FIVE, "look": "1"})
        assert page.context["counts"] == [(5, "found")]
        taken = [str(row.result.identifier) for row in page.context["rows"] if row.is_taken]
        preview = client.post(LOOK_UP, {"text": FIVE, "take": taken, "add": "1"})
        batch = Import.objects.get()
        assert (preview.status_code, batch.record_count, batch.filename) == (302, 5, "5 works looked up")
        assert not Source.objects.exists()
        shown = client.get(preview.url)
        choices = {f"choice-{row.pk}": row.choice for row in batch.rows.all()}
        assert "Trust between services" in text(shown)
        client.post(preview.url, {**choices, "import": "1"})
        assert Source.objects.filter(status="draft").count() == 5
        client.post(reverse("admin:curation_import_undo", args=[batch.pk]))
        assert not Source.objects.exists()

    def test_only_what_is_ticked_is_taken(self, desk):
        desk[LIBRARIAN].post(LOOK_UP, {"text": FIVE, "take": ["PMID 23750856"], "add": "1"})
        [row] = Import.objects.get().rows.all()
        assert row.record["doi"] == "10.5555/line"

    def test_nothing_ticked_is_told(self, desk):
        page = desk[LIBRARIAN].post(LOOK_UP, {"text": FIVE, "add": "1"})
        assert "Nothing is ticked" in text(page)
        assert not Import.objects.exists()

    def test_a_work_that_is_here_is_told_and_not_ticked(self, desk):
        source = make_source(doi="10.5555/trust", title="Another title")
        page = desk[LIBRARIAN].post(LOOK_UP, {"text": "10.5555/trust", "look": "1"})
        [row] = page.context["rows"]
        assert (row.label, row.held, row.is_taken) == ("Already here", source, False)
        assert f"Open {source.code}" in text(page)

    def test_what_was_not_found_or_not_answered_keeps_the_text(self, desk, catalogues):
        catalogues.mood = "500"
        page = desk[LIBRARIAN].post(LOOK_UP, {"text": "10.5555/none and PMID 23750856", "look": "1"})
        assert [row.label for row in page.context["rows"]] == ["Not found", "No answer"]
        assert "10.5555/none and PMID 23750856</textarea>" in text(page)

    @pytest.mark.parametrize(
        ("pasted", "words"),
        [
            ("", "Paste something first."),
            ("nothing here", "No DOI, PMID or ISBN was recognised"),
            ("\n".join(f"PMID {n}" for n in range(1, 52)), "There are 51 identifiers in this text."),
            ("ISBN 0-521-42374-1", "its check digit does not fit"),
        ],
    )
    def test_what_cannot_be_looked_up_is_told_and_nobody_is_asked(self, desk, catalogues, pasted, words):
        assert words in text(desk[LIBRARIAN].post(LOOK_UP, {"text": pasted, "look": "1"}))
        assert catalogues.asked == []

    def test_what_an_answer_says_is_shown_as_text(self, desk, catalogues):
        catalogues.works["10.5555/bad"] = {"type": "book", "title": "<b>Bad</b> & <script>", "DOI": "10.5555/bad"}
        page = desk[LIBRARIAN].post(LOOK_UP, {"text": "10.5555/bad", "look": "1"})
        assert page.status_code == 200
        assert "<script>" not in text(page).split("lookup-results")[1].split("</table>")[0]

    def test_who_may_not_add_sources_may_not_look_up(self, django_user_model, client):
        client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
        assert client.get(LOOK_UP).status_code == 403

    def test_nothing_is_asked_when_the_page_is_opened(self, desk, catalogues):
        page = desk[LIBRARIAN].get(LOOK_UP, {"text": FIVE})
        assert page.status_code == 200
        assert catalogues.asked == []

    def test_many_works_take_as_many_queries_as_few(self, desk, catalogues, django_assert_max_num_queries):
        taken = []
        desk[LIBRARIAN].get(LOOK_UP)  # what each process looks up once
        for count in [3, 30]:
            for n in range(count):
                doi = f"10.5555/{count}-work-{n}"
                catalogues.works[doi] = {"type": "book", "title": f"Work {n}", "DOI": doi}
                make_source(doi=doi, title=f"Held {n}")
            pasted = "\n".join(f"10.5555/{count}-work-{n}" for n in range(count))
            with django_assert_max_num_queries(30) as queries:
                page = desk[LIBRARIAN].post(LOOK_UP, {"text": pasted, "look": "1"})
            assert page.context["counts"] == [(count, "already here")]
            taken.append(len(queries))
        assert taken[0] == taken[1]


class TestFillingIn:
    @pytest.fixture
    def source(self):
        return make_source(
            doi="10.5555/trust", title="Trust between Services", issued="2003", publisher="",
            csl_type="article-journal", status="draft", published_on=None,
        )  # fmt: skip

    def test_what_is_empty_is_ticked_and_what_differs_is_not(self, desk, source):
        page = fill_in(desk[LIBRARIAN], source, by="10.5555/trust")
        ticked = {offer.name: offer.is_ticked for offer in page.context["offers"]}
        assert ticked["container_title"]
        assert ticked["volume"]
        assert not ticked["title"]
        assert not ticked["contributors"]

    def test_what_is_ticked_is_saved_with_history_as_any_edit(self, desk, source):
        page = fill_in(desk[LIBRARIAN], source, by="10.5555/trust")
        seen = {name: page.context[name] for name in ("seal", "token")}
        fill_in(desk[LIBRARIAN], source, by="DOI 10.5555/trust", take=["volume", "contributors"], save="1", **seen)
        source.refresh_from_db()
        assert (source.volume, source.issue, source.title) == ("17", "", "Trust between Services")
        assert [person.family for person in source.contributors.all()] == ["Example", "Other"]
        revision = Revision.objects.of(source).first()
        assert revision.note == "Filled in from a look-up of DOI 10.5555/trust."
        assert revision.by.username == LIBRARIAN.lower()

    def test_what_changed_meanwhile_is_shown_again_and_not_saved(self, desk, source):
        page = fill_in(desk[LIBRARIAN], source, by="10.5555/trust")
        seen = {name: page.context[name] for name in ("seal", "token")}
        Source.objects.filter(pk=source.pk).update(volume="18")
        again = fill_in(desk[LIBRARIAN], source, by="10.5555/trust", take=["volume"], save="1", **seen)
        assert "has changed since you looked" in text(again)
        source.refresh_from_db()
        assert source.volume == "18"

    def test_a_public_source_is_for_an_editor_and_on_record(self, desk):
        source = make_source(doi="10.5555/trust", title="Trust between services", csl_type="article-journal")
        assert fill_in(desk[LIBRARIAN], source, by="10.5555/trust").status_code == 403
        page = fill_in(desk[EDITOR], source, by="10.5555/trust")
        seen = {name: page.context[name] for name in ("seal", "token")}
        fill_in(desk[EDITOR], source, by="10.5555/trust", take=["volume"], save="1", **seen)
        assert LogEntry.objects.on(source).get().name == LogEntry.Name.CORRECT

    @pytest.mark.parametrize(
        ("by", "words"),
        [
            ("hello", "“hello” is no DOI, PMID or ISBN."),
            ("10.5555/none", "knows nothing of this"),
            ("10.5555/500", "a fault of its own (500)"),
        ],
    )
    def test_what_finds_nothing_says_why_on_the_form(self, desk, source, by, words):
        told = desk[LIBRARIAN].get(fill_in(desk[LIBRARIAN], source, by=by).url)
        assert words in text(told)

    def test_a_fault_of_what_was_found_is_told_and_nothing_saved(self, desk, source):
        make_source(doi="10.5555/line", title="Another")
        page = fill_in(desk[LIBRARIAN], source, by="PMID 23750856")
        seen = {name: page.context[name] for name in ("seal", "token")}
        told = fill_in(desk[LIBRARIAN], source, by="PMID 23750856", take=["doi", "volume"], save="1", **seen)
        assert "Nothing was taken over. Another source has this DOI" in text(told)
        source.refresh_from_db()
        assert (source.doi, source.volume) == ("10.5555/trust", "")

    def test_nothing_to_add_is_told(self, desk, catalogues):
        source = make_source(doi="10.5555/report", title="A report with italics", title_italics="italics",
                             csl_type="report", issued="2010", publisher="A Board", authors=[], status="draft",
                             published_on=None)  # fmt: skip
        source.contributors.create(literal="A Board, for Children")
        assert "Nothing in the look-up that we lack." in text(fill_in(desk[LIBRARIAN], source, by="10.5555/report"))

    def test_the_form_offers_the_number_that_the_source_has(self, desk, source):
        page = desk[LIBRARIAN].get(reverse("admin:sources_source_change", args=[source.pk]))
        assert 'value="DOI 10.5555/trust"' in text(page)
