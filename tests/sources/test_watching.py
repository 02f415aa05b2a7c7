"""Whether works were retracted, asked of a server that answers as Crossref documents it; and who decides."""

import io
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from curation.imports import importing
from curation.log import LogEntry
from curation.models import Revision
from findings.accounts import EDITOR, LIBRARIAN
from sources import merging, notices, watching
from sources.bibliography.notices import Notice as Told
from sources.bibliography.record import Record
from sources.imports import keep_records
from sources.models import Reported, Source
from tests.factories import make_source, withdrawn
from tests.sources.catalogues import update

pytestmark = pytest.mark.django_db

REPORTED = "/admin/sources/source/reported-notices/"


def run(**options):
    out = io.StringIO()
    call_command("check_retractions", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def source():
    return make_source(doi="10.5555/trust", title="Trust")


class TestAsking:
    def test_what_a_work_says_of_itself_is_reported(self, catalogues, source):
        updated = [update("retraction", "10.5555/n", 2026, 11, 28, source="retraction-watch")]
        catalogues.crossref["10.5555/trust"] = {"DOI": "10.5555/Trust", "updated-by": updated}
        assert run() == (
            f"{source.code}: Retracted 28 November 2026. https://doi.org/10.5555/n\n"
            "Works asked about: 1. New reports on the desk: 1.\n"
        )
        [reported] = Reported.objects.open()
        assert (reported.kind, reported.date, reported.reported_by) == ("retracted", "2026-11-28", "Retraction Watch")

    def test_what_a_notice_says_of_a_work_is_reported_once(self, catalogues, source):
        told = update("expression_of_concern", "10.5555/TRUST", 2026, 5)
        catalogues.crossref["10.5555/n"] = {"DOI": "10.5555/n", "update-to": [told]}
        run()
        assert "New reports on the desk: 0." in run()
        [reported] = Reported.objects.open()
        assert (reported.kind, reported.date, reported.doi) == ("concern", "2026-05", "10.5555/n")

    def test_nothing_of_the_source_changes(self, catalogues, source):
        catalogues.crossref["10.5555/trust"] = {
            "DOI": "10.5555/trust",
            "updated-by": [update("retraction", "10.5555/n")],
        }
        run()
        source.refresh_from_db()
        assert notices.told(source) == []

    def test_a_new_version_is_no_news(self, catalogues, source):
        catalogues.crossref["10.5555/trust"] = {
            "DOI": "10.5555/trust",
            "updated-by": [update("new_version", "10.5555/2")],
        }
        run()
        assert not Reported.objects.exists()

    def test_twenty_works_take_two_questions_and_one_with_a_comma_its_own(self, catalogues):
        for n in range(20):
            make_source(doi=f"10.5555/work-{n}", title=f"Work {n}")
        run()
        assert len(catalogues.asked) == 2
        odd = make_source(doi="10.5555/a,b", title="Odd")
        catalogues.crossref["10.5555/a,b"] = {"DOI": "10.5555/a,b", "updated-by": [update("erratum", "10.5555/n")]}
        run()
        assert Reported.objects.get().source == odd

    def test_works_without_a_doi_and_withdrawn_ones_are_not_asked_about(self):
        make_source(title="None")
        make_source(doi="10.5555/gone", **withdrawn())
        assert not watching.watched().exists()

    @pytest.mark.parametrize("mood", ["500", "429-30", "html", "cut", "slow"])
    def test_what_is_not_answered_is_told_and_the_command_fails(self, catalogues, source, mood, monkeypatch):
        monkeypatch.setattr("sources.services.SECONDS", 0.5)
        catalogues.mood = mood
        with pytest.raises(CommandError, match="Works without an answer: 1"):
            run()

    def test_a_work_that_crossref_does_not_know_is_no_failure(self, catalogues, source):
        catalogues.mood = "404"
        assert "Works asked about: 1." in run()

    def test_nobody_is_asked_when_it_is_turned_off(self, source):
        assert run() == "Nobody is asked: LOOKUP_CROSSREF_URL is off.\n"

    def test_a_dry_run_asks_nobody(self, catalogues, source):
        assert run(dry_run=True) == "Works with a DOI: 1.\n"
        assert catalogues.asked == []


class TestImported:
    def test_what_a_record_tells_becomes_facts_of_its_draft_and_a_day_unknown_a_proposal(self):
        told = [
            Told("retracted", "2021-03-04", doi="10.5555/n", detail="Made up."),
            Told("corrected", "2020", url="https://example.org/c"),
            Told("corrected", "2020", url="https://example.org/c"),
        ]
        records = [Record("book", "One", notices=tuple(told)), Record("book", "Two", notices=(Told("retracted"),))]
        batch = keep_records(records, "Two")
        importing.apply(batch)
        one, two = Source.objects.order_by("number")
        assert [notice.kind for notice in notices.told(one)] == ["retracted", "corrected"]
        assert one.notice.splitlines()[0] == "Retracted 4 March 2021. Made up. https://doi.org/10.5555/n"
        assert notices.told(two) == []
        assert Reported.objects.open().get().source == two
        importing.undo(batch)
        assert not Source.objects.exists()


class TestDeciding:
    @pytest.fixture
    def reported(self, source):
        return Reported.objects.create(source=source, kind="retracted", date="2026-11-28", doi="10.5555/n")

    def decide(self, client, reported, **values):
        response = client.post(REPORTED, {"reported": reported.pk, **values}, follow=True)
        return " ".join(response.content.decode().split())

    @pytest.mark.parametrize("role", [LIBRARIAN, EDITOR])
    def test_both_groups_keep_notices_on_the_form_of_a_source(self, desk, role):
        draft = make_source(title="Draft", status="draft", published_on=None)
        page = desk[role].get(f"/admin/sources/source/{draft.pk}/change/").content.decode()
        assert 'name="notices-__prefix__-kind"' in page, "a card to add"

    def test_an_editor_confirms_with_history_and_on_record(self, desk, source, reported):
        assert "every page that rests on it" in self.decide(desk[EDITOR], reported, confirm="1")
        source.refresh_from_db()
        assert (source.retracted_on, source.retraction_url) == (date(2026, 11, 28), "https://doi.org/10.5555/n")
        assert Revision.objects.of(source).first().by.username == EDITOR.lower()
        assert LogEntry.objects.on(source).get().name == LogEntry.Name.CORRECT
        assert not Reported.objects.open().exists()

    def test_a_librarian_is_told_that_a_public_source_is_for_an_editor(self, desk, source, reported):
        page = " ".join(desk[LIBRARIAN].get(REPORTED).content.decode().split())
        assert "only an editor may decide this" in page
        assert "only an editor may decide this" in self.decide(desk[LIBRARIAN], reported, confirm="1")
        source.refresh_from_db()
        assert source.retracted_on is None

    def test_a_day_that_is_not_reported_is_asked_for(self, desk, source, reported):
        reported.date = "2026"
        reported.save()
        assert "Give the day of the retraction" in self.decide(desk[EDITOR], reported, confirm="1")
        self.decide(desk[EDITOR], reported, confirm="1", retracted_on="2026-11-03")
        source.refresh_from_db()
        assert source.retracted_on == date(2026, 11, 3)

    def test_what_is_dismissed_changes_nothing(self, desk, source, reported):
        assert "Dismissed." in self.decide(desk[EDITOR], reported, dismiss="1")
        source.refresh_from_db()
        assert source.retracted_on is None
        assert Reported.objects.get().decided_by.username == EDITOR.lower()

    def test_what_was_decided_meanwhile_is_told(self, desk, reported):
        self.decide(desk[EDITOR], reported, dismiss="1")
        assert "This was decided in the meantime" in self.decide(desk[EDITOR], reported, confirm="1")

    @pytest.mark.parametrize("pk", ["", "x", "999999", "-1"])
    def test_what_is_not_there_is_404(self, desk, pk):
        assert desk[EDITOR].post(REPORTED, {"reported": pk, "confirm": "1"}).status_code == 404

    def test_many_take_as_many_queries_as_few(self, desk, django_assert_max_num_queries):
        desk[EDITOR].get(REPORTED)
        taken = []
        for count in [3, 30]:
            for n in range(count):
                Reported.objects.create(source=make_source(title=f"{count} {n}"), kind="concern", date="2026")
            with django_assert_max_num_queries(30) as queries:
                desk[EDITOR].get(REPORTED)
            taken.append(len(queries))
        assert taken[0] == taken[1]

    def test_a_report_goes_with_its_source_when_two_are_merged(self, desk, source, reported):
        other = make_source(title="The same")
        other.notices.create(kind="corrected", date="2020")
        editor = get_user_model().objects.get(username=EDITOR.lower())
        kept, _ = merging.merge(other, [source], editor)
        assert [one.source for one in Reported.objects.open()] == [kept]
        assert kept.notices.count() == 1
